//! Published vectors, and that nothing which differs from a genuine delivery in one byte is taken for it.

use super::{verify as verify_with, *};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;

/// Verifies with secrets alone.
fn verify(
    signature: &Signature,
    secrets: &[&str],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Rejection> {
    verify_with(signature, Keys { secrets, address: None }, headers, body, now)
}

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

/// The request that Slack documents.
fn slack() -> (&'static str, &'static str, HeaderMap) {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
        &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
        &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
        &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    let headers = headers(&[("x-slack-request-timestamp", "1531420618"), ("x-slack-signature", signature)]);
    ("8f742231b10e8888abcd99yyyzzz85a5", body, headers)
}

#[test]
fn the_request_that_slack_documents_is_genuine_for_five_minutes() {
    let (secret, body, headers) = slack();
    let check = |seconds| verify(&Signature::Slack, &["new", secret], &headers, body.as_bytes(), at(seconds));
    assert_eq!(check(1531420618), Ok(()));
    assert_eq!(check(1531420618 + 300), Ok(()));
    assert_eq!(check(1531420618 + 301), Err(Rejection::OutOfTime));
    let forged = verify(&Signature::Slack, &[secret], &headers, b"token=x", at(1531420618));
    assert_eq!(forged, Err(Rejection::Mismatch));
}

fn stripe(value: &str) -> HeaderMap {
    headers(&[("stripe-signature", value)])
}

#[test]
fn stripe_takes_any_of_its_signatures_and_no_other_scheme() {
    let tag = |secret: &str| hex::encode(hmac_sha256(secret.as_bytes(), &[b"1614265330.", b"{}"]));
    let check = |value: &str, seconds| {
        verify(&Signature::Stripe, &["whsec_new", "whsec_old"], &stripe(value), b"{}", at(seconds))
    };
    let old = tag("whsec_old");
    assert_eq!(check(&format!("t=1614265330,v1={},v1={old},v0=6ffbb59b", tag("other")), 1614265330), Ok(()));
    assert_eq!(check(&format!("t=1614265330,v1={old}"), 1614265330 + 301), Err(Rejection::OutOfTime));
    assert_eq!(check(&format!("t=1614265330,v0={old}"), 1614265330), Err(Rejection::Mismatch));
    assert_eq!(check(&format!("t=1614265331,v1={old}"), 1614265331), Err(Rejection::Mismatch));
    let malformed = Err(Rejection::MalformedHeader("stripe-signature".to_owned()));
    assert_eq!(check(&format!("v1={old}"), 1614265330), malformed);
    assert_eq!(check(&format!("t=1614265330,t=1614265330,v1={old}"), 1614265330), malformed);
}

/// The request that Twilio documents.
fn twilio() -> (&'static str, &'static str, HeaderMap) {
    let body =
        "Digits=1234&CallSid=CA1234567890ABCDE&From=%2B14158675309&Caller=%2B14158675309&To=%2B18005551212";
    let headers = headers(&[
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ]);
    ("12345", body, headers)
}

#[test]
fn the_request_that_twilio_documents_is_genuine_at_its_address() {
    let (secret, body, headers) = twilio();
    let check = |address| {
        let keys = Keys { secrets: &[secret], address };
        verify_with(&Signature::Twilio, keys, &headers, body.as_bytes(), at(0))
    };
    assert_eq!(check(Some("https://mycompany.com/myapp.php?foo=1&bar=2")), Ok(()));
    assert_eq!(check(Some("https://mycompany.com/myapp.php?foo=1")), Err(Rejection::Mismatch));
    assert_eq!(check(None), Err(Rejection::NoAddress));
}

#[test]
fn twilio_signs_the_hash_of_a_body_that_is_no_form_with_the_address() {
    let address = |body: &[u8]| {
        let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(body));
        format!("https://example.org/hooks/sms?bodySHA256={hash}")
    };
    let genuine = address(b"{}");
    let tag = {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345");
        STANDARD.encode(aws_lc_rs::hmac::sign(&key, genuine.as_bytes()))
    };
    let headers = headers(&[("content-type", "application/json"), ("x-twilio-signature", &tag)]);
    let check = |body: &[u8]| {
        let keys = Keys { secrets: &["12345"], address: Some(&genuine) };
        verify_with(&Signature::Twilio, keys, &headers, body, at(0))
    };
    assert_eq!(check(b"{}"), Ok(()));
    assert_eq!(check(b"[]"), Err(Rejection::Mismatch));
}

#[test]
fn the_published_sendgrid_vector_is_genuine_for_five_minutes() {
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    let body = b"[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n";
    let signature =
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    let headers = headers(&[
        ("x-twilio-email-event-webhook-signature", signature),
        ("x-twilio-email-event-webhook-timestamp", "1600112502"),
    ]);
    let check =
        |key: &str, body: &[u8], seconds| verify(&Signature::Sendgrid, &[key], &headers, body, at(seconds));
    assert_eq!(check(key, body, 1600112502), Ok(()));
    assert_eq!(check(key, body, 1600112502 - 301), Err(Rejection::OutOfTime));
    assert_eq!(check(key, b"[]", 1600112502), Err(Rejection::Mismatch));
    assert_eq!(check("no key", body, 1600112502), Err(Rejection::Mismatch));
}
