//! TLS with a certificate that signs itself.

use std::path::Path;

use hence_connectors::ConnectionSettings;
use hence_connectors::catcher::Catcher;
use hence_server::{Surface, Tls, serve};
use tempfile::TempDir;

use crate::support::{Daemon, options};

/// Writes a new certificate for this machine and its key; returns the certificate.
fn certify(folder: &Path) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("certificate.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
}

fn files(folder: &TempDir) -> Tls {
    Tls { certificate: folder.path().join("certificate.pem"), key: folder.path().join("key.pem") }
}

async fn secured(folder: TempDir) -> anyhow::Result<Daemon> {
    let mut options = options(&folder, ConnectionSettings::default());
    options.surface = Surface { tls: Some(files(&folder)), ..Surface::default() };
    let handle = serve(options, std::future::pending()).await?;
    Ok(Daemon::new(handle, Catcher::start().await.unwrap(), folder))
}

/// Asks, trusting one certificate alone.
async fn ask(daemon: &Daemon, trusted: &reqwest::Certificate) -> Result<reqwest::Response, reqwest::Error> {
    let client = reqwest::Client::builder().tls_certs_only([trusted.clone()]).build().unwrap();
    let address = format!("https://localhost:{}/v1/session", daemon.handle.address().port());
    let body = format!("{{\"token\": \"{}\"}}", daemon.token);
    client.post(address).body(body).send().await
}

#[tokio::test]
async fn the_daemon_speaks_tls_alone_and_its_cookies_are_secure() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = certify(folder.path());
    let daemon = secured(folder).await.unwrap();
    assert!(daemon.handle.url().starts_with("https://127.0.0.1:"));
    let answer = ask(&daemon, &certificate).await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
    for cookie in &cookies {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-hence_") && cookie.ends_with("; Secure"), "{cookie}");
    }
    assert_eq!(cookies.len(), 2);
    // Whoever speaks no TLS is not answered.
    assert!(reqwest::get(daemon.url("/healthz")).await.is_err());
}

#[tokio::test]
async fn a_certificate_is_renewed_while_the_daemon_runs_and_one_that_is_none_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = certify(folder.path());
    let daemon = secured(folder).await.unwrap();
    let second = certify(daemon.folder.path());
    assert!(ask(&daemon, &second).await.is_err());
    daemon.handle.reload_certificate().unwrap();
    assert!(ask(&daemon, &second).await.is_ok());
    assert!(ask(&daemon, &first).await.is_err());
    std::fs::write(daemon.folder.path().join("certificate.pem"), "nothing").unwrap();
    let error = daemon.handle.reload_certificate().unwrap_err().to_string();
    assert!(error.contains("has no certificate"), "{error}");
    assert!(ask(&daemon, &second).await.is_ok());
}

#[tokio::test]
async fn files_that_do_not_go_together_are_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let other = tempfile::tempdir().unwrap();
    certify(other.path());
    std::fs::copy(other.path().join("key.pem"), folder.path().join("key.pem")).unwrap();
    let error = secured(folder).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("key.pem is not the key of "), "{error}");
    let error = secured(tempfile::tempdir().unwrap()).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("certificate.pem cannot be read"), "{error}");
}
