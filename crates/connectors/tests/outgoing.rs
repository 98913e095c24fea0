//! Where calls may go and what a value of an event can do on the way: every spelling of an address that is not public, names,
//! redirects, and values that try to be more than values.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends by panicking")]

use std::path::Path;
use std::sync::Arc;

use hence_connectors::catcher::Catcher;
use hence_connectors::{ConnectionSettings, Connectors, Secrets};
use hence_diagnostics::Sources;
use hence_engine::{Connector, Failure, Request, Response};
use hence_schema::catalog;
use serde_json::{Value as Json, json};

fn connectors(settings: ConnectionSettings) -> Connectors {
    let (catalog, diagnostics) = catalog(&mut Sources::default(), &[]);
    assert_eq!(diagnostics, []);
    Connectors::new(Arc::new(catalog), settings, Secrets::none())
}

fn allowing(hosts: &[String]) -> Connectors {
    let mut settings = ConnectionSettings::default();
    hosts.iter().for_each(|host| settings.allow(host.parse().unwrap()));
    connectors(settings)
}

async fn call(connectors: &Connectors, action: &str, arguments: Json) -> Result<Response, Failure> {
    let Json::Object(arguments) = arguments else { return Err(Failure::default()) };
    let request = Request {
        action: action.into(),
        arguments,
        key: "k".to_owned(),
        attempt: 1,
        timeout: None,
        ..Request::default()
    };
    connectors.call(&request).await
}

#[tokio::test]
async fn no_spelling_of_an_address_of_this_machine_is_called() {
    let catcher = Catcher::start().await.unwrap();
    let port = catcher.http_address().port();
    let guarded = connectors(ConnectionSettings::default());
    for place in [
        // As it is, and as parsers of old took it: fewer parts, decimal, hexadecimal, octal.
        "127.0.0.1:PORT",
        "127.1:PORT",
        "127.0.1:PORT",
        "2130706433:PORT",
        "0x7f000001:PORT",
        "0x7f.1:PORT",
        "0177.0.0.1:PORT",
        "017700000001:PORT",
        "127.000.000.001:PORT",
        "%31%32%37.0.0.1:PORT",
        "１２７.０.０.１:PORT",
        "127。0。0。1:PORT",
        "127.0.0.1.:PORT",
        "0:PORT",
        "0.0.0.0:PORT",
        "[::]:PORT",
        "[::1]:PORT",
        "[0:0:0:0:0:0:0:1]:PORT",
        // IPv4 within IPv6: mapped, compatible, NAT64 by either prefix, 6to4, Teredo.
        "[::ffff:127.0.0.1]:PORT",
        "[::ffff:7f00:1]:PORT",
        "[::127.0.0.1]:PORT",
        "[64:ff9b::127.0.0.1]:PORT",
        "[64:ff9b:1::7f00:1]:PORT",
        "[2002:7f00:1::]:PORT",
        "[2001:0:7f00:1::]:PORT",
        // Names that lead here.
        "localhost:PORT",
        "LOCALHOST:PORT",
        // What stands before the host is a name to sign in with, and what stands after it a path.
        "example.com@127.0.0.1:PORT",
        "example.com:80@127.0.0.1:PORT",
        "127.0.0.1:PORT@127.0.0.1:PORT",
        "127.0.0.1:PORT#@example.com",
        "127.0.0.1:PORT?@example.com",
        "127.0.0.1:PORT\\@example.com",
    ] {
        let url = format!("http://{}/", place.replace("PORT", &port.to_string()));
        let refused = call(&guarded, "http.get", json!({"url": url})).await.unwrap_err();
        assert!(refused.message.contains("private network"), "{url}: {}", refused.message);
    }
    assert!(catcher.requests().is_empty());
}

#[tokio::test]
async fn no_address_that_is_not_public_is_called() {
    let guarded = connectors(ConnectionSettings::default());
    for address in [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "192.88.99.1",
        "198.18.0.1",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "[100::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[5f00::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::169.254.169.254]",
        "[2002:a9fe:a9fe::1]",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{address}/latest/meta-data");
            let refused = call(&guarded, "http.get", json!({"url": url})).await.unwrap_err();
            assert!(refused.message.contains("private network"), "{url}: {}", refused.message);
            assert!(refused.certain && !refused.retryable, "{url}");
        }
    }
}

#[tokio::test]
async fn only_http_is_spoken() {
    let open = allowing(&["0.0.0.0/0".to_owned()]);
    for url in
        ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "/etc/passwd", "", "//127.0.0.1/"]
    {
        let refused = call(&open, "http.get", json!({"url": url})).await.unwrap_err();
        assert!(refused.certain, "{url}: {}", refused.message);
    }
}

