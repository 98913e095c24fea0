//! What a PostgreSQL needs so that changes of its tables are events: an outbox, triggers that fill it, and a notification.
//!
//! The integration says what is told: for events `TABLE.created`, `TABLE.updated` and `TABLE.deleted`, the columns that are
//! fields of their payloads, and no others.

use std::collections::BTreeMap;

use hence_schema::{Event, Integration};
use indexmap::IndexMap;

/// The channel, which is named after the table.
const OUTBOX: &str = "hence_outbox";
/// The fields of an update that are no columns.
const CHANGED: &str = "changed_fields";
const PREVIOUS: &str = "previous";

/// Why there are no triggers for an integration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTriggers {
    /// Nothing tells of rows.
    #[error(
        "`{0}` has no event `TABLE.created`, `TABLE.updated` or `TABLE.deleted`, which are those that triggers write"
    )]
    NoEvents(String),
    /// A table was given for events that there are not.
    #[error("`{integration}` has no event `{events}.created`, `{events}.updated` or `{events}.deleted`")]
    UnknownEvents {
        /// The integration.
        integration: String,
        /// The first part of the events' names.
        events: String,
    },
}

/// What happens to a row, as it is called in an event's name and in a trigger.
const CHANGES: &[(&str, &str)] = &[("created", "INSERT"), ("updated", "UPDATE"), ("deleted", "DELETE")];

/// Returns the statements that make an outbox in a schema of a PostgreSQL and have tables tell of their rows there. Tables
/// are named as the events are, unless `tables` says otherwise. Doing them again changes what has changed.
///
/// # Errors
/// The integration has no such events, or none of those that a table is given for.
pub fn triggers(
    integration: &Integration,
    schema: &str,
    tables: &BTreeMap<String, String>,
) -> Result<String, NoTriggers> {
    let mut told: IndexMap<&str, Vec<(&str, &str, &Event)>> = IndexMap::new();
    for (name, event) in &integration.events {
        let Some((events, change)) = name.rsplit_once('.') else { continue };
        if let Some((change, operation)) = CHANGES.iter().find(|(known, _)| *known == change) {
            told.entry(events).or_default().push((change, operation, event));
        }
    }
    if told.is_empty() {
        return Err(NoTriggers::NoEvents(integration.id.clone()));
    }
    if let Some(unknown) = tables.keys().find(|events| !told.contains_key(events.as_str())) {
        return Err(NoTriggers::UnknownEvents {
            integration: integration.id.clone(),
            events: unknown.clone(),
        });
    }
    let outbox = format!("{}.{OUTBOX}", name(schema));
    let mut sql = head(integration, &outbox);
    for (events, changes) in told {
        let table = tables.get(events).map_or(events, String::as_str);
        sql.push_str(&format!("\n-- Rows of {}.\n", table.replace(['\n', '\r'], " ")));
        let table = table.split('.').map(name).collect::<Vec<_>>().join(".");
        for (change, operation, event) in changes {
            let trigger = name(&format!("hence_{}_{change}", events.replace('.', "_")));
            sql.push_str(&format!(
                "DROP TRIGGER IF EXISTS {trigger} ON {table};\n\
                 CREATE TRIGGER {trigger} AFTER {operation} ON {table} FOR EACH ROW\n    \
                 EXECUTE FUNCTION {outbox}_write({}, {});\n",
                text(&format!("{events}.{change}")),
                text(&columns(event))
            ));
        }
    }
    sql.push_str("\nCOMMIT;\n");
    if !integration.feeds.values().any(|feed| feed.select.contains(OUTBOX)) {
        sql.push_str(&feed());
    }
    Ok(sql)
}

fn head(integration: &Integration, outbox: &str) -> String {
    let id = &integration.id;
    format!(
        "-- Has rows of tables become events of the integration `{id}`. TRUNCATE tells of nothing.
--
-- The user that the daemon asks as needs to read and to delete:
--     GRANT SELECT, DELETE ON {outbox} TO …;

BEGIN;

CREATE TABLE IF NOT EXISTS {outbox} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    payload jsonb NOT NULL
);

-- Writes down what happened to a row: the event's name and the columns that it tells of are the arguments of the trigger.
-- It does so with the rights of who made it, so that whoever changes a row needs none on the outbox.
CREATE OR REPLACE FUNCTION {outbox}_write() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted CONSTANT text[] := TG_ARGV[1];
    present jsonb := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    previous jsonb;
    changed text[];
BEGIN
    present := (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(present) WHERE key = ANY (wanted));
    IF TG_OP = 'UPDATE' THEN
        previous := (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(to_jsonb(OLD)) WHERE key = ANY (wanted));
        changed := ARRAY(SELECT name FROM unnest(wanted) AS name WHERE present -> name IS DISTINCT FROM previous -> name);
        IF changed = '{{}}' THEN
            RETURN NULL;
        END IF;
        present := present || jsonb_build_object('{CHANGED}', changed, '{PREVIOUS}', previous);
    END IF;
    INSERT INTO {outbox} (event, payload) VALUES (TG_ARGV[0], present);
    RETURN NULL;
END $$;

-- Says that there are new rows, once for each transaction. Transactions that do so are committed one after the other: where
-- there are thousands a second, leave this trigger out and have the feed asked each second.
CREATE OR REPLACE FUNCTION {outbox}_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('{OUTBOX}', '');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS hence_wake ON {outbox};
CREATE TRIGGER hence_wake AFTER INSERT ON {outbox} FOR EACH STATEMENT EXECUTE FUNCTION {outbox}_wake();
"
    )
}

/// The feed that takes what the triggers write, as a remark.
fn feed() -> String {
    format!(
        "
-- The feed that the integration needs, a member of `feeds`:
--     \"outbox\": {{
--       \"every\": \"PT1M\",
--       \"listen\": \"{OUTBOX}\",
--       \"select\": \"SELECT id, event, at, payload FROM {OUTBOX} ORDER BY id LIMIT {{limit}}\",
--       \"acknowledge\": \"DELETE FROM {OUTBOX} WHERE id = {{id}}\"
--     }}
"
    )
}

/// The columns that an event tells of, as an array of PostgreSQL.
fn columns(event: &Event) -> String {
    let fields = event.payload.fields.keys().filter(|field| ![CHANGED, PREVIOUS].contains(&&***field));
    let quoted = fields.map(|field| format!("\"{}\"", field.replace('\\', "\\\\").replace('"', "\\\"")));
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}

/// A name as it stands in a statement.
fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as it stands in a statement.
fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests;
