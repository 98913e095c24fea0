//! Rows of a PostgreSQL that are events.

use super::*;
use crate::cluster::{self, Cluster};

const INTEGRATION: &str = r#"{
  "hence": 1, "id": "club", "title": "Club", "version": "1",
  "events": { "member.left": { "payload": { "type": "object", "required": ["id"], "properties": {
    "id": { "type": "string" }, "tags": { "type": "array", "items": { "type": "string" } }, "paid": { "type": "number" } } } } },
  "feeds": {
    "outbox": { "every": "PT1H", "listen": "club", "select": "SELECT id, event, at, payload FROM outbox ORDER BY id LIMIT {limit}",
                "acknowledge": "DELETE FROM outbox WHERE id = {id}" },
    "listing": { "every": "PT1H", "event": "member.left", "select": "SELECT 'm1' AS id, ARRAY['a'] AS tags, 12.50 AS paid" }
  },
  "connection": { "settings": { "database": {} } }
}"#;

const SCHEMA: &str = "
    CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event text, at timestamptz, payload jsonb);
    INSERT INTO outbox (event, at, payload) VALUES ('member.left', '2026-03-14 11:00:00+01', '{\"id\": \"m1\"}');
";

const LEFT: &str =
    "INSERT INTO outbox (event, payload) VALUES ('member.left', '{\"id\": \"m2\"}'); NOTIFY club;";

fn club(database: &str) -> Connectors {
    let mut sources = Sources::new();
    let file = sources.add("club.json", INTEGRATION);
    let (catalog, diagnostics) = hence_schema::catalog(&mut sources, &[file]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut settings = ConnectionSettings::default();
    settings.set("club", "database", database);
    settings.set("club", "database_password", "secret:CLUB");
    let secrets = Secrets::new(|_| Some(cluster::PASSWORD.to_owned()), None);
    let connectors = Connectors::new(Arc::new(catalog), settings, secrets);
    assert_eq!(connectors.problems(), []);
    connectors
}

async fn ids(connectors: &Connectors) -> Vec<String> {
    let fetched = connectors.fetch("club", "outbox", 0).await.unwrap();
    assert_eq!(fetched.refused, [""; 0]);
    connectors.acknowledge("club", "outbox", &fetched.events).await.unwrap();
    fetched.events.into_iter().map(|fed| fed.id).collect()
}

/// Waits for a hint, and not for ever.
async fn heard(hints: &Hints) {
    tokio::time::timeout(std::time::Duration::from_secs(60), hints.next()).await.unwrap();
}

#[tokio::test]
async fn documents_instants_and_lists_are_read_as_they_are_stored() {
    let database = Cluster::shared().database();
    Cluster::shared().psql(&database, SCHEMA);
    let connectors = club(&database);
    let events = connectors.fetch("club", "outbox", 0).await.unwrap().events;
    let [fed] = &events[..] else { panic!("{events:?}") };
    assert_eq!((&*fed.id, &*fed.payload), ("outbox/1", r#"{"id":"m1"}"#));
    assert_eq!(fed.occurred_at.unwrap().to_string(), "2026-03-14T10:00:00Z");
    let listed = connectors.fetch("club", "listing", 0).await.unwrap().events;
    assert_eq!(listed[0].payload, r#"{"id":"m1","tags":["a"],"paid":12.50}"#);
}

#[tokio::test]
async fn a_notification_is_a_hint_and_those_that_nobody_waits_for_are_one() {
    let database = Cluster::shared().database();
    Cluster::shared().psql(&database, SCHEMA);
    let connectors = club(&database);
    let hints = connectors.listen("club", "outbox").unwrap();
    // It listens now; what was before is asked for.
    heard(&hints).await;
    assert_eq!(ids(&connectors).await, ["outbox/1"]);
    Cluster::shared().psql(&database, &LEFT.repeat(2));
    heard(&hints).await;
    assert_eq!(ids(&connectors).await, ["outbox/2", "outbox/3"]);
    assert!(connectors.listen("club", "listing").is_none());
}

#[tokio::test]
async fn a_database_that_was_started_again_gives_a_hint_and_the_rows_it_had() {
    let cluster = Cluster::start(None);
    let database = cluster.database();
    cluster.psql(&database, SCHEMA);
    let connectors = club(&database);
    let hints = connectors.listen("club", "outbox").unwrap();
    heard(&hints).await;
    assert_eq!(ids(&connectors).await, ["outbox/1"]);
    cluster.psql(&database, LEFT);
    heard(&hints).await;
    // Known by the feed, and not acknowledged when the database dies.
    let fetched = connectors.fetch("club", "outbox", 0).await.unwrap().events;
    cluster.stop();
    let error = connectors.acknowledge("club", "outbox", &fetched).await.unwrap_err().to_string();
    assert!(error.contains("cannot be opened") || error.contains("was lost"), "{error}");
    cluster.start_again();
    heard(&hints).await;
    assert_eq!(ids(&connectors).await, ["outbox/2"]);
    assert_eq!(ids(&connectors).await, [""; 0]);
}
