//! Asks a running daemon, on behalf of commands.

use std::time::Duration;

pub use reqwest::Method;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take where the daemon has to check and test many rules.
const LONG_PATIENCE: Duration = Duration::from_secs(300);

/// Why a daemon gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// Nothing listens there, or not HTTP.
    #[error("no daemon answers at {server}: {reason}")]
    Unreachable {
        /// The address.
        server: String,
        /// What went wrong.
        reason: String,
    },
    /// It refused.
    #[error("{server} answers {status}: {detail}")]
    Refused {
        /// The address.
        server: String,
        /// The HTTP status.
        status: u16,
        /// What it says of it.
        detail: String,
        /// What is wrong with rules, as it is printed; empty where it is not about rules.
        rendered: String,
    },
}

/// Gets a resource of the daemon at `server`, such as `http://127.0.0.1:7070`, as JSON text.
///
/// # Errors
/// The daemon cannot be reached, or refuses.
pub async fn get(server: &str, path: &str, token: Option<&str>) -> Result<String, Unanswered> {
    ask(server, Method::GET, path, token, None).await
}

/// Asks the daemon at `server` for something, with a body of JSON if given. Returns the answer's text.
///
/// # Errors
/// The daemon cannot be reached, or refuses.
pub async fn ask(
    server: &str,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<&serde_json::Value>,
) -> Result<String, Unanswered> {
    let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
    send(server, method, path, token, body, PATIENCE).await
}

/// Sends content of a release to the daemon at `server`, as [`ask`] does, and waits longer.
///
/// # Errors
/// The daemon cannot be reached, or refuses.
pub async fn deploy(
    server: &str,
    path: &str,
    token: Option<&str>,
    kind: &str,
    content: Vec<u8>,
) -> Result<String, Unanswered> {
    send(server, Method::POST, path, token, Some((kind, content)), LONG_PATIENCE).await
}

async fn send(
    server: &str,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<(&str, Vec<u8>)>,
    patience: Duration,
) -> Result<String, Unanswered> {
    let server = server.trim_end_matches('/').to_owned();
    // A variable that is empty is one that is not set.
    let token = token.filter(|token| !token.trim().is_empty());
    let unreachable = |error: reqwest::Error| {
        // The innermost cause says what matters; the outer ones repeat the address.
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Unanswered::Unreachable { server: server.clone(), reason: cause.to_string() }
    };
    let client = reqwest::Client::builder().timeout(patience).build().map_err(unreachable)?;
    let mut request = client.request(method, format!("{server}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some((kind, body)) = body {
        request = request.header(CONTENT_TYPE, kind).body(body);
    }
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let text = response.text().await.map_err(unreachable)?;
    if status.is_success() {
        return Ok(text);
    }
    let problem: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let detail = problem.get("detail").or(problem.get("title")).and_then(serde_json::Value::as_str);
    let mut detail = detail.unwrap_or("no reason given").to_owned();
    if status == StatusCode::UNAUTHORIZED {
        detail = match token {
            None => "no token was sent: give `--token`, or `HENCE_TOKEN` in the environment".to_owned(),
            Some(_) => format!("the token that `--token` or `HENCE_TOKEN` gives is not taken: {detail}"),
        };
    }
    let rendered = problem.get("rendered").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    Err(Unanswered::Refused { server, status: status.as_u16(), detail, rendered })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catcher::Catcher;

    #[tokio::test]
    async fn a_refusal_says_what_the_daemon_says() {
        let catcher = Catcher::start().await.unwrap();
        catcher.answer_next(404, r#"{"title":"unknown execution","detail":"there is no execution `x`"}"#);
        let server = format!("http://{}/", catcher.http_address());
        let error = get(&server, "/v1/executions/x", None).await.unwrap_err().to_string();
        assert_eq!(
            error,
            format!("http://{} answers 404: there is no execution `x`", catcher.http_address())
        );
        assert_eq!(get(&server, "/v1/executions", Some("t")).await.unwrap(), "{}");
    }

    #[tokio::test]
    async fn whoever_is_not_known_is_told_whether_a_token_was_sent() {
        let catcher = Catcher::start().await.unwrap();
        let server = format!("http://{}", catcher.http_address());
        for (token, told) in [
            (None, "no token was sent: give `--token`, or `HENCE_TOKEN` in the environment"),
            (Some(""), "no token was sent: give `--token`, or `HENCE_TOKEN` in the environment"),
            (Some("t"), "the token that `--token` or `HENCE_TOKEN` gives is not taken: it is unknown"),
        ] {
            catcher.answer_next(401, r#"{"detail":"it is unknown"}"#);
            let error = get(&server, "/v1/rules", token).await.unwrap_err().to_string();
            assert_eq!(error, format!("{server} answers 401: {told}"));
        }
    }

    #[tokio::test]
    async fn nobody_there_is_told_with_the_address() {
        let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let error = get(&format!("http://{address}"), "/", None).await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("no daemon answers at http://{address}: ")), "{error}");
    }
}
