//! `/v1/rules`: the rules that run.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hence_connectors::ingress;
use hence_diagnostics::nearest;
use hence_engine::{Accepted, ManualError, manual_run};
use hence_ir::Rule;

use serde_json::{Value, json};

use super::editing;
use super::events::unreadable;
use crate::app::App;
use crate::auth::Changed;
use crate::clock::fresh_id;
use crate::problem::Problem;
use crate::receive::{mismatch, take, trace, valid_id};
use crate::rules::Rules;
use crate::traces::Arriving;

/// Lists the rules in the order they run: `GET /v1/rules`.
pub(super) async fn list(State(app): State<App>) -> Json<Value> {
    let rules = app.rules();
    let items: Vec<Value> = rules.program.rules.iter().map(|rule| shown(&rules, rule)).collect();
    Json(json!({"items": items, "release": rules.release}))
}

/// Shows one rule: `GET /v1/rules/{name}`.
pub(super) async fn one(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let (Path(name), rules) = (path?, app.rules());
    let Some(rule) = rules.program.rule(&rules.former_names.stored(&name)) else {
        return Err(unknown(&rules, &name));
    };
    let mut answer = shown(&rules, rule);
    let texts = editing::texts(&rules).ok();
    let found = texts.as_ref().and_then(|texts| editing::find(texts, hence_ir::family(&name)));
    let text = found.as_ref().zip(texts.as_ref()).and_then(|(found, texts)| {
        texts.get(&found.file).and_then(|text| text.get(found.range.clone())).map(str::to_owned)
    });
    if let Some(members) = answer.as_object_mut() {
        members.insert("text".to_owned(), text.into());
        members.insert("file".to_owned(), found.map(|found| found.file).into());
    }
    let version = HeaderValue::from_str(&format!("\"{}\"", rule.version));
    let mut response = Json(answer).into_response();
    response.headers_mut().extend(version.map(|version| (ETAG, version)));
    Ok(response)
}

/// Starts a rule with the values it asks for: `POST /v1/rules/{name}/run`. It is under way when this is answered. A start
/// that is asked for again with the same `idempotency-key` is one.
pub(super) async fn run(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (Path(name), body) = (path?, body?);
    let input = if body.is_empty() { "{}" } else { ingress::validate(&body).map_err(unreadable)?.get() };
    let occasion = match headers.get("idempotency-key") {
        Some(key) => valid_id(Some(key.to_str().unwrap_or_default().to_owned()))?,
        None => fresh_id(),
    };
    let rules = app.rules();
    let stored = rules.former_names.stored(&name);
    let event = manual_run(&rules.program, &stored, input, &occasion, app.clock.now());
    let mut event = event.map_err(|error| refused(&rules, &name, &error))?;
    let arriving = app.tracer.arriving(trace(&headers));
    event.trace = arriving.as_ref().map(Arriving::kept);
    let (id, full_name) = (event.id.to_string(), event.name.to_string());
    let accepted = take(&app, vec![event]).await?;
    let duplicate = accepted.iter().any(|accepted| matches!(accepted, Accepted::Duplicate(_)));
    if let Some(arriving) = arriving {
        app.tracer.arrived(&arriving, &full_name, &id, duplicate);
    }
    let answer = json!({"event": id, "duplicate": duplicate});
    let mut response = (StatusCode::ACCEPTED, Json(answer.clone())).into_response();
    response.extensions_mut().insert(Changed { before: Value::Null, after: answer });
    Ok(response)
}

fn refused(rules: &Rules, name: &str, error: &ManualError) -> Problem {
    let (status, code, title) = match error {
        ManualError::UnknownRule(_) => return unknown(rules, name),
        ManualError::NotManual(_) => (StatusCode::CONFLICT, "not-manual", "Conflict"),
        ManualError::Disabled(_) => (StatusCode::CONFLICT, "rule-disabled", "Conflict"),
        ManualError::Input { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid-input", "Invalid input"),
    };
    let problem = Problem::new(status, code, title, error.to_string());
    if let ManualError::Input { mismatches, .. } = error {
        return problem.with("errors", mismatches.iter().map(mismatch).collect::<Vec<_>>());
    }
    problem
}

pub(super) fn unknown(rules: &Rules, name: &str) -> Problem {
    let known = rules.program.rules.iter().map(|rule| rules.former_names.present(&rule.name));
    let known: Vec<_> = known.collect();
    let problem = Problem::not_found("unknown-rule", format!("there is no rule `{name}`"));
    problem.meant(nearest(name, known.iter().map(|name| &**name)))
}

/// What a rule asks for that a person or the API may start, by name: the type, which ends in `?` where it may be left out.
fn asks_for(rule: &Rule) -> Option<Value> {
    let parameters = rule.watches.iter().find_map(|watch| watch.kind.asks_for())?;
    let types =
        parameters.fields.iter().map(|(name, field)| (name.to_string(), Value::from(field.ty.to_string())));
    Some(Value::Object(types.collect()))
}

fn shown(rules: &Rules, rule: &Rule) -> Value {
    json!({
        "name": rules.former_names.present(&rule.name),
        "title": rule.title,
        "doc": rule.doc,
        "version": rule.version,
        "priority": rule.priority,
        "triggers": rule.triggers,
        "asks_for": asks_for(rule),
        "disabled": rule.header.disabled,
        "owner": rule.header.owner,
        "tags": rule.header.tags,
        "timezone": rule.header.zone.as_ref().and_then(|zone| zone.iana_name()),
        "active": {
            "from": rule.header.from.map(|from| from.to_string()),
            "until": rule.header.until.map(|until| until.to_string()),
        },
    })
}
