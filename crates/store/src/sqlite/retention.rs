//! What ended long ago is deleted, some rows at a time, as the thread that writes serves everybody else meanwhile.

use hence_engine::{EventSequence, Forgotten};
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, params};

use super::events::number;

pub(super) const EXECUTIONS: &str =
    "SELECT id FROM executions WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at LIMIT ?";

/// The last event stays, as places are never given twice.
pub(super) const EVENTS: &str = "DELETE FROM events
    WHERE sequence > ? AND sequence <= ? AND received_at < ? AND state = 'matched'
        AND sequence < (SELECT max(sequence) FROM events)
        AND NOT EXISTS (SELECT 1 FROM executions WHERE executions.event = events.sequence)
        AND NOT EXISTS (SELECT 1 FROM executions WHERE executions.event = events.cause)
        AND NOT EXISTS (SELECT 1 FROM events AS later WHERE later.cause = events.sequence)
        AND NOT EXISTS (SELECT 1 FROM watch_states WHERE watch_states.event = events.sequence)
        AND NOT EXISTS (SELECT 1 FROM looked_at
            WHERE looked_at.event_name = events.name AND looked_at.sequence < events.sequence)";

/// Deletes executions that ended before an instant, with their steps, the earliest first.
pub(super) fn executions(
    connection: &Connection,
    ended_before: Timestamp,
    limit: usize,
) -> rusqlite::Result<usize> {
    let bounds = params![ended_before.as_microsecond(), i64::try_from(limit).unwrap_or(i64::MAX)];
    let ids: Vec<String> = connection
        .prepare_cached(EXECUTIONS)?
        .query_map(bounds, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &ids {
        for sql in [
            "DELETE FROM steps WHERE execution = ?",
            "DELETE FROM waits WHERE execution = ?",
            "DELETE FROM executions WHERE id = ?",
        ] {
            connection.prepare_cached(sql)?.execute([id])?;
        }
    }
    Ok(ids.len())
}

/// Looks at events behind a place, and deletes those that nothing needs any more.
pub(super) fn events(
    connection: &Connection,
    arrived_before: Timestamp,
    behind: EventSequence,
    limit: usize,
) -> rusqlite::Result<Forgotten> {
    let (behind, before) = (number(behind), arrived_before.as_microsecond());
    let sql = "SELECT sequence, received_at FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?";
    let bounds = params![behind, i64::try_from(limit).unwrap_or(i64::MAX)];
    let looked_at: Vec<(i64, i64)> = connection
        .prepare_cached(sql)?
        .query_map(bounds, |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    // Those that come later arrived later, unless the clock was put back: then they wait for the others.
    let old = looked_at.iter().take_while(|(_, received_at)| *received_at < before);
    let Some(up_to) = old.map(|(sequence, _)| *sequence).last() else { return Ok(Forgotten::default()) };
    let count = connection.prepare_cached(EVENTS)?.execute(params![behind, up_to, before])?;
    let is_last = looked_at.len() < limit || looked_at.last().is_none_or(|(sequence, _)| *sequence != up_to);
    Ok(Forgotten { count, next: (!is_last).then(|| EventSequence(up_to.unsigned_abs())) })
}
