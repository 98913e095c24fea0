//! Twilio: `x-twilio-signature` holds base64 of an HMAC-SHA1 of the address that Twilio calls, followed by the fields
//! of the form in the order of their names, each name followed by its value. A body that is no form is not signed
//! itself: its SHA-256 stands in the address as `bodySHA256`.
//!
//! The address is the one that Twilio was told, which a proxy may have changed on the way, so it is a setting. The
//! scheme carries no time: what keeps a delivery from being replayed is that its id is taken once.

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use reqwest::header::HeaderMap;
use sha2::{Digest, Sha256};

use super::{Rejection, header, same};
use crate::ingress::form_fields;

const HEADER: &str = "x-twilio-signature";

pub(super) fn verify(
    secrets: &[&str],
    headers: &HeaderMap,
    body: &[u8],
    address: Option<&str>,
) -> Result<(), Rejection> {
    let given = header(headers, HEADER)?;
    let address = address.filter(|address| !address.is_empty()).ok_or(Rejection::NoAddress)?;
    let fields = match form_fields(headers, body) {
        Some(mut fields) => {
            fields.sort();
            fields.dedup();
            fields
        }
        None if is_hash_of(address, body) => Vec::new(),
        None => return Err(Rejection::Mismatch),
    };
    let parts = fields.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let signed: String = std::iter::once(address).chain(parts).collect();
    let matches = |secret: &&str| {
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
        same(&STANDARD.encode(sign(&key, signed.as_bytes())), given)
    };
    if secrets.iter().any(matches) { Ok(()) } else { Err(Rejection::Mismatch) }
}

/// Returns whether the address names the hash of the body.
fn is_hash_of(address: &str, body: &[u8]) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let hash = hex::encode(Sha256::digest(body));
    url.query_pairs().any(|(name, value)| name == "bodySHA256" && same(&hash, &value))
}
