//! What an event of the inbox does: the executions that it starts, and those that waited for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use hence_ir::Rule;
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;

use super::{Driver, Handled, Loaded, Open, is_active, locked};
use crate::commands::{Command, give_up};
use crate::matching::{Match, Verdict, verdicts_of};
use crate::run::Inputs;
use crate::store::Error;
use crate::waiting::EXITS;
use crate::{Branch, Change, Effect, EventState, Execution, ExecutionId, KeyHash, Outcome, StoredEvent};

/// What an event does, to be written at once.
#[derive(Default)]
struct Batch {
    changes: Vec<Change>,
    effects: Vec<Effect>,
}

/// The executions that an event started and that do something, and those that are open and that events may end.
type Started = (Vec<(ExecutionId, Arc<Open>)>, Vec<Execution>);

/// An execution that may wait for an event, and which of its strands do.
struct Waiting {
    open: Arc<Open>,
    strands: Vec<u32>,
}

impl Batch {
    fn add(&mut self, outcome: Outcome) {
        self.changes.extend(outcome.changes);
        self.effects.extend(outcome.effects);
    }
}

impl Driver {
    /// Looks for the rules that an event of the inbox starts, and starts them; executions that wait for it go on.
    ///
    /// # Errors
    /// Whatever kept the store from taking the executions; the event is then as it was before.
    pub fn handle_event(&self, event: &StoredEvent) -> Result<Handled, Error> {
        if event.state == EventState::Matched {
            return Ok(Handled::default());
        }
        let mut stopped = Vec::new();
        if self.is_awaited(event) {
            self.end_before(event, &mut stopped)?;
        }
        let mut handled = self.match_event(event)?;
        handled.stopped.splice(0..0, stopped);
        Ok(handled)
    }

    fn match_event(&self, event: &StoredEvent) -> Result<Handled, Error> {
        match self.try_event(event) {
            Err(Error::Conflict { .. }) if self.is_matched(event)? => Ok(Handled::default()),
            // Somebody else wrote an execution that waits for the event.
            Err(Error::Conflict { .. }) => {
                for id in self.waiting(event)?.keys() {
                    locked(&self.open).remove(id);
                }
                self.try_event(event)
            }
            result => result,
        }
    }

    fn try_event(&self, event: &StoredEvent) -> Result<Handled, Error> {
        let at = self.now();
        let mut batch = Batch { changes: vec![Change::EventMatched(event.sequence)], effects: Vec::new() };
        let loaded = self.loaded_for_event(event);
        let mut handled =
            Handled { verdicts: self.verdicts_that_count(&loaded, event), ..Handled::default() };
        let locks = self.lock_keys(&handled.verdicts);
        // INVARIANT: before the locks on those who wait, as others may have to give way.
        let (opened, exiting) = self.start_rules(&loaded, event, at, &mut batch, &mut handled)?;
        let waiting = self.open_waiting(event)?;
        // INVARIANT: the locks are taken in the order of the executions' ids, so that of two events none waits for the
        // other, and held until all is written.
        let mut held: Vec<_> = waiting.iter().map(|waiting| locked(&waiting.open.state)).collect();
        let mut resumed = Vec::with_capacity(held.len());
        for (Waiting { open, strands }, state) in waiting.iter().zip(&held) {
            let mut state = Execution::clone(state);
            let before = state.revision;
            for strand in strands {
                let command = Command::EventArrived { strand: *strand, event: Box::new(event.clone()) };
                let outcome = self.outcome(open, &state, command, at);
                state = outcome.state().cloned().unwrap_or(state);
                batch.add(outcome);
            }
            if state.revision > before {
                handled.resumed.push(state.id.clone());
            }
            resumed.push(state);
        }
        batch.effects.extend(self.apply(&batch.changes)?);
        let places = waiting.iter().zip(&resumed).map(|(Waiting { open, .. }, state)| {
            (state.id.clone(), is_active(state).then(|| Arc::clone(open)))
        });
        let places: Vec<_> = places.collect();
        for (state, next) in held.iter_mut().zip(resumed) {
            **state = next;
        }
        let over = waiting.iter().zip(&held).filter(|(_, state)| state.status.is_ended());
        let left: BTreeSet<KeyHash> = over.filter_map(|(waiting, _)| self.queue_of(&waiting.open)).collect();
        drop(held);
        let mut open = locked(&self.open);
        for (id, active) in places {
            match active {
                Some(active) => drop(open.insert(id, active)),
                None => drop(open.remove(&id)),
            }
        }
        open.extend(opened);
        if event.event.target.is_none() && self.loaded().watches.look_at(&event.event.name) {
            batch.effects.push(Effect::WatchAt(at));
        }
        drop(open);
        drop(locks);
        left.into_iter().for_each(|key| batch.effects.extend(self.next_or_owe(key)));
        handled.effects = batch.effects;
        self.look_again(event, exiting, &mut handled);
        Ok(handled)
    }

