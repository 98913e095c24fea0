//! Deliveries of each provider, as it signs them and as somebody else would forge them.

use std::sync::Arc;

use aws_lc_rs::hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, Key};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hence_connectors::ConnectionSettings;
use hence_connectors::catcher::Catcher;
use hence_engine::Clock;
use hence_server::serve;
use hence_types::jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::support::{Answer, Daemon, options};

/// When everything happens.
const NOW: i64 = 1_767_225_600;

/// The address that Twilio was told.
const ADDRESS: &str = "https://hence.example.com/hooks/sms";

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }
}

/// What a delivery is signed with.
#[derive(Clone, Copy)]
enum Secret {
    /// The one that is being replaced.
    Old,
    /// The one in its place.
    New,
    /// One of somebody else.
    Wrong,
}

type Headers = Vec<(&'static str, String)>;

/// A provider: its integration, how it signs, and a delivery of it.
struct Provider {
    integration: &'static str,
    /// The secrets as texts, old, new and wrong; public keys are made for the test.
    secrets: [String; 3],
    /// Returns the headers of a delivery that was sent at a time.
    sign: fn(&Provider, Secret, body: &str, at: i64) -> Headers,
    /// The headers that are there whoever signs.
    plain: Headers,
    body: String,
    /// What it is for us.
    event: &'static str,
    /// A body with something changed.
    changed: String,
    /// The header with the signature.
    signature: &'static str,
    /// Whether the time of a delivery is signed.
    timed: bool,
    /// Whether the body is signed.
    whole: bool,
    /// The keys of SendGrid.
    pairs: Vec<EcdsaKeyPair>,
}

impl Provider {
    fn of(integration: &'static str, event: &'static str, body: &str, changed: (&str, &str)) -> Self {
        let changed_body = body.replace(changed.0, changed.1);
        assert_ne!(changed_body, body);
        Provider {
            integration,
            secrets: ["old-secret-0123456789", "new-secret-0123456789", "wrong-secret-0123456789"]
                .map(str::to_owned),
            sign: |_, _, _, _| Vec::new(),
            plain: vec![("content-type", "application/json".to_owned())],
            body: body.to_owned(),
            event,
            changed: changed_body,
            signature: "",
            timed: true,
            whole: true,
            pairs: Vec::new(),
        }
    }

    fn secret(&self, secret: Secret) -> &str {
        &self.secrets[secret as usize]
    }

    fn headers(&self, secret: Secret, body: &str, at: i64) -> Headers {
        [self.plain.clone(), (self.sign)(self, secret, body, at)].concat()
    }
}

fn tag(secret: &[u8], parts: &[&str]) -> Vec<u8> {
    let text: String = parts.concat();
    hmac::sign(&Key::new(HMAC_SHA256, secret), text.as_bytes()).as_ref().to_vec()
}

fn fixture(text: &str) -> String {
    let fixture: Json = serde_json::from_str(text).unwrap();
    fixture["body"].as_str().map_or_else(|| fixture["body"].to_string(), str::to_owned)
}

fn standard_webhooks() -> Provider {
    let body = fixture(include_str!("../../../connectors/fixtures/crm/payment_failed.json"));
    let encode = |text: &str| format!("whsec_{}", STANDARD.encode(text));
    Provider {
        secrets: ["old-0123456789", "new-0123456789", "wrong-0123456789"].map(encode),
        sign: |provider, secret, body, at| {
            let key = STANDARD.decode(provider.secret(secret).strip_prefix("whsec_").unwrap()).unwrap();
            let signature = STANDARD.encode(tag(&key, &["msg_1.", &at.to_string(), ".", body]));
            vec![
                ("webhook-id", "msg_1".to_owned()),
                ("webhook-timestamp", at.to_string()),
                ("webhook-signature", format!("v1,{signature}")),
            ]
        },
        signature: "webhook-signature",
        ..Provider::of("crm", "crm.payment.failed", &body, ("payment", "paiment"))
    }
}

fn github() -> Provider {
    let body = fixture(include_str!("../../../connectors/fixtures/github/push.json"));
    let mut provider = Provider {
        sign: |provider, secret, body, _| {
            let signature = hex::encode(tag(provider.secret(secret).as_bytes(), &[body]));
            vec![("x-hub-signature-256", format!("sha256={signature}"))]
        },
        signature: "x-hub-signature-256",
        timed: false,
        ..Provider::of("github", "github.push", &body, ("refs/", "rofs/"))
    };
    provider.plain.push(("x-github-event", "push".to_owned()));
    provider.plain.push(("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned()));
    provider
}

fn stripe() -> Provider {
    let body = fixture(include_str!("../../../connectors/fixtures/stripe/invoice_payment_failed.json"));
    Provider {
        sign: |provider, secret, body, at| {
            let signature =
                hex::encode(tag(provider.secret(secret).as_bytes(), &[&at.to_string(), ".", body]));
            vec![("stripe-signature", format!("t={at},v1={signature},v0=6ffbb59b2300aae63f272406069a9788"))]
        },
        signature: "stripe-signature",
        ..Provider::of("stripe", "stripe.invoice.payment_failed", &body, ("invoice", "invoyce"))
    }
}

fn slack() -> Provider {
    let body = fixture(include_str!("../../../connectors/fixtures/slack/message.json"));
    Provider {
        sign: |provider, secret, body, at| {
            let parts = ["v0:", &at.to_string(), ":", body];
            let signature = hex::encode(tag(provider.secret(secret).as_bytes(), &parts));
            vec![
                ("x-slack-request-timestamp", at.to_string()),
                ("x-slack-signature", format!("v0={signature}")),
            ]
        },
        signature: "x-slack-signature",
        ..Provider::of("slack", "slack.message.posted", &body, ("message", "massage"))
    }
}

fn shopify() -> Provider {
    let body = fixture(include_str!("../../../connectors/fixtures/shop/order_created.json"));
    let mut provider = Provider {
        sign: |provider, secret, body, _| {
            vec![("x-shop-hmac-sha256", STANDARD.encode(tag(provider.secret(secret).as_bytes(), &[body])))]
        },
        signature: "x-shop-hmac-sha256",
        timed: false,
        ..Provider::of("shop", "shop.order.created", &body, ("1199.00", "1.00"))
    };
    provider.plain.push(("x-shop-topic", "orders/create".to_owned()));
    provider.plain.push(("x-shop-delivery", "d1".to_owned()));
    provider
}

fn monday() -> Provider {
    let body = fixture(include_str!("../../../connectors/fixtures/monday/create_pulse.json"));
    Provider {
        sign: |provider, secret, _, at| {
            let part = |json: Json| URL_SAFE_NO_PAD.encode(json.to_string());
            // A token is good for a minute.
            let claims =
                json!({"iat": at - 5, "exp": at + 60, "aud": "https://hence.example.com/hooks/monday"});
            let head = format!("{}.{}", part(json!({"alg": "HS256", "typ": "JWT"})), part(claims));
            let signature = URL_SAFE_NO_PAD.encode(tag(provider.secret(secret).as_bytes(), &[&head]));
            vec![("authorization", format!("{head}.{signature}"))]
        },
        signature: "authorization",
        // The token says nothing of the body.
        whole: false,
        ..Provider::of("monday", "monday.item.created", &body, ("create_pulse", "create_polse"))
    }
}

fn twilio() -> Provider {
    let body = fixture(include_str!("../../../connectors/fixtures/sms/received.json"));
    let form = "application/x-www-form-urlencoded".to_owned();
    Provider {
        sign: |provider, secret, body, _| {
            let mut fields: Vec<(String, String)> =
                form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            fields.sort();
            let fields: String = fields.into_iter().map(|(name, value)| name + &value).collect();
            let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, provider.secret(secret).as_bytes());
            let signature = hmac::sign(&key, format!("{ADDRESS}{fields}").as_bytes());
            vec![("x-twilio-signature", STANDARD.encode(signature))]
        },
        plain: vec![("content-type", form), ("i-twilio-idempotency-token", "t1".to_owned())],
        signature: "x-twilio-signature",
        timed: false,
        ..Provider::of("sms", "sms.message.received", &body, ("Body=", "Body=x"))
    }
}

fn sendgrid() -> Provider {
    let events: Vec<Json> = ["delivered", "bounce", "open"]
        .iter()
        .map(|name| json!({"email": "a@example.com", "timestamp": NOW, "event": name, "sg_event_id": format!("id-{name}")}))
        .collect();
    let pairs: Vec<EcdsaKeyPair> =
        (0..3).map(|_| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()).collect();
    let key = |pair: &EcdsaKeyPair| {
        // A public key of P-256 as SendGrid shows it: the DER of its SubjectPublicKeyInfo.
        let head = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
        STANDARD.encode([head.as_slice(), pair.public_key().as_ref()].concat())
    };
    Provider {
        secrets: [key(&pairs[0]), key(&pairs[1]), key(&pairs[2])],
        pairs,
        sign: |provider, secret, body, at| {
            let signed = format!("{at}{body}");
            let signature =
                provider.pairs[secret as usize].sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            vec![
                ("x-twilio-email-event-webhook-timestamp", at.to_string()),
                ("x-twilio-email-event-webhook-signature", STANDARD.encode(signature)),
            ]
        },
        signature: "x-twilio-email-event-webhook-signature",
        ..Provider::of(
            "sendgrid",
            "sendgrid.mail.delivered",
            &Json::from(events).to_string(),
            ("open", "click"),
        )
    }
}

fn providers() -> [Provider; 8] {
    [standard_webhooks(), github(), stripe(), slack(), shopify(), monday(), twilio(), sendgrid()]
}

/// A daemon at whose hooks all providers knock, with two secrets each.
async fn daemon(providers: &[Provider]) -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = ConnectionSettings::default();
    for provider in providers {
        let both = format!("{} {}", provider.secret(Secret::New), provider.secret(Secret::Old));
        settings.set(provider.integration, "webhook_secret", &format!("secret:{}", provider.integration));
        std::fs::write(folder.path().join(provider.integration), both).unwrap();
    }
    settings.set("sms", "webhook_url", ADDRESS);
    let mut options = options(&folder, settings);
    options.secrets = hence_connectors::Secrets::new(|_| None, Some(folder.path().to_owned()));
    options.clock = Arc::new(Still);
    let handle = serve(options, std::future::pending()).await.unwrap();
    Daemon::new(handle, Catcher::start().await.unwrap(), folder)
}

async fn send(
    daemon: &Daemon,
    provider: &Provider,
    headers: &Headers,
    body: impl Into<reqwest::Body>,
) -> Answer {
    // A client without the token of the daemon, which would stand where monday puts its own.
    let request = reqwest::Client::new().post(daemon.url(&format!("/hooks/{}", provider.integration)));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    let response = request.body(body).send().await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    Answer { status, kind, json: serde_json::from_str(&response.text().await.unwrap()).unwrap() }
}

#[tokio::test]
async fn genuine_deliveries_are_taken_once_with_either_secret() {
    let providers = providers();
    let daemon = daemon(&providers).await;
    for provider in &providers {
        let name = provider.integration;
        let with = |secret| provider.headers(secret, &provider.body, NOW - 30);
        let first = send(&daemon, provider, &with(Secret::Old), provider.body.clone()).await;
        assert_eq!(
            (first.status, &first.json["events"][0]["event"]),
            (202, &json!(provider.event)),
            "{name}: {}",
            first.json
        );
        assert_eq!(first.json["events"][0]["duplicate"], false, "{name}");
        let again = send(&daemon, provider, &with(Secret::New), provider.body.clone()).await;
        assert_eq!((again.status, &again.json["events"][0]["duplicate"]), (202, &json!(true)), "{name}");
    }
}

#[tokio::test]
async fn forged_deliveries_are_refused_and_leave_nothing_behind() {
    let providers = providers();
    let daemon = daemon(&providers).await;
    for provider in &providers {
        let name = provider.integration;
        let genuine = provider.headers(Secret::Old, &provider.body, NOW);
        let wrong = provider.headers(Secret::Wrong, &provider.body, NOW);
        send(&daemon, provider, &wrong, provider.body.clone()).await.problem(401, "invalid-signature");
        let mut unsigned = genuine.clone();
        unsigned.retain(|(name, _)| *name != provider.signature);
        let missing = send(&daemon, provider, &unsigned, provider.body.clone()).await;
        assert_eq!(
            missing.problem(401, "invalid-signature"),
            format!("header `{}` is missing", provider.signature)
        );
        if provider.whole {
            let changed = send(&daemon, provider, &genuine, provider.changed.clone()).await;
            assert_eq!(changed.problem(401, "invalid-signature"), "the signature does not match", "{name}");
        }
        if provider.timed {
            let stale = provider.headers(Secret::Old, &provider.body, NOW - 301);
            send(&daemon, provider, &stale, provider.body.clone()).await.problem(401, "invalid-signature");
        }
    }
    assert_eq!(daemon.get("/v1/events").await.json["items"], json!([]));
}

#[tokio::test]
async fn one_delivery_of_many_events_is_all_of_them_each_with_its_id() {
    let providers = [sendgrid()];
    let daemon = daemon(&providers).await;
    let headers = providers[0].headers(Secret::New, &providers[0].body, NOW);
    let taken = send(&daemon, &providers[0], &headers, providers[0].body.clone()).await;
    let events: Vec<(&str, &str)> = taken.json["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["event"].as_str().unwrap(), event["id"].as_str().unwrap()))
        .collect();
    let expected = [
        ("sendgrid.mail.delivered", "id-delivered"),
        ("sendgrid.mail.bounced", "id-bounce"),
        ("sendgrid.mail.opened", "id-open"),
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn handshakes_are_answered_and_hostile_bodies_are_refused_though_they_are_signed() {
    let providers = providers();
    let daemon = daemon(&providers).await;
    let challenge = |token: &str| json!({"type": "url_verification", "challenge": token}).to_string();
    for name in ["slack", "monday"] {
        let answer = daemon.post(&format!("/hooks/{name}"), &[], challenge("3eZbrw1aBm2r")).await;
        assert_eq!((answer.status, answer.json), (200, json!({"challenge": "3eZbrw1aBm2r"})), "{name}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for provider in providers.iter().filter(|provider| provider.integration != "sms") {
        let headers = provider.headers(Secret::Old, &deep, NOW);
        send(&daemon, provider, &headers, deep.clone()).await.problem(400, "nesting-too-deep");
    }
    // Schemes that sign bytes, of a body that is no text.
    let shop = shopify();
    let body = b"{\"id\": \"\xff\"}";
    let key = Key::new(HMAC_SHA256, shop.secret(Secret::Old).as_bytes());
    let mut headers = shop.plain.clone();
    headers.push((shop.signature, STANDARD.encode(hmac::sign(&key, body))));
    send(&daemon, &shop, &headers, body.to_vec()).await.problem(400, "not-utf8");
}
