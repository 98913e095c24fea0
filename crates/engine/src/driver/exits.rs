//! Executions that end as soon as an event arrives, as their rules say `until`.
//!
//! Events are matched on several threads, so an event may be matched before an earlier one has begun the execution that
//! it ends. That nothing is missed then rests on both sides looking: the event looks for executions once more after it is
//! recorded as matched, and an execution that began looks for later events that are so recorded. Whichever is written
//! second sees the other. An execution that failed hears no events; when it is taken up again, those that came meanwhile are
//! looked at. A crash between writing and looking is made up for at the next start, for the latest events.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use super::{Driver, Handled, Open, locked};
use crate::commands::{Command, ends};
use crate::store::{Error, EventFilter};
use crate::waiting::EXITS;
use crate::{Effect, EventSequence, EventState, Execution, ExecutionId, KeyHash, Status, StoredEvent};

/// How many events are read from the store at a time.
const PAGE: usize = 500;

/// For how many events before a crash it is made sure that those whom they end were told.
const LATEST: usize = 1000;

/// Where to look once more, after something was written: see the module's comment.
struct LookAgain {
    /// The event.
    event: StoredEvent,
    /// The executions that it began and that events may end.
    exiting: Vec<Execution>,
}

/// What could not be done, or handed out, as the store failed after something was written: done with the next event, or when
/// the timer looks next.
#[derive(Default)]
pub(super) struct Owed {
    looks: Vec<LookAgain>,
    queues: Vec<KeyHash>,
    effects: Vec<Effect>,
}

impl Driver {
    /// Returns whether any execution may wait for an event. One that is for a single rule is for nobody who waits.
    pub(super) fn is_awaited(&self, event: &StoredEvent) -> bool {
        event.event.target.is_none() && self.keys(event).is_some()
    }

    /// Ends the executions that an event ends which is not yet recorded as matched.
    pub(super) fn end_before(
        &self,
        event: &StoredEvent,
        stopped: &mut Vec<ExecutionId>,
    ) -> Result<(), Error> {
        let mut effects = Vec::new();
        let result = self.end_by(event, stopped, &mut effects);
        // The event is handed in again if this failed; those that have ended do nothing then, so that what follows of
        // them is kept. Otherwise it is handed out with what else the event does.
        locked(&self.owed).effects.append(&mut effects);
        result
    }

    /// Looks once more, also where it failed before, and hands out what is owed.
    pub(super) fn look_again(&self, event: &StoredEvent, exiting: Vec<Execution>, handled: &mut Handled) {
        locked(&self.owed).looks.push(LookAgain { event: event.clone(), exiting });
        self.settle(handled);
    }

    /// Does what is owed, and hands it out. What fails again stays owed.
    pub(super) fn settle(&self, handled: &mut Handled) {
        let Owed { looks, queues, effects } = std::mem::take(&mut *locked(&self.owed));
        handled.effects.extend(effects);
        for key in queues {
            handled.effects.extend(self.next_or_owe(key));
        }
        for look in looks {
            if self.try_look(&look, handled).is_err() {
                locked(&self.owed).looks.push(look);
            }
        }
    }

    /// Returns a result with the effects of what was written before it. If it is an error, they are owed.
    pub(super) fn or_owe<T>(
        &self,
        effects: Vec<Effect>,
        result: Result<T, Error>,
    ) -> Result<(Vec<Effect>, T), Error> {
        match result {
            Ok(value) => Ok((effects, value)),
            Err(error) => {
                locked(&self.owed).effects.extend(effects);
                Err(error)
            }
        }
    }

    /// Begins the next execution of a queue; if that cannot be found out, it is done with the next event.
    pub(super) fn next_or_owe(&self, key: KeyHash) -> Vec<Effect> {
        match self.next_in_queue(&key) {
            Ok(effects) => effects,
            Err(_) => {
                locked(&self.owed).queues.push(key);
                Vec::new()
            }
        }
    }