    /// Returns the verdicts of the rules that an event starts, or would if their conditions had an answer.
    fn verdicts_that_count(&self, loaded: &Loaded, event: &StoredEvent) -> Vec<Verdict> {
        match event.event.target {
            None => loaded.finder.verdicts(&loaded.program, &*loaded.conditions, event, &loaded.zone),
            Some(_) => {
                let rules = loaded.started_by(event);
                verdicts_of(&loaded.program, &*loaded.conditions, &rules, event, &loaded.zone)
            }
        }
    }

    /// Starts the executions of rules that the event matches; returns those that do something, and of those that are
    /// open those that events may end. Their keys are locked.
    fn start_rules(
        &self,
        loaded: &Arc<Loaded>,
        event: &StoredEvent,
        at: Timestamp,
        batch: &mut Batch,
        handled: &mut Handled,
    ) -> Result<Started, Error> {
        let (mut opened, mut exiting) = (Vec::new(), Vec::new());
        for verdict in &handled.verdicts {
            let Some(rule) = loaded.program.get(verdict.rule) else { continue };
            let Some((state, outcome)) = self.start(event, rule, rule.zone(&loaded.zone), verdict, at)?
            else {
                continue;
            };
            handled.executions.push(state.id.clone());
            if !state.status.is_ended() && !rule.header.exits.is_empty() {
                exiting.push(state.clone());
            }
            if is_active(&state) {
                let id = state.id.clone();
                let (loaded, rule, slots) = (loaded.clone(), verdict.rule, verdict.slots.clone());
                let (depth, arrived_at, state) = (event.depth(), event.event.received_at, state.into());
                opened.push((id, Arc::new(Open { loaded, rule, slots, depth, arrived_at, state })));
            }
            batch.add(outcome);
        }
        Ok((opened, exiting))
    }

    fn start(
        &self,
        event: &StoredEvent,
        rule: &Rule,
        zone: &TimeZone,
        verdict: &Verdict,
        at: Timestamp,
    ) -> Result<Option<(Execution, Outcome)>, Error> {
        let (depth, arrived_at) = (event.depth(), event.event.received_at);
        let inputs = Inputs { rule, slots: &verdict.slots, zone, arrived_at, depth };
        let pending = |branch| Execution {
            variant: verdict.variant.clone(),
            ..Execution::pending(event, rule, branch, at)
        };
        let outcome = match &verdict.result {
            Match::Matched(branch) => self.enter(&pending(*branch), &verdict.keys, &inputs, at)?,
            Match::Failed(error) => give_up(&pending(Branch::Then), error.clone(), at),
            Match::NotMatched | Match::Undecided(_) | Match::Skipped(_) => return Ok(None),
        };
        Ok(outcome.state().cloned().map(|state| (state, outcome)))
    }

    /// Returns the executions that may wait for an event, by id, and which of their strands do.
    fn waiting(&self, event: &StoredEvent) -> Result<BTreeMap<ExecutionId, Vec<u32>>, Error> {
        if event.event.target.is_some() {
            // It is no event of the outside, but tells one rule of such.
            return Ok(BTreeMap::new());
        }
        let keys = self.lookups.read().unwrap_or_else(PoisonError::into_inner).keys(event);
        let mut waiting: BTreeMap<ExecutionId, Vec<u32>> = BTreeMap::new();
        if let Some(keys) = keys {
            let waits = self.store.waits(&event.event.name, &keys)?;
            for wait in waits.into_iter().filter(|wait| wait.strand < EXITS) {
                waiting.entry(wait.execution).or_default().push(wait.strand);
            }
        }
        Ok(waiting)
    }

    fn open_waiting(&self, event: &StoredEvent) -> Result<Vec<Waiting>, Error> {
        let mut opened = Vec::new();
        for (id, strands) in self.waiting(event)? {
            opened.extend(self.find(&id)?.map(|open| Waiting { open, strands }));
        }
        Ok(opened)
    }

    fn is_matched(&self, event: &StoredEvent) -> Result<bool, Error> {
        let stored = self.store.event(event.sequence)?;
        Ok(stored.is_some_and(|stored| stored.state == EventState::Matched))
    }
}
