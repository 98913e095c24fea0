//! Published vectors, and that nothing which differs from a genuine delivery in one byte is taken for it.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// The pair that GitHub documents.
fn github() -> (&'static str, &'static str, HeaderMap) {
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    ("It's a Secret to Everybody", "Hello, World!", headers(&[("x-hub-signature-256", signature)]))
}

/// The vector of the reference implementations of Standard Webhooks.
fn standard() -> (&'static str, &'static str, HeaderMap) {
    let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let headers = headers(&[
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", signature),
    ]);
    ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", r#"{"test": 2432232314}"#, headers)
}

fn monday(secret: &str, claims: serde_json::Value, algorithm: Algorithm) -> HeaderMap {
    let key = EncodingKey::from_secret(secret.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(algorithm), &claims, &key).unwrap();
    headers(&[("authorization", &token)])
}

#[test]
fn the_published_github_pair_is_genuine() {
    let (secret, body, headers) = github();
    assert_eq!(verify(&Signature::Github, &[secret], &headers, body.as_bytes(), at(0)), Ok(()));
    assert_eq!(verify(&Signature::Github, &["new", secret], &headers, body.as_bytes(), at(0)), Ok(()));
    let other = verify(&Signature::Github, &["new"], &headers, body.as_bytes(), at(0));
    assert_eq!(other, Err(Rejection::Mismatch));
}

#[test]
fn the_published_standard_webhooks_vector_is_genuine_for_five_minutes() {
    let (secret, body, headers) = standard();
    let at =
        |seconds| verify(&Signature::StandardWebhooks, &[secret], &headers, body.as_bytes(), at(seconds));
    assert_eq!(at(1614265330), Ok(()));
    assert_eq!(at(1614265330 + 300), Ok(()));
    assert_eq!(at(1614265330 + 301), Err(Rejection::OutOfTime));
    assert_eq!(at(1614265330 - 301), Err(Rejection::OutOfTime));
}

#[test]
fn standard_webhooks_takes_any_of_several_signatures_and_the_older_header_names() {
    let (secret, body, genuine) = standard();
    let list = format!("v1,AAAA v1a,BBBB {}", genuine.get("webhook-signature").unwrap().to_str().unwrap());
    let older = headers(&[
        ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("svix-timestamp", "1614265330"),
        ("svix-signature", &list),
    ]);
    let now = at(1614265330);
    assert_eq!(
        verify(&Signature::StandardWebhooks, &["whsec_AAAA", secret], &older, body.as_bytes(), now),
        Ok(())
    );
    let none = verify(&Signature::StandardWebhooks, &[secret], &HeaderMap::new(), body.as_bytes(), now);
    assert_eq!(none, Err(Rejection::MissingHeader("webhook-signature".to_owned())));
    let soon = headers(&[("webhook-id", "m"), ("webhook-timestamp", "soon"), ("webhook-signature", "v1,A")]);
    let malformed = verify(&Signature::StandardWebhooks, &[secret], &soon, body.as_bytes(), now);
    assert_eq!(malformed, Err(Rejection::MalformedHeader("webhook-timestamp".to_owned())));
}

#[test]
fn base64_of_the_body_in_a_named_header_is_genuine() {
    // RFC 4231, test case 2.
    let tag = hex::decode("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843").unwrap();
    let headers = headers(&[("x-shop-hmac-sha256", &STANDARD.encode(tag))]);
    let signature = Signature::HmacBase64("x-shop-hmac-sha256".to_owned());
    let body = b"what do ya want for nothing?";
    assert_eq!(verify(&signature, &["Jefe"], &headers, body, at(0)), Ok(()));
    assert_eq!(verify(&signature, &["Jefe2"], &headers, body, at(0)), Err(Rejection::Mismatch));
    assert_eq!(verify(&signature, &[], &headers, body, at(0)), Err(Rejection::NoSecret));
    assert_eq!(verify(&signature, &[""], &headers, body, at(0)), Err(Rejection::NoSecret));
}

