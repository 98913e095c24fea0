//! Shopify and the like: a header with the HMAC-SHA256 of the body in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderMap;

use super::{Rejection, header, hmac_sha256, same};

pub(super) fn verify(
    name: &str,
    secrets: &[&str],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Rejection> {
    let given = header(headers, name)?;
    let matches = |secret: &&str| same(&STANDARD.encode(hmac_sha256(secret.as_bytes(), &[body])), given);
    if secrets.iter().any(matches) { Ok(()) } else { Err(Rejection::Mismatch) }
}
