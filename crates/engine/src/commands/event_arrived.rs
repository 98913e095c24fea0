//! An event arrived that a strand may wait for: it goes on with it if it is the one; or one that ends the execution, if its
//! rule says so. A call under way is not taken back then; its outcome is recorded when it comes.
//!
//! An event that ends executions may be handed in again: what it means is computed from it and the event that started the
//! execution alone, so it means the same. Only events that came after that one count.

use hence_types::jiff::Timestamp;

use crate::run::{Inputs, Run};
use crate::waiting::EXITS;
use crate::{Execution, Outcome, StoredEvent};

pub(super) fn apply(mut run: Run<'_>, strand: u32, event: &StoredEvent) -> Outcome {
    if strand >= EXITS {
        return exit(run, strand, event);
    }
    if run.execution.status.is_ended() || !run.switch(strand) {
        return Outcome::default();
    }
    let Some(wait) = run.awaited().filter(|wait| wait.event == event.event.name) else {
        return Outcome::default();
    };
    // What arrived after the time was over came too late, whichever is handled first.
    if run.strand.wake_at.is_some_and(|due| due <= event.event.received_at) {
        return Outcome::default();
    }
    let ended = match run.is_awaited(wait, event) {
        Ok(false) => return Outcome::default(),
        Ok(true) => run.end_await(wait, Some(event)),
        Err(error) => Err(error),
    };
    match ended {
        Ok(()) => run.advance(),
        Err(error) => run.stumble(error),
    }
    run.finish()
}

/// Returns whether an event ends an execution, as its rule says. A condition that cannot be computed is told of when the event
/// is handed in.
pub(crate) fn ends(
    state: &Execution,
    strand: u32,
    event: &StoredEvent,
    at: Timestamp,
    inputs: &Inputs<'_>,
) -> bool {
    let run = Run::new(state, at, inputs);
    run.is_ok_and(|run| run.is_exit(strand, event).unwrap_or(false))
}

fn exit(mut run: Run<'_>, strand: u32, event: &StoredEvent) -> Outcome {
    if run.execution.status.is_ended() || event.sequence <= run.execution.event {
        return Outcome::default();
    }
    match run.is_exit(strand, event) {
        Ok(false) => return Outcome::default(),
        Ok(true) => run.end_by(event),
        Err(error) => run.fail(error),
    }
    run.finish()
}
