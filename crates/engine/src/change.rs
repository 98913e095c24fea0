//! What a command does: changes, written in one transaction, then effects.

use std::sync::Arc;

use hence_types::jiff::Timestamp;
use serde_json::Value as Json;

use crate::{
    EventSequence, Execution, ExecutionId, Firing, KeptRule, NewEvent, Request, StepRecord, StepStatus,
    StoredEvent, Target, Timer, TimerKey, Wait, WatchId, WatchState, Watched,
};

/// A write to the store. The changes of one outcome are written together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The event's rules have been looked for; the executions it starts stand in the same batch. Refused if the
    /// event is matched already.
    EventMatched(EventSequence),
    /// A version of a rule runs for the first time: its compiled form is kept. One that is kept already stays.
    RuleKept(KeptRule),
    /// A new execution, of revision 1. Refused if there is one of this id.
    ExecutionStarted(Box<Execution>),
    /// An execution's new state. Refused unless the store has the revision before it.
    ExecutionChanged(Box<Execution>),
    /// The intent of a call. Refused if there is one of this execution, sequence and attempt.
    StepStarted(Box<StepRecord>),
    /// The outcome of a call.
    StepEnded(Box<StepEnd>),
    /// An event that the engine puts into the inbox. One of this source and id that is there already stays.
    EventAccepted(Box<NewEvent>),
    /// A run that counts for `once` or a limit. Refused if there are as many as there may be.
    Fired(Firing),
    /// An execution waits for an event; written over what its strand waited for before.
    WaitBegun(Box<Wait>),
    /// No strand of an execution waits any more.
    WaitsEnded(ExecutionId),
    /// A strand of an execution no longer waits for an event; nothing if it did not.
    WaitEnded {
        /// The execution.
        execution: ExecutionId,
        /// The strand.
        strand: u32,
    },
    /// A trigger is watched for from now on.
    WatchBegun(Box<Watched>),
    /// A trigger is no longer watched for: it goes with all its timers.
    WatchEnded(Target),
    /// A new timer, or a new time for the one of its key.
    TimerSet(Box<Timer>),
    /// A timer is no longer wanted.
    TimerDropped(TimerKey),
    /// A timer has fired. Refused unless there is one that is due at its time.
    TimerFired(Box<Timer>),
    /// What is kept for a watch and a key from now on.
    WatchKept(Box<WatchState>),
    /// Nothing more is kept for a watch and a key.
    WatchForgotten(WatchId),
    /// Up to where events of these names were looked at by watches.
    LookedAt(Vec<(Arc<str>, EventSequence)>),
    /// A program was loaded: what it does not watch is forgotten, of what it watches it is known how far it is.
    WatchesLoaded {
        /// All that states may be kept for.
        watches: Vec<Arc<str>>,
        /// Up to where events were looked at.
        looked_at: Vec<(Arc<str>, EventSequence)>,
    },
}

/// The outcome of one attempt of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct StepEnd {
    /// The execution.
    pub execution: ExecutionId,
    /// The number of the call in the execution.
    pub sequence: u32,
    /// The attempt.
    pub attempt: u32,
    /// How it ended.
    pub status: StepStatus,
    /// What was sent and what came back, secrets masked.
    pub detail: Json,
    /// Why it failed.
    pub error: Option<String>,
    /// When.
    pub ended_at: Timestamp,
}

/// Something to be done in the world, after the changes are durable.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Call an action, and feed back what comes of it.
    Call(Call),
    /// Wake the execution at this time.
    WakeAt {
        /// The execution.
        execution: ExecutionId,
        /// When.
        at: Timestamp,
    },
    /// Hand an event to [`Driver::handle_event`](crate::Driver::handle_event): the engine has put it into the inbox.
    Handle(Box<StoredEvent>),
    /// Call [`Driver::look`](crate::Driver::look) at this time. Once is enough for all that are due.
    WatchAt(Timestamp),
}

/// A call of an action on behalf of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The execution.
    pub execution: ExecutionId,
    /// The number of the call in the execution.
    pub sequence: u32,
    /// What to call.
    pub request: Request,
}

/// What a command does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// What to write first, in one transaction.
    pub changes: Vec<Change>,
    /// What to do then.
    pub effects: Vec<Effect>,
}

impl Outcome {
    /// Returns the state of the execution after the command, if it changed.
    pub fn state(&self) -> Option<&Execution> {
        self.changes.iter().find_map(|change| match change {
            Change::ExecutionStarted(execution) | Change::ExecutionChanged(execution) => Some(&**execution),
            Change::EventMatched(_)
            | Change::RuleKept(_)
            | Change::StepStarted(_)
            | Change::StepEnded(_)
            | Change::EventAccepted(_)
            | Change::Fired(_)
            | Change::WaitBegun(_)
            | Change::WaitsEnded(_)
            | Change::WaitEnded { .. }
            | Change::WatchBegun(_)
            | Change::WatchEnded(_)
            | Change::TimerSet(_)
            | Change::TimerDropped(_)
            | Change::TimerFired(_)
            | Change::WatchKept(_)
            | Change::WatchForgotten(_)
            | Change::LookedAt(_)
            | Change::WatchesLoaded { .. } => None,
        })
    }
}