    /// Has the latest events end whom they end, as a crash may have come before.
    pub(super) fn end_by_latest(&self) -> Result<Vec<Effect>, Error> {
        let filter = EventFilter { state: Some(EventState::Matched), ..EventFilter::default() };
        let mut events = self.store.events(&filter, None, LATEST)?.items;
        events.sort_by_key(|event| event.sequence);
        let (mut stopped, mut effects) = (Vec::new(), Vec::new());
        for event in events.iter().filter(|event| self.is_awaited(event)) {
            self.end_by(event, &mut stopped, &mut effects)?;
        }
        Ok(effects)
    }

    fn try_look(&self, look: &LookAgain, handled: &mut Handled) -> Result<(), Error> {
        let Handled { stopped, effects, .. } = handled;
        if self.is_awaited(&look.event) {
            self.end_by(&look.event, stopped, effects)?;
        }
        look.exiting.iter().try_for_each(|execution| self.end_by_later(execution, stopped, effects))
    }

    /// Ends the executions that an event ends. Those that know it already do nothing.
    fn end_by(
        &self,
        event: &StoredEvent,
        stopped: &mut Vec<ExecutionId>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Error> {
        let Some(keys) = self.keys(event) else { return Ok(()) };
        for wait in self.store.waits(&event.event.name, &keys)? {
            if wait.strand >= EXITS {
                self.end_one(&wait.execution, wait.strand, event, stopped, effects)?;
            }
        }
        Ok(())
    }

    /// Ends an execution that began by the events that came after the one that started it and were faster.
    pub(super) fn end_by_later(
        &self,
        execution: &Execution,
        stopped: &mut Vec<ExecutionId>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Error> {
        let Some(open) = self.find(&execution.id)? else { return Ok(()) };
        self.later(&open, execution.event, |strand, event| {
            self.end_one(&execution.id, strand, event, stopped, effects).map(|()| false)
        })
    }

    /// Returns the first event that came after the one that started an execution and ends it, as its rule says.
    pub(super) fn ended_by(&self, open: &Open, state: &Execution) -> Result<Option<Box<StoredEvent>>, Error> {
        let Some(rule) = open.loaded.program.get(open.rule) else { return Ok(None) };
        let (inputs, at, mut found) = (self.inputs(open, rule), self.now(), None);
        self.later(open, state.event, |strand, event| {
            if ends(state, strand, event, at, &inputs) {
                found = Some(Box::new(event.clone()));
            }
            Ok(found.is_some())
        })?;
        Ok(found)
    }

    /// Looks at the events that may end an execution and came after another, with what they are looked up by, until one is
    /// the one that is looked for.
    fn later(
        &self,
        open: &Open,
        after: EventSequence,
        mut is_found: impl FnMut(u32, &StoredEvent) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let Some(rule) = open.loaded.program.get(open.rule) else { return Ok(()) };
        let names: BTreeSet<&Arc<str>> = rule.header.exits.iter().map(|exit| &exit.event).collect();
        for name in names {
            let strands = (EXITS..).zip(&rule.header.exits).filter(|(_, exit)| exit.event == *name);
            let strands: Vec<u32> = strands.map(|(strand, _)| strand).collect();
            let mut after = after;
            loop {
                let events = self.store.matched_after(name, after, PAGE)?;
                for event in &events {
                    for strand in &strands {
                        if is_found(*strand, event)? {
                            return Ok(());
                        }
                    }
                }
                match events.last() {
                    Some(last) if events.len() == PAGE => after = last.sequence,
                    Some(_) | None => break,
                }
            }
        }
        Ok(())
    }

    fn end_one(
        &self,
        execution: &ExecutionId,
        strand: u32,
        event: &StoredEvent,
        stopped: &mut Vec<ExecutionId>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Error> {
        let command = Command::EventArrived { strand, event: Box::new(event.clone()) };
        let (outcome, left) = self.command_alone(execution, command)?;
        if outcome.state().is_some_and(|state| state.status == Status::Cancelled) {
            stopped.push(execution.clone());
        }
        effects.extend(self.followed(outcome, left));
        Ok(())
    }

    fn keys(&self, event: &StoredEvent) -> Option<Vec<Arc<str>>> {
        self.lookups.read().unwrap_or_else(PoisonError::into_inner).keys(event)
    }
}
