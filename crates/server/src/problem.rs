//! Errors as clients see them: RFC 9457 problem documents with a stable `code`.

use axum::Json;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hence_engine::store;
use serde_json::{Map, Value, json};

/// A problem. Its `code` never changes its meaning; title and detail are for people.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Document>);

#[derive(Debug, Clone)]
struct Document {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    more: Map<String, Value>,
    retry_after: Option<u32>,
    challenge: bool,
    body_too_large: bool,
}

/// What marks the answer to a body that is too large, until the layer that knows the limit says it.
#[derive(Debug, Clone, Copy)]
struct BodyTooLarge;

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let (more, retry_after, detail) = (Map::new(), None, detail.into());
        Self(Box::new(Document {
            status,
            code,
            title,
            detail,
            more,
            retry_after,
            challenge: false,
            body_too_large: false,
        }))
    }

    /// Adds a member.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.more.insert(name.to_owned(), value.into());
        self
    }

    /// Adds what was probably meant, if anything is near.
    pub(crate) fn meant(mut self, name: Option<&str>) -> Self {
        if let Some(name) = name {
            self.0.detail.push_str(&format!(": is `{name}` meant?"));
            self.0.more.insert("did_you_mean".to_owned(), json!(name));
        }
        self
    }

    pub(crate) fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, "Not found", detail)
    }

    pub(crate) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "Bad request", detail)
    }

    pub(crate) fn too_large() -> Self {
        let detail = "the body is larger than this route takes";
        let mut problem = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail);
        problem.0.body_too_large = true;
        problem
    }

    /// Has the answer to a body that is too large say what the limit is; other answers stay as they are.
    pub(crate) fn tell_limit(response: Response, limit: &str) -> Response {
        if response.extensions().get::<BodyTooLarge>().is_none() {
            return response;
        }
        let detail = format!("the body is larger than {limit}");
        let told = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail);
        let (mut head, _) = response.into_parts();
        head.extensions.remove::<BodyTooLarge>();
        head.headers.remove(CONTENT_LENGTH);
        Response::from_parts(head, told.into_response().into_body())
    }

    /// Adds how many seconds to wait before it makes sense to ask again.
    fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Says that a bearer token is wanted.
    pub(crate) fn challenge(mut self) -> Self {
        self.0.challenge = true;
        self
    }

    /// Of a daemon that cannot take more at the moment.
    pub(crate) fn busy() -> Self {
        let detail = "events arrive faster than they can be stored";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", "Too many requests", detail).retry_after(1)
    }

    /// Of somebody who asks more often than so many times a second.
    pub(crate) fn too_often(rate: u32, seconds: u32) -> Self {
        let detail = format!("more than {rate} requests a second, which `[limits]` of hence.toml allows");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many requests", detail)
            .retry_after(seconds)
    }

    /// Of a daemon that is stopping.
    pub(crate) fn stopping() -> Self {
        let detail = "the daemon is stopping and takes no more events";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "Unavailable", detail)
    }

    /// Of a failure that is not the client's, which is logged by who finds it.
    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal-error", "Internal error", detail)
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        tracing::error!(%error, "the store did not do what was asked");
        let (status, code, title) = match &error {
            store::Error::Full { .. } => (StatusCode::INSUFFICIENT_STORAGE, "store-full", "Store full"),
            store::Error::Conflict { .. } => (StatusCode::CONFLICT, "conflict", "Conflict"),
            store::Error::ReadOnly { .. }
            | store::Error::Locked { .. }
            | store::Error::Corrupt { .. }
            | store::Error::Newer { .. }
            | store::Error::Unavailable { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", "Store unavailable")
            }
        };
        Self::new(status, code, title, error.to_string()).retry_after(5)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Document { status, code, title, detail, more, retry_after, challenge, body_too_large } = *self.0;
        let mut document = json!({
            "type": format!("urn:hence:problem:{code}"),
            "title": title,
            "status": status.as_u16(),
            "detail": detail,
            "code": code,
        });
        if let Some(document) = document.as_object_mut() {
            document.extend(more);
        }
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if body_too_large {
            response.extensions_mut().insert(BodyTooLarge);
        }
        let headers = response.headers_mut();
        if challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
