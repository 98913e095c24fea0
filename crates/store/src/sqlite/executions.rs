//! The table `executions`.

use std::sync::Arc;

use hence_diagnostics::Code;
use hence_engine::store::Error;
use hence_engine::{
    Branch, Cursor, EventSequence, Execution, ExecutionError, ExecutionFilter, ExecutionId, Page, Status,
};
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::errors::parsed;
use super::events::number;
use super::page::{List, cut};
use super::{micros, shared};

const COLUMNS: &str =
    "sequence, id, rule, rule_version, event, event_id, event_name, status, branch, variant, place, locals,
    strands, steps, attempt, called_at, wake_at, error_code, error, reason, started_at, ended_at, revision";

/// Writes a new execution; tells whether there was none of its id.
pub(super) fn insert(connection: &Connection, execution: &Execution) -> rusqlite::Result<bool> {
    let sql = "INSERT INTO executions (id, rule, rule_version, event, event_id, event_name, status, branch, variant, place,
            locals, strands, steps, attempt, called_at, wake_at, error_code, error, reason, started_at, ended_at, revision)
        VALUES (:id, :rule, :rule_version, :event, :event_id, :event_name, :status, :branch, :variant, :place, :locals,
            :strands, :steps, :attempt, :called_at, :wake_at, :error_code, :error, :reason, :started_at, :ended_at,
            :revision)
        ON CONFLICT (id) DO NOTHING";
    let error = execution.error.as_ref();
    let written = connection.prepare_cached(sql)?.execute(named_params! {
        ":id": execution.id.as_str(),
        ":rule": execution.rule,
        ":rule_version": execution.rule_version,
        ":event": number(execution.event),
        ":event_id": execution.event_id,
        ":event_name": execution.event_name,
        ":status": execution.status.as_str(),
        ":branch": execution.branch.as_str(),
        ":variant": execution.variant,
        ":place": execution.place,
        ":locals": execution.locals,
        ":strands": execution.strands,
        ":steps": execution.steps,
        ":attempt": execution.attempt,
        ":called_at": micros(execution.called_at),
        ":wake_at": micros(execution.wake_at),
        ":error_code": error.map(|error| error.code.as_str()),
        ":error": error.map(|error| &error.message),
        ":reason": execution.reason,
        ":started_at": execution.started_at.as_microsecond(),
        ":ended_at": micros(execution.ended_at),
        ":revision": execution.revision,
    })?;
    Ok(written == 1)
}

/// Writes an execution's state over the one before; tells whether the store had the one before.
pub(super) fn update(connection: &Connection, execution: &Execution) -> rusqlite::Result<bool> {
    let sql = "UPDATE executions SET status = :status, place = :place, locals = :locals, strands = :strands, steps = :steps,
            attempt = :attempt, called_at = :called_at, wake_at = :wake_at, error_code = :error_code,
            error = :error, reason = :reason, ended_at = :ended_at, revision = :revision
        WHERE id = :id AND revision = :revision - 1";
    let error = execution.error.as_ref();
    let written = connection.prepare_cached(sql)?.execute(named_params! {
        ":id": execution.id.as_str(),
        ":status": execution.status.as_str(),
        ":place": execution.place,
        ":locals": execution.locals,
        ":strands": execution.strands,
        ":steps": execution.steps,
        ":attempt": execution.attempt,
        ":called_at": micros(execution.called_at),
        ":wake_at": micros(execution.wake_at),
        ":error_code": error.map(|error| error.code.as_str()),
        ":error": error.map(|error| &error.message),
        ":reason": execution.reason,
        ":ended_at": micros(execution.ended_at),
        ":revision": execution.revision,
    })?;
    Ok(written == 1)
}

pub(super) fn by_id(connection: &Connection, id: &ExecutionId) -> rusqlite::Result<Option<Execution>> {
    let sql = format!("SELECT {COLUMNS} FROM executions WHERE id = ?");
    connection.prepare_cached(&sql)?.query_row([id.as_str()], from_row).optional()
}

pub(super) const INTERRUPTED: &str = "FROM executions INDEXED BY executions_interrupted
    WHERE (status IN ('pending', 'running') OR (ended_at IS NOT NULL AND strands <> '')) AND sequence > ?
    ORDER BY sequence LIMIT ?";

/// Returns those that a stop of the daemon interrupts.
pub(super) fn interrupted(
    connection: &Connection,
    after: Option<&Cursor>,
    limit: usize,
) -> rusqlite::Result<Page<Execution>> {
    let sql = format!("SELECT {COLUMNS} {INTERRUPTED}");
    let after = after.map_or(0, |cursor| i64::try_from(cursor.sequence).unwrap_or(i64::MAX));
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([after, one_more], |row| {
        let sequence = row.get::<_, i64>("sequence")?.unsigned_abs();
        Ok((Cursor { instant: 0, sequence }, from_row(row)?))
    })?;
    cut(rows, limit)
}

