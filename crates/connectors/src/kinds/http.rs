//! The kind `http`: a request made of the arguments, and what its answer means.
//!
//! 2xx is success. 408, 429 and 5xx may succeed later; any other answer will not. It is certain that nothing
//! happened at the other side only if no connection was made or the other side refused the request (4xx). APIs that
//! answer 2xx whatever happened, as those of GraphQL do, say in the integration file where the error stands.

use std::sync::Arc;
use std::time::Duration;

use hence_engine::{Failure, Request, Response};
use hence_schema::{Encoding, HttpCall};
use hence_types::jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, Method, StatusCode, Url};
use serde_json::{Value as Json, json};

use super::{Purpose, excerpt, json_excerpt, refused};
use crate::guard::Guard;
use crate::mask::Mask;
use crate::template::{self, Scope};

/// The longest time from the first byte sent to the last one received.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest time for a connection to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const BODY_LIMIT: usize = 1 << 20;

/// The clients that all calls share. Redirects are not followed, and no proxy is taken from the environment.
pub(crate) struct Clients {
    guard: Guard,
    /// For hosts that are allowed by name.
    open: Client,
    /// For all others: reaches only the addresses that the guard admits.
    guarded: Client,
}

impl Clients {
    pub(crate) fn new(guard: Guard) -> Result<Self, reqwest::Error> {
        Self::within(TOTAL_TIMEOUT, guard)
    }

    fn within(total: Duration, guard: Guard) -> Result<Self, reqwest::Error> {
        let builder = || {
            Client::builder()
                .user_agent(concat!("hence/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .timeout(total)
                .connect_timeout(CONNECT_TIMEOUT)
        };
        let guarded = || builder().dns_resolver(Arc::new(guard.clone()));
        let clients = |open: ClientBuilder, guarded: ClientBuilder| {
            Ok(Self { guard: guard.clone(), open: open.build()?, guarded: guarded.build()? })
        };
        clients(builder(), guarded()).or_else(|error: reqwest::Error| {
            tracing::warn!(%error, "no certificates of the system can be read: HTTPS calls will fail");
            clients(builder().tls_certs_only([]), guarded().tls_certs_only([]))
        })
    }

    /// Returns the client for a URL, or why calls must not go there.
    fn of(&self, url: &Url) -> Result<&Client, String> {
        if self.guard.names(url) {
            return Ok(&self.open);
        }
        match self.guard.refuses(url) {
            None => Ok(&self.guarded),
            Some(address) => Err(format!(
                "`{address}` is an address of a private network: calls go there only if it is the `base_url` of a \
                 connection, or stands in `[network] allow` of hence.toml"
            )),
        }
    }
}

/// A request that is ready to be sent.
struct Prepared {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Json>,
}

impl Prepared {
    /// What the history shows of it: no headers, as they carry the tokens.
    fn detail(&self, mask: &Mask) -> Json {
        json!({
            "method": self.method.as_str(),
            "url": mask.text(&self.shown_url()),
            "body": self.body.as_ref().map(|body| json_excerpt(body, mask)),
        })
    }

    /// The URL without the password it may carry.
    fn shown_url(&self) -> String {
        let mut shown = self.url.clone();
        if shown.password().is_some() {
            // Fails only for URLs that cannot carry a password, which then has none.
            let _ = shown.set_password(Some("***"));
        }
        shown.to_string()
    }
}

/// Sends the request and reads its answer.
pub(crate) async fn call(
    clients: &Clients,
    call: &HttpCall,
    scope: Scope<'_>,
    request: &Request,
    (purpose, wants_result): (Purpose, bool),
    mask: &Mask,
) -> Result<Response, Failure> {
    let prepared = prepare(call, scope, request, purpose).map_err(|message| refused(&message, mask))?;
    let client = clients.of(&prepared.url).map_err(|message| refused(&message, mask))?;
    let sent = prepared.detail(mask);
    let mut builder =
        client.request(prepared.method.clone(), prepared.url.clone()).headers(prepared.headers.clone());
    if let Some(body) = &prepared.body {
        builder = builder.body(match call.encoding {
            Encoding::Json => body.to_string(),
            Encoding::Form => form(body),
        });
    }
    let mut response = match builder.send().await {
        Ok(response) => response,
        Err(error) => return Err(unanswered(&error, &prepared, sent, mask)),
    };
    let status = response.status();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let retry_after = header(RETRY_AFTER);
    let after =
        retry_after.as_deref().and_then(|text| wait_of(text, header(DATE).as_deref())).unwrap_or_default();
    let mut body = Vec::new();
    let mut complete = true;
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > BODY_LIMIT => {
                complete = false;
                break;
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) if status.is_success() => return Err(unanswered(&error, &prepared, sent, mask)),
            Err(_) => break,
        }
    }
    let text = String::from_utf8_lossy(&body);
    let parsed = parse(&text);
    let mut received = json!({
        "status": status.as_u16(),
        "body": parsed.as_ref().map_or_else(|| Json::String(excerpt(&text, mask)), |json| json_excerpt(json, mask)),
    });
    if let (Some(after), Some(received)) = (retry_after, received.as_object_mut()) {
        received.insert("retry_after".to_owned(), Json::String(mask.text(&after)));
    }
    let detail = json!({"request": sent, "response": received});
    if call.missing.contains(&status.as_u16()) {
        return Ok(Response { result: Json::Null, detail });
    }
    if !status.is_success() {
        return Err(Failure { after, ..answered_badly(status, &text, &prepared, detail, mask) });
    }
    let reason = call.error.as_ref().and_then(|pointer| parsed.as_ref()?.pointer(pointer));
    if let Some(reason) = reason.filter(|reason| !reason.is_null()) {
        let reason = reason.as_str().map_or_else(|| reason.to_string(), str::to_owned);
        let reason: String = reason.chars().take(200).collect();
        let told = format!(
            "`{} {}` was answered with {status}, and it did not succeed: {reason}",
            prepared.method,
            prepared.shown_url()
        );
        return Err(Failure {
            message: mask.text(&told),
            certain: true,
            retryable: false,
            detail,
            ..Failure::default()
        });
    }
    if !complete && (wants_result || call.error.is_some()) {
        let message = mask.text(&format!(
            "the answer of `{} {}` is larger than 1 MiB",
            call.method,
            prepared.shown_url()
        ));
        return Err(Failure { message, detail, ..Failure::default() });
    }
    let result =
        if complete { parsed.unwrap_or_else(|| Json::String(text.into_owned())) } else { Json::Null };
    Ok(Response { result, detail })
}

