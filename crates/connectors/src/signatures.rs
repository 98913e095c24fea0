//! Verifies that a delivery comes from whom it says: one file per scheme.
//!
//! Signatures are compared in constant time and as the text they are sent as, so that a signature has exactly one
//! spelling. Several secrets may be valid at once, as happens while one is being replaced. This module answers
//! whether a delivery is genuine; whether an unsigned one may pass is the caller's matter.

mod github;
mod hmac_base64;
mod monday_jwt;
mod sendgrid;
mod slack;
mod standard_webhooks;
mod stripe;
mod twilio;

use hence_schema::Signature;
use hence_types::jiff::{SignedDuration, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderMap;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How far the time of a delivery may be from now.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Why a delivery is not taken for genuine. Says nothing of what the right signature would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no secret to verify with.
    #[error("the integration has no `webhook_secret` to verify the signature with")]
    NoSecret,
    /// A header is missing.
    #[error("header `{0}` is missing")]
    MissingHeader(String),
    /// A header is not what the scheme says.
    #[error("header `{0}` is malformed")]
    MalformedHeader(String),
    /// The signature is not that of this delivery.
    #[error("the signature does not match")]
    Mismatch,
    /// The delivery is too old, or from the future.
    #[error("the delivery is too old or from the future: its time is more than 5 minutes from now")]
    OutOfTime,
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The scheme signs the address of the webhook, which is not known.
    #[error("the integration has no `webhook_url` to verify the signature with")]
    NoAddress,
}

/// What a delivery is verified with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keys<'a> {
    /// The secrets, or public keys, that are valid now; empty ones do not count.
    pub secrets: &'a [&'a str],
    /// The address that the provider was told, for schemes that sign it.
    pub address: Option<&'a str>,
}

/// Verifies a delivery. A signature of [`Signature::None`] is always right.
///
/// # Errors
/// Why it is not taken for genuine.
pub fn verify(
    signature: &Signature,
    keys: Keys<'_>,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Rejection> {
    let secrets = keys.secrets;
    let secrets: Vec<&str> = secrets.iter().copied().filter(|secret| !secret.is_empty()).collect();
    if secrets.is_empty() && *signature != Signature::None {
        return Err(Rejection::NoSecret);
    }
    match signature {
        Signature::None => Ok(()),
        Signature::StandardWebhooks => standard_webhooks::verify(&secrets, headers, body, now),
        Signature::Github => github::verify(&secrets, headers, body),
        Signature::HmacBase64(header) => hmac_base64::verify(header, &secrets, headers, body),
        Signature::MondayJwt => monday_jwt::verify(&secrets, headers, now),
        Signature::Stripe => stripe::verify(&secrets, headers, body, now),
        Signature::Slack => slack::verify(&secrets, headers, body, now),
        Signature::Twilio => twilio::verify(&secrets, headers, body, keys.address),
        Signature::Sendgrid => sendgrid::verify(&secrets, headers, body, now),
    }
}

/// The instant that the header `name` gives in seconds since 1970.
fn instant(seconds: &str, name: &str) -> Result<Timestamp, Rejection> {
    let instant = seconds.parse::<i64>().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    instant.ok_or_else(|| Rejection::MalformedHeader(name.to_owned()))
}

/// Holds that a delivery was sent about now.
fn in_time(sent: Timestamp, now: Timestamp) -> Result<(), Rejection> {
    if now.duration_since(sent).abs() > TOLERANCE { Err(Rejection::OutOfTime) } else { Ok(()) }
}

/// The value of a header that must be there exactly once.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Rejection> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().ok_or_else(|| Rejection::MissingHeader(name.to_owned()))?;
    if values.next().is_some() {
        return Err(Rejection::MalformedHeader(name.to_owned()));
    }
    first.to_str().map_err(|_| Rejection::MalformedHeader(name.to_owned()))
}

/// HMAC-SHA256 of the parts one after the other.
fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of every length, so the error cannot occur; no tag equals an empty one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Compares in time that does not depend on where the texts differ.
fn same(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests;
