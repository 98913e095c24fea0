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
        html: Vec::new(),
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

const TEXT: &str = "Subject: Order {number}\n\nHello {name},\nsee {link}.\n";
const HTML: &str = "<title>{name}</title><style>p { color: red }</style><p title=\"{name}\">Hello {name}</p>\
    <a href='https://example.com/orders/{number}?name={name}'>order</a><a href=\"{link}\">link</a>";

/// Sends a mail of the template `ordered`; returns it as it arrived.
async fn ordered(arguments: &[(&str, &str)]) -> Result<crate::catcher::Mail, Failure> {
    sent(arguments, &[]).await.map(|(mail, _)| mail)
}

/// Sends a mail of the template `ordered`; returns it as it arrived, and what is kept of the call where some of the values
/// come from sensitive fields.
async fn sent(
    arguments: &[(&str, &str)],
    sensitive: &[&str],
) -> Result<(crate::catcher::Mail, Json), Failure> {
    use crate::{ConnectionSettings, Connectors};
    use hence_engine::Connector;

    let catcher = Catcher::start().await.unwrap();
    let mut sources = hence_diagnostics::Sources::default();
    let files = [("templates/ordered.txt", TEXT), ("templates/ordered.html", HTML)];
    let files = files.map(|(name, text)| sources.add(name, text));
    let (catalog, diagnostics) = hence_schema::catalog(&mut sources, &files);
    assert_eq!(diagnostics, []);
    let mut connection = ConnectionSettings::default();
    for (name, value) in settings(&catcher) {
        connection.set("email", &name, &value);
    }
    let connectors = Connectors::new(std::sync::Arc::new(catalog), connection, Secrets::none());
    let given =
        [("to", "ann@example.org"), ("number", "7"), ("name", "Ann"), ("link", "https://example.com/")];
    let given = given.iter().chain(arguments).map(|(name, value)| ((*name).to_owned(), Json::from(*value)));
    let request = Request {
        action: "email.ordered".into(),
        arguments: given.collect(),
        key: "key".to_owned(),
        attempt: 1,
        sensitive: sensitive.iter().map(|value| Json::from(*value)).collect(),
        ..Request::default()
    };
    let response = connectors.call(&request).await?;
    Ok((catcher.mails().remove(0), response.detail))
}

#[tokio::test]
async fn what_is_kept_of_a_mail_has_no_sensitive_value_however_it_is_escaped() {
    let value = "O'Brien&Co<x>";
    let (mail, kept) = sent(&[("name", value)], &[value]).await.unwrap();
    assert!(mail.html().unwrap().contains("O&#39;Brien&amp;Co&lt;x&gt;"));
    let kept = kept["request"].to_string();
    assert!(kept.contains("<title>***</title>") && kept.contains("name=***"), "{kept}");
    assert!(!kept.contains("Brien"), "{kept}");
}

#[tokio::test]
async fn a_mail_of_a_template_arrives_as_text_and_as_html() {
    let mail = ordered(&[]).await.unwrap();
    assert_eq!(
        (mail.subject().as_str(), mail.to.as_slice()),
        ("Order 7", &["ann@example.org".to_owned()][..])
    );
    assert!(mail.header("content-type").unwrap().starts_with("multipart/alternative"));
    assert_eq!(mail.text(), "Hello Ann,\nsee https://example.com/.");
    let expected = "<title>Ann</title><style>p { color: red }</style><p title=\"Ann\">Hello Ann</p>\
        <a href='https://example.com/orders/7?name=Ann'>order</a><a href=\"https://example.com/\">link</a>";
    assert_eq!(mail.html().unwrap(), expected);
}

#[tokio::test]
async fn a_value_is_never_more_than_a_value() {
    let attacks = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "\" style=\"background:url(javascript:alert(1))",
        "</title><script>alert(1)</script>",
        "</style><svg onload=alert(1)>",
        "javascript:alert(1)",
        "&lt;script&gt;",
        "&#106;avascript:alert(1)",
        "../../admin?x=1#y",
        "//evil.example",
        "{link}",
        "{{",
        "a\r\nBcc: eve@example.org",
        "<!--",
    ];
    for attack in attacks {
        let mail = ordered(&[("name", attack), ("number", attack)]).await.unwrap();
        let html = mail.html().unwrap();
        // The text has it as it is, and no header has more than one line of it.
        assert!(mail.text().contains(&attack.replace("\r\n", "\n")), "{attack}");
        assert_eq!((mail.count_of("bcc"), mail.count_of("subject"), mail.to.len()), (0, 1, 1), "{attack}");
        // The markup is that of the template: of each character that makes markup there are as many.
        for mark in ['<', '>', '"', '\''] {
            assert_eq!(html.matches(mark).count(), HTML.matches(mark).count(), "{attack}: {html}");
        }
        // Taken back, the value is there where it is text.
        let pieces = html.split_once("<p title=\"").unwrap().1.split_once('"').unwrap();
        let unescaped = pieces.0.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        let unescaped = unescaped.replace("&#39;", "'").replace("&amp;", "&");
        assert_eq!(unescaped, attack.replace("\r\n", "\n"), "{html}");
        // In the address there is nothing of it that means something in one.
        let address = html.split_once("https://example.com/orders/").unwrap().1.split_once('\'').unwrap().0;
        let (number, name) = address.split_once("?name=").unwrap();
        for part in [number, name] {
            assert!(part.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.~%".contains(&c)), "{address}");
        }
    }
}

#[tokio::test]
async fn what_would_run_something_or_write_to_others_is_not_sent() {
    for link in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "orders/7",
        "//evil.example",
        "",
    ] {
        let failure = ordered(&[("link", link)]).await.unwrap_err();
        assert!(failure.certain && !failure.retryable, "{failure:?}");
        assert_eq!(
            failure.message, "`link` is no address of `http`, `https`, `mailto`, `tel` or `sms`",
            "{link}"
        );
    }
    for to in ["ann@example.org\r\nBcc: eve@example.org", "ann@example.org\0"] {
        let failure = ordered(&[("to", to)]).await.unwrap_err();
        assert!(failure.message.contains("has a line break or control character"), "{}", failure.message);
    }
    let mail = ordered(&[("link", "https://example.com/?a=1&b=\"2\"")]).await.unwrap();
    assert!(
        mail.html().unwrap().ends_with("<a href=\"https://example.com/?a=1&amp;b=&quot;2&quot;\">link</a>")
    );
}