/// Reads how long `Retry-After` (RFC 9110, section 10.2.3) asks to wait: seconds, or a date as seen from the answer's own.
fn wait_of(text: &str, date: Option<&str>) -> Option<u32> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(seconds);
    }
    let [until, now] = [text, date?].map(|text| rfc2822::parse(text).ok());
    let wait = until?.timestamp().duration_since(now?.timestamp());
    u32::try_from(wait.as_secs()).ok()
}

/// The fields of an object as a form.
fn form(fields: &Json) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.as_object().into_iter().flatten() {
        match value {
            Json::String(text) => form.append_pair(name, text),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                form.append_pair(name, &value.to_string())
            }
        };
    }
    form.finish()
}

/// The body as JSON, if it is JSON; nothing for no body.
fn parse(text: &str) -> Option<Json> {
    if text.trim().is_empty() { Some(Json::Null) } else { serde_json::from_str(text).ok() }
}

fn prepare(
    call: &HttpCall,
    scope: Scope<'_>,
    request: &Request,
    purpose: Purpose,
) -> Result<Prepared, String> {
    let fill = |error: template::TemplateError| error.to_string();
    let method = template::text(&call.method, scope).map_err(fill)?.to_ascii_uppercase();
    let method =
        Method::from_bytes(method.as_bytes()).map_err(|_| format!("`{method}` is no HTTP method"))?;
    let mut url = target(&template::url(&call.url, scope).map_err(fill)?, scope.settings.get("base_url"))?;
    for (name, value) in &call.query {
        for text in template::texts(value, scope).map_err(fill)? {
            url.query_pairs_mut().append_pair(name, &text);
        }
    }
    let body = match &call.body {
        Some(body) => template::json(body, scope).map_err(fill)?,
        None => None,
    };
    let mut headers = HeaderMap::new();
    let key = HeaderValue::from_str(&request.key)
        .map_err(|_| "the idempotency key cannot stand in a header".to_owned())?;
    // Of a question the key would have the other side think that it is the call once more.
    if purpose == Purpose::Do {
        headers.insert(HeaderName::from_static("idempotency-key"), key);
    }
    // What the trace is made of is ours: it can be no value that a header does not take.
    if let Some(trace) = request.trace.as_deref().and_then(|trace| HeaderValue::from_str(trace).ok()) {
        headers.insert(HeaderName::from_static("traceparent"), trace);
    }
    if body.is_some() {
        let kind = match call.encoding {
            Encoding::Json => "application/json",
            Encoding::Form => "application/x-www-form-urlencoded",
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for (name, value) in &call.headers {
        let Some(value) = template::header(name, value, scope).map_err(fill)? else { continue };
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("`{name}` is no name of a header"))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("the value of header `{name}` is not allowed"))?;
        headers.insert(header, value);
    }
    Ok(Prepared { method, url, headers, body })
}

