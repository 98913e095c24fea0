//! Who asks, and whether they may: bearer tokens with roles, sessions of browsers, and the record of what they changed.
//!
//! What a route needs stands in one table, [`ROUTES`]. A route that is not in it is open to administrators only, so
//! that forgetting one locks it. Ways in that prove themselves otherwise, as the signed webhooks do, and the health of
//! the daemon need no token; they stand in [`OPEN`].
//!
//! A browser sends a cookie with every request, also with one that a page of somebody else makes it send. So a request
//! with a session counts only if it comes from a page of the daemon, and one that changes something only if it also
//! repeats what such a page alone can read.

mod keys;
mod sessions;

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hence_store::{Audited, Role};
use hence_types::jiff::Timestamp;
use serde_json::Value as Json;

pub(crate) use self::keys::{
    Auth, Caller, FIRST, LSP_PROTOCOL, Revoked, expiry, is_name, last_administrator,
};
pub(crate) use self::sessions::{Signed, cookies, forget};

use crate::app::App;
use crate::front::is_own_page;
use crate::problem::Problem;

/// The header in which a page repeats what proves that it is one of the daemon.
pub(crate) const CSRF_HEADER: &str = "hence-csrf";

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Look.
    Read,
    /// Write rules, on the screen.
    Edit,
    /// Change what runs: releases and rules.
    Write,
    /// Send events and ask for decisions; start, answer and end executions.
    Operate,
    /// Manage tokens; see who did what.
    Administer,
}

impl Permission {
    /// Returns whether a role has it.
    pub(crate) fn is_of(self, role: Role) -> bool {
        match self {
            Permission::Read => true,
            Permission::Edit | Permission::Write => {
                matches!(role, Role::Author | Role::Operator | Role::Admin)
            }
            Permission::Operate => matches!(role, Role::Operator | Role::Admin),
            Permission::Administer => role == Role::Admin,
        }
    }
}

/// What each route needs.
pub(crate) const ROUTES: &[(&str, &str, Permission)] = &[
    ("GET", "/lsp", Permission::Edit),
    ("GET", "/metrics", Permission::Read),
    ("GET", "/v1/acknowledgments", Permission::Read),
    ("PUT", "/v1/acknowledgments", Permission::Operate),
    ("GET", "/v1/audit", Permission::Administer),
    ("GET", "/v1/dead-letters", Permission::Read),
    ("POST", "/v1/dead-letters/{id}/redrive", Permission::Operate),
    ("POST", "/v1/decide/{entry_point}", Permission::Operate),
    ("GET", "/v1/events", Permission::Read),
    ("POST", "/v1/events", Permission::Operate),
    ("POST", "/v1/events/{integration}/{event}", Permission::Operate),
    ("GET", "/v1/executions", Permission::Read),
    ("GET", "/v1/executions/{id}", Permission::Read),
    ("POST", "/v1/executions/{id}/cancel", Permission::Operate),
    ("POST", "/v1/executions/{id}/pause", Permission::Operate),
    ("POST", "/v1/executions/{id}/resume", Permission::Operate),
    ("POST", "/v1/executions/{id}/retry", Permission::Operate),
    ("GET", "/v1/executions/{id}/explanation", Permission::Read),
    ("GET", "/v1/live", Permission::Read),
    ("GET", "/v1/openapi.json", Permission::Read),
    ("POST", "/v1/check", Permission::Edit),
    ("POST", "/v1/evaluate", Permission::Edit),
    ("GET", "/v1/notifications", Permission::Read),
    ("POST", "/v1/notifications/{id}/read", Permission::Operate),
    ("GET", "/v1/releases", Permission::Read),
    ("POST", "/v1/releases", Permission::Write),
    ("GET", "/v1/releases/{id}", Permission::Read),
    ("GET", "/v1/releases/{id}/content", Permission::Edit),
    ("POST", "/v1/releases/{id}/activate", Permission::Write),
    ("POST", "/v1/releases/{id}/rollback", Permission::Write),
    ("POST", "/v1/releases/{id}/canary", Permission::Write),
    ("GET", "/v1/preferences", Permission::Read),
    ("PUT", "/v1/preferences", Permission::Operate),
    ("GET", "/v1/rules", Permission::Read),
    ("POST", "/v1/rules", Permission::Write),
    ("PUT", "/v1/rules/{name}", Permission::Write),
    ("PATCH", "/v1/rules/{name}", Permission::Write),
    ("DELETE", "/v1/rules/{name}", Permission::Write),
    ("POST", "/v1/rules/{name}/enable", Permission::Write),
    ("POST", "/v1/rules/{name}/disable", Permission::Write),
    ("GET", "/v1/rules/{name}/executions", Permission::Read),
    ("GET", "/v1/rules/{name}", Permission::Read),
    ("POST", "/v1/rules/{name}/run", Permission::Operate),
    ("DELETE", "/v1/session", Permission::Read),
    ("GET", "/v1/session", Permission::Read),
    ("GET", "/v1/stats", Permission::Read),
    ("GET", "/v1/tasks", Permission::Read),
    ("GET", "/v1/tasks/{id}", Permission::Read),
    ("POST", "/v1/tasks/{id}/answer", Permission::Operate),
    ("POST", "/v1/tasks/{id}/cancel", Permission::Operate),
    ("POST", "/v1/tasks/{id}/complete", Permission::Operate),
    ("GET", "/v1/tokens", Permission::Administer),
    ("POST", "/v1/tokens", Permission::Administer),
    ("DELETE", "/v1/tokens/{name}", Permission::Administer),
];

