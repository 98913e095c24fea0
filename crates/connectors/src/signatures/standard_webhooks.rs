//! Standard Webhooks: `webhook-signature` lists `v1,<base64>` of the HMAC-SHA256 of `id.timestamp.body`.
//!
//! The headers of its older name, `svix-id` and so on, are taken too. A secret is base64, usually after `whsec_`;
//! one without the prefix is also tried as it stands.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hence_types::jiff::Timestamp;
use reqwest::header::HeaderMap;

use super::{Rejection, header, hmac_sha256, in_time, instant, same};

pub(super) fn verify(
    secrets: &[&str],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Rejection> {
    let family = if headers.contains_key("svix-signature") { "svix" } else { "webhook" };
    let read = |part: &str| header(headers, &format!("{family}-{part}"));
    let (signatures, id, time) = (read("signature")?, read("id")?, read("timestamp")?);
    let sent = instant(time, &format!("{family}-timestamp"))?;
    let parts: [&[u8]; 5] = [id.as_bytes(), b".", time.as_bytes(), b".", body];
    let matches = |key: &Vec<u8>| {
        let expected = format!("v1,{}", STANDARD.encode(hmac_sha256(key, &parts)));
        // Every signature is compared, so that the time tells nothing of their order.
        signatures.split(' ').fold(false, |found, given| same(&expected, given) | found)
    };
    if !secrets.iter().flat_map(|secret| keys(secret)).any(|key| matches(&key)) {
        return Err(Rejection::Mismatch);
    }
    in_time(sent, now)
}

/// The keys that a secret may mean.
fn keys(secret: &str) -> Vec<Vec<u8>> {
    match secret.strip_prefix("whsec_") {
        Some(encoded) => STANDARD.decode(encoded).into_iter().collect(),
        None => STANDARD.decode(secret).into_iter().chain([secret.as_bytes().to_vec()]).collect(),
    }
}
