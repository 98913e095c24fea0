//! The table `events`: the inbox.

use hence_engine::{
    Accepted, Cause, Cursor, EventFilter, EventSequence, EventState, NewEvent, StoredEvent, Target,
};
use hence_types::jiff::Timestamp;
use hence_types::wire::Mismatch;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::errors::parsed;
use super::page::List;
use super::shared;

pub(super) const COLUMNS: &str = "sequence, id, source, name, received_at, occurred_at, payload, mismatches, state, \
    target_rule, target_trigger, cause, depth, trace";

/// Takes an event, or finds the one of its source and id.
pub(super) fn accept(connection: &Connection, event: &NewEvent) -> rusqlite::Result<Accepted> {
    let sql = "INSERT INTO events (id, source, name, received_at, occurred_at, payload, mismatches, state,
            target_rule, target_trigger, cause, depth, trace)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id, source) DO NOTHING RETURNING sequence";
    let new = connection.prepare_cached(sql)?.query_row(
        params![
            event.id,
            event.source,
            event.name,
            event.received_at.as_microsecond(),
            event.occurred_at.as_microsecond(),
            event.payload,
            mismatches_to_json(&event.mismatches),
            EventState::Accepted.as_str(),
            event.target.as_ref().map(|target| &target.rule),
            event.target.as_ref().map(|target| target.trigger),
            event.cause.map(|cause| number(cause.event)),
            event.cause.map_or(0, |cause| cause.depth),
            event.trace,
        ],
        |row| row.get(0).map(sequence),
    );
    if let Some(new) = new.optional()? {
        return Ok(Accepted::New(new));
    }
    let sql = "SELECT sequence FROM events WHERE id = ? AND source = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let first = statement.query_row(params![event.id, event.source], |row| row.get(0).map(sequence))?;
    Ok(Accepted::Duplicate(first))
}

/// Marks an event as matched; tells whether it was not so before.
pub(super) fn matched(connection: &Connection, sequence: EventSequence) -> rusqlite::Result<bool> {
    let sql = "UPDATE events SET state = 'matched' WHERE sequence = ? AND state = 'accepted'";
    Ok(connection.prepare_cached(sql)?.execute([number(sequence)])? == 1)
}

pub(super) fn unmatched(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<StoredEvent>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE state = 'accepted' ORDER BY sequence LIMIT ?");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare_cached(&sql)?.query_map([limit], from_row)?.collect()
}

pub(super) fn matched_after(
    connection: &Connection,
    name: &str,
    after: EventSequence,
    limit: usize,
) -> rusqlite::Result<Vec<StoredEvent>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE name = ? AND sequence > ? AND state = 'matched' ORDER BY sequence LIMIT ?"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare_cached(&sql)?.query_map(params![name, number(after), limit], from_row)?.collect()
}

pub(super) fn by_sequence(
    connection: &Connection,
    sequence: EventSequence,
) -> rusqlite::Result<Option<StoredEvent>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE sequence = ?");
    connection.prepare_cached(&sql)?.query_row([number(sequence)], from_row).optional()
}

pub(super) fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Vec<StoredEvent>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE id = ? ORDER BY received_at DESC, sequence DESC");
    connection.prepare_cached(&sql)?.query_map([id], from_row)?.collect()
}

pub(super) fn filtered(filter: &EventFilter, cursor: Option<&Cursor>, limit: usize) -> List {
    List::new(COLUMNS, "events", "received_at", limit)
        .only_if("name = ?", filter.name.as_deref().map(str::to_owned))
        .only_if("source = ?", filter.source.as_deref().map(str::to_owned))
        .only(filter.state.map(|state| match state {
            EventState::Accepted => "state = 'accepted'",
            EventState::Matched => "state = 'matched'",
        }))
        .only(filter.schema_mismatch.map(|wanted| match wanted {
            true => "mismatches IS NOT NULL",
            false => "mismatches IS NULL",
        }))
        .since("received_at >= ?", filter.since)
        .after("(received_at, sequence) < (?, ?)", cursor)
}

/// Counts all events, those not matched, and those that break their schema.
pub(super) fn counts(connection: &Connection) -> rusqlite::Result<(u64, u64, u64)> {
    let sql = "SELECT (SELECT count(*) FROM events),
        (SELECT count(*) FROM events WHERE state = 'accepted'),
        (SELECT count(*) FROM events WHERE mismatches IS NOT NULL)";
    let count = |row: &Row<'_>, column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    connection.prepare_cached(sql)?.query_row([], |row| Ok((count(row, 0)?, count(row, 1)?, count(row, 2)?)))
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    let instant = |column| parsed(row, column, |micros| Timestamp::from_microsecond(*micros).ok());
    let event = NewEvent {
        id: shared(row, "id")?,
        source: shared(row, "source")?,
        name: shared(row, "name")?,
        received_at: instant("received_at")?,
        occurred_at: instant("occurred_at")?,
        payload: shared(row, "payload")?,
        mismatches: parsed(row, "mismatches", mismatches_from_json)?,
        target: target(row)?,
        cause: cause(row)?,
        trace: row.get::<_, Option<String>>("trace")?.map(Into::into),
    };
    let state = parsed(row, "state", |text: &String| EventState::parse(text))?;
    Ok(StoredEvent { sequence: sequence(row.get("sequence")?), event, state })
}

fn target(row: &Row<'_>) -> rusqlite::Result<Option<Target>> {
    let rule: Option<String> = row.get("target_rule")?;
    let trigger: Option<u32> = row.get("target_trigger")?;
    Ok(rule.zip(trigger).map(|(rule, trigger)| Target { rule: rule.into(), trigger }))
}

fn cause(row: &Row<'_>) -> rusqlite::Result<Option<Cause>> {
    let event: Option<i64> = row.get("cause")?;
    let depth = row.get("depth")?;
    Ok(event.map(|event| Cause { event: sequence(event), depth }))
}

fn mismatches_to_json(mismatches: &[Mismatch]) -> Option<String> {
    let parts = mismatches.iter().map(|mismatch| [&mismatch.path, &mismatch.expected, &mismatch.found]);
    let json: serde_json::Value = parts.map(|parts| serde_json::json!(parts)).collect();
    (!mismatches.is_empty()).then(|| json.to_string())
}

fn mismatches_from_json(json: &Option<String>) -> Option<Vec<Mismatch>> {
    let Some(json) = json else { return Some(Vec::new()) };
    let parts: Vec<[String; 3]> = serde_json::from_str(json).ok()?;
    Some(parts.into_iter().map(|[path, expected, found]| Mismatch { path, expected, found }).collect())
}

pub(super) fn sequence(number: i64) -> EventSequence {
    EventSequence(number.unsigned_abs())
}

/// The row of a sequence; one that is too large is of no row.
pub(super) fn number(sequence: EventSequence) -> i64 {
    i64::try_from(sequence.0).unwrap_or(i64::MAX)
}
