//! Who asks, and whether they may: bearer tokens with roles, and the record of what they changed.
//!
//! What a route needs stands in one table, [`ROUTES`]. A route that is not in it is open to administrators only, so
//! that forgetting one locks it. Ways in that prove themselves otherwise, as the signed webhooks do, and the health of
//! the daemon need no token.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context as _;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hence_engine::store::Error;
use hence_store::{Access, Audited, Role, Token};
use hence_types::jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::app::App;
use crate::clock::fresh_secret;
use crate::problem::Problem;

/// The name of the token that a daemon without tokens makes at its start.
pub(crate) const FIRST: &str = "first";

/// The longest name of a token, in bytes.
const NAME_LIMIT: usize = 64;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Look.
    Read,
    /// Write rules, on the screen.
    Edit,
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
            Permission::Edit => matches!(role, Role::Author | Role::Operator | Role::Admin),
            Permission::Operate => matches!(role, Role::Operator | Role::Admin),
            Permission::Administer => role == Role::Admin,
        }
    }

    /// Returns whether using it is recorded. Events are a record of themselves, and so are executions they start.
    fn is_recorded(self, route: &str) -> bool {
        match self {
            Permission::Read | Permission::Edit => false,
            Permission::Operate => !route.starts_with("/v1/events") && !route.starts_with("/v1/decide"),
            Permission::Administer => true,
        }
    }
}

/// What each route needs.
pub(crate) const ROUTES: &[(&str, &str, Permission)] = &[
    ("GET", "/lsp", Permission::Edit),
    ("GET", "/metrics", Permission::Read),
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
    ("GET", "/v1/rules", Permission::Read),
    ("GET", "/v1/rules/{name}", Permission::Read),
    ("POST", "/v1/rules/{name}/run", Permission::Operate),
    ("GET", "/v1/stats", Permission::Read),
    ("GET", "/v1/tasks", Permission::Read),
    ("GET", "/v1/tasks/{id}", Permission::Read),
    ("POST", "/v1/tasks/{id}/answer", Permission::Operate),
    ("GET", "/v1/tokens", Permission::Administer),
    ("POST", "/v1/tokens", Permission::Administer),
    ("DELETE", "/v1/tokens/{name}", Permission::Administer),
];

/// Returns what a route needs.
pub(crate) fn needed(method: &Method, route: &str) -> Permission {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let found = ROUTES.iter().find(|(name, path, _)| method == name && *path == route);
    found.map_or(Permission::Administer, |(_, _, permission)| *permission)
}

/// The tokens. They are kept in memory beside the store, so that a request costs one look-up, and changed through
/// this alone.
pub(crate) struct Auth {
    access: Arc<dyn Access>,
    by_hash: RwLock<HashMap<String, Token>>,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The name of the token.
    pub(crate) name: String,
    /// Its role.
    pub(crate) role: Role,
}

/// What a change was before and after, which a route attaches to its answer for the record.
#[derive(Debug, Clone)]
pub(crate) struct Changed {
    pub(crate) before: Json,
    pub(crate) after: Json,
}

impl Auth {
    pub(crate) fn load(access: Arc<dyn Access>) -> Result<Self, Error> {
        let tokens = access.tokens()?;
        let by_hash = tokens.into_iter().map(|token| (token.hash.clone(), token)).collect();
        Ok(Self { access, by_hash: RwLock::new(by_hash) })
    }

    /// Returns whether any token is valid.
    pub(crate) fn has_tokens(&self, at: Timestamp) -> bool {
        self.by_hash.read().unwrap_or_else(PoisonError::into_inner).values().any(|token| token.is_valid(at))
    }