/// The host and port that a call goes to, where it does not go to the connection's `base_url`.
pub(crate) fn elsewhere(call: &HttpCall, scope: Scope<'_>) -> Option<String> {
    if call.url.starts_with('/') {
        return None;
    }
    let url = target(&template::url(&call.url, scope).ok()?, scope.settings.get("base_url")).ok()?;
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

/// The absolute URL of a call.
fn target(url: &str, base: Option<&String>) -> Result<Url, String> {
    let absolute = url.starts_with("http://") || url.starts_with("https://");
    let text = match base {
        _ if absolute => url.to_owned(),
        Some(base) if !base.is_empty() => {
            format!("{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/'))
        }
        _ => return Err(format!("`{url}` is no absolute URL and the connection has no `base_url`")),
    };
    let url = Url::parse(&text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(format!("`{text}` is neither HTTP nor HTTPS"))
    }
}

/// The failure of a request that got no complete answer.
fn unanswered(error: &reqwest::Error, prepared: &Prepared, sent: Json, mask: &Mask) -> Failure {
    let host = prepared.url.host_str().unwrap_or_default();
    let port = prepared.url.port_or_known_default().unwrap_or_default();
    let (message, certain, retryable) = if error.is_builder() {
        (format!("the request cannot be built: {}", cause(error)), true, false)
    } else if error.is_connect() {
        (format!("no connection to `{host}:{port}`: {}", cause(error)), true, true)
    } else if error.is_timeout() {
        (format!("no answer of `{host}:{port}` in time"), false, true)
    } else {
        (format!("the connection to `{host}:{port}` broke before the answer: {}", cause(error)), false, true)
    };
    Failure {
        message: mask.text(&message),
        certain,
        retryable,
        detail: json!({"request": sent, "response": null}),
        ..Failure::default()
    }
}

/// The innermost cause, which names the matter without the wrappings.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// The failure of a request that was answered with something else than 2xx.
fn answered_badly(status: StatusCode, body: &str, prepared: &Prepared, detail: Json, mask: &Mask) -> Failure {
    let retryable = status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    // A server that fails may have done the work first; one that refuses has not.
    let certain = !status.is_server_error() && status != StatusCode::REQUEST_TIMEOUT;
    let masked = mask.text(body);
    let first_line: String = masked.trim().lines().next().unwrap_or_default().chars().take(200).collect();
    let mut message =
        mask.text(&format!("`{} {}` was answered with {status}", prepared.method, prepared.shown_url()));
    if status.is_redirection() {
        message.push_str(", and redirects are not followed");
    } else if !first_line.is_empty() {
        message.push_str(": ");
        message.push_str(&first_line);
    }
    Failure { message, certain, retryable, detail, ..Failure::default() }
}

#[cfg(test)]
mod tests;
