//! The kind `task`: a task for somebody that the daemon keeps itself, once for each call.

use hence_engine::{Assignment, Assignments, Failure, Request, Response, TaskPriority};
use hence_schema::TaskCall;
use hence_types::jiff::Timestamp;
use serde_json::json;

use super::kept::{ID, Keeper, TITLE, keeper, link, not_empty, one_line, one_of, text};
use super::{excerpt, refused};
use crate::mask::Mask;
use crate::template::{self, Scope, TemplateError};

/// Keeps the task. Its id is the key of the call, so that a call that is made again returns the same.
pub(crate) async fn call(
    kept: Option<&Keeper<dyn Assignments>>,
    call: &TaskCall,
    scope: Scope<'_>,
    request: &Request,
    mask: &Mask,
) -> Result<Response, Failure> {
    let keeper = keeper(kept, "tasks", mask)?;
    let task = task(call, scope, request, keeper.now()).map_err(|problem| refused(&problem, mask))?;
    let shown = |value: &Option<String>| value.as_deref().map(|value| excerpt(value, mask));
    let sent = json!({
        "title": excerpt(&task.title, mask),
        "description": excerpt(&task.description, mask),
        "assignee": shown(&task.assignee),
        "list": shown(&task.list),
        "priority": task.priority.as_str(),
        "due_at": task.due_at.map(|at| at.to_string()),
        "link": shown(&task.link),
        "reference": shown(&task.reference),
    });
    let result = json!({"id": request.key});
    keeper.keep(request, (sent, result), mask, move |kept| kept.assign(&task)).await
}

/// Returns the task that a call is made of, or what is wrong with it.
fn task(call: &TaskCall, scope: Scope<'_>, request: &Request, at: Timestamp) -> Result<Assignment, String> {
    let fill =
        |template: &str| template::text(template, scope).map_err(|error: TemplateError| error.to_string());
    let (title, description) = (fill(&call.title)?, fill(&call.description)?);
    one_line("title", &title, TITLE)?;
    not_empty("title", &title)?;
    text("description", &description)?;
    let id = |name: &str, template: &str| {
        let id = fill(template)?;
        one_line(name, &id, ID)?;
        Ok::<_, String>((!id.trim().is_empty()).then_some(id))
    };
    let due_at = fill(&call.due_at)?;
    let due_at = if due_at.is_empty() { None } else { Some(instant(&due_at)?) };
    Ok(Assignment {
        id: request.key.clone(),
        title,
        description,
        assignee: id("assignee", &call.assignee)?,
        list: id("list", &call.list)?,
        priority: one_of("priority", &fill(&call.priority)?, &TaskPriority::ALL, TaskPriority::as_str)?,
        due_at,
        link: link(fill(&call.link)?)?,
        reference: id("reference", &call.reference)?,
        opened_at: at,
        ended: None,
    })
}

/// Reads an instant, as exact as it is kept.
fn instant(text: &str) -> Result<Timestamp, String> {
    let read = text.parse::<Timestamp>().ok();
    let read = read.and_then(|at| Timestamp::from_microsecond(at.as_microsecond()).ok());
    read.ok_or_else(|| "`due_at` is an instant such as `2026-03-16T09:00:00Z`".to_owned())
}

#[cfg(test)]
mod tests;
