//! Strands: what an execution does at the same time. Most have one only, the main strand, which runs the steps one after
//! the other. A step that begins others (`parallel`, `for … 5 at a time`) holds its own strand until they have joined.
//!
//! A strand has a copy of the variables: what is named within it is in scope there alone, and nothing is ever assigned
//! again, so nothing comes back from it but that it is done.

use std::collections::BTreeMap;
use std::sync::Arc;

use hence_types::jiff::Timestamp;

use crate::{Execution, Status};

/// The strand that an execution begins with.
pub(crate) const MAIN: u32 = 0;

/// A strand of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strand {
    /// Its number: rising, never given again within an execution.
    pub(crate) id: u32,
    /// The strand that began it and waits for it.
    pub(crate) parent: u32,
    pub(crate) state: State,
    /// The place of the call under way, of what is waited at, or of what comes next.
    pub(crate) place: u32,
    /// The variables, as text of the journal's format.
    pub(crate) locals: Arc<str>,
    /// The number of its latest call in the execution.
    pub(crate) sequence: u32,
    /// The attempt of that call, from 1.
    pub(crate) attempt: u32,
    /// When that call was first recorded.
    pub(crate) called_at: Option<Timestamp>,
    /// When it goes on, while it waits.
    pub(crate) wake_at: Option<Timestamp>,
}

/// How far a strand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Its steps can be run.
    Ready,
    /// A call is under way.
    Calling,
    /// Something is to happen later.
    Waiting,
    /// The strands that it began have not joined.
    Held,
}

impl State {
    pub(crate) const ALL: [State; 4] = [State::Ready, State::Calling, State::Waiting, State::Held];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            State::Ready => "ready",
            State::Calling => "calling",
            State::Waiting => "waiting",
            State::Held => "held",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// The strands of an execution beside the main one, and what they left behind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Strands {
    /// By number.
    pub(crate) strands: BTreeMap<u32, Strand>,
    /// The number given last.
    pub(crate) last: u32,
    /// Sequence and attempt of calls that were under way when their strand ended: what comes of them is recorded, and
    /// nothing follows from it.
    pub(crate) abandoned: Vec<(u32, u32)>,
    /// How far the main strand is of an execution that is paused.
    pub(crate) paused: Option<State>,
}

impl Strands {
    /// Returns whether there is nothing to keep.
    pub(crate) fn is_empty(&self) -> bool {
        self.strands.is_empty() && self.abandoned.is_empty() && self.paused.is_none()
    }

    /// Takes the strands out that a strand began, and those that these began.
    pub(crate) fn take_descendants(&mut self, of: u32) -> Vec<Strand> {
        let (mut family, mut taken) = (vec![of], Vec::new());
        // INVARIANT: a strand has a higher number than the one that began it.
        self.strands.retain(|_, strand| {
            let is_descendant = family.contains(&strand.parent);
            if is_descendant {
                family.push(strand.id);
                taken.push(strand.clone());
            }
            !is_descendant
        });
        taken
    }
}

/// Returns the main strand of an execution.
pub(crate) fn main(execution: &Execution, others: &Strands) -> Strand {
    let state = match execution.status {
        Status::Running | Status::Waiting if !others.strands.is_empty() => State::Held,
        Status::Running => State::Calling,
        Status::Waiting => State::Waiting,
        Status::Paused => others.paused.unwrap_or(State::Ready),
        Status::Pending
        | Status::Completed
        | Status::Failed
        | Status::Cancelled
        | Status::Throttled
        | Status::Skipped => State::Ready,
    };
    let is_held = state == State::Held;
    Strand {
        id: MAIN,
        parent: MAIN,
        state,
        place: execution.place,
        locals: execution.locals.clone(),
        sequence: execution.steps,
        attempt: execution.attempt,
        called_at: execution.called_at,
        wake_at: execution.wake_at.filter(|_| !is_held),
    }
}
