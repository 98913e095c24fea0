//! Rows of a real database that are events.

use std::sync::Arc;

use hence_diagnostics::Sources;
use serde_json::json;

use super::*;
use crate::{ConnectionSettings, Secrets};

mod postgres;

const INTEGRATION: &str = r#"{
  "hence": 1, "id": "club", "title": "Club", "version": "1",
  "events": {
    "member.created": { "payload": { "type": "object", "required": ["id", "active"], "properties": {
      "id": { "type": "string" }, "active": { "type": "boolean" }, "tags": { "type": "array", "items": { "type": "string" } } } } },
    "member.left": { "payload": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } } }
  },
  "feeds": {
    "outbox": { "every": "PT1S", "select": "SELECT id, event, at, payload FROM outbox ORDER BY id LIMIT {limit}",
                "acknowledge": "DELETE FROM outbox WHERE id = {id}" },
    "members": { "every": "PT1H", "event": "member.created", "select":
      "SELECT id || ':' || version AS id, json_object('id', id, 'active', json('true')) AS payload FROM members" },
    "columns": { "every": "PT1H", "event": "member.created", "select":
      "SELECT m.id AS id, m.active, m.tags, 1773480151 AS at FROM members AS m" },
    "wrong": { "every": "PT1H", "select": "SELECT 1 AS id FROM nowhere" }
  },
  "connection": { "settings": { "database": {} } }
}"#;

const SCHEMA: &str = "
    CREATE TABLE members (id TEXT PRIMARY KEY, version INTEGER, active INTEGER, tags TEXT);
    INSERT INTO members VALUES ('m1', 1, 1, '[\"a\"]');
    CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, at TEXT, payload TEXT);
    INSERT INTO outbox (event, at, payload) VALUES
      ('member.created', '2026-03-14 10:00:00', '{\"id\": \"m1\", \"active\": true}'),
      ('member.left', '2026-03-14T11:00:00+01:00', '{\"id\": \"m1\"}'),
      ('member.gone', NULL, '{}'),
      ('member.left', 'yesterday', '{}'),
      ('member.left', NULL, '[]'),
      ('member.left', NULL, NULL);
";

fn club() -> (tempfile::TempDir, Connectors) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("club.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(SCHEMA).unwrap();
    let mut sources = Sources::new();
    let file = sources.add("club.json", INTEGRATION);
    let (catalog, diagnostics) = hence_schema::catalog(&mut sources, &[file]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut settings = ConnectionSettings::default();
    settings.set("club", "database", "sqlite:club.db");
    settings.set_root(folder.path());
    let connectors = Connectors::new(Arc::new(catalog), settings, Secrets::none());
    assert_eq!(connectors.problems(), []);
    (folder, connectors)
}

#[tokio::test]
async fn rows_are_events_and_go_when_they_are_acknowledged() {
    let (_folder, connectors) = club();
    let fetched = connectors.fetch("club", "outbox", 0).await.unwrap();
    let seen: Vec<_> = fetched
        .events
        .iter()
        .map(|fed| (&*fed.id, &*fed.event, fed.occurred_at.map(|at| at.to_string()), &*fed.payload))
        .collect();
    let at = Some("2026-03-14T10:00:00Z".to_owned());
    assert_eq!(
        seen,
        [
            ("outbox/1", "member.created", at.clone(), r#"{"id": "m1", "active": true}"#),
            ("outbox/2", "member.left", at, r#"{"id": "m1"}"#),
        ]
    );
    assert_eq!(
        fetched.refused,
        [
            "the row 3 is of an event `member.gone` that there is not",
            "the row 4 has a time in `at` that is none: \"yesterday\"",
            "the row 5 has a `payload` that is no JSON object",
            "the row 6 has a `payload` that is neither text nor an object",
        ]
    );
    assert!(!fetched.is_full);
    connectors.acknowledge("club", "outbox", &fetched.events[..1]).await.unwrap();
    let left = connectors.fetch("club", "outbox", 0).await.unwrap().events;
    assert_eq!(left.iter().map(|fed| &*fed.id).collect::<Vec<_>>(), ["outbox/2"]);
}

#[tokio::test]
async fn rows_that_are_no_events_keep_no_others_back() {
    let (folder, connectors) = club();
    let database = rusqlite::Connection::open(folder.path().join("club.db")).unwrap();
    database.execute_batch("DELETE FROM outbox").unwrap();
    for _ in 0..PAGE + 1 {
        database.execute("INSERT INTO outbox (event) VALUES ('member.gone')", []).unwrap();
    }
    let last = "INSERT INTO outbox (event, payload) VALUES ('member.left', '{\"id\": \"m1\"}')";
    database.execute(last, []).unwrap();
    let fetched = connectors.fetch("club", "outbox", 0).await.unwrap();
    assert_eq!((fetched.events.len(), fetched.refused.len(), fetched.is_full), (0, PAGE, true));
    let fetched = connectors.fetch("club", "outbox", fetched.refused.len()).await.unwrap();
    assert_eq!((fetched.events.len(), fetched.refused.len(), fetched.is_full), (1, PAGE + 1, false));
}

#[tokio::test]
async fn a_feed_that_acknowledges_nothing_tells_the_same_again() {
    let (_folder, connectors) = club();
    let first = connectors.fetch("club", "members", 0).await.unwrap().events;
    connectors.acknowledge("club", "members", &first).await.unwrap();
    let again = connectors.fetch("club", "members", 0).await.unwrap().events;
    assert_eq!(first, again);
    assert_eq!(&*first[0].id, "members/m1:1");
    assert_eq!(&*first[0].event, "member.created");
}

#[tokio::test]
async fn columns_are_fields_where_there_is_no_payload() {
    let (_folder, connectors) = club();
    let events = connectors.fetch("club", "columns", 0).await.unwrap().events;
    let payload: Json = serde_json::from_str(&events[0].payload).unwrap();
    assert_eq!(payload, json!({"id": "m1", "active": true, "tags": ["a"]}));
    assert_eq!(events[0].occurred_at.unwrap().to_string(), "2026-03-14T09:22:31Z");
}

#[tokio::test]
async fn a_wrong_query_is_told() {
    let (_folder, connectors) = club();
    let error = connectors.fetch("club", "wrong", 0).await.unwrap_err().to_string();
    assert!(error.contains("no such table: nowhere"), "{error}");
    let error = connectors.fetch("club", "nothing", 0).await.unwrap_err().to_string();
    assert_eq!(error, "there is no feed `nothing` of `club`");
}
