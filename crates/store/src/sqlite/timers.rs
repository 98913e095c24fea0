//! The tables `watches` and `timers`.

use hence_engine::store::Error;
use hence_engine::{NextDue, Target, Timer, TimerKey, Watched};
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::errors::parsed;
use super::shared;

const COLUMNS: &str = "rule, trigger, key, due, memory";

pub(super) fn begin_watch(connection: &Connection, watched: &Watched) -> rusqlite::Result<()> {
    let sql = "INSERT INTO watches (rule, trigger, what) VALUES (?, ?, ?)
        ON CONFLICT (rule, trigger) DO UPDATE SET what = excluded.what";
    let target = &watched.target;
    connection.prepare_cached(sql)?.execute(params![target.rule, target.trigger, watched.what]).map(drop)
}

/// Ends a watch; its timers go with it.
pub(super) fn end_watch(connection: &Connection, target: &Target) -> rusqlite::Result<()> {
    let sql = "DELETE FROM watches WHERE rule = ? AND trigger = ?";
    connection.prepare_cached(sql)?.execute(params![target.rule, target.trigger]).map(drop)
}

pub(super) fn set(connection: &Connection, timer: &Timer) -> rusqlite::Result<()> {
    let sql = "INSERT INTO timers (rule, trigger, key, due, memory) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (rule, trigger, key) DO UPDATE SET due = excluded.due, memory = excluded.memory";
    let Timer { target, key, due, memory } = timer;
    let values = params![target.rule, target.trigger, key, due.as_microsecond(), memory];
    connection.prepare_cached(sql)?.execute(values).map(drop)
}

pub(super) fn remove(connection: &Connection, key: &TimerKey) -> rusqlite::Result<()> {
    let sql = "DELETE FROM timers WHERE rule = ? AND trigger = ? AND key = ?";
    let TimerKey { target, key } = key;
    connection.prepare_cached(sql)?.execute(params![target.rule, target.trigger, key]).map(drop)
}

/// Removes a timer; tells whether it was there, due at its time.
pub(super) fn fired(connection: &Connection, timer: &Timer) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM timers WHERE rule = ? AND trigger = ? AND key = ? AND due = ?";
    let Timer { target, key, due, memory: _ } = timer;
    let values = params![target.rule, target.trigger, key, due.as_microsecond()];
    Ok(connection.prepare_cached(sql)?.execute(values)? == 1)
}

pub(super) fn conflict(timer: &Timer) -> Error {
    Error::Conflict {
        what: format!("the timer of trigger {} of rule `{}`", timer.target.trigger, timer.target.rule),
    }
}

pub(super) fn watched(connection: &Connection) -> rusqlite::Result<Vec<Watched>> {
    let mut statement =
        connection.prepare_cached("SELECT rule, trigger, what FROM watches ORDER BY rule, trigger")?;
    let rows =
        statement.query_map([], |row| Ok(Watched { target: target(row)?, what: shared(row, "what")? }))?;
    rows.collect()
}

pub(super) fn by_key(connection: &Connection, key: &TimerKey) -> rusqlite::Result<Option<Timer>> {
    let sql = format!("SELECT {COLUMNS} FROM timers WHERE rule = ? AND trigger = ? AND key = ?");
    let TimerKey { target, key } = key;
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_row(params![target.rule, target.trigger, key], from_row).optional()
}

pub(super) fn due(connection: &Connection, at: Timestamp, limit: usize) -> rusqlite::Result<Vec<Timer>> {
    let sql = format!("SELECT {COLUMNS} FROM timers WHERE due <= ? ORDER BY due LIMIT ?");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare_cached(&sql)?.query_map([at.as_microsecond(), limit], from_row)?.collect()
}

pub(super) const NEXT: &str = "SELECT (SELECT min(due) FROM timers),
    (SELECT min(wake_at) FROM executions INDEXED BY executions_by_wake_at
        WHERE wake_at IS NOT NULL AND status IN ('pending', 'waiting', 'running'))";

/// Returns when something is due next: one look into each of two indexes.
pub(super) fn next(connection: &Connection) -> rusqlite::Result<NextDue> {
    connection.prepare_cached(NEXT)?.query_row([], |row| {
        let instant = |column: usize| -> rusqlite::Result<Option<Timestamp>> {
            let micros: Option<i64> = row.get(column)?;
            Ok(micros.and_then(|micros| Timestamp::from_microsecond(micros).ok()))
        };
        Ok(NextDue { timer: instant(0)?, execution: instant(1)? })
    })
}

fn target(row: &Row<'_>) -> rusqlite::Result<Target> {
    Ok(Target { rule: shared(row, "rule")?, trigger: row.get("trigger")? })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Timer> {
    let due = parsed(row, "due", |micros| Timestamp::from_microsecond(*micros).ok())?;
    let memory: Option<String> = row.get("memory")?;
    Ok(Timer { target: target(row)?, key: shared(row, "key")?, due, memory: memory.map(Into::into) })
}
