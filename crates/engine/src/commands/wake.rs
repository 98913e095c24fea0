//! The time has come that strands of an execution wait for: that of the next attempt of a call, that of a `wait`, or that
//! until which an event is waited for.

use hence_ir::Step;

use crate::run::{Run, internal};
use crate::strand::State;
use crate::{Effect, Outcome, Status};

pub(super) fn apply(mut run: Run<'_>) -> Outcome {
    if run.execution.status.is_ended() || run.execution.status == Status::Paused {
        return Outcome::default();
    }
    let (mut is_woken, mut later) = (false, None);
    for id in run.strands() {
        if run.execution.status.is_ended() || !run.switch(id) || run.strand.state != State::Waiting {
            continue;
        }
        match run.strand.wake_at {
            Some(due) if due <= run.at => {
                is_woken = true;
                wake(&mut run);
            }
            Some(due) => later = Some(later.map_or(due, |later| due.min(later))),
            None => {}
        }
    }
    if is_woken {
        return run.finish();
    }
    let effect = later.map(|at| Effect::WakeAt { execution: run.execution.id, at });
    Outcome { changes: Vec::new(), effects: effect.into_iter().collect() }
}

/// Takes the strand up, whose time has come.
fn wake(run: &mut Run<'_>) {
    let woken = if let Some(Step::Wait { .. }) = run.step() {
        run.strand.wake_at = None;
        run.strand.place = run.strand.place.saturating_add(1);
        Ok(())
    } else if let Some(wait) = run.awaited() {
        run.end_await(wait, None)
    } else {
        let tried = match run.act() {
            Some(act) => run.attempt(act),
            None => Err(internal("no call stands where one was made")),
        };
        return tried.unwrap_or_else(|error| run.stumble(error));
    };
    match woken {
        Ok(()) => run.advance(),
        Err(error) => run.stumble(error),
    }
}
