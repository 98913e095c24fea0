//! The tables `watch_states` and `looked_at`: what triggers that are more than an event keep of those that came in.

use std::sync::Arc;

use hence_engine::{EventSequence, StoredEvent, WatchId, WatchState};
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value as Json;

use super::errors::parsed;
use super::events::{self, number, sequence};
use super::{micros, shared};

/// How far the inbox is searched at a time, so that no search takes long.
const SEARCHED: u64 = 20_000;

/// Keeps a state, in place of the one before.
pub(super) fn keep(connection: &Connection, state: &WatchState) -> rusqlite::Result<()> {
    let sql = "INSERT INTO watch_states (watch, key, state, event, due_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (watch, key) DO UPDATE SET state = excluded.state, event = excluded.event, due_at = excluded.due_at";
    connection.prepare_cached(sql)?.execute(params![
        state.id.watch,
        state.id.key,
        state.state,
        state.event.map(number),
        micros(state.due),
    ])?;
    Ok(())
}

/// Keeps nothing more.
pub(super) fn forget(connection: &Connection, id: &WatchId) -> rusqlite::Result<()> {
    let sql = "DELETE FROM watch_states WHERE watch = ? AND key = ?";
    connection.prepare_cached(sql)?.execute(params![id.watch, id.key])?;
    Ok(())
}

/// Writes up to where events of these names were looked at.
pub(super) fn look_at(connection: &Connection, up_to: &[(Arc<str>, EventSequence)]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO looked_at (event_name, sequence) VALUES (?, ?)
        ON CONFLICT (event_name) DO UPDATE SET sequence = excluded.sequence";
    let mut statement = connection.prepare_cached(sql)?;
    up_to.iter().try_for_each(|(name, up_to)| statement.execute(params![name, number(*up_to)]).map(drop))
}

/// Forgets all that a program does not watch.
pub(super) fn load(
    connection: &Connection,
    watches: &[Arc<str>],
    up_to: &[(Arc<str>, EventSequence)],
) -> rusqlite::Result<()> {
    let sql = "DELETE FROM watch_states WHERE watch NOT IN (SELECT value FROM json_each(?))";
    connection.execute(sql, [list(watches)])?;
    connection.execute("DELETE FROM looked_at", [])?;
    look_at(connection, up_to)
}

/// Returns what is kept for a watch and a key.
pub(super) fn state(connection: &Connection, id: &WatchId) -> rusqlite::Result<Option<WatchState>> {
    let sql = "SELECT watch, key, state, event, due_at FROM watch_states WHERE watch = ? AND key = ?";
    connection.prepare_cached(sql)?.query_row(params![id.watch, id.key], from_row).optional()
}

/// Returns the states that are due, the earliest first.
pub(super) fn due(
    connection: &Connection,
    until: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<WatchState>> {
    let sql = "SELECT watch, key, state, event, due_at FROM watch_states
        WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at, watch, key LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.query_map(params![until.as_microsecond(), limit], from_row)?.collect()
}

/// Returns when the next state is due.
pub(super) fn next_due(connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let sql = "SELECT min(due_at) AS due_at FROM watch_states WHERE due_at IS NOT NULL";
    connection.prepare_cached(sql)?.query_row([], |row| instant(row, "due_at"))
}

/// Returns up to where events were looked at.
pub(super) fn looked_at(connection: &Connection) -> rusqlite::Result<Vec<(Arc<str>, EventSequence)>> {
    let mut statement =
        connection.prepare_cached("SELECT event_name, sequence FROM looked_at ORDER BY event_name")?;
    let rows =
        statement.query_map([], |row| Ok((shared(row, "event_name")?, sequence(row.get("sequence")?))))?;
    rows.collect()
}

/// Returns events of these names that are addressed to nobody, and up to where they were searched for.
pub(super) fn events(
    connection: &Connection,
    names: &[Arc<str>],
    behind: EventSequence,
    limit: usize,
) -> rusqlite::Result<(Vec<StoredEvent>, EventSequence)> {
    let last = last_event(connection)?;
    let end = last.min(EventSequence(behind.0.saturating_add(SEARCHED)));
    let sql = format!(
        "SELECT {} FROM events WHERE sequence > ? AND sequence <= ? AND target_rule IS NULL
            AND name IN (SELECT value FROM json_each(?)) ORDER BY sequence LIMIT ?",
        events::COLUMNS
    );
    let count = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows =
        statement.query_map(params![number(behind), number(end), list(names), count], events::from_row)?;
    let events = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let up_to = match events.last() {
        Some(last) if events.len() == limit => last.sequence,
        _ => end,
    };
    Ok((events, up_to))
}

/// Returns the last place in the inbox.
pub(super) fn last_event(connection: &Connection) -> rusqlite::Result<EventSequence> {
    let mut statement = connection.prepare_cached("SELECT max(sequence) FROM events")?;
    let last: Option<i64> = statement.query_row([], |row| row.get(0))?;
    Ok(last.map(sequence).unwrap_or_default())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<WatchState> {
    Ok(WatchState {
        id: WatchId { watch: shared(row, "watch")?, key: shared(row, "key")? },
        state: shared(row, "state")?,
        event: row.get::<_, Option<i64>>("event")?.map(sequence),
        due: instant(row, "due_at")?,
    })
}

fn instant(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    parsed(row, column, |micros: &Option<i64>| match micros {
        Some(micros) => Timestamp::from_microsecond(*micros).ok().map(Some),
        None => Some(None),
    })
}

fn list(texts: &[Arc<str>]) -> String {
    texts.iter().map(|text| Json::from(&**text)).collect::<Json>().to_string()
}
