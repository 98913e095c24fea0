//! Mails to a server on the loopback address.

use super::*;
use crate::catcher::Catcher;
use crate::secrets::Secrets;
use serde_json::Value as Json;

fn settings(catcher: &Catcher) -> IndexMap<String, String> {
    let address = catcher.mail_address();
    let pairs = [
        ("host", address.ip().to_string()),
        ("port", address.port().to_string()),
        ("tls", "none".to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn send(
    pools: &Pools,
    settings: &IndexMap<String, String>,
    key: &str,
    arguments: Json,
) -> Result<Response, Failure> {
    let template = SmtpCall {
        from: "Shop <shop@example.org>".to_owned(),
        to: "{to}".to_owned(),
        subject: "Order {id}".to_owned(),
        text: "{text}".to_owned(),
    };
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    let request = Request {
        action: "mail.send".into(),
        arguments,
        key: key.to_owned(),
        attempt: 1,
        timeout: None,
        ..Request::default()
    };
    let scope = Scope { arguments: &request.arguments, settings, key: &request.key };
    let secrets = Secrets::none();
    secrets.remember("t0p");
    call(pools, &template, scope, &request, &secrets.mask_with([])).await
}

#[tokio::test]
async fn a_mail_arrives_and_its_repetition_has_the_same_message_id() {
    let catcher = Catcher::start().await.unwrap();
    let (pools, settings) = (Pools::default(), settings(&catcher));
    let arguments =
        json!({"to": ["ann@example.org", "Ben Ö <ben@example.org>"], "id": 7, "text": "Grüße\n.\n..t0p"});
    let first = send(&pools, &settings, "key", arguments.clone()).await.unwrap();
    send(&pools, &settings, "key", arguments).await.unwrap();
    send(&pools, &settings, "other", json!({"to": "ann@example.org", "id": 8, "text": ""})).await.unwrap();
    let mails = catcher.mails();
    assert_eq!(mails[0].from, "shop@example.org");
    assert_eq!(mails[0].to, ["ann@example.org", "ben@example.org"]);
    assert_eq!(mails[0].subject(), "Order 7");
    assert_eq!(mails[0].text(), "Grüße\n.\n..t0p");
    assert_eq!(mails[0].header("from").unwrap(), "Shop <shop@example.org>");
    let ids: Vec<_> = mails.iter().map(|mail| mail.header("message-id").unwrap()).collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert_eq!(first.result, json!({"message_id": ids[0]}));
    assert!(ids[0].starts_with("<hence.") && ids[0].ends_with("@example.org>"), "{}", ids[0]);
    assert_eq!(first.detail["request"]["text"], "Grüße\n.\n..***");
    assert_eq!(first.detail["response"]["code"], "250");
}

#[tokio::test]
async fn no_value_adds_a_header_or_command() {
    let catcher = Catcher::start().await.unwrap();
    let (pools, settings) = (Pools::default(), settings(&catcher));
    let evil = "x\r\nBcc: eve@example.org\r\n\r\nhello";
    send(&pools, &settings, "k", json!({"to": "ann@example.org", "id": evil, "text": "a\r\n.\r\nRSET"}))
        .await
        .unwrap();
    let mail = catcher.mails().remove(0);
    assert_eq!((mail.count_of("bcc"), mail.to.len()), (0, 1));
    assert_eq!(mail.subject(), "Order x  Bcc: eve@example.org    hello");
    assert_eq!(mail.text(), "a\n.\nRSET");
    for to in [
        "ann@example.org\r\nBcc: eve@example.org",
        "ann@example.org> RCPT TO:<eve@x.org",
        "ann\0@example.org",
    ] {
        let failure = send(&pools, &settings, "k", json!({"to": to, "id": 1, "text": ""})).await.unwrap_err();
        assert!(failure.certain && !failure.retryable, "{}", failure.message);
    }
    assert_eq!(catcher.mails().len(), 1);
}

#[tokio::test]
async fn addresses_that_are_none_are_permanent_and_named() {
    let catcher = Catcher::start().await.unwrap();
    let (pools, settings) = (Pools::default(), settings(&catcher));
    for (to, message) in [
        ("ann", "the recipient `ann` is no mail address"),
        ("ann@example.org, ben@", "the recipient `ben@` is no mail address"),
        ("", "the mail has no recipient"),
        (" , ", "the mail has no recipient"),
    ] {
        let failure = send(&pools, &settings, "k", json!({"to": to, "id": 1, "text": ""})).await.unwrap_err();
        assert_eq!(failure.message, message);
        assert!(failure.certain && !failure.retryable);
    }
}

#[tokio::test]
async fn the_servers_answer_says_whether_to_try_again() {
    let catcher = Catcher::start().await.unwrap();
    let (pools, settings) = (Pools::default(), settings(&catcher));
    let mail = json!({"to": "ann@example.org", "id": 1, "text": ""});
    catcher.refuse_next_mail("451 t0p later");
    let later = send(&pools, &settings, "k", mail.clone()).await.unwrap_err();
    assert_eq!((later.certain, later.retryable), (true, true));
    assert!(later.message.contains("*** later"), "{}", later.message);
    catcher.refuse_next_mail("554 never");
    let never = send(&pools, &settings, "k", mail.clone()).await.unwrap_err();
    assert_eq!((never.certain, never.retryable), (true, false));
    assert_eq!(never.detail["response"]["code"], "554");
    send(&pools, &settings, "k", mail).await.unwrap();
}

#[tokio::test]
async fn a_refused_connection_is_certain() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    let pairs = [("host", "127.0.0.1"), ("port", port.as_str()), ("tls", "none")];
    let settings = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mail = json!({"to": "ann@example.org", "id": 1, "text": ""});
    let failure = send(&Pools::default(), &settings, "k", mail).await.unwrap_err();
    assert_eq!((failure.certain, failure.retryable), (true, true), "{}", failure.message);
    assert!(failure.message.starts_with("no connection to the mail server"), "{}", failure.message);
}

#[test]
fn settings_are_checked_before_any_mail() {
    let problem = |pairs: &[(&str, &str)]| {
        let settings = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        settings_problem(&settings).map(|(setting, _)| setting)
    };
    assert_eq!(problem(&[]), Some("host"));
    assert_eq!(problem(&[("host", "h"), ("port", "0x1")]), Some("port"));
    assert_eq!(problem(&[("host", "h"), ("tls", "ssl")]), Some("tls"));
    assert_eq!(problem(&[("host", "h"), ("port", "25"), ("tls", "none")]), None);
}

#[test]
fn lists_of_addresses_are_split_outside_quotes_and_brackets() {
    let list = r#""Ben, Mr" <ben@x.org>, ann@x.org ,, Eve <eve@x.org>"#;
    assert_eq!(split_addresses(list), [r#""Ben, Mr" <ben@x.org>"#, "ann@x.org", "Eve <eve@x.org>"]);
    assert_eq!(mailbox(r#""Ben, Mr" <ben@x.org>"#).unwrap().name.as_deref(), Some("Ben, Mr"));
}
