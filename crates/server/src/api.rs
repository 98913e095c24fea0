//! The routes, one file per group. What every answer has in common stands here: limits and problem documents.

mod cloud_events;
mod control;
mod decide;
mod events;
mod executions;
mod explanation;
mod health;
mod hooks;
mod live;
pub(crate) mod lsp;
mod openapi;
mod rules;
mod tasks;
mod tokens;

use std::time::Duration;

use axum::Router;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};

use crate::app::App;
use crate::auth::authorize;
use crate::problem::Problem;

/// The largest body, in bytes.
const BODY_LIMIT: usize = 1 << 20;
/// The longest time for a request to arrive and be answered.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Returns all routes.
pub(crate) fn router(app: App) -> Router {
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
        .route("/stats", get(live::stats))
        .route("/openapi.json", get(openapi::document))
        .route("/rules", get(rules::list))
        .route("/rules/{name}", get(rules::one))
        .route("/rules/{name}/run", post(rules::run))
        .route("/tasks", get(tasks::list))
        .route("/tasks/{id}", get(tasks::one))
        .route("/tasks/{id}/answer", post(tasks::answer))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/tokens/{name}", delete(tokens::revoke))
        .route("/audit", get(tokens::audit))
        .route_layer(from_fn_with_state(app.clone(), authorize))
        .layer(from_fn(same_machine));
    let beside = Router::new()
        .route("/lsp", get(lsp::open))
        .route("/metrics", get(health::metrics))
        .route_layer(from_fn_with_state(app.clone(), authorize))
        .layer(from_fn(same_machine));
    Router::new()
        .nest("/v1", v1)
        .merge(beside)
        .route("/hooks/{integration}", post(hooks::receive))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn(in_time))
        .with_state(app)
}

async fn unknown_route(uri: Uri) -> Problem {
    Problem::not_found("unknown-route", format!("there is no route `{}`", uri.path()))
}

async fn wrong_method(request: Request) -> Problem {
    let detail = format!("`{}` does not take `{}`", request.uri().path(), request.method());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "Method not allowed", detail)
}

/// Ends requests that take too long, such as bodies that arrive byte by byte.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = "the request took longer than 30 seconds";
            Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", "Timeout", detail).into_response()
        }
    }
}

/// Refuses requests that a page of another site makes a browser on this machine send.
async fn same_machine(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    if origin.is_none_or(is_of_this_machine) {
        return next.run(request).await;
    }
    let detail = "requests of web pages of other sites are not taken";
    Problem::new(StatusCode::FORBIDDEN, "foreign-origin", "Forbidden", detail).into_response()
}

fn is_of_this_machine(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_alone_may_ask() {
        for origin in ["http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443"] {
            assert!(is_of_this_machine(origin), "{origin}");
        }
        for origin in
            ["http://example.com", "null", "", "http://localhost.example.com", "http://127.0.0.1.example.com"]
        {
            assert!(!is_of_this_machine(origin), "{origin}");
        }
    }
}
