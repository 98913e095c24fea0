//! Slack: `x-slack-signature: v0=<HMAC-SHA256 of "v0:time:body" in hexadecimal>`, the time in
//! `x-slack-request-timestamp`.

use hence_types::jiff::Timestamp;
use reqwest::header::HeaderMap;

use super::{Rejection, header, hmac_sha256, in_time, instant, same};

const SIGNATURE: &str = "x-slack-signature";
const TIME: &str = "x-slack-request-timestamp";

pub(super) fn verify(
    secrets: &[&str],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Rejection> {
    let (given, time) = (header(headers, SIGNATURE)?, header(headers, TIME)?);
    let sent = instant(time, TIME)?;
    let parts: [&[u8]; 4] = [b"v0:", time.as_bytes(), b":", body];
    let matches =
        |secret: &&str| same(&format!("v0={}", hex::encode(hmac_sha256(secret.as_bytes(), &parts))), given);
    if !secrets.iter().any(matches) {
        return Err(Rejection::Mismatch);
    }
    in_time(sent, now)
}
