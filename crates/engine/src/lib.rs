//! Which executions an event starts and what each does next.
//!
//! The heart is a pure function: a state and a command give changes and effects. The driver (in `hence-server`, or a
//! test) writes the changes in one transaction, then performs the effects and feeds their results back as
//! commands. The engine does no I/O, reads no clock, never parses source: time, storage and calls come through
//! the traits [`Clock`], [`Store`] and [`Connector`] that it owns and others implement.
//!
//! Start with [`step`], then [`Driver`].

mod admission;
mod assignments;
mod change;
mod clock;
mod commands;
mod connector;
mod decide;
mod driver;
mod event;
mod execution;
mod journal;
mod kept;
mod key_hash;
mod manual;
mod masking;
mod matching;
mod notifications;
mod own_events;
mod retry;
mod run;
#[cfg(test)]
mod sample;
mod stop_all;
pub mod store;
mod strand;
mod tasks;
mod timer;
mod waiting;
mod watch;
mod watching;

pub use admission::Firing;
pub use assignments::{Assignment, AssignmentFilter, Assignments, End, Ending, TaskPriority};
pub use change::{Call, Change, Effect, Outcome, StepEnd};
pub use clock::{Clock, ManualClock};
pub use commands::{Command, step};
pub use connector::{CallFuture, Connector, Failure, Request, Response};
pub use decide::{Answer, Decided, Decision, Effect as DecisionEffect, Overruled, Question, decide};
pub use driver::{
    Caches, Control, Driver, Evaluation, Finished, Fired, Handled, Lookup, Performing, Prepared, Refused,
};
pub use event::{Cause, EventSequence, EventState, NewEvent, StoredEvent, Target};
pub use execution::{Branch, Execution, ExecutionError, ExecutionId, Status, StepRecord, StepStatus};
pub use kept::{KeptRule, RuleVersion};
pub use key_hash::KeyHash;
pub use manual::{ManualError, asked_for, manual_run};
pub use matching::{Match, Skip, Verdict, verdicts};
pub use notifications::{Level, Notification, NotificationFilter, Notifications};
pub use run::Inputs;
pub use store::{
    Accepted, Commits, Counts, Cursor, EventFilter, ExecutionFilter, Forgotten, NextDue, Page, Store,
};
pub use tasks::{Task, TaskAnswer};
pub use timer::{Timer, TimerKey, Watched};
pub use waiting::Wait;
pub use watch::{WatchId, WatchState};
