//! Stripe: `stripe-signature: t=<seconds>,v1=<HMAC-SHA256 of "t.body" in hexadecimal>`, `v1` as often as secrets are
//! valid at Stripe. Other schemes in the header, such as `v0`, do not count.

use reqwest::header::HeaderMap;

use super::{Rejection, header, hmac_sha256, in_time, instant, same};
use hence_types::jiff::Timestamp;

const HEADER: &str = "stripe-signature";

pub(super) fn verify(
    secrets: &[&str],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Rejection> {
    let value = header(headers, HEADER)?;
    let parts = || value.split(',').filter_map(|part| part.trim().split_once('='));
    let times: Vec<&str> = parts().filter(|(name, _)| *name == "t").map(|(_, time)| time).collect();
    let [time] = times.as_slice() else { return Err(Rejection::MalformedHeader(HEADER.to_owned())) };
    let sent = instant(time, HEADER)?;
    let matches = |secret: &&str| {
        let expected = hex::encode(hmac_sha256(secret.as_bytes(), &[time.as_bytes(), b".", body]));
        // Every signature is compared, so that the time tells nothing of their order.
        parts()
            .filter(|(name, _)| *name == "v1")
            .fold(false, |found, (_, given)| same(&expected, given) | found)
    };
    if !secrets.iter().any(matches) {
        return Err(Rejection::Mismatch);
    }
    in_time(sent, now)
}