#[tokio::test]
async fn a_redirect_leads_nowhere_not_even_to_what_is_open() {
    let (first, second) = (Catcher::start().await.unwrap(), Catcher::start().await.unwrap());
    let open = allowing(&[first.http_address().to_string(), second.http_address().to_string()]);
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let address = redirecting(status, &format!("http://{}/secret", second.http_address())).await;
        let reaching = allowing(std::slice::from_ref(&address));
        let refused =
            call(&reaching, "http.get", json!({"url": format!("http://{address}/")})).await.unwrap_err();
        assert!(refused.message.contains("redirects are not followed"), "{}", refused.message);
    }
    assert!(second.requests().is_empty());
    let url = format!("http://{}/", second.http_address());
    call(&open, "http.get", json!({"url": url})).await.unwrap();
    assert_eq!(second.requests().len(), 1);
}

/// A server that leads every request elsewhere; returns its address.
async fn redirecting(status: &'static str, to: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = format!("HTTP/1.1 {status}\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn what_is_opened_is_open_with_its_port_and_nothing_beside_it() {
    let (open, closed) = (Catcher::start().await.unwrap(), Catcher::start().await.unwrap());
    let reaching = allowing(&[open.http_address().to_string()]);
    let get = async |catcher: &Catcher| {
        call(&reaching, "http.get", json!({"url": format!("http://{}/", catcher.http_address())})).await
    };
    assert!(get(&open).await.is_ok());
    assert!(get(&closed).await.is_err());
    let reaching = allowing(&["127.0.0.0/8".to_owned()]);
    let url = format!("http://localhost:{}/", closed.http_address().port());
    assert!(call(&reaching, "http.get", json!({"url": url})).await.is_ok());
}

#[tokio::test]
async fn a_value_stays_a_value_in_paths_bodies_headers_and_mails() {
    let catcher = Catcher::start().await.unwrap();
    let mut settings = ConnectionSettings::default();
    settings.set("crm", "base_url", &format!("http://{}/v1", catcher.http_address()));
    settings.set("email", "port", &catcher.mail_address().port().to_string());
    let reaching = connectors(settings);
    let evil = "a/../../admin?x=1#y\r\nX-Injected: 1\r\n\r\nGET /second HTTP/1.1\r\n{connection.token}\"}";
    // In a path.
    call(&reaching, "crm.add_tag", json!({"user": evil, "tag": evil})).await.unwrap();
    let requests = catcher.requests();
    let [request] = &requests[..] else { unreachable!("{requests:?}") };
    assert!(request.path.starts_with("/v1/"), "{}", request.path);
    assert!(
        !request.path.contains(['?', '#', '\r', '\n', ' ']) && !request.path.contains("/../"),
        "{}",
        request.path
    );
    assert_eq!(request.header("x-injected"), None);
    // In a body it is the text that it is.
    assert_eq!(request.json()["tag"], evil);
    // A part of a path that would climb is refused.
    for climbing in ["..", "."] {
        let refused =
            call(&reaching, "crm.add_tag", json!({"user": climbing, "tag": "x"})).await.unwrap_err();
        assert!(refused.certain, "{}", refused.message);
    }
    // In the address and the subject of a mail.
    let mail = |to: &str, subject: &str| json!({"to": to, "subject": subject, "body": "<b>hello</b>"});
    let refused =
        call(&reaching, "email.send", mail("a@example.org\r\nBcc: b@example.org", "s")).await.unwrap_err();
    assert!(refused.certain, "{}", refused.message);
    call(&reaching, "email.send", mail("a@example.org", "s\r\nBcc: b@example.org")).await.unwrap();
    let mails = catcher.mails();
    let [mail] = &mails[..] else { unreachable!("{mails:?}") };
    assert_eq!((mail.to.as_slice(), mail.count_of("bcc")), (["a@example.org".to_owned()].as_slice(), 0));
    // Nobody reads the text of a mail as HTML.
    assert!(mail.header("content-type").unwrap().starts_with("text/plain"));
}

/// Returns the files below a folder that hold one of these texts, tests aside.
fn holding(folder: &Path, texts: &[&str], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            holding(&path, texts, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            if texts.iter().any(|wanted| code.contains(wanted)) {
                found.push(name);
            }
        }
    }
}

#[test]
fn calls_are_made_in_places_that_are_known_alone() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    holding(
        &source,
        &["Client::builder()", "Client::new(", "reqwest::get(", "TcpStream::connect"],
        &mut found,
    );
    found.sort();
    // Databases, by a guard of their own; the commands that ask a daemon, the actions of rules, the collector of traces. Mail
    // goes to the host of its connection.
    assert_eq!(found, ["connect.rs", "daemon.rs", "http.rs", "otlp.rs"]);
}
