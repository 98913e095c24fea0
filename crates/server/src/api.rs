//! The routes, one file per group. What every answer has in common stands here: limits and problem documents.

mod checking;
mod cloud_events;
mod control;
mod decide;
mod editing;
mod events;
mod executions;
mod explanation;
mod health;
mod hooks;
mod live;
pub(crate) mod lsp;
mod notifications;
mod openapi;
mod records;
mod releases;
mod rules;
mod session;
mod tasks;
mod tokens;

use axum::Router;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use hence_connectors::ingress;
use serde::Deserialize;

use crate::app::App;
use crate::auth::authorize;
use crate::front::{before_all, own_pages};
use crate::problem::Problem;

/// Returns all routes.
pub(crate) fn router(app: App) -> Router {
    let body = app.limits.body;
    let v1 = Router::new()
        .route("/events", get(events::list).post(cloud_events::receive))
        .route("/events/{integration}/{event}", post(events::receive))
        .route("/decide/{entry_point}", post(decide::decide))
        .route("/executions", get(executions::list))
        .route("/executions/{id}", get(executions::one))
        .route("/executions/{id}/cancel", post(control::cancel))
        .route("/executions/{id}/pause", post(control::pause))
        .route("/executions/{id}/resume", post(control::resume))
        .route("/executions/{id}/retry", post(control::retry))
        .route("/dead-letters", get(control::dead_letters))
        .route("/dead-letters/{id}/redrive", post(control::retry))
        .route("/executions/{id}/explanation", get(explanation::one))
        .route("/live", get(live::watch))
        .route("/session", get(session::one).delete(session::end))
        .route("/stats", get(live::stats))
        .route("/openapi.json", get(openapi::document))
        .route("/check", post(checking::check))
        .route("/evaluate", post(checking::evaluate))
        .route("/releases", get(releases::list))
        .route(
            "/releases",
            post(releases::create)
                .layer(DefaultBodyLimit::max(releases::CONTENT_LIMIT))
                .layer(map_response(releases::tell_limit)),
        )
        .route("/releases/{id}", get(releases::one))
        .route("/releases/{id}/content", get(releases::content))
        .route("/releases/{id}/activate", post(releases::activate))
        .route("/releases/{id}/rollback", post(releases::rollback))
        .route("/releases/{id}/canary", post(releases::canary))
        .route("/rules", get(rules::list).post(editing::create))
        .route(
            "/rules/{name}",
            get(rules::one).put(editing::replace).patch(editing::patch).delete(editing::remove),
        )
        .route("/rules/{name}/enable", post(editing::enable))
        .route("/rules/{name}/disable", post(editing::disable))
        .route("/rules/{name}/executions", get(executions::of_rule))
        .route("/rules/{name}/run", post(rules::run))
        .route("/acknowledgments", get(records::acknowledgments).put(records::acknowledge))
        .route("/preferences", get(records::preferences).put(records::prefer))
        .route("/notifications", get(notifications::list))
        .route("/notifications/{id}/read", post(notifications::read))
        .route("/tasks", get(tasks::list))
        .route("/tasks/{id}", get(tasks::one))
        .route("/tasks/{id}/answer", post(tasks::answer))
        .route("/tasks/{id}/cancel", post(tasks::cancel))
        .route("/tasks/{id}/complete", post(tasks::complete))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/tokens/{name}", delete(tokens::revoke))
        .route("/audit", get(tokens::audit))
        .route_layer(from_fn_with_state(app.clone(), authorize))
        .layer(from_fn_with_state(app.clone(), own_pages));
    let beside = Router::new()
        .route("/lsp", get(lsp::open))
        .route("/metrics", get(health::metrics))
        .route_layer(from_fn_with_state(app.clone(), authorize))
        .layer(from_fn_with_state(app.clone(), own_pages));
    let signing_in = Router::new()
        .route("/v1/session", post(session::begin))
        .route("/sign-in", get(session::page))
        .layer(from_fn_with_state(app.clone(), own_pages));
    let hooks = Router::new()
        .route("/hooks/{integration}", post(hooks::receive))
        .route_layer(from_fn_with_state(app.clone(), hooks::paced));
    Router::new()
        .nest("/v1", v1)
        .merge(beside)
        .merge(signing_in)
        .merge(hooks)
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(app.limits.body))
        .layer(map_response(move |response: Response| tell_limit(response, body)))
        .layer(from_fn_with_state(app.clone(), in_time))
        .layer(from_fn_with_state(app.clone(), before_all))
        .with_state(app)
}

/// Says what a body may have, in bytes, to whoever sent more.
async fn tell_limit(response: Response, bytes: usize) -> Response {
    let size =
        if bytes.is_multiple_of(1024) { format!("{} KiB", bytes / 1024) } else { format!("{bytes} bytes") };
    Problem::tell_limit(response, &format!("{size}, which `[limits] body_kib` of hence.toml allows"))
}

async fn unknown_route(uri: Uri) -> Problem {
    Problem::not_found("unknown-route", format!("there is no route `{}`", uri.path()))
}

async fn wrong_method(request: Request) -> Problem {
    let detail = format!("`{}` does not take `{}`", request.uri().path(), request.method());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "Method not allowed", detail)
}

/// Ends requests that take too long, such as bodies that arrive byte by byte.
async fn in_time(State(app): State<App>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(app.limits.request, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("the request took longer than {:?}", app.limits.request);
            Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", "Timeout", detail).into_response()
        }
    }
}

/// Reads the body of a request as JSON that is not nested too deep; `code` is that of JSON that does not say what it should.
fn read_json<'a, T: Deserialize<'a>>(body: &'a [u8], code: &'static str) -> Result<T, Problem> {
    let text = ingress::validate(body).map_err(events::unreadable)?.get();
    serde_json::from_str(text)
        .map_err(|error| Problem::bad_request(code, format!("the body is not what is wanted here: {error}")))
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::too_large()
        } else {
            Problem::bad_request("unreadable-body", rejection.body_text())
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Problem::bad_request("invalid-query", rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Problem::bad_request("invalid-path", rejection.body_text())
    }
}