/// The routes that need no token.
pub(crate) const OPEN: &[(&str, &str)] = &[
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/sign-in"),
    ("POST", "/hooks/{integration}"),
    ("POST", "/v1/session"),
];

/// Requests that change nothing though their method says so, or that are a record of themselves: events are, and so are
/// the executions that they start.
const UNRECORDED: &[&str] = &["/v1/check", "/v1/decide", "/v1/evaluate", "/v1/events"];

/// Returns what a route needs.
pub(crate) fn needed(method: &Method, route: &str) -> Permission {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let found = ROUTES.iter().find(|(name, path, _)| method == name && *path == route);
    found.map_or(Permission::Administer, |(_, _, permission)| *permission)
}

/// Returns whether a request may change something.
fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Returns whether a request is recorded: whatever changes something.
fn is_recorded(method: &Method, route: &str) -> bool {
    changes(method) && !UNRECORDED.iter().any(|start| route.starts_with(start))
}

/// What a change was before and after, which a route attaches to its answer for the record.
#[derive(Debug, Clone)]
pub(crate) struct Changed {
    pub(crate) before: Json,
    pub(crate) after: Json,
}

/// Lets a request through if its token may, and records what changed something.
pub(crate) async fn authorize(State(app): State<App>, request: Request, next: Next) -> Response {
    let at = app.clock.now();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let Some(route) = route else { return next.run(request).await };
    let permission = needed(request.method(), &route);
    let Some(caller) = app.auth.caller(request.headers(), at) else { return unknown().into_response() };
    if let Err(problem) = proven(&app, &request, &caller) {
        return problem.into_response();
    }
    note_use(&app, &caller, at);
    if !permission.is_of(caller.role) {
        tracing::warn!(who = %caller.name, role = %caller.role, %route, "a request was refused");
        return refused(&caller).into_response();
    }
    let answer = allowed(&app, &caller, &route, request, next);
    app.token_pace.keep(&caller.name, at, answer).await
}

/// Has a request done that may be, and records what it changed.
async fn allowed(app: &App, caller: &Caller, route: &str, mut request: Request, next: Next) -> Response {
    let method = request.method().clone();
    // The router has taken off what most of these routes begin with.
    let start = if route.starts_with("/v1") { "/v1" } else { "" };
    let target = format!("{start}{}", request.uri().path());
    request.extensions_mut().insert(caller.clone());
    let response = next.run(request).await;
    if is_recorded(&method, route) {
        let changed = response.extensions().get::<Changed>().cloned();
        let Changed { before, after } = changed.unwrap_or(Changed { before: Json::Null, after: Json::Null });
        let Caller { name: who, role, .. } = caller.clone();
        let at = app.clock.now();
        let (action, status) = (format!("{method} {route}"), response.status().as_u16());
        record(app, Audited { at, who, role, action, target, status, before, after }).await;
    }
    response
}

