//! The store, as the engine sees it: an inbox of events, executions, their steps.
//!
//! Methods block until they are done; a caller on an asynchronous runtime calls them on a thread of its own.
//! Everything that a method has written is durable when it returns.

use std::sync::Arc;

use hence_types::jiff::Timestamp;

use crate::{
    Change, EventSequence, EventState, Execution, ExecutionId, KeptRule, KeyHash, NewEvent, RuleVersion,
    Status, StepRecord, StoredEvent, Timer, TimerKey, Wait, WatchId, WatchState, Watched,
};

/// Keeps events, executions and steps.
pub trait Store: Send + Sync {
    /// Takes events into the inbox, all or none; the answers are in their order.
    ///
    /// # Errors
    /// Whatever kept the events from becoming durable; none of them is taken then.
    fn accept(&self, events: &[NewEvent]) -> Result<Vec<Accepted>, Error>;

    /// Returns events whose rules have not been looked for, oldest first: what a crash left behind.
    ///
    /// # Errors
    /// Whatever kept the store from being read; so for all the methods that follow.
    fn unmatched(&self, limit: usize) -> Result<Vec<StoredEvent>, Error>;

    /// Writes changes in one transaction; returns what became of the events among them, in their order.
    ///
    /// # Errors
    /// [`Error::Conflict`] if one of the changes is refused, or whatever kept them from becoming durable; none
    /// of them is written then.
    fn apply(&self, changes: &[Change]) -> Result<Vec<Accepted>, Error>;

    /// Returns executions that are pending or running, and those that ended with something left in
    /// [`strands`](Execution::strands), as calls were under way then; in the order they were written, those after `after`
    /// if given: after a start, what was interrupted.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn interrupted(&self, after: Option<&Cursor>, limit: usize) -> Result<Page<Execution>, Error>;

    /// Returns an execution.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn execution(&self, id: &ExecutionId) -> Result<Option<Execution>, Error>;

    /// Returns executions, latest first, those after `cursor` if given.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn executions(
        &self,
        filter: &ExecutionFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Execution>, Error>;

    /// Returns the steps of an execution by sequence, then attempt.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn steps(&self, execution: &ExecutionId) -> Result<Vec<StepRecord>, Error>;

    /// Returns the waits for events of a full name that have one of these keys, by execution, then strand. Their number
    /// alone decides what it costs, not that of all waits.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn waits(&self, event: &str, keys: &[Arc<str>]) -> Result<Vec<Wait>, Error>;

    /// Returns the waits for events of a full name by their keys, those after a key if given.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn waits_for(&self, event: &str, after: Option<&str>, limit: usize) -> Result<Vec<Wait>, Error>;

    /// Returns an event by its place in the inbox.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn event(&self, sequence: EventSequence) -> Result<Option<StoredEvent>, Error>;

    /// Returns the events of an id, latest first: more than one only if they come from different sources.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn events_of_id(&self, id: &str) -> Result<Vec<StoredEvent>, Error>;

    /// Returns events, latest first, those after `cursor` if given.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn events(
        &self,
        filter: &EventFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<StoredEvent>, Error>;

    /// Returns the triggers that are watched for.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn watched(&self) -> Result<Vec<Watched>, Error>;

    /// Returns a timer.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, Error>;

    /// Returns timers that are due at an instant, the earliest first.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn due_timers(&self, at: Timestamp, limit: usize) -> Result<Vec<Timer>, Error>;

    /// Returns executions whose wait is over at an instant, the earliest first.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn due_executions(&self, at: Timestamp, limit: usize) -> Result<Vec<ExecutionId>, Error>;

    /// Returns when the first timer is due, and when the first wait of an execution is over.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn next_due(&self) -> Result<NextDue, Error>;
    /// Returns what is kept for a watch and a key.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn watch_state(&self, id: &WatchId) -> Result<Option<WatchState>, Error>;

    /// Returns the states that are due at an instant, the earliest first, then by what they are kept for.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn watches_due(&self, until: Timestamp, limit: usize) -> Result<Vec<WatchState>, Error>;

    /// Returns when the next state is due.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn next_watch_due(&self) -> Result<Option<Timestamp>, Error>;

    /// Returns up to where the inbox was looked at by watches, by the names of the events.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn looked_at(&self) -> Result<Vec<(Arc<str>, EventSequence)>, Error>;

    /// Returns the events of these names that are addressed to nobody and stand behind a place in the inbox, in order,
    /// and up to where the inbox was searched for them.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn events_to_watch(
        &self,
        names: &[Arc<str>],
        behind: EventSequence,
        limit: usize,
    ) -> Result<(Vec<StoredEvent>, EventSequence), Error>;

    /// Returns the last place in the inbox, 0 if it is empty.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn last_event(&self) -> Result<EventSequence, Error>;

    /// Returns events of a name that came after another and whose rules have been looked for, in the order of arrival.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn matched_after(
        &self,
        name: &str,
        after: EventSequence,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error>;

    /// Counts the runs of a key after an instant, all if there is none.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn firings(&self, key: &KeyHash, since: Option<Timestamp>) -> Result<u32, Error>;

    /// Counts the executions of a rule by the variant they got, in the order of the variants' names; those that were not
    /// begun do not count.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn variants(&self, rule: &str) -> Result<Vec<(Arc<str>, u64)>, Error>;

    /// Deletes executions that ended before an instant, with their steps, the earliest first; returns how many. So many at
    /// most are deleted in one write.
    ///
    /// # Errors
    /// Whatever kept the deletion from becoming durable; nothing is deleted then.
    fn forget_executions(&self, ended_before: Timestamp, limit: usize) -> Result<usize, Error>;

    /// Looks at so many events behind a place in the inbox, up to the first that did not arrive before an instant, and
    /// deletes those that nothing needs any more. An event is needed until it is matched, as long as executions of it or of
    /// its cause are kept, or events that it led to, as watches refer to it or have not looked at it, and if it is the last.
    ///
    /// # Errors
    /// See [`Store::forget_executions`].
    fn forget_events(
        &self,
        arrived_before: Timestamp,
        behind: EventSequence,
        limit: usize,
    ) -> Result<Forgotten, Error>;

    /// Returns the names and versions of rules whose compiled form is kept, in their order.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn kept_rules(&self) -> Result<Vec<RuleVersion>, Error>;

    /// Returns a version of a rule, if it is kept.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn kept_rule(&self, rule: &str, version: &str) -> Result<Option<KeptRule>, Error>;

    /// Returns whether it can be written. Where the last write failed, one is tried.
    ///
    /// # Errors
    /// Why not.
    fn check(&self) -> Result<(), Error>;

    /// Counts what there is.
    ///
    /// # Errors
    /// See [`Store::unmatched`].
    fn counts(&self) -> Result<Counts, Error>;

    /// Returns what writing has cost since the store was opened; nothing where writing costs nothing.
    fn commits(&self) -> Commits {
        Commits::default()
    }
}

