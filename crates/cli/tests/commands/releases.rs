//! What a daemon runs, changed from the command line, and by a signal.

use std::path::Path;
use std::process::Output;

use hence_connectors::catcher::Catcher;
use serde_json::json;

use crate::serve::{Daemon, project};
use crate::support::{command, write};

fn hence(daemon: &Daemon, folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = command(folder, arguments);
    let Output { status, stdout, stderr } =
        command.env("HENCE_SERVER", &daemon.address).env("HENCE_TOKEN", &daemon.token).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

const RULE: &str = "rule extra\nwhen shop.order.created\nthen log.write(message: \"one\")\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_deployed_and_gone_back_from() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let daemon = Daemon::serving(project.path(), &[]);
    let other = tempfile::tempdir().unwrap();
    write(other.path(), "hence.toml", b"name = \"other\"\n");
    write(other.path(), "extra.rule", RULE.as_bytes());
    let (code, out, err) = hence(&daemon, other.path(), &["deploy", "--dry-run"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("all is well, nothing was changed\n  + extra\n"), "{out}");
    let (code, out, err) = hence(&daemon, other.path(), &["deploy", "--note", "try"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("release 2 runs\n  + extra\n"), "{out}");
    assert_eq!(daemon.get("/v1/rules").await.json["items"].as_array().unwrap().len(), 1);

    // What is wrong here is told without asking; what only the daemon finds out is told as it says.
    write(other.path(), "extra.rule", RULE.replace("log.write", "log.wrote").as_bytes());
    let (code, _, err) = hence(&daemon, other.path(), &["deploy"]);
    assert_eq!((code, err.contains("log.wrote")), (Some(1), true), "{err}");
    write(other.path(), "extra.rule", RULE.replace("one", "two").as_bytes());
    let test = "test \"says one\"\n  given shop.order.created\n  expect log.write(message: \"one\")\n";
    write(other.path(), "extra_test.rule", test.as_bytes());
    let (code, _, err) = hence(&daemon, other.path(), &["deploy"]);
    assert_eq!((code, err.contains("expect log.write")), (Some(1), true), "{err}");
    std::fs::remove_file(other.path().join("extra_test.rule")).unwrap();

    let (code, out, err) = hence(&daemon, other.path(), &["deploy", "--canary", "10%"]);
    assert_eq!((code, out.lines().next()), (Some(0), Some("release 3 is given 10% of the events")), "{err}");
    let (_, out, _) = hence(&daemon, other.path(), &["releases"]);
    let marks: Vec<&str> = out.lines().map(|line| line.get(..8).unwrap_or_default().trim()).collect();
    assert_eq!(marks, ["10%    3", "*    2", "1"], "{out}");
    assert!(out.lines().nth(1).unwrap().ends_with("first  try"), "{out}");

    let (code, out, err) = hence(&daemon, other.path(), &["rollback"]);
    assert_eq!((code, out.lines().next()), (Some(0), Some("release 1 runs again")), "{err}");
    let (code, _, err) = hence(&daemon, other.path(), &["rollback"]);
    assert_eq!((code, err.contains("no other release ran before")), (Some(2), true), "{err}");
    assert_eq!(daemon.get("/v1/releases").await.json["canary"], json!(null));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_loads_the_folder_anew_or_leaves_everything_as_it_is() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let settings = std::fs::read_to_string(project.path().join("hence.toml")).unwrap();
    let settings = settings.replace("[server]", "[server]\nwatch = false");
    let settings =
        if settings.contains("watch") { settings } else { settings + "\n[server]\nwatch = false\n" };
    write(project.path(), "hence.toml", settings.as_bytes());
    let daemon = Daemon::serving(project.path(), &[]);
    let before = daemon.get("/v1/rules").await.json["items"].as_array().unwrap().len();
    write(project.path(), "rules/extra.rule", RULE.as_bytes());
    daemon.hang_up();
    daemon.until("/v1/rules", |rules| rules["items"].as_array().unwrap().len() == before + 1).await;
    write(project.path(), "rules/extra.rule", RULE.replace("log.write", "log.wrote").as_bytes());
    daemon.hang_up();
    let log = daemon.logged("what ran goes on running");
    assert!(log.iter().any(|line| line.contains("log.wrote")), "{log:?}");
    assert_eq!(daemon.get("/v1/releases").await.json["active"], 2);
}
