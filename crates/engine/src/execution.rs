//! Executions and their steps, as data: what the store keeps and the history shows.

use std::fmt;
use std::sync::Arc;

use hence_diagnostics::Code;
use hence_ir::Rule;
use hence_types::jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{Change, EventSequence, StoredEvent, journal};

/// The id of an execution: a UUID of version 7 as text, so that ids rise with time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutionId(Arc<str>);

impl ExecutionId {
    /// Returns the id of the execution that an event starts of a rule.
    ///
    /// The time is the event's arrival and the rest a hash, so that matching an event twice, as after a crash,
    /// cannot start two executions, and no randomness is needed.
    pub fn derive(event: &StoredEvent, rule: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [&*event.event.source, &*event.event.id, rule] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        let mut random = [0; 10];
        hasher.finalize_xof().fill(&mut random);
        let millis = u64::try_from(event.event.received_at.as_millisecond()).unwrap_or(0);
        Self::of(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Returns the id written `text`, if it is a UUID.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().map(Self::of)
    }

    /// Returns the text: 36 characters, lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string().into())
    }
}

impl fmt::Display for ExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Recorded, not yet begun.
    Pending,
    /// A call is under way.
    Running,
    /// Something is to happen at a later time.
    Waiting,
    /// Held until somebody resumes it.
    Paused,
    /// Ended well.
    Completed,
    /// Ended with an error.
    Failed,
    /// Ended by somebody, or by an event.
    Cancelled,
    /// Not begun: the rule ran as often as `once` or `limit` lets it.
    Throttled,
    /// Not begun: another firing takes its place, or still runs.
    Skipped,
}

impl Status {
    /// All states.
    pub const ALL: [Status; 9] = [
        Status::Pending,
        Status::Running,
        Status::Waiting,
        Status::Paused,
        Status::Completed,
        Status::Failed,
        Status::Cancelled,
        Status::Throttled,
        Status::Skipped,
    ];

    /// Returns the spelling, such as `running`.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Running => "running",
            Status::Waiting => "waiting",
            Status::Paused => "paused",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
            Status::Throttled => "throttled",
            Status::Skipped => "skipped",
        }
    }

    /// Returns the state written `text`, if it is one.
    pub fn parse(text: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Returns whether its steps were begun.
    pub fn is_begun(self) -> bool {
        match self {
            Status::Running
            | Status::Waiting
            | Status::Paused
            | Status::Completed
            | Status::Failed
            | Status::Cancelled => true,
            Status::Pending | Status::Throttled | Status::Skipped => false,
        }
    }

    /// Returns whether nothing more can happen.
    pub fn is_ended(self) -> bool {
        match self {
            Status::Completed | Status::Failed | Status::Cancelled | Status::Throttled | Status::Skipped => {
                true
            }
            Status::Pending | Status::Running | Status::Waiting | Status::Paused => false,
        }
    }
}

/// Which steps of a rule an execution runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Branch {
    /// Those after `then`: the condition held.
    Then,
    /// Those after `otherwise`: it did not.
    Otherwise,
}

impl Branch {
    /// Returns `then` or `otherwise`.
    pub fn as_str(self) -> &'static str {
        match self {
            Branch::Then => "then",
            Branch::Otherwise => "otherwise",
        }
    }

    /// Returns the branch written `text`, if it is one.
    pub fn parse(text: &str) -> Option<Branch> {
        [Branch::Then, Branch::Otherwise].into_iter().find(|branch| branch.as_str() == text)
    }
}

/// An execution: one run of a rule for one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Its id.
    pub id: ExecutionId,
    /// The rule's name.
    pub rule: Arc<str>,
    /// The rule's version, to which it is pinned.
    pub rule_version: Arc<str>,
    /// The event that started it.
    pub event: EventSequence,
    /// That event's id.
    pub event_id: Arc<str>,
    /// That event's full name.
    pub event_name: Arc<str>,
    /// How far it is.
    pub status: Status,
    /// Which steps it runs.
    pub branch: Branch,
    /// The variant it runs in, if the rule has any.
    pub variant: Option<Arc<str>>,
    /// The place in those steps: of the call under way, or of what comes next.
    pub place: u32,
    /// The variables, as text of the journal's format.
    pub locals: Arc<str>,
    /// What it does at the same time, as text of the journal's format; empty where that is nothing more.
    pub strands: Arc<str>,
    /// How many calls it has begun; the number of the latest, counted from 1.
    pub steps: u32,
    /// The attempt of the latest call, from 1; 0 before the first.
    pub attempt: u32,
    /// When the latest call was first recorded: the `now` of its arguments.
    pub called_at: Option<Timestamp>,
    /// When it, or the first of what it does at the same time, goes on: for the next attempt of a call, at a `wait`, or to
    /// begin.
    pub wake_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<ExecutionError>,
    /// Why it ended otherwise than by its last step, or did not begin, where that is no error.
    pub reason: Option<Arc<str>>,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How often it was written; a store refuses to write over a newer revision.
    pub revision: u32,
}

