//! The HTTP surface against what it says of itself: a fuzzer makes requests of the document and holds the answers to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use hence_connectors::catcher::Catcher;

use crate::serve::{Daemon, project};
use crate::support::{order, write};

/// Rules of all kinds that routes speak of.
const FURTHER: &str = r#"
rule by_hand
when manual with (since: date, reason: string?)
then log.write(message: "since {since}")

rule asks
when shop.order.created
then tasks.create(title: "Look at {number}", list: "looking")
     ask "manager" "Is {number} fine?" up to 48 h

rule fails
when shop.order.created
then http.get(url: "not a url")
"#;

fn fuzzer() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/python/.venv/bin/st")
}

/// What every answer has to be: no failure of ours, a status, a type and a body that the document speaks of.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";

#[tokio::test(flavor = "multi_thread")]
async fn a_fuzzer_finds_no_failure_and_no_answer_that_is_not_described() {
    let fuzzer = fuzzer();
    assert!(fuzzer.is_file(), "the packages of PyPI are missing: `cargo xtask setup` installs them");
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    write(project.path(), "rules/further.rule", FURTHER.as_bytes());
    let daemon = Daemon::serving(project.path(), &[]);
    for id in ["e1", "e2"] {
        let path = format!("{}/v1/events/shop/order.created?id={id}", daemon.address);
        let sent = daemon.client.post(path).body(order().to_string()).send().await.unwrap();
        assert_eq!(sent.status(), 202);
    }
    daemon
        .until("/v1/executions?rule=fails&status=failed", |list| list["items"].as_array().unwrap().len() == 2)
        .await;
    let document = daemon.get("/v1/openapi.json").await.json;
    write(project.path(), "openapi.json", document.to_string().as_bytes());
    // What it would revoke is the token it asks with, the socket of editors speaks no HTTP, and `/v1/live` does not end.
    let fuzzing = Command::new(fuzzer)
        .current_dir(project.path())
        .args(["run", "openapi.json", "--url", &daemon.address, "--checks", CHECKS])
        .args(["-H", &format!("Authorization: Bearer {}", daemon.token)])
        .args(["--exclude-path", "/v1/live", "--exclude-path", "/lsp", "--exclude-path", "/v1/tokens/{name}"])
        .args(["--max-examples", "8", "--seed", "1", "--no-color", "--generation-database", "none"])
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&fuzzing.stdout), String::from_utf8_lossy(&fuzzing.stderr));
    let shown: String = out.chars().take(20_000).collect();
    assert!(fuzzing.status.success(), "{shown}\n{err}");
    // And the daemon is there as before.
    assert_eq!(daemon.get("/readyz").await.status, 200);
}
