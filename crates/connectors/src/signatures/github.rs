//! GitHub: `x-hub-signature-256: sha256=<HMAC-SHA256 of the body in hexadecimal>`.
//!
//! The scheme carries no time: what keeps a delivery from being replayed is that its id is taken once.

use reqwest::header::HeaderMap;

use super::{Rejection, header, hmac_sha256, same};

const HEADER: &str = "x-hub-signature-256";

pub(super) fn verify(secrets: &[&str], headers: &HeaderMap, body: &[u8]) -> Result<(), Rejection> {
    let given = header(headers, HEADER)?;
    let Some(given) = given.strip_prefix("sha256=") else {
        return Err(Rejection::MalformedHeader(HEADER.to_owned()));
    };
    let matches = |secret: &&str| same(&hex::encode(hmac_sha256(secret.as_bytes(), &[body])), given);
    if secrets.iter().any(matches) { Ok(()) } else { Err(Rejection::Mismatch) }
}
