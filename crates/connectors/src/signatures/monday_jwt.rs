//! monday.com: `authorization` holds a JWT signed with HS256 by the app's signing secret.
//!
//! The token says who sends and until when, but nothing of the body: whoever sees a token can send another body
//! until it expires. No other algorithm than HS256 is taken, whatever the token says of itself.

use hence_types::jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::{Rejection, TOLERANCE, header};

const HEADER: &str = "authorization";

/// The claims that matter here, in seconds since 1970; some issuers write fractions.
#[derive(Deserialize)]
struct Claims {
    exp: f64,
    nbf: Option<f64>,
}

pub(super) fn verify(secrets: &[&str], headers: &HeaderMap, now: Timestamp) -> Result<(), Rejection> {
    let value = header(headers, HEADER)?;
    let token = value.strip_prefix("Bearer ").unwrap_or(value);
    let mut validation = Validation::new(Algorithm::HS256);
    // The times are compared with the clock that was given, which the library does not know.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let read = |secret: &&str| {
        let key = DecodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()
    };
    if token.split('.').count() != 3 {
        return Err(Rejection::MalformedHeader(HEADER.to_owned()));
    }
    let Some(claims) = secrets.iter().find_map(read).map(|decoded| decoded.claims) else {
        return Err(Rejection::Mismatch);
    };
    let seconds = now.as_duration().as_secs_f64();
    let valid_from = claims.nbf.unwrap_or(f64::NEG_INFINITY) - TOLERANCE.as_secs_f64();
    if seconds < valid_from {
        Err(Rejection::OutOfTime)
    } else if seconds < claims.exp {
        Ok(())
    } else {
        Err(Rejection::Expired)
    }
}
