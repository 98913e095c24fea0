//! The table `steps`: one row per attempt of a call.

use hence_engine::{ExecutionId, StepEnd, StepRecord, StepStatus};
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde_json::Value as Json;

use super::errors::parsed;
use super::{micros, shared};

/// Writes the intent of a call; tells whether there was none of this execution, sequence and attempt.
pub(super) fn insert(connection: &Connection, step: &StepRecord) -> rusqlite::Result<bool> {
    let sql =
        "INSERT INTO steps (execution, sequence, attempt, action, label, status, key, arguments, detail, error,
            started_at, ended_at)
        SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM executions WHERE id = ?1)
        ON CONFLICT (execution, sequence, attempt) DO NOTHING";
    let written = connection.prepare_cached(sql)?.execute(params![
        step.execution.as_str(),
        step.sequence,
        step.attempt,
        step.action,
        step.label,
        step.status.as_str(),
        step.key,
        Json::from(step.arguments.clone()).to_string(),
        json(&step.detail),
        step.error,
        step.started_at.as_microsecond(),
        micros(step.ended_at),
    ])?;
    Ok(written == 1)
}

/// Writes the outcome of a call.
pub(super) fn end(connection: &Connection, end: &StepEnd) -> rusqlite::Result<()> {
    let sql = "UPDATE steps SET status = ?, detail = ?, error = ?, ended_at = ?
        WHERE execution = ? AND sequence = ? AND attempt = ?";
    connection.prepare_cached(sql)?.execute(params![
        end.status.as_str(),
        json(&end.detail),
        end.error,
        end.ended_at.as_microsecond(),
        end.execution.as_str(),
        end.sequence,
        end.attempt,
    ])?;
    Ok(())
}

/// Returns the steps of an execution by sequence, then attempt.
pub(super) fn of(connection: &Connection, execution: &ExecutionId) -> rusqlite::Result<Vec<StepRecord>> {
    let sql = "SELECT execution, sequence, attempt, action, label, status, key, arguments, detail, error, started_at,
            ended_at
        FROM steps WHERE execution = ? ORDER BY sequence, attempt";
    connection.prepare_cached(sql)?.query_map([execution.as_str()], from_row)?.collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<StepRecord> {
    Ok(StepRecord {
        execution: parsed(row, "execution", |text: &String| ExecutionId::parse(text))?,
        sequence: row.get("sequence")?,
        attempt: row.get("attempt")?,
        action: shared(row, "action")?,
        label: row.get::<_, Option<String>>("label")?.map(Into::into),
        status: parsed(row, "status", |text: &String| StepStatus::parse(text))?,
        key: shared(row, "key")?,
        arguments: parsed(row, "arguments", |text: &String| serde_json::from_str(text).ok())?,
        detail: parsed(row, "detail", |text: &Option<String>| match text {
            Some(text) => serde_json::from_str(text).ok(),
            None => Some(Json::Null),
        })?,
        error: row.get("error")?,
        started_at: parsed(row, "started_at", |micros| Timestamp::from_microsecond(*micros).ok())?,
        ended_at: parsed(row, "ended_at", |micros: &Option<i64>| match micros {
            Some(micros) => Timestamp::from_microsecond(*micros).ok().map(Some),
            None => Some(None),
        })?,
    })
}

/// The stored text of a detail; `null` needs none.
fn json(detail: &Json) -> Option<String> {
    (!detail.is_null()).then(|| detail.to_string())
}
