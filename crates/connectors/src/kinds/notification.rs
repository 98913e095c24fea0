//! The kind `notification`: a message to a person that the daemon keeps itself, once for each call.

use hence_engine::{Failure, Level, Notification, Notifications, Request, Response};
use hence_schema::NotificationCall;
use hence_types::jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::kept::{ID, Keeper, TITLE, keeper, link, not_empty, one_line, one_of, text};
use super::{excerpt, refused};
use crate::mask::Mask;
use crate::template::{self, Scope, TemplateError};

/// Keeps the message.
pub(crate) async fn call(
    kept: Option<&Keeper<dyn Notifications>>,
    call: &NotificationCall,
    scope: Scope<'_>,
    request: &Request,
    mask: &Mask,
) -> Result<Response, Failure> {
    let keeper = keeper(kept, "notifications", mask)?;
    let message = message(call, scope, request, keeper.now()).map_err(|problem| refused(&problem, mask))?;
    let sent = json!({
        "to": excerpt(&message.to, mask),
        "title": excerpt(&message.title, mask),
        "body": excerpt(&message.body, mask),
        "link": message.link.as_deref().map(|link| excerpt(link, mask)),
        "level": message.level.as_str(),
    });
    keeper.keep(request, (sent, Json::Null), mask, move |kept| kept.notify(&message)).await
}

/// Returns the message that a call is made of, or what is wrong with it.
fn message(
    call: &NotificationCall,
    scope: Scope<'_>,
    request: &Request,
    at: Timestamp,
) -> Result<Notification, String> {
    let fill =
        |template: &str| template::text(template, scope).map_err(|error: TemplateError| error.to_string());
    let (to, title, body) = (fill(&call.to)?, fill(&call.title)?, fill(&call.body)?);
    for (name, value, longest) in [("to", &to, ID), ("title", &title, TITLE)] {
        one_line(name, value, longest)?;
        not_empty(name, value)?;
    }
    text("body", &body)?;
    let link = link(fill(&call.link)?)?;
    let level = one_of("level", &fill(&call.level)?, &Level::ALL, Level::as_str)?;
    Ok(Notification { id: request.key.clone(), to, title, body, link, level, sent_at: at, read_at: None })
}

#[cfg(test)]
mod tests;
