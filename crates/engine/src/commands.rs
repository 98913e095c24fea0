//! The list of what can happen to an execution, one file each.

mod cancel;
mod event_arrived;
mod give_up;
mod give_way;
mod hold;
mod pause;
mod resume;
mod resume_after_restart;
mod retry_failed;
mod start;
mod step_done;
mod step_failed;
mod turn_away;
mod wake;

use std::sync::Arc;

use hence_types::jiff::Timestamp;

use crate::event::to_the_microsecond;
use crate::run::{Inputs, Run};
use crate::{Execution, Failure, Outcome, Response, Status, StoredEvent};

pub(crate) use event_arrived::ends;
pub(crate) use give_up::{call_off, give_up};
pub(crate) use retry_failed::stands_in_parallel;

/// Something that happens to an execution.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// It begins.
    Start,
    /// It begins later: at an instant, or when its turn comes.
    Hold {
        /// When.
        until: Option<Timestamp>,
    },
    /// It does not begin.
    TurnAway {
        /// [`Status::Throttled`] or [`Status::Skipped`].
        status: Status,
        /// Why.
        reason: Arc<str>,
    },
    /// It ends, as a later firing of its rule takes its place.
    GiveWay {
        /// Why.
        reason: Arc<str>,
    },
    /// A call succeeded.
    StepDone {
        /// The number of the call.
        sequence: u32,
        /// The attempt.
        attempt: u32,
        /// What it gave.
        response: Response,
    },
    /// A call did not succeed.
    StepFailed {
        /// The number of the call.
        sequence: u32,
        /// The attempt.
        attempt: u32,
        /// Why.
        failure: Failure,
    },
    /// The time it waits for has come.
    Wake,
    /// An event arrived that a strand of it may wait for.
    EventArrived {
        /// The strand.
        strand: u32,
        /// The event.
        event: Box<StoredEvent>,
    },
    /// The daemon was started anew while the execution was open.
    ResumeAfterRestart,
    /// Somebody ends it.
    Cancel {
        /// Why, where that is to be kept.
        reason: Option<Arc<str>>,
    },
    /// Somebody holds it: what is under way comes to its end, nothing more begins.
    Pause,
    /// It goes on after it was held.
    Resume,
    /// It failed, and somebody has it go on with the step that failed.
    Retry {
        /// Whether that step is passed over, as it was done otherwise.
        skip: bool,
        /// An event that ends it, as its rule says, where one came since it began.
        ended_by: Option<Box<StoredEvent>>,
    },
}

/// Returns what a command does to an execution at an instant.
///
/// A command that has no meaning in the execution's state, such as the result of a call that was taken already,
/// does nothing: the outcome is empty.
pub fn step(state: &Execution, command: Command, at: Timestamp, inputs: &Inputs<'_>) -> Outcome {
    let at = to_the_microsecond(at);
    let run = match Run::new(state, at, inputs) {
        Ok(run) => run,
        Err(error) => return give_up(state, error, at),
    };
    match command {
        Command::Start => start::apply(run),
        Command::Hold { until } => hold::apply(run, until),
        Command::TurnAway { status, reason } => turn_away::apply(run, status, reason),
        Command::GiveWay { reason } => give_way::apply(run, reason),
        Command::StepDone { sequence, attempt, response } => {
            step_done::apply(run, sequence, attempt, &response)
        }
        Command::StepFailed { sequence, attempt, failure } => {
            step_failed::apply(run, sequence, attempt, failure)
        }
        Command::Wake => wake::apply(run),
        Command::EventArrived { strand, event } => event_arrived::apply(run, strand, &event),
        Command::ResumeAfterRestart => resume_after_restart::apply(run),
        Command::Cancel { reason } => cancel::apply(run, reason),
        Command::Pause => pause::apply(run),
        Command::Resume => resume::apply(run),
        Command::Retry { skip, ended_by } => retry_failed::apply(run, skip, ended_by.as_deref()),
    }
}

#[cfg(test)]
mod tests;
