//! Tasks that actions of rules give people: kept until somebody completes or cancels them.
//!
//! No execution waits for one of them, so unlike a question (see [`crate::Task`]) an assignment has a state of its own. What
//! ends it and the event that tells of its end are written together: the event is in the inbox if and only if the task
//! has ended, and once.

use std::sync::Arc;

use hence_types::jiff::Timestamp;
use hence_types::{TASK_CANCELLED, TASK_COMPLETED};
use serde_json::json;

use crate::store::{Cursor, Error, Page};
use crate::{Accepted, NewEvent};

/// The source of the events.
const SOURCE: &str = "tasks";

/// What the id of the event of a task's end ends with, whichever end it is.
const END: &str = ".end";

/// How much a task presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskPriority {
    /// When there is nothing else to do.
    Low,
    /// In its turn.
    #[default]
    Normal,
    /// Before others.
    High,
    /// At once.
    Urgent,
}

impl TaskPriority {
    /// All of them, the least first.
    pub const ALL: [TaskPriority; 4] =
        [TaskPriority::Low, TaskPriority::Normal, TaskPriority::High, TaskPriority::Urgent];

    /// Returns the spelling, such as `urgent`.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskPriority::Low => "low",
            TaskPriority::Normal => "normal",
            TaskPriority::High => "high",
            TaskPriority::Urgent => "urgent",
        }
    }

    /// Returns the one that is spelt so.
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == text)
    }
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was done.
    Completed,
    /// It is not to be done any more.
    Cancelled,
}

impl End {
    /// Returns the spelling, such as `completed`.
    pub fn as_str(self) -> &'static str {
        match self {
            End::Completed => "completed",
            End::Cancelled => "cancelled",
        }
    }

    /// Returns the one that is spelt so.
    pub fn of(text: &str) -> Option<Self> {
        [End::Completed, End::Cancelled].into_iter().find(|end| end.as_str() == text)
    }

    /// Returns the full name of the event that tells of it.
    pub fn event(self) -> &'static str {
        match self {
            End::Completed => TASK_COMPLETED,
            End::Cancelled => TASK_CANCELLED,
        }
    }
}

/// A task that a rule gave somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The key of the call that created it: there is one task of a key.
    pub id: String,
    /// What is to be done, one line.
    pub title: String,
    /// The details; empty if there are none.
    pub description: String,
    /// Who is to do it: the id of a person.
    pub assignee: Option<String>,
    /// The list it stands on, for whoever looks after that.
    pub list: Option<String>,
    /// How urgent it is.
    pub priority: TaskPriority,
    /// By when it should be done.
    pub due_at: Option<Timestamp>,
    /// Where it is done or told more of: a path, or an `http` address.
    pub link: Option<String>,
    /// What it is about: an id of the application's.
    pub reference: Option<String>,
    /// When it was created.
    pub opened_at: Timestamp,
    /// How it ended, if it did.
    pub ended: Option<Ending>,
}

/// How a task ended, by whom, and what they said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How.
    pub end: End,
    /// Who said so: the name of a token.
    pub by: String,
    /// The person that did it, as the application behind that token says.
    pub person: Option<String>,
    /// What came of it, in a word that rules can ask for.
    pub outcome: Option<String>,
    /// What they said to it.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Assignment {
    /// Returns the event that tells of an end of this task, to be taken into the inbox: of two ends the first counts.
    pub fn ended_event(&self, ending: &Ending) -> NewEvent {
        let payload = json!({
            "id": self.id,
            "title": self.title,
            "description": (!self.description.is_empty()).then_some(&self.description),
            "assignee": self.assignee,
            "list": self.list,
            "priority": self.priority.as_str(),
            "due_at": self.due_at.map(|at| at.to_string()),
            "link": self.link,
            "reference": self.reference,
            "opened_at": self.opened_at.to_string(),
            "ended_at": ending.at.to_string(),
            "by": ending.by,
            "person": ending.person,
            "outcome": ending.outcome,
            "note": ending.note,
        });
        NewEvent {
            id: format!("{}{END}", self.id).into(),
            source: SOURCE.into(),
            name: Arc::from(ending.end.event()),
            received_at: ending.at,
            occurred_at: ending.at,
            payload: payload.to_string().into(),
            mismatches: Vec::new(),
            target: None,
            // It comes from outside: a person decided, and what they decide may go on for ever.
            cause: None,
            trace: None,
        }
    }
}

/// Which tasks are wanted: those for which all that is given holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AssignmentFilter {
    /// For this person.
    pub assignee: Option<String>,
    /// On this list.
    pub list: Option<String>,
}

/// Keeps tasks.
pub trait Assignments: Send + Sync {
    /// Keeps a task unless there is one of its id; returns whether there was none.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn assign(&self, assignment: &Assignment) -> Result<bool, Error>;

    /// Returns a task.
    ///
    /// # Errors
    /// Whatever kept it from being read; so for the two methods that follow.
    fn assignment(&self, id: &str) -> Result<Option<Assignment>, Error>;

    /// Returns tasks that have not ended, by their ids, those after an id if given.
    ///
    /// # Errors
    /// See [`Assignments::assignment`].
    fn open_assignments(
        &self,
        filter: &AssignmentFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Assignment>, Error>;

    /// Returns tasks with their places, latest created first, those after `cursor` if given.
    ///
    /// # Errors
    /// See [`Assignments::assignment`].
    fn assignments(
        &self,
        filter: &AssignmentFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<(Cursor, Assignment)>, Error>;

    /// Ends a task, and takes the event that tells of it into the inbox in the same write. Returns what became of the
    /// event; nothing if the task has ended already, or there is none of this id.
    ///
    /// # Errors
    /// Whatever kept it from being written; neither is written then.
    fn end_assignment(&self, id: &str, ending: &Ending, event: &NewEvent) -> Result<Option<Accepted>, Error>;

    /// Deletes tasks that ended before an instant, the earliest first; returns how many.
    ///
    /// # Errors
    /// Whatever kept them from being deleted.
    fn forget_assignments(&self, ended_before: Timestamp, limit: usize) -> Result<usize, Error>;
}
