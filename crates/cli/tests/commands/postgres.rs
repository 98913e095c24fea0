//! A club in a PostgreSQL, for real: triggers made by `hence schema triggers`, rows that run rules, rules that leave rows,
//! while the daemon and the database die.

use tempfile::TempDir;

use crate::cluster::{Cluster, PASSWORD};
use crate::serve::{Daemon, PATIENCE};
use crate::support::{folder, hence, write};

const MANIFEST: &str = r#"name = "club"

[connections.club]
database = "DATABASE"
database_password = "secret:CLUB_PASSWORD"
"#;

/// Its feed is asked once an hour, so that whatever comes sooner was woken.
const INTEGRATION: &str = r##"{
  "hence": 1, "id": "club", "title": "Club", "version": "1",
  "types": {
    "Member": { "type": "object", "required": ["id", "email"], "properties": {
      "id": { "type": "integer" }, "email": { "type": "string" } } }
  },
  "events": {
    "member.created": { "payload": { "$ref": "#/types/Member" } },
    "member.updated": { "payload": { "allOf": [{ "$ref": "#/types/Member" }, {
      "type": "object", "required": ["changed_fields", "previous"], "properties": {
        "changed_fields": { "type": "array", "items": { "type": "string" } },
        "previous": { "$ref": "#/types/Member" } } }] } },
    "member.deleted": { "payload": { "$ref": "#/types/Member" } }
  },
  "actions": {
    "note": {
      "class": "idempotent",
      "params": { "type": "object", "required": ["text"], "properties": { "text": { "type": "string" } } },
      "call": { "kind": "sql", "statements": ["INSERT INTO notes (text) VALUES ({text})"] }
    }
  },
  "feeds": {
    "outbox": {
      "every": "PT1H", "listen": "hence_outbox",
      "select": "SELECT id, event, at, payload FROM hence_outbox ORDER BY id LIMIT {limit}",
      "acknowledge": "DELETE FROM hence_outbox WHERE id = {id}"
    }
  },
  "connection": { "settings": { "database": {} } }
}"##;

const RULES: &str = r#"rule joined "Joined"
when club.member.created
then club.note(text: "{email} joined")

rule moved "Moved"
when club.member.updated
if   "email" in changed_fields
then club.note(text: "{previous.email} is {email}")

rule left "Left"
when club.member.deleted
then club.note(text: "{email} left")
"#;

const NOTES: &str = "SELECT string_agg(text, ', ' ORDER BY text) FROM notes";

fn club(cluster: &Cluster, database: &str) -> TempDir {
    let club = folder(&[("integrations/club.json", INTEGRATION), ("rules/club.rule", RULES)]);
    write(club.path(), "hence.toml", MANIFEST.replace("DATABASE", database).as_bytes());
    cluster.psql(
        database,
        "CREATE TABLE members (id integer PRIMARY KEY, email text NOT NULL); CREATE TABLE notes (text text);",
    );
    let triggers = ["schema", "triggers", "integrations/club.json", "--table", "member=members"];
    cluster.psql(database, &hence(club.path(), &triggers).exits(0).out);
    club
}

/// Waits until a query gives a text.
async fn until(cluster: &Cluster, database: &str, query: &str, expected: &str) {
    let mut found = String::new();
    let asking = async {
        while found != expected {
            found = cluster.psql(database, query);
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, asking).await.is_ok();
    assert!(in_time, "`{query}` gives {found:?}, not `{expected}`");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_run_rules_once_whatever_dies_in_between() {
    let cluster = Cluster::start(None);
    let database = cluster.database();
    let club = club(&cluster, &database);
    let start = || Daemon::serving_in(club.path(), &[], &[("CLUB_PASSWORD", PASSWORD)]);

    let daemon = start();
    cluster.psql(&database, "INSERT INTO members VALUES (1, 'a@x.org')");
    until(&cluster, &database, NOTES, "a@x.org joined").await;

    // While nobody listens, and the database dies as well.
    drop(daemon);
    cluster.psql(&database, "UPDATE members SET email = 'b@x.org'; DELETE FROM members;");
    cluster.stop();
    cluster.start_again();
    let daemon = start();
    until(&cluster, &database, NOTES, "a@x.org is b@x.org, a@x.org joined, b@x.org left").await;

    // While rows are taken and rules run.
    cluster.psql(
        &database,
        "DELETE FROM notes; INSERT INTO members SELECT i, i || '@x.org' FROM generate_series(10, 49) i",
    );
    cluster.stop();
    cluster.start_again();
    let all = (10..50).map(|i| format!("{i}@x.org joined")).collect::<Vec<_>>().join(", ");
    until(&cluster, &database, NOTES, &all).await;
    until(&cluster, &database, "SELECT count(*) FROM hence_outbox", "0").await;
    // Each call was done under a key of its own, and nothing is open or has failed.
    assert_eq!(cluster.psql(&database, "SELECT count(*) FROM hence_calls"), "43");
    let completed = |list: &serde_json::Value| {
        list["items"].as_array().unwrap().iter().all(|one| one["status"] == "completed")
    };
    let list = daemon.until("/v1/executions?limit=100", completed).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 43);
    assert!(!list.to_string().contains(PASSWORD));
}

#[test]
fn triggers_need_events_of_rows() {
    let club = folder(&[("integrations/club.json", INTEGRATION)]);
    let told =
        |table: &str| hence(club.path(), &["schema", "triggers", "integrations/club.json", "--table", table]);
    let ran = told("members=members").exits(2);
    assert!(ran.err.contains("`club` has no event `members.created`, `members.updated` or"), "{}", ran.err);
    let ran = told("members").exits(2);
    assert!(ran.err.contains("such as `member=club.members`"), "{}", ran.err);
}