impl Execution {
    /// Returns the execution of a rule for an event, not yet begun nor written.
    pub(crate) fn pending(event: &StoredEvent, rule: &Rule, branch: Branch, at: Timestamp) -> Self {
        Self {
            id: ExecutionId::derive(event, &rule.name),
            rule: rule.name.clone(),
            rule_version: rule.version.clone(),
            event: event.sequence,
            event_id: event.event.id.clone(),
            event_name: event.event.name.clone(),
            status: Status::Pending,
            branch,
            variant: None,
            place: 0,
            locals: journal::encode(&[]).into(),
            strands: Arc::default(),
            steps: 0,
            attempt: 0,
            called_at: None,
            wake_at: None,
            error: None,
            reason: None,
            started_at: at,
            ended_at: None,
            revision: 0,
        }
    }

    pub(crate) fn fail(&mut self, error: ExecutionError, at: Timestamp) {
        self.error = Some(error);
        self.end(Status::Failed, at);
    }

    pub(crate) fn end(&mut self, status: Status, at: Timestamp) {
        self.status = status;
        self.wake_at = None;
        self.ended_at = Some(at);
    }

    /// Returns the change that writes this state over the one before.
    pub(crate) fn into_change(mut self) -> Change {
        self.revision = self.revision.saturating_add(1);
        if self.revision == 1 {
            Change::ExecutionStarted(Box::new(self))
        } else {
            Change::ExecutionChanged(Box::new(self))
        }
    }
}

/// Why an execution failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionError {
    /// The code, whose page explains it.
    pub code: Code,
    /// What went wrong, one line, secrets masked.
    pub message: String,
}

impl fmt::Display for ExecutionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.code)
    }
}

/// One attempt of one call of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    /// The execution.
    pub execution: ExecutionId,
    /// The number of the call in the execution, from 1.
    pub sequence: u32,
    /// The attempt, from 1.
    pub attempt: u32,
    /// The full name of the action.
    pub action: Arc<str>,
    /// The label of the step, if it has one.
    pub label: Option<Arc<str>>,
    /// How far it is.
    pub status: StepStatus,
    /// The idempotency key, the same for every attempt.
    pub key: Arc<str>,
    /// The arguments, secrets masked.
    pub arguments: Map<String, Json>,
    /// What was sent and what came back, secrets masked; `null` while unknown.
    pub detail: Json,
    /// Why it failed.
    pub error: Option<String>,
    /// When the intent was recorded.
    pub started_at: Timestamp,
    /// When the outcome was recorded.
    pub ended_at: Option<Timestamp>,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepStatus {
    /// The intent is recorded; the call may be under way.
    Started,
    /// It succeeded.
    Completed,
    /// It failed for good; what the rule says of that followed.
    Failed,
    /// It failed and is tried again: the next attempt has its own record.
    Retrying,
    /// It was not called.
    Skipped,
}

impl StepStatus {
    /// All states.
    pub const ALL: [StepStatus; 5] = [
        StepStatus::Started,
        StepStatus::Completed,
        StepStatus::Failed,
        StepStatus::Retrying,
        StepStatus::Skipped,
    ];

    /// Returns the spelling, such as `started`.
    pub fn as_str(self) -> &'static str {
        match self {
            StepStatus::Started => "started",
            StepStatus::Completed => "completed",
            StepStatus::Failed => "failed",
            StepStatus::Retrying => "retrying",
            StepStatus::Skipped => "skipped",
        }
    }

    /// Returns the state written `text`, if it is one.
    pub fn parse(text: &str) -> Option<StepStatus> {
        StepStatus::ALL.into_iter().find(|status| status.as_str() == text)
    }
}
