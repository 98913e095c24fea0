//! SendGrid: an ECDSA signature over the curve P-256 with SHA-256, in base64 of its ASN.1 form, of the time in
//! `x-twilio-email-event-webhook-timestamp` followed by the body. The "secret" is the public key that SendGrid shows:
//! base64 of its DER form.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hence_types::jiff::Timestamp;
use reqwest::header::HeaderMap;

use super::{Rejection, header, in_time, instant};

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIME: &str = "x-twilio-email-event-webhook-timestamp";

pub(super) fn verify(
    keys: &[&str],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Rejection> {
    let (given, time) = (header(headers, SIGNATURE)?, header(headers, TIME)?);
    let malformed = |_| Rejection::MalformedHeader(SIGNATURE.to_owned());
    let given = STANDARD.decode(given).map_err(malformed)?;
    let signed = [time.as_bytes(), body].concat();
    let sent = instant(time, TIME)?;
    let matches = |key: &&str| {
        let key = STANDARD.decode(key).unwrap_or_default();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key).verify(&signed, &given).is_ok()
    };
    if !keys.iter().any(matches) {
        return Err(Rejection::Mismatch);
    }
    in_time(sent, now)
}
