//! `/v1/tokens` and `/v1/audit`: who may ask for what, and who did.

use std::num::NonZeroU16;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hence_store::{Role, Token};
use serde::Deserialize;
use serde_json::{Value, json};

use super::read_json;
use crate::app::App;
use crate::auth::{Changed, Revoked, expiry, is_name, last_administrator};
use crate::problem::Problem;

/// How many lines of the record are given at once, and at most.
const LINES: usize = 50;
const MOST_LINES: usize = 500;

/// A token to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: String,
    role: String,
    /// After so many days it is no longer taken.
    expires_in_days: Option<NonZeroU16>,
}

/// Lists tokens, never what they are: `GET /v1/tokens`.
pub(super) async fn list(State(app): State<App>) -> Json<Value> {
    Json(json!({"items": app.auth.tokens().iter().map(shown).collect::<Vec<_>>()}))
}

/// Makes a token: `POST /v1/tokens`. The answer is the only place where it ever stands.
pub(super) async fn create(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let wanted: Wanted = read_json(&body?, "invalid-token")?;
    let name = valid_name(&wanted.name)?.to_owned();
    let role = Role::parse(&wanted.role).ok_or_else(|| {
        let known = Role::ALL.map(|role| format!("`{role}`")).join(", ");
        Problem::bad_request("invalid-token", format!("`{}` is no role: {known}", wanted.role))
    })?;
    let at = app.clock.now();
    let expires_at = wanted.expires_in_days.map(|days| expiry(at, days)).transpose();
    let expires_at = expires_at.map_err(|error| Problem::bad_request("invalid-token", error.to_string()))?;
    let (auth, kept) = (Arc::clone(&app.auth), name.clone());
    let text = app.blocking(move || auth.create(&kept, role, at, expires_at)).await?;
    let Some(text) = text else {
        let detail = format!("a token is or was named `{name}`; names are given once");
        return Err(Problem::new(StatusCode::CONFLICT, "token-exists", "Conflict", detail));
    };
    let after =
        json!({"name": name, "role": role.as_str(), "expires_at": expires_at.map(|at| at.to_string())});
    let mut answer = after.clone();
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("token".to_owned(), text.into());
    }
    let mut response = (StatusCode::CREATED, Json(answer)).into_response();
    response.extensions_mut().insert(Changed { before: Value::Null, after });
    Ok(response)
}

/// How a token is to be revoked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revoking {
    /// Even if nobody could manage tokens afterwards.
    #[serde(default)]
    force: bool,
}

/// Revokes a token: `DELETE /v1/tokens/{name}`. It is refused from the next request on.
pub(super) async fn revoke(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<Revoking>, QueryRejection>,
) -> Result<Response, Problem> {
    let (Path(name), Query(Revoking { force })) = (path?, query?);
    let (auth, wanted, at) = (Arc::clone(&app.auth), name.clone(), app.clock.now());
    let revoked = app.blocking(move || auth.revoke(&wanted, at, force)).await?;
    let before = match revoked {
        Revoked::Done(before) => before,
        Revoked::Unknown => {
            return Err(Problem::not_found("unknown-token", format!("there is no valid token `{name}`")));
        }
        Revoked::LastAdministrator => {
            let detail = last_administrator(&name);
            return Err(Problem::new(StatusCode::CONFLICT, "last-administrator", "Conflict", detail));
        }
    };
    let mut response = StatusCode::NO_CONTENT.into_response();
    let (before, after) = (shown(&before), json!({"revoked_at": at.to_string()}));
    response.extensions_mut().insert(Changed { before, after });
    Ok(response)
}

/// Which lines of the record are wanted.
#[derive(Deserialize)]
pub(super) struct Lines {
    /// Those before this number.
    cursor: Option<i64>,
    limit: Option<usize>,
}

/// Lists who changed what, latest first: `GET /v1/audit`.
pub(super) async fn audit(
    State(app): State<App>,
    query: Result<Query<Lines>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(Lines { cursor, limit }) = query?;
    let limit = limit.unwrap_or(LINES).clamp(1, MOST_LINES);
    let access = Arc::clone(app.auth.access());
    let lines = app.blocking(move || access.audit(cursor, limit)).await?;
    let next = lines.last().filter(|_| lines.len() == limit).map(|(number, _)| *number);
    let items: Vec<Value> = lines
        .into_iter()
        .map(|(_, line)| {
            json!({
                "at": line.at.to_string(),
                "who": line.who,
                "role": line.role.as_str(),
                "action": line.action,
                "target": line.target,
                "status": line.status,
                "before": line.before,
                "after": line.after,
            })
        })
        .collect();
    Ok(Json(json!({"items": items, "next": next})))
}

fn valid_name(name: &str) -> Result<&str, Problem> {
    let detail = "the name of a token is 1 to 64 letters, digits, `-`, `_`, `.` and `@`";
    if is_name(name) { Ok(name) } else { Err(Problem::bad_request("invalid-token", detail)) }
}

fn shown(token: &Token) -> Value {
    json!({
        "name": token.name,
        "role": token.role.as_str(),
        "created_at": token.created_at.to_string(),
        "expires_at": token.expires_at.map(|at| at.to_string()),
        "revoked_at": token.revoked_at.map(|at| at.to_string()),
        "last_used_at": token.last_used_at.map(|at| at.to_string()),
    })
}