/// Holds that a request with a cookie comes from a page of the daemon.
fn proven(app: &App, request: &Request, caller: &Caller) -> Result<(), Problem> {
    let Some(session) = &caller.session else { return Ok(()) };
    let is_socket = request.headers().contains_key("sec-websocket-key");
    let foreign = |detail: &str| Problem::new(StatusCode::FORBIDDEN, "foreign-origin", "Forbidden", detail);
    match is_own_page(&app.front, request.headers()) {
        Some(true) => {}
        Some(false) => return Err(foreign("a session is good for pages of the daemon alone")),
        None if changes(request.method()) || is_socket => {
            return Err(foreign("a request with a session says by `origin` which page it comes from"));
        }
        None => {}
    }
    let repeated = request.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    if changes(request.method()) && !session.is_proven_by(repeated.unwrap_or_default()) {
        let detail = format!("a request with a session repeats its `csrf` in the header `{CSRF_HEADER}`");
        return Err(Problem::new(StatusCode::FORBIDDEN, "csrf", "Forbidden", detail));
    }
    Ok(())
}

/// Has the store remember when a token was used, without the request waiting for it.
fn note_use(app: &App, caller: &Caller, at: Timestamp) {
    if app.auth.is_worth_noting(&caller.name, at) {
        let (access, name) = (Arc::clone(app.auth.access()), caller.name.clone());
        drop(tokio::task::spawn_blocking(move || {
            if let Err(error) = access.used_token(&name, at) {
                tracing::warn!(%error, "when a token was used could not be written");
            }
        }));
    }
}

/// Adds a line to the record of who did what. Secrets are taken out.
pub(crate) async fn record(app: &App, mut line: Audited) {
    let rules = app.rules();
    let secrets = rules.connectors.secrets();
    line.target = secrets.mask(&line.target);
    (line.before, line.after) = (secrets.mask_json(&line.before), secrets.mask_json(&line.after));
    let access = Arc::clone(app.auth.access());
    let recorded = tokio::task::spawn_blocking(move || access.record(&line)).await;
    if let Err(error) = recorded.map_err(anyhow::Error::from).and_then(|done| Ok(done?)) {
        tracing::error!(%error, "what was changed could not be recorded");
    }
}

fn unknown() -> Problem {
    let detail = "a token is needed: `authorization: Bearer …`; it is missing, unknown, revoked or expired";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized", detail).challenge()
}

fn refused(caller: &Caller) -> Problem {
    let detail = format!("the token `{}` has the role `{}`, which may not do this", caller.name, caller.role);
    Problem::new(StatusCode::FORBIDDEN, "forbidden", "Forbidden", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_says_what_it_needs_and_an_unknown_one_is_for_administrators() {
        let source = include_str!("api.rs");
        let block = source.split("let v1 = Router::new()").nth(1).unwrap().split(';').next().unwrap();
        let routes: Vec<String> = block
            .split(".route(\"")
            .skip(1)
            .map(|rest| format!("/v1{}", rest.split('"').next().unwrap()))
            .collect();
        assert!(routes.len() > 5, "{routes:?}");
        for route in &routes {
            assert!(ROUTES.iter().any(|(_, path, _)| path == route), "{route} is not in the table");
        }
        assert_eq!(needed(&Method::POST, "/v1/stats"), Permission::Administer);
        assert_eq!(needed(&Method::HEAD, "/v1/rules"), Permission::Read);
    }

    #[test]
    fn what_changes_something_is_recorded() {
        assert!(is_recorded(&Method::POST, "/v1/rules/{name}/run"));
        assert!(is_recorded(&Method::PUT, "/v1/rules/{name}"));
        assert!(is_recorded(&Method::DELETE, "/v1/session"));
        assert!(!is_recorded(&Method::GET, "/v1/tokens"));
        assert!(!is_recorded(&Method::POST, "/v1/events/{integration}/{event}"));
        assert!(!is_recorded(&Method::POST, "/v1/decide/{entry_point}"));
    }

    #[test]
    fn roles_have_what_their_names_say() {
        let having = |permission: Permission| -> Vec<Role> {
            Role::ALL.into_iter().filter(|role| permission.is_of(*role)).collect()
        };
        assert_eq!(having(Permission::Read), Role::ALL);
        assert_eq!(having(Permission::Edit), [Role::Author, Role::Operator, Role::Admin]);
        assert_eq!(having(Permission::Write), having(Permission::Edit));
        assert_eq!(having(Permission::Operate), [Role::Operator, Role::Admin]);
        assert_eq!(having(Permission::Administer), [Role::Admin]);
    }
}
