//! Questions to people: `ask "manager" "Approve {total}?"`.
//!
//! A question is an event of the inbox, `hence.task.opened`, and so is the answer, `hence.task.answered`; both are named after
//! the task, so that it is asked once and answered once. The execution that asked waits for the answer as for any other
//! event, and as long as it does the task is open.

use std::sync::Arc;

use hence_ir::Await;
use hence_types::jiff::Timestamp;
use hence_types::{TASK_ANSWERED, TASK_OPENED, Value};
use serde_json::{Map, Value as Json, json};

use crate::store::{Error, Store};
use crate::waiting::{self, TASK, Wait};
use crate::{Cause, NewEvent, StoredEvent};

/// The field of the answer that says yes or no.
pub(crate) const APPROVED: &str = "approved";

/// The source of the events.
const SOURCE: &str = "hence";

/// What the id of the answer ends with; that of the question is the task's.
const ANSWER: &str = ".answer";

/// A question to a person, and what became of it.
#[derive(Debug, Clone)]
pub struct Task {
    /// The task's id.
    pub id: Arc<str>,
    /// The event with the question: rule, execution, role, question and until when it can be answered.
    pub opened: StoredEvent,
    /// The event with the answer.
    pub answered: Option<StoredEvent>,
    /// Whether the execution waits for the answer.
    pub is_open: bool,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct TaskAnswer<'a> {
    /// Whether it is yes.
    pub approved: bool,
    /// Who answers.
    pub by: &'a str,
    /// What they say to it.
    pub comment: Option<&'a str>,
}

impl Task {
    /// Returns a task, if there is one of this id.
    ///
    /// # Errors
    /// Whatever kept the store from being read.
    pub fn find(store: &dyn Store, id: &str) -> Result<Option<Self>, Error> {
        let opened = event_of(store, id, TASK_OPENED)?;
        let Some(opened) = opened else { return Ok(None) };
        let answered = event_of(store, &format!("{id}{ANSWER}"), TASK_ANSWERED)?;
        let is_open = answered.is_none() && !store.waits(TASK_ANSWERED, &[task_key(id)])?.is_empty();
        Ok(Some(Self { id: id.into(), opened, answered, is_open }))
    }

    /// Returns the key of the wait for a task's answer. Waits in the order of their keys are in that of their tasks' ids.
    pub fn wait_key(id: &str) -> Arc<str> {
        task_key(id)
    }

    /// Returns the task whose answer is waited for.
    ///
    /// # Errors
    /// Whatever kept the store from being read.
    pub fn of_wait(store: &dyn Store, wait: &Wait) -> Result<Option<Self>, Error> {
        let id = wait.key.strip_prefix(TASK).and_then(|rest| rest.strip_prefix(" = \"")?.strip_suffix('"'));
        match id {
            Some(id) => Self::find(store, id),
            None => Ok(None),
        }
    }

    /// Returns who is asked.
    pub fn role(&self) -> Option<String> {
        let question: Json = serde_json::from_str(&self.opened.event.payload).ok()?;
        question.get("role")?.as_str().map(str::to_owned)
    }

    /// Returns the event that answers it, to be taken into the inbox: of two answers the first counts.
    pub fn answer(&self, answer: &TaskAnswer<'_>, now: Timestamp) -> NewEvent {
        let mut payload = Map::new();
        let question: Map<String, Json> =
            serde_json::from_str(&self.opened.event.payload).unwrap_or_default();
        payload.extend(question.into_iter().filter(|(name, _)| ASKED.contains(&name.as_str())));
        payload.insert(APPROVED.to_owned(), answer.approved.into());
        payload.insert("by".to_owned(), answer.by.into());
        if let Some(comment) = answer.comment {
            payload.insert("comment".to_owned(), comment.into());
        }
        NewEvent {
            id: format!("{}{ANSWER}", self.id).into(),
            source: SOURCE.into(),
            name: TASK_ANSWERED.into(),
            received_at: now,
            occurred_at: now,
            payload: Json::Object(payload).to_string().into(),
            mismatches: Vec::new(),
            target: None,
            cause: Some(self.opened.as_cause()),
            trace: None,
        }
    }
}

/// What the answer repeats of the question.
const ASKED: [&str; 5] = [TASK, "rule", "execution", "role", "question"];

fn event_of(store: &dyn Store, id: &str, name: &str) -> Result<Option<StoredEvent>, Error> {
    let found = store.events_of_id(id)?;
    Ok(found.into_iter().find(|stored| &*stored.event.name == name && &*stored.event.source == SOURCE))
}

/// A question, as it is put.
pub(crate) struct Opened<'a> {
    pub(crate) task: &'a str,
    pub(crate) rule: &'a str,
    pub(crate) execution: &'a str,
    pub(crate) role: &'a str,
    pub(crate) question: &'a str,
    pub(crate) due: Option<Timestamp>,
}

/// Returns the event that a question was put.
pub(crate) fn opened(opened: &Opened<'_>, cause: Cause, at: Timestamp) -> NewEvent {
    let Opened { task, rule, execution, role, question, due } = opened;
    let mut payload = json!({TASK: task, "rule": rule, "execution": execution, "role": role,
        "question": question, "link": format!("/tasks/{task}")});
    if let (Some(members), Some(due)) = (payload.as_object_mut(), due) {
        members.insert("due_at".to_owned(), due.to_string().into());
    }
    NewEvent {
        id: (*task).into(),
        source: SOURCE.into(),
        name: TASK_OPENED.into(),
        received_at: at,
        occurred_at: at,
        payload: payload.to_string().into(),
        mismatches: Vec::new(),
        target: None,
        cause: Some(cause),
        trace: None,
    }
}

/// Returns by what the answer finds the execution that asked.
pub(crate) fn task_key(task: &str) -> Arc<str> {
    waiting::key(&[TASK.into()], &Value::text(task)).unwrap_or_default()
}

/// Returns a field of an answer, as its schema has it.
pub(crate) fn answered(wait: &Await, event: &StoredEvent, field: &str) -> Value {
    let read = waiting::read(&wait.other, &event.event.payload);
    if let Value::Record(record) = &read { record.get(field) } else { Value::Missing }
}