/// Left to itself, SQLite takes the index of states and sorts all that wait.
pub(super) const DUE: &str = "SELECT id FROM executions INDEXED BY executions_by_wake_at
    WHERE wake_at <= ? AND wake_at IS NOT NULL AND status IN ('pending', 'waiting', 'running')
    ORDER BY wake_at LIMIT ?";

/// Returns those that wait for a time which has come at an instant.
pub(super) fn due(
    connection: &Connection,
    at: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<ExecutionId>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let id = |row: &Row<'_>| parsed(row, "id", |id: &String| ExecutionId::parse(id));
    connection.prepare_cached(DUE)?.query_map([at.as_microsecond(), limit], id)?.collect()
}

pub(super) fn filtered(filter: &ExecutionFilter, cursor: Option<&Cursor>, limit: usize) -> List {
    let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
    List::new(COLUMNS, "executions", "started_at", limit)
        .only_if("rule = ?", text(&filter.rule))
        .only_if("status = ?", filter.status.map(|status| status.as_str().to_owned()))
        .only_if("event_name = ?", text(&filter.event_name))
        .only_if("event_id = ?", text(&filter.event_id))
        .since("started_at >= ?", filter.since)
        .after("(started_at, sequence) < (?, ?)", cursor)
}

/// Counts executions by state, every state listed.
pub(super) fn counts(connection: &Connection) -> rusqlite::Result<Vec<(Status, u64)>> {
    let mut statement =
        connection.prepare_cached("SELECT status, count(*) AS n FROM executions GROUP BY status")?;
    let rows = statement.query_map([], |row| {
        let status = parsed(row, "status", |text: &String| Status::parse(text))?;
        Ok((status, row.get::<_, i64>("n")?.unsigned_abs()))
    })?;
    let found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let of = |status| found.iter().find(|(own, _)| *own == status).map_or(0, |(_, count)| *count);
    Ok(Status::ALL.map(|status| (status, of(status))).into())
}

/// Counts the executions of a rule by variant, those that were begun.
pub(super) fn variants(connection: &Connection, rule: &str) -> rusqlite::Result<Vec<(Arc<str>, u64)>> {
    let sql = "SELECT variant, count(*) AS n FROM executions
        WHERE rule = ? AND variant IS NOT NULL AND status NOT IN ('pending', 'throttled', 'skipped')
        GROUP BY variant ORDER BY variant";
    let count = |row: &Row<'_>| Ok((shared(row, "variant")?, row.get::<_, i64>("n")?.unsigned_abs()));
    connection.prepare_cached(sql)?.query_map([rule], count)?.collect()
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Execution> {
    let instant = |column| {
        parsed(row, column, |micros: &Option<i64>| match micros {
            Some(micros) => Timestamp::from_microsecond(*micros).ok().map(Some),
            None => Some(None),
        })
    };
    let error = match row.get::<_, Option<String>>("error")? {
        Some(message) => {
            let code = parsed(row, "error_code", |text: &String| Code::parse(text))?;
            Some(ExecutionError { code, message })
        }
        None => None,
    };
    Ok(Execution {
        id: parsed(row, "id", |text: &String| ExecutionId::parse(text))?,
        rule: shared(row, "rule")?,
        rule_version: shared(row, "rule_version")?,
        event: EventSequence(row.get::<_, i64>("event")?.unsigned_abs()),
        event_id: shared(row, "event_id")?,
        event_name: shared(row, "event_name")?,
        status: parsed(row, "status", |text: &String| Status::parse(text))?,
        branch: parsed(row, "branch", |text: &String| Branch::parse(text))?,
        variant: row.get::<_, Option<String>>("variant")?.map(Into::into),
        place: row.get("place")?,
        locals: shared(row, "locals")?,
        strands: shared(row, "strands")?,
        steps: row.get("steps")?,
        attempt: row.get("attempt")?,
        called_at: instant("called_at")?,
        wake_at: instant("wake_at")?,
        error,
        reason: row.get::<_, Option<String>>("reason")?.map(Into::into),
        started_at: parsed(row, "started_at", |micros| Timestamp::from_microsecond(*micros).ok())?,
        ended_at: instant("ended_at")?,
        revision: row.get("revision")?,
    })
}

/// The refusal of a change of an execution that the store has in another revision.
pub(super) fn conflict(id: &ExecutionId) -> Error {
    Error::Conflict { what: format!("execution {id}") }
}