#[test]
fn a_monday_token_is_genuine_until_it_expires() {
    let headers =
        monday("secret", json!({"exp": 1000, "aud": "https://example.org/hooks/monday"}), Algorithm::HS256);
    assert_eq!(verify(&Signature::MondayJwt, &["other", "secret"], &headers, b"", at(999)), Ok(()));
    assert_eq!(verify(&Signature::MondayJwt, &["secret"], &headers, b"", at(1000)), Err(Rejection::Expired));
    assert_eq!(verify(&Signature::MondayJwt, &["other"], &headers, b"", at(999)), Err(Rejection::Mismatch));
}

#[test]
fn a_monday_token_of_another_algorithm_or_without_an_end_is_refused() {
    let check = |headers: &HeaderMap| verify(&Signature::MondayJwt, &["secret"], headers, b"", at(0));
    assert_eq!(check(&monday("secret", json!({"exp": 1000}), Algorithm::HS512)), Err(Rejection::Mismatch));
    assert_eq!(check(&monday("secret", json!({"aud": "x"}), Algorithm::HS256)), Err(Rejection::Mismatch));
    // {"alg":"none"} . {"exp":9999999999} . nothing
    let unsigned = headers(&[("authorization", "eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9.")]);
    assert_eq!(check(&unsigned), Err(Rejection::Mismatch));
    assert_eq!(
        check(&headers(&[("authorization", "x")])),
        Err(Rejection::MalformedHeader("authorization".to_owned()))
    );
    let later = monday("secret", json!({"exp": 9000, "nbf": 301}), Algorithm::HS256);
    assert_eq!(check(&later), Err(Rejection::OutOfTime));
}

#[test]
fn a_header_that_is_there_twice_is_malformed() {
    let (secret, body, mut headers) = github();
    headers.append("x-hub-signature-256", HeaderValue::from_static("sha256=00"));
    let twice = verify(&Signature::Github, &[secret], &headers, body.as_bytes(), at(0));
    assert_eq!(twice, Err(Rejection::MalformedHeader("x-hub-signature-256".to_owned())));
}

/// Returns the bytes with one of them changed.
fn flip(bytes: &[u8], at: usize, by: u8) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[at % bytes.len()] ^= by;
    flipped
}

proptest! {
    #[test]
    fn a_delivery_with_one_byte_changed_is_rejected(place in 0_usize..4096, by in 1_u8.., in_body: bool, scheme in 0..4) {
        let (signature, secret, body, genuine, name, now) = match scheme {
            0 => {
                let (secret, body, headers) = github();
                (Signature::Github, secret, body, headers, "x-hub-signature-256", at(0))
            }
            1 => {
                let (secret, body, headers) = standard();
                (Signature::StandardWebhooks, secret, body, headers, "webhook-signature", at(1614265330))
            }
            2 => {
                let tag = STANDARD.encode(hmac_sha256(b"Jefe", &[b"body"]));
                let signature = Signature::HmacBase64("x-signature".to_owned());
                (signature, "Jefe", "body", headers(&[("x-signature", &tag)]), "x-signature", at(0))
            }
            _ => {
                let headers = monday("secret", json!({"exp": 1000}), Algorithm::HS256);
                (Signature::MondayJwt, "secret", "body", headers, "authorization", at(0))
            }
        };
        prop_assert_eq!(verify(&signature, &[secret], &genuine, body.as_bytes(), now), Ok(()));
        if in_body && signature != Signature::MondayJwt {
            let forged = flip(body.as_bytes(), place, by);
            prop_assert!(verify(&signature, &[secret], &genuine, &forged, now).is_err());
        } else if let Ok(value) = HeaderValue::from_bytes(&flip(genuine.get(name).unwrap().as_bytes(), place, by)) {
            let mut forged = genuine.clone();
            forged.insert(HeaderName::from_static(name), value);
            prop_assert!(verify(&signature, &[secret], &forged, body.as_bytes(), now).is_err());
        }
    }
}
