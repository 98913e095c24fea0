//! What came of a test.

use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic, Span};
use hence_engine::{Branch, Status};
use hence_types::jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value as Json};

use crate::coverage::Observation;

/// What came of a test.
#[derive(Debug, Clone)]
pub struct Report {
    /// The title.
    pub name: String,
    /// The place of the title.
    pub span: Span,
    /// What was not as expected; none for a test that passed.
    pub failures: Vec<Failure>,
    /// All calls, in the order they were first made.
    pub calls: Vec<MadeCall>,
    /// All executions, in the order they were started.
    pub executions: Vec<RanExecution>,
    pub(crate) observations: Vec<Observation>,
}

impl Report {
    /// Returns whether everything was as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The code.
    pub code: Code,
    /// The place of the expectation.
    pub span: Span,
    /// What is wrong, one line.
    pub message: String,
    /// What to say at the place.
    pub label: String,
    /// What was expected and what happened instead, line by line.
    pub difference: Vec<Line>,
}

impl Failure {
    /// Returns the failure as a diagnostic; the difference is not part of it.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::new(self.code, self.span, self.message.clone()).label(self.label.clone())
    }
}

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// As expected, or said beside.
    Both(String),
    /// Expected, and not there.
    Expected(String),
    /// There, and not expected.
    Actual(String),
}

impl Line {
    /// Returns the mark before the line: a blank, `-` or `+`.
    pub fn mark(&self) -> char {
        match self {
            Line::Both(_) => ' ',
            Line::Expected(_) => '-',
            Line::Actual(_) => '+',
        }
    }

    /// Returns the text of the line.
    pub fn text(&self) -> &str {
        match self {
            Line::Both(text) | Line::Expected(text) | Line::Actual(text) => text,
        }
    }
}

/// A call of an action, with all its attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct MadeCall {
    /// The full name of the action.
    pub action: Arc<str>,
    /// The arguments as they were sent.
    pub arguments: Map<String, Json>,
    /// The attempts, at least one.
    pub attempts: Vec<Attempt>,
    /// What tells it from other calls.
    pub(crate) key: String,
}

/// An attempt of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was made.
    pub at: Timestamp,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// How long after the latest event it was made.
    pub(crate) elapsed: SignedDuration,
    /// The number of the group of expectations it was made before.
    pub(crate) section: usize,
}

impl MadeCall {
    /// Returns whether it succeeded in the end.
    pub fn succeeded(&self) -> bool {
        self.attempts.last().is_some_and(|attempt| attempt.error.is_none())
    }
}

/// An execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RanExecution {
    /// The rule.
    pub rule: Arc<str>,
    /// The id of the event that started it.
    pub event: Arc<str>,
    /// The variant it ran in, if the rule has any.
    pub variant: Option<Arc<str>>,
    /// Which of its steps ran.
    pub branch: Branch,
    /// How far it came.
    pub status: Status,
    /// Whether it ended before its last step.
    pub stopped: bool,
    /// Why it failed.
    pub error: Option<String>,
    /// Why it ended otherwise than by its last step, where that is no error.
    pub reason: Option<String>,
}
