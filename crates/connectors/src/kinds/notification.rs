//! The kind `notification`: a message to a person that the daemon keeps itself, once for each call.

use std::sync::Arc;

use hence_engine::{Clock, Failure, Level, Notification, Notifications, Request, Response};
use hence_schema::NotificationCall;
use hence_types::jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{excerpt, refused};
use crate::mask::Mask;
use crate::template::{self, Scope, TemplateError};

/// The longest id of a person, title, link and text, in bytes.
const PERSON: usize = 256;
const TITLE: usize = 1024;
const LINK: usize = 2048;
const BODY: usize = 64 * 1024;

/// Where messages are kept, and what tells when they were sent.
pub(crate) struct Keeper {
    pub(crate) notifications: Arc<dyn Notifications>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Keeps the message.
pub(crate) async fn call(
    keeper: Option<&Keeper>,
    call: &NotificationCall,
    scope: Scope<'_>,
    request: &Request,
    mask: &Mask,
) -> Result<Response, Failure> {
    let Some(keeper) = keeper else {
        return Err(refused("notifications are kept by the daemon, and none runs here", mask));
    };
    let now = keeper.clock.now();
    // As exact as it is kept.
    let at = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    let message = message(call, scope, request, at).map_err(|problem| refused(&problem, mask))?;
    let sent = json!({
        "to": excerpt(&message.to, mask),
        "title": excerpt(&message.title, mask),
        "body": excerpt(&message.body, mask),
        "link": message.link.as_deref().map(|link| excerpt(link, mask)),
        "level": message.level.as_str(),
    });
    let id = message.id.clone();
    let notifications = Arc::clone(&keeper.notifications);
    let kept = tokio::task::spawn_blocking(move || notifications.notify(&message)).await;
    let failed = |message: String| Failure {
        message: mask.text(&message),
        // It may have been written; it is written once, however often it is tried.
        retryable: true,
        detail: json!({"request": sent.clone(), "response": null}),
        ..Failure::default()
    };
    match kept {
        Ok(Ok(is_new)) => {
            let detail = json!({"request": sent, "response": {"id": id, "done_before": !is_new}});
            Ok(Response { result: Json::Null, detail })
        }
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(broken) => Err(failed(format!("internal error: {broken}"))),
    }
}

/// Returns the message that a call is made of, or what is wrong with it.
fn message(
    call: &NotificationCall,
    scope: Scope<'_>,
    request: &Request,
    at: Timestamp,
) -> Result<Notification, String> {
    let text =
        |template: &str| template::text(template, scope).map_err(|error: TemplateError| error.to_string());
    let (to, title, link) = (text(&call.to)?, text(&call.title)?, text(&call.link)?);
    let (body, level) = (text(&call.body)?, text(&call.level)?);
    for (name, value, longest) in [("to", &to, PERSON), ("title", &title, TITLE), ("link", &link, LINK)] {
        if value.len() > longest || value.chars().any(char::is_control) {
            return Err(format!("`{name}` has at most {longest} bytes and no control characters"));
        }
    }
    for (name, value) in [("to", &to), ("title", &title)] {
        if value.trim().is_empty() {
            return Err(format!("`{name}` is empty"));
        }
    }
    if body.len() > BODY {
        return Err(format!("`body` has at most {BODY} bytes"));
    }
    if !link.is_empty() && !leads_somewhere(&link) {
        return Err(
            "`link` is a path that begins with one `/`, or an address of `http` or `https`".to_owned()
        );
    }
    let level = if level.is_empty() { Some(Level::default()) } else { Level::of(&level) };
    let level = level.ok_or_else(|| {
        let known = Level::ALL.map(|level| format!("`{}`", level.as_str()));
        format!("`level` is one of {}", known.join(", "))
    })?;
    let link = (!link.is_empty()).then_some(link);
    Ok(Notification { id: request.key.clone(), to, title, body, link, level, sent_at: at, read_at: None })
}

/// Returns whether a link can be shown to be followed: it runs no script, and a path stays on its own pages.
fn leads_somewhere(link: &str) -> bool {
    if link.starts_with('/') {
        return !link.starts_with("//") && !link.contains('\\');
    }
    reqwest::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests;
