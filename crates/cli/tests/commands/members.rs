//! The example of a club on a database of its own, for real: rows change, rules run, rows change.

use std::path::{Path, PathBuf};

use hence_connectors::catcher::Catcher;
use rusqlite::{Connection, OptionalExtension};
use tempfile::TempDir;

use crate::serve::{Daemon, PATIENCE};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/members")
}

/// A copy of the example with a database, whose mails and calls go to the catcher.
fn club(catcher: &Catcher) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["rules", "integrations"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
        for file in std::fs::read_dir(example().join(part)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.path().join(part).join(file.file_name())).unwrap();
        }
    }
    let web = catcher.http_address().to_string();
    let manifest = std::fs::read_to_string(example().join("hence.toml")).unwrap();
    let manifest =
        manifest.replace("1025", &catcher.mail_address().port().to_string()).replace("127.0.0.1:8028", &web);
    std::fs::write(folder.path().join("hence.toml"), manifest).unwrap();
    let partner = folder.path().join("rules/segments.rule");
    let rules = std::fs::read_to_string(&partner).unwrap().replace("127.0.0.1:8028", &web);
    std::fs::write(partner, rules).unwrap();
    let schema = std::fs::read_to_string(example().join("database.sql")).unwrap();
    database(&folder).execute_batch(&schema).unwrap();
    folder
}

fn database(folder: &TempDir) -> Connection {
    let database = Connection::open(folder.path().join("members.db")).unwrap();
    database.busy_timeout(PATIENCE).unwrap();
    database
}

/// Waits until a query gives a text.
async fn until(database: &Connection, query: &str, expected: &str) {
    let mut found: Option<String> = None;
    let asking = async {
        while found.as_deref() != Some(expected) {
            // No row, or none with a value yet.
            found = database.query_row(query, [], |row| row.get(0)).optional().unwrap().flatten();
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, asking).await.is_ok();
    assert!(in_time, "`{query}` gives {found:?}, not `{expected}`");
}

const TAGS: &str = "SELECT group_concat(tag) FROM (SELECT tag FROM tags WHERE member = 'm1' ORDER BY tag)";
const OUTBOX: &str = "SELECT CAST(count(*) AS TEXT) FROM outbox";

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_in_the_database_runs_rules_and_rules_change_the_database() {
    let catcher = Catcher::start().await.unwrap();
    let folder = club(&catcher);
    let rows = database(&folder);
    // A member who was there before, with a date.
    rows.execute_batch("INSERT INTO members (id, email, status, renews_at) VALUES ('m0', 'old@example.com', 'active', '2030-01-10T10:00:00Z'); DELETE FROM outbox;").unwrap();
    let daemon = Daemon::serving(folder.path(), &[]);

    rows.execute(
        "INSERT INTO members (id, email, city, subscribed) VALUES ('m1', 'kim@example.com', 'Berlin', 0)",
        [],
    )
    .unwrap();
    until(&rows, "SELECT title FROM tasks", "Ask kim@example.com for a name").await;
    until(&rows, "SELECT group_concat(segment) FROM segment_members WHERE member = 'm1'", "seg_berlin").await;
    until(&rows, TAGS, "Members in Berlin").await;
    let told = catcher.wait_for_requests(1, PATIENCE).await.unwrap().remove(0);
    assert_eq!((&*told.method, &*told.path), ("PUT", "/partner/m1"));

    // A payment fails and one succeeds: what was begun is ended.
    rows.execute("INSERT INTO payments VALUES ('p1', 'm1', 2900, 0, 'expired card')", []).unwrap();
    until(&rows, TAGS, "Members in Berlin,payment failed").await;
    let mail = catcher.wait_for_mails(1, PATIENCE).await.unwrap().remove(0);
    assert_eq!(mail.subject(), "Your payment did not go through");
    rows.execute("INSERT INTO payments VALUES ('p2', 'm1', 2900, 1, NULL)", []).unwrap();
    until(&rows, TAGS, "Members in Berlin").await;
    until(&rows, "SELECT status FROM members WHERE id = 'm1'", "active").await;
    daemon.until("/v1/executions?rule=dunning", |list| list["items"][0]["status"] == "cancelled").await;

    // A rule that somebody starts reads the database.
    let run = daemon.client.post(format!("{}/v1/rules/announce/run", daemon.address));
    let values = r#"{"segment": "seg_berlin", "subject": "Summer", "text": "We meet outside."}"#;
    let answer = run.header("content-type", "application/json").body(values).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    let announced = "SELECT message FROM notifications WHERE message LIKE '%Summer%'";
    until(&rows, announced, "\"Summer\" went to 0 members of seg_berlin").await;

    // All that happened was taken, once each, and the members who were there before are known.
    until(&rows, OUTBOX, "0").await;
    let listed = daemon.get("/v1/events?event=crm.member.listed").await.json;
    let ids: Vec<_> = listed["items"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
    assert_eq!(ids, ["members/m0:active:2030-01-10T10:00:00Z"]);
    let refused = daemon.get("/v1/events?schema_mismatch=true").await.json;
    assert_eq!(refused["items"], serde_json::json!([]));
}
