//! Triggers in a real PostgreSQL.

use std::sync::Arc;

use hence_diagnostics::Sources;
use serde_json::{Value as Json, json};

use super::*;
use crate::cluster::{self, Cluster};
use crate::{ConnectionSettings, Connectors, Secrets};

const INTEGRATION: &str = r##"{
  "hence": 1, "id": "club", "title": "Club", "version": "1",
  "types": {
    "Member": { "type": "object", "required": ["id"], "properties": {
      "id": { "type": "integer" }, "email": { "type": "string" }, "score": { "type": "number" } } }
  },
  "events": {
    "member.created": { "payload": { "$ref": "#/types/Member" } },
    "member.updated": { "payload": { "allOf": [{ "$ref": "#/types/Member" }, { "type": "object", "properties": {
      "changed_fields": { "type": "array", "items": { "type": "string" } }, "previous": { "$ref": "#/types/Member" } } }] } },
    "member.deleted": { "payload": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } } },
    "visit.created": { "payload": { "type": "object", "properties": { "member": { "type": "integer" } } } }
  },
  "feeds": {
    "outbox": { "every": "PT1M", "listen": "hence_outbox",
                "select": "SELECT id, event, at, payload FROM hence_outbox ORDER BY id LIMIT {limit}",
                "acknowledge": "DELETE FROM hence_outbox WHERE id = {id}" }
  },
  "connection": { "settings": { "database": {} } }
}"##;

const TABLES: &str = "
    CREATE SCHEMA club;
    CREATE TABLE club.members (id integer PRIMARY KEY, email text, score numeric, password text);
    CREATE TABLE visit (member integer);
";

fn catalog() -> Arc<hence_schema::Catalog> {
    let mut sources = Sources::new();
    let file = sources.add("club.json", INTEGRATION);
    let (catalog, diagnostics) = hence_schema::catalog(&mut sources, &[file]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    Arc::new(catalog)
}

/// A database with triggers, and who asks it.
fn club() -> (String, Connectors, String) {
    let database = Cluster::shared().database();
    let catalog = catalog();
    let tables = BTreeMap::from([("member".to_owned(), "club.members".to_owned())]);
    let sql = triggers(&catalog.integrations["club"], "public", &tables).unwrap();
    Cluster::shared().psql(&database, TABLES);
    Cluster::shared().psql(&database, &sql);
    let mut settings = ConnectionSettings::default();
    settings.set("club", "database", &database);
    settings.set("club", "database_password", "secret:CLUB");
    let secrets = Secrets::new(|_| Some(cluster::PASSWORD.to_owned()), None);
    (database, Connectors::new(catalog, settings, secrets), sql)
}

async fn told(connectors: &Connectors) -> Vec<(String, Json)> {
    let fetched = connectors.fetch("club", "outbox", 0).await.unwrap();
    assert_eq!(fetched.refused, [""; 0]);
    connectors.acknowledge("club", "outbox", &fetched.events).await.unwrap();
    let event = |fed: crate::Fed| (fed.event, serde_json::from_str(&fed.payload).unwrap());
    fetched.events.into_iter().map(event).collect()
}

/// Waits for a hint, and not for ever.
async fn heard(hints: &crate::Hints) {
    tokio::time::timeout(std::time::Duration::from_secs(60), hints.next()).await.unwrap();
}

#[tokio::test]
async fn rows_tell_what_was_and_what_is_of_the_columns_that_are_asked_for() {
    let (database, connectors, sql) = club();
    let hints = connectors.listen("club", "outbox").unwrap();
    heard(&hints).await;
    Cluster::shared().psql(
        &database,
        "BEGIN;
         INSERT INTO club.members VALUES (1, 'a@example.org', 12.50, 'hidden'), (2, NULL, 0, 'hidden');
         UPDATE club.members SET email = 'b@example.org', score = NULL WHERE id = 1;
         UPDATE club.members SET password = 'other', score = 0 WHERE id = 2;
         INSERT INTO visit VALUES (2);
         DELETE FROM club.members WHERE id = 2;
         COMMIT;
         BEGIN; DELETE FROM club.members; ROLLBACK;",
    );
    heard(&hints).await;
    let score: Json = serde_json::from_str("12.50").unwrap();
    assert_eq!(
        told(&connectors).await,
        [
            ("member.created".to_owned(), json!({"id": 1, "email": "a@example.org", "score": score})),
            ("member.created".to_owned(), json!({"id": 2, "email": null, "score": 0})),
            (
                "member.updated".to_owned(),
                json!({
                    "id": 1, "email": "b@example.org", "score": null, "changed_fields": ["email", "score"],
                    "previous": {"id": 1, "email": "a@example.org", "score": score},
                })
            ),
            ("visit.created".to_owned(), json!({"member": 2})),
            ("member.deleted".to_owned(), json!({"id": 2})),
        ]
    );
    // To do it again does no harm.
    Cluster::shared().psql(&database, &sql);
    Cluster::shared().psql(&database, "INSERT INTO visit VALUES (3)");
    assert_eq!(told(&connectors).await, [("visit.created".to_owned(), json!({"member": 3}))]);
}

#[tokio::test]
async fn who_changes_a_row_needs_no_rights_on_the_outbox() {
    let (database, connectors, _) = club();
    let role = format!("guest_{}", database.rsplit('/').next().unwrap());
    Cluster::shared().psql(
        &database,
        &format!("CREATE ROLE {role}; GRANT INSERT ON visit TO {role}; SET ROLE {role}; INSERT INTO visit VALUES (4);"),
    );
    assert_eq!(told(&connectors).await, [("visit.created".to_owned(), json!({"member": 4}))]);
}

#[test]
fn events_that_there_are_not_are_told() {
    let catalog = catalog();
    let tables = BTreeMap::from([("members".to_owned(), "members".to_owned())]);
    let told = triggers(&catalog.integrations["club"], "public", &tables).unwrap_err();
    assert_eq!(
        told.to_string(),
        "`club` has no event `members.created`, `members.updated` or `members.deleted`"
    );
    let told = triggers(&catalog.integrations["sms"], "public", &BTreeMap::new()).unwrap_err();
    assert!(told.to_string().starts_with("`sms` has no event `TABLE.created`"), "{told}");
}

#[test]
fn names_are_quoted_and_a_feed_that_is_missing_is_shown() {
    let mut integration = (*catalog().integrations["club"]).clone();
    integration.feeds.clear();
    let tables = BTreeMap::from([("visit".to_owned(), "odd\"; DROP TABLE x; --".to_owned())]);
    let sql = triggers(&integration, "odd'\"schema", &tables).unwrap();
    assert!(sql.contains("AFTER INSERT ON \"odd\"\"; DROP TABLE x; --\" FOR EACH ROW"), "{sql}");
    assert!(sql.contains("INSERT INTO \"odd'\"\"schema\".hence_outbox (event"), "{sql}");
    assert!(sql.contains("--       \"listen\": \"hence_outbox\",\n"), "{sql}");
}
