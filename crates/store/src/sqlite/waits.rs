//! The table `waits`: what executions wait for.

use std::sync::Arc;

use hence_engine::{ExecutionId, Wait};
use rusqlite::{Connection, Row, params};

use super::errors::parsed;
use super::shared;

/// Writes a wait over the one before of its strand; tells whether there is such an execution.
pub(super) fn begin(connection: &Connection, wait: &Wait) -> rusqlite::Result<bool> {
    let sql = "INSERT INTO waits (execution, strand, event, key)
        SELECT ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM executions WHERE id = ?1)
        ON CONFLICT (execution, strand) DO UPDATE SET event = excluded.event, key = excluded.key";
    let values = params![wait.execution.as_str(), wait.strand, wait.event, wait.key];
    Ok(connection.prepare_cached(sql)?.execute(values)? == 1)
}

pub(super) fn end(connection: &Connection, execution: &ExecutionId, strand: u32) -> rusqlite::Result<()> {
    let sql = "DELETE FROM waits WHERE execution = ? AND strand = ?";
    connection.prepare_cached(sql)?.execute(params![execution.as_str(), strand]).map(drop)
}

pub(super) fn end_all(connection: &Connection, execution: &ExecutionId) -> rusqlite::Result<()> {
    let sql = "DELETE FROM waits WHERE execution = ?";
    connection.prepare_cached(sql)?.execute([execution.as_str()]).map(drop)
}

/// Returns the waits for an event that have one of these keys.
pub(super) fn by_keys(
    connection: &Connection,
    event: &str,
    keys: &[Arc<str>],
) -> rusqlite::Result<Vec<Wait>> {
    let sql = "SELECT execution, strand, event, key FROM waits WHERE event = ? AND key = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut waits = Vec::new();
    for key in keys {
        let found = statement.query_map(params![event, key], from_row)?;
        waits.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    waits.sort_by(|one, other| (&one.execution, one.strand).cmp(&(&other.execution, other.strand)));
    Ok(waits)
}

/// Returns the waits for an event by their keys, those after a key if given.
pub(super) fn of_event(
    connection: &Connection,
    event: &str,
    after: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<Wait>> {
    let sql = "SELECT execution, strand, event, key FROM waits WHERE event = ? AND (?2 IS NULL OR key > ?2)
        ORDER BY key, execution, strand LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.query_map(params![event, after, limit], from_row)?.collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Wait> {
    Ok(Wait {
        execution: parsed(row, "execution", |text: &String| ExecutionId::parse(text))?,
        strand: row.get("strand")?,
        event: shared(row, "event")?,
        key: shared(row, "key")?,
    })
}
