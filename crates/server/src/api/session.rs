//! `/v1/session` and `/sign-in`: browsers sign in with a token or a link, and out.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use hence_store::{Audited, Role};
use serde::Deserialize;
use serde_json::{Value, json};

use super::read_json;
use crate::app::App;
use crate::auth::{self, Caller, Changed, Signed};
use crate::front::is_secure;
use crate::problem::Problem;

/// The page that a link leads to. It has no script; a browser that looks a link up in advance signs nobody in.
const PAGE: &str = "<!doctype html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><title>Sign in to Hence</title></head>
<body>
<h1>Hence</h1>
<form method=\"post\" action=\"/v1/session\">
<input type=\"hidden\" name=\"link\" value=\"LINK\">
<button type=\"submit\">Sign in</button>
</form>
</body>
</html>
";

/// What somebody signs in with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    token: Option<String>,
    link: Option<String>,
}

/// Signs in: `POST /v1/session`. A form, as the page of a link sends it, is answered by another page.
pub(super) async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = body?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_form = kind.starts_with("application/x-www-form-urlencoded");
    let given = if is_form {
        let text = std::str::from_utf8(&body).unwrap_or_default();
        Given { token: None, link: text.strip_prefix("link=").map(str::to_owned) }
    } else {
        read_json(&body, "invalid-session")?
    };
    let at = app.clock.now();
    let holder = match (&given.token, &given.link) {
        (Some(token), None) => app.auth.holder(token.trim(), at),
        (None, Some(link)) => app.auth.follow(link, at),
        (Some(_), Some(_)) | (None, None) => {
            let detail = "the body has either a `token` or a `link`";
            return Err(Problem::bad_request("invalid-session", detail));
        }
    };
    let Some((name, role)) = holder else {
        let detail = "the token is unknown, revoked or expired, or the link was used or is too old";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized", detail));
    };
    let (auth, token, life) = (Arc::clone(&app.auth), name.clone(), app.session_life);
    let (text, signed) = app.blocking(move || auth.begin(&token, at, life)).await?;
    let after = json!({"token": name, "expires_at": signed.expires_at.to_string()});
    let line = Audited {
        at,
        who: name.clone(),
        role,
        action: "POST /v1/session".to_owned(),
        target: "/v1/session".to_owned(),
        status: StatusCode::CREATED.as_u16(),
        before: Value::Null,
        after,
    };
    auth::record(&app, line).await;
    let mut response = if is_form {
        Redirect::to("/v1/session").into_response()
    } else {
        (StatusCode::CREATED, Json(shown(&name, role, Some(&signed)))).into_response()
    };
    let secure = is_secure(&app.front, &headers);
    set(&mut response, auth::cookies(&text, &signed, life, secure));
    Ok(response)
}

/// Tells who asks: `GET /v1/session`. Pages learn here what they repeat with what changes something.
pub(super) async fn one(Extension(caller): Extension<Caller>) -> Json<Value> {
    Json(shown(&caller.name, caller.role, caller.session.as_ref()))
}

/// Signs out: `DELETE /v1/session`.
pub(super) async fn end(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(signed) = caller.session else {
        let detail = "the request carries a token, and no cookie of a session";
        return Err(Problem::new(StatusCode::CONFLICT, "no-session", "Conflict", detail));
    };
    let before = json!({"token": caller.name, "expires_at": signed.expires_at.to_string()});
    let auth = Arc::clone(&app.auth);
    app.blocking(move || auth.end(&signed)).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set(&mut response, auth::forget(is_secure(&app.front, &headers)));
    response.extensions_mut().insert(Changed { before, after: Value::Null });
    Ok(response)
}

/// What stands in the address of the page.
#[derive(Deserialize)]
pub(super) struct Followed {
    link: String,
}

/// Shows the page that a link leads to: `GET /sign-in`.
pub(super) async fn page(query: Result<Query<Followed>, QueryRejection>) -> Result<Response, Problem> {
    let Query(Followed { link }) = query?;
    if !link.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(Problem::bad_request("invalid-query", "`link` is none that was given"));
    }
    let page = PAGE.replace("LINK", &link);
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response())
}

fn shown(name: &str, role: Role, session: Option<&Signed>) -> Value {
    json!({
        "token": name,
        "role": role.as_str(),
        "expires_at": session.map(|session| session.expires_at.to_string()),
        "csrf": session.map(Signed::csrf),
    })
}

fn set(response: &mut Response, cookies: [HeaderValue; 2]) {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
