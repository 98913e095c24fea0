//! `/v1/acknowledgments` and `/v1/preferences`: what people agreed to and what they chose, when a decision asked them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hence_store::{Record, RecordKind};
use hence_types::jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::read_json;
use crate::app::App;
use crate::auth::{Caller, Changed};
use crate::problem::Problem;

/// How many records are given at once, and at most.
const LIMIT: (usize, usize) = (50, 500);

/// The longest subject or key, in bytes.
const LONGEST: usize = 256;

/// Which records are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    subject: Option<String>,
    key: Option<String>,
    /// Those written before the one of this number.
    cursor: Option<i64>,
    limit: Option<usize>,
}

/// That somebody agreed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agreed {
    subject: String,
    key: String,
    /// What was agreed to, as it was shown.
    text: Option<String>,
}

/// What somebody chose.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    subject: String,
    key: String,
    value: Value,
}

/// Lists what people agreed to: `GET /v1/acknowledgments`.
pub(super) async fn acknowledgments(
    State(app): State<App>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    list(&app, RecordKind::Acknowledgment, query?.0).await
}

/// Lists what people chose: `GET /v1/preferences`.
pub(super) async fn preferences(
    State(app): State<App>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    list(&app, RecordKind::Preference, query?.0).await
}

/// Keeps that somebody agreed: `PUT /v1/acknowledgments`. It is kept once, as of the first time.
pub(super) async fn acknowledge(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Agreed { subject, key, text } = read_json(&body?, "invalid-acknowledgment")?;
    let kind = RecordKind::Acknowledgment;
    let record = record(&app, &caller, kind, (subject, key), json!(text))?;
    let records = Arc::clone(&app.records);
    let kept = record.clone();
    let (is_new, kept) = app
        .blocking(move || {
            let is_new = records.add_record(&kept)?;
            Ok((is_new, records.record(kind, &kept.subject, &kept.key)?))
        })
        .await?;
    let shown = shown(kind, &kept.unwrap_or(record));
    Ok(answer(if is_new { Value::Null } else { shown.clone() }, shown))
}

/// Keeps what somebody chose: `PUT /v1/preferences`. The last choice counts.
pub(super) async fn prefer(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Chosen { subject, key, value } = read_json(&body?, "invalid-preference")?;
    let kind = RecordKind::Preference;
    let record = record(&app, &caller, kind, (subject, key), value)?;
    let (records, kept) = (Arc::clone(&app.records), record.clone());
    let before = app.blocking(move || records.put_record(&kept)).await?;
    let before = before.map_or(Value::Null, |before| shown(kind, &before));
    Ok(answer(before, shown(kind, &record)))
}

async fn list(app: &App, kind: RecordKind, wanted: Wanted) -> Result<Json<Value>, Problem> {
    let Wanted { subject, key, cursor, limit } = wanted;
    let limit = limit.unwrap_or(LIMIT.0).clamp(1, LIMIT.1);
    let records = Arc::clone(&app.records);
    let found = app
        .blocking(move || match (&subject, &key) {
            // One of them, by its name.
            (Some(subject), Some(key)) => {
                Ok(records.record(kind, subject, key)?.map(|record| (0, record)).into_iter().collect())
            }
            (subject, _) => records.records(kind, subject.as_deref(), cursor, limit),
        })
        .await?;
    let next =
        found.last().filter(|_| found.len() == limit).map(|(number, _)| *number).filter(|number| *number > 0);
    let items: Vec<Value> = found.iter().map(|(_, record)| shown(kind, record)).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

fn record(
    app: &App,
    caller: &Caller,
    kind: RecordKind,
    (subject, key): (String, String),
    value: Value,
) -> Result<Record, Problem> {
    for (name, text) in [("subject", &subject), ("key", &key)] {
        if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
            let detail = format!("`{name}` has 1 to {LONGEST} bytes and no control characters");
            return Err(Problem::bad_request("invalid-record", detail));
        }
    }
    let now = app.clock.now();
    // As exact as the store keeps it.
    let at = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    Ok(Record { kind, subject, key, value, by: caller.name.clone(), at })
}

fn answer(before: Value, after: Value) -> Response {
    let mut response = Json(after.clone()).into_response();
    response.extensions_mut().insert(Changed { before, after });
    response
}

fn shown(kind: RecordKind, record: &Record) -> Value {
    let value = match kind {
        RecordKind::Acknowledgment => "text",
        RecordKind::Preference => "value",
    };
    json!({
        "subject": record.subject,
        "key": record.key,
        value: record.value,
        "by": record.by,
        "at": record.at.to_string(),
    })
}