    /// Makes a token and returns the text that it is, which is shown this once; none if the name is taken.
    pub(crate) fn create(
        &self,
        name: &str,
        role: Role,
        at: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Result<Option<String>, Error> {
        let text = fresh_secret();
        let hash = hash(&text);
        let token = Token { name: name.to_owned(), role, hash, created_at: at, expires_at, revoked_at: None };
        if !self.access.add_token(&token)? {
            return Ok(None);
        }
        self.by_hash.write().unwrap_or_else(PoisonError::into_inner).insert(token.hash.clone(), token);
        Ok(Some(text))
    }

    /// Revokes a token; returns it as it was, if there was a valid one of that name.
    pub(crate) fn revoke(&self, name: &str, at: Timestamp) -> Result<Option<Token>, Error> {
        if !self.access.revoke_token(name, at)? {
            return Ok(None);
        }
        let mut tokens = self.by_hash.write().unwrap_or_else(PoisonError::into_inner);
        let found = tokens.values_mut().find(|token| token.name == name);
        Ok(found.map(|token| {
            let before = token.clone();
            token.revoked_at = Some(at);
            before
        }))
    }

    /// Returns the store of tokens and of the record.
    pub(crate) fn access(&self) -> &Arc<dyn Access> {
        &self.access
    }

    fn caller(&self, headers: &HeaderMap, at: Timestamp) -> Option<Caller> {
        let text = bearer(headers).or_else(|| offered(headers))?;
        let tokens = self.by_hash.read().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(&hash(text.trim())).filter(|token| token.is_valid(at))?;
        Some(Caller { name: token.name.clone(), role: token.role })
    }
}

/// The protocol that sockets of editors speak.
pub(crate) const LSP_PROTOCOL: &str = "hence.lsp";

/// What a token begins with among the protocols that a browser offers.
const OFFERED: &str = "hence.token.";

/// Returns the token in the header that is for it.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, text) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(text)
}

/// Returns the token that a browser offers among the protocols of a WebSocket, which can have no other header.
fn offered(headers: &HeaderMap) -> Option<&str> {
    let protocols = headers.get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    protocols.split(',').find_map(|protocol| protocol.trim().strip_prefix(OFFERED))
}

/// Returns whether a text can name a token.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    !name.is_empty() && name.len() <= NAME_LIMIT && name.chars().all(fits)
}

/// Returns the instant so many days from now.
pub(crate) fn expiry(at: Timestamp, days: u16) -> anyhow::Result<Timestamp> {
    let length = SignedDuration::from_hours(24 * i64::from(days));
    at.checked_add(length).context("the token would expire after the end of time")
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Lets a request through if its token may, and records what changed something.
pub(crate) async fn authorize(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let at = app.clock.now();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let Some(route) = route else { return next.run(request).await };
    let permission = needed(request.method(), &route);
    let Some(caller) = app.auth.caller(request.headers(), at) else { return unknown().into_response() };
    if !permission.is_of(caller.role) {
        tracing::warn!(who = %caller.name, role = %caller.role, %route, "a request was refused");
        return refused(&caller).into_response();
    }
    let action = format!("{} {route}", request.method());
    // The router has taken off what most of these routes begin with.
    let start = if route.starts_with("/v1") { "/v1" } else { "" };
    let target = format!("{start}{}", request.uri().path());
    request.extensions_mut().insert(caller.clone());
    let response = next.run(request).await;
    if permission.is_recorded(&route) {
        let changed = response.extensions().get::<Changed>().cloned();
        let Changed { before, after } = changed.unwrap_or(Changed { before: Json::Null, after: Json::Null });
        let Caller { name: who, role } = caller;
        let status = response.status().as_u16();
        let line = Audited { at, who, role, action, target, status, before, after };
        if let Err(error) = record(&app, line).await {
            tracing::error!(%error, "what was changed could not be recorded");
        }
    }
    response
}

async fn record(app: &App, line: Audited) -> anyhow::Result<()> {
    let access = Arc::clone(app.auth.access());
    tokio::task::spawn_blocking(move || access.record(&line)).await??;
    Ok(())
}

fn unknown() -> Problem {
    let detail = "a token is needed: `authorization: Bearer …`; it is missing, unknown, revoked or expired";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized", detail).challenge()
}

fn refused(caller: &Caller) -> Problem {
    let detail = format!("the token `{}` is one of a {}, which may not do this", caller.name, caller.role);
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
        assert_eq!(needed(&Method::POST, "/v1/rules"), Permission::Administer);
        assert_eq!(needed(&Method::HEAD, "/v1/rules"), Permission::Read);
    }

    #[test]
    fn roles_have_what_their_names_say() {
        let having = |permission: Permission| -> Vec<Role> {
            Role::ALL.into_iter().filter(|role| permission.is_of(*role)).collect()
        };
        assert_eq!(having(Permission::Read), Role::ALL);
        assert_eq!(having(Permission::Edit), [Role::Author, Role::Operator, Role::Admin]);
        assert_eq!(having(Permission::Operate), [Role::Operator, Role::Admin]);
        assert_eq!(having(Permission::Administer), [Role::Admin]);
    }
}