/// What writing has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Commits {
    /// How many transactions were committed.
    pub count: u64,
    /// How many writes shared them.
    pub writes: u64,
    /// How long they took together, in nanoseconds.
    pub nanoseconds: u64,
}

/// How many events were deleted, and up to where was looked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// How many.
    pub count: usize,
    /// Behind what place to look next; none if there is nothing left to look at.
    pub next: Option<EventSequence>,
}

/// When something is due next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NextDue {
    /// The first timer.
    pub timer: Option<Timestamp>,
    /// The first execution that waits for a time.
    pub execution: Option<Timestamp>,
}

impl NextDue {
    /// Returns the earlier of both.
    pub fn earliest(self) -> Option<Timestamp> {
        self.timer.into_iter().chain(self.execution).min()
    }
}

/// What became of an event that was handed to [`Store::accept`] or [`Store::apply`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is in the inbox now.
    New(EventSequence),
    /// It was there before, at this place.
    Duplicate(EventSequence),
}

impl Accepted {
    /// Returns its place in the inbox.
    pub fn sequence(self) -> EventSequence {
        match self {
            Accepted::New(sequence) | Accepted::Duplicate(sequence) => sequence,
        }
    }
}

/// Which executions are wanted: those for which all that is given holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// Of this rule.
    pub rule: Option<Arc<str>>,
    /// In this state.
    pub status: Option<Status>,
    /// Started by an event of this full name.
    pub event_name: Option<Arc<str>>,
    /// Started by an event of this id.
    pub event_id: Option<Arc<str>>,
    /// Started at or after this instant.
    pub since: Option<Timestamp>,
}

/// Which events are wanted: those for which all that is given holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this full name.
    pub name: Option<Arc<str>>,
    /// From this source.
    pub source: Option<Arc<str>>,
    /// In this state.
    pub state: Option<EventState>,
    /// Whose payload breaks its schema, or keeps to it.
    pub schema_mismatch: Option<bool>,
    /// Received at or after this instant.
    pub since: Option<Timestamp>,
}

/// A part of a list, and where it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask with for those that follow; none if these are the last.
    pub next: Option<Cursor>,
}

/// A place in a list, between two items: new items do not move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The instant by which the list is ordered, in microseconds since 1970, of the item before.
    pub instant: i64,
    /// The number of that item among those of the instant: rising in the order they were written.
    pub sequence: u64,
}

impl Cursor {
    /// Returns the text that stands for it in addresses.
    pub fn to_text(&self) -> String {
        format!("{}.{}", self.instant, self.sequence)
    }

    /// Returns the cursor written `text`, if it is one.
    pub fn parse(text: &str) -> Option<Cursor> {
        let (instant, sequence) = text.split_once('.')?;
        Some(Cursor { instant: instant.parse().ok()?, sequence: sequence.parse().ok()? })
    }
}

/// How much there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events in the inbox.
    pub events: u64,
    /// Those whose rules have not been looked for.
    pub unmatched: u64,
    /// Those whose payload breaks its schema.
    pub schema_mismatches: u64,
    /// Executions by state, every state listed.
    pub executions: Vec<(Status, u64)>,
}

/// Why the store did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A change is refused because the store has moved on; nothing was written.
    #[error("{what} was changed by somebody else in the meantime")]
    Conflict {
        /// What has moved on, such as "execution 0190…".
        what: String,
    },
    /// There is no room left.
    #[error("the disk of the store `{store}` is full; nothing is accepted until there is room")]
    Full {
        /// The store, as an address without secrets.
        store: String,
    },
    /// It cannot be written.
    #[error("the store `{store}` cannot be written: the file or its folder is read-only")]
    ReadOnly {
        /// The store.
        store: String,
    },
    /// Somebody else holds it.
    #[error("the store `{store}` is held by another process")]
    Locked {
        /// The store.
        store: String,
    },
    /// What it holds cannot be read.
    #[error("the store `{store}` is damaged: {reason}")]
    Corrupt {
        /// The store.
        store: String,
        /// What is wrong.
        reason: String,
    },
    /// It was written by a later version.
    #[error(
        "the store `{store}` has version {found}, written by a newer hence; this one reads up to {supported}"
    )]
    Newer {
        /// The store.
        store: String,
        /// Its version.
        found: u32,
        /// The latest version that is understood.
        supported: u32,
    },
    /// It cannot be reached or opened, or is shut down.
    #[error("the store `{store}` is unavailable: {reason}")]
    Unavailable {
        /// The store.
        store: String,
        /// Why.
        reason: String,
    },
}
