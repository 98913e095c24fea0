//! `hence serve` on the network: TLS whose certificate is renewed by SIGHUP, and settings that are refused.

use std::path::Path;

use hence_connectors::catcher::Catcher;

use crate::serve::{Daemon, project};
use crate::support::{hence, write};

/// Writes a new certificate for this machine and its key.
fn certify(folder: &Path) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    write(folder, "certificate.pem", made.cert.pem().as_bytes());
    write(folder, "key.pem", made.signing_key.serialize_pem().as_bytes());
    reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
}

async fn answers(daemon: &Daemon, trusted: &reqwest::Certificate) -> bool {
    let client = reqwest::Client::builder().tls_certs_only([trusted.clone()]).build().unwrap();
    let port = daemon.address.rsplit(':').next().unwrap();
    client
        .get(format!("https://localhost:{port}/healthz"))
        .send()
        .await
        .is_ok_and(|answer| answer.status() == 200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_read_again_when_the_service_manager_says_so() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let first = certify(project.path());
    let arguments = ["--tls-certificate", "certificate.pem", "--tls-key", "key.pem"];
    let daemon = Daemon::serving(project.path(), &arguments);
    assert!(daemon.address.starts_with("https://127.0.0.1:"), "{}", daemon.address);
    assert!(answers(&daemon, &first).await);
    let second = certify(project.path());
    daemon.hang_up();
    daemon.logged("the certificate is read again");
    assert!(answers(&daemon, &second).await);
    assert!(!answers(&daemon, &first).await);
}

#[test]
fn a_certificate_that_is_not_there_or_without_its_key_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hence.toml", b"[tls]\ncertificate = \"none.pem\"\n");
    let ended = hence(folder.path(), &["serve", "--listen", "127.0.0.1:0"]).exits(2);
    assert!(ended.err.contains("`[tls] certificate` is given without `[tls] key`"), "{}", ended.err);
    let ended = hence(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--tls-key", "none.pem"]).exits(2);
    assert!(ended.err.contains("none.pem cannot be read"), "{}", ended.err);
}
