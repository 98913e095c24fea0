//! The store in memory: the reference for the others, and what runs without a file use. Nothing survives it.

mod lists;
mod retention;
mod timers;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hence_engine::store::Error;
use hence_engine::{
    Accepted, Change, Counts, Cursor, EventFilter, EventSequence, EventState, Execution, ExecutionFilter,
    ExecutionId, Firing, Forgotten, KeptRule, KeyHash, NewEvent, NextDue, Page, RuleVersion, Status, StepEnd,
    StepRecord, Store, StoredEvent, Timer, TimerKey, Wait, WatchId, WatchState, Watched,
};
use hence_types::jiff::Timestamp;

use lists::{is_wanted, is_wanted_event, latest_first, page};
use timers::Timers;

/// A store in memory.
#[derive(Debug, Default)]
pub struct Memory(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    events: BTreeMap<u64, StoredEvent>,
    events_by_key: HashMap<(Arc<str>, Arc<str>), EventSequence>,
    executions: BTreeMap<u64, Execution>,
    executions_by_id: HashMap<ExecutionId, u64>,
    steps: BTreeMap<StepKey, StepRecord>,
    firings: HashMap<KeyHash, Vec<Firing>>,
    waits: BTreeMap<WaitPlace, Wait>,
    /// The waits of an event by key.
    waits_by_key: HashMap<(Arc<str>, Arc<str>), BTreeSet<WaitPlace>>,
    /// Executions that wait for a time, by that.
    waiting: BTreeSet<(Timestamp, u64)>,
    timers: Timers,
    watches: BTreeMap<WatchId, WatchState>,
    deadlines: BTreeSet<(Timestamp, WatchId)>,
    looked_at: BTreeMap<Arc<str>, EventSequence>,
    rules: BTreeMap<RuleVersion, KeptRule>,
}

type StepKey = (ExecutionId, u32, u32);

/// An execution and one of its strands.
type WaitPlace = (ExecutionId, u32);

/// What takes a written change back.
enum Undo {
    Timers(timers::Undo),
    NoEvent(EventSequence),
    Event(u64, StoredEvent),
    NoExecution(u64, ExecutionId),
    Execution(u64, Box<Execution>),
    NoStep(StepKey),
    Step(StepKey, Box<StepRecord>),
    Wait(WaitPlace, Option<Wait>),
    Watch(WatchId, Option<Box<WatchState>>),
    Watches(BTreeMap<WatchId, WatchState>, BTreeMap<Arc<str>, EventSequence>),
    LookedAt(BTreeMap<Arc<str>, EventSequence>),
    Waits(Vec<Wait>),
    Firings(KeyHash, Vec<Firing>),
    NoRule(RuleVersion),
}

impl Memory {
    /// Returns an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn accept(&self, events: &[NewEvent]) -> Result<Vec<Accepted>, Error> {
        let mut state = self.state();
        Ok(events.iter().map(|event| state.accept(event)).collect())
    }

    fn unmatched(&self, limit: usize) -> Result<Vec<StoredEvent>, Error> {
        let state = self.state();
        let unmatched = state.events.values().filter(|event| event.state == EventState::Accepted);
        Ok(unmatched.take(limit).cloned().collect())
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Accepted>, Error> {
        let mut state = self.state();
        let (mut accepted, mut undo) = (Vec::new(), Vec::new());
        for change in changes {
            match state.apply(change, &mut accepted) {
                Ok(taken_back) => undo.extend(taken_back),
                Err(error) => {
                    undo.into_iter().rev().for_each(|undo| state.undo(undo));
                    return Err(error);
                }
            }
        }
        Ok(accepted)
    }

    fn kept_rules(&self) -> Result<Vec<RuleVersion>, Error> {
        Ok(self.state().rules.keys().cloned().collect())
    }

    fn kept_rule(&self, rule: &str, version: &str) -> Result<Option<KeptRule>, Error> {
        Ok(self.state().rules.get(&(Arc::from(rule), Arc::from(version))).cloned())
    }

    fn interrupted(&self, after: Option<&Cursor>, limit: usize) -> Result<Page<Execution>, Error> {
        let state = self.state();
        let first = after.map_or(0, |cursor| cursor.sequence.saturating_add(1));
        let is_interrupted = |execution: &Execution| {
            [Status::Pending, Status::Running].contains(&execution.status)
                || execution.ended_at.is_some() && !execution.strands.is_empty()
        };
        let open = state.executions.range(first..);
        let open = open.filter(|(_, execution)| is_interrupted(execution));
        let open = open.map(|(sequence, execution)| (Cursor { instant: 0, sequence: *sequence }, execution));
        Ok(page(open, limit))
    }

    fn execution(&self, id: &ExecutionId) -> Result<Option<Execution>, Error> {
        let state = self.state();
        let sequence = state.executions_by_id.get(id);
        Ok(sequence.and_then(|sequence| state.executions.get(sequence)).cloned())
    }

    fn executions(
        &self,
        filter: &ExecutionFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Execution>, Error> {
        let state = self.state();
        let wanted = state.executions.iter().filter(|(_, execution)| is_wanted(execution, filter));
        let wanted = wanted.map(|(sequence, execution)| {
            let instant = execution.started_at.as_microsecond();
            (Cursor { instant, sequence: *sequence }, execution)
        });
        Ok(latest_first(wanted, cursor, limit))
    }

    fn steps(&self, execution: &ExecutionId) -> Result<Vec<StepRecord>, Error> {
        let from = (execution.clone(), 0, 0);
        let to = (execution.clone(), u32::MAX, u32::MAX);
        Ok(self.state().steps.range(from..=to).map(|(_, step)| step.clone()).collect())
    }

    fn waits_for(&self, event: &str, after: Option<&str>, limit: usize) -> Result<Vec<Wait>, Error> {
        let state = self.state();
        let is_wanted = |wait: &&Wait| &*wait.event == event && after.is_none_or(|after| &*wait.key > after);
        let mut waits: Vec<Wait> = state.waits.values().filter(is_wanted).cloned().collect();
        waits.sort_by(|one, other| {
            (&one.key, &one.execution, one.strand).cmp(&(&other.key, &other.execution, other.strand))
        });
        waits.truncate(limit);
        Ok(waits)
    }

    fn waits(&self, event: &str, keys: &[Arc<str>]) -> Result<Vec<Wait>, Error> {
        let state = self.state();
        let of_key = |key: &Arc<str>| state.waits_by_key.get(&(Arc::from(event), Arc::clone(key)));
        let found: BTreeSet<_> = keys.iter().filter_map(of_key).flatten().collect();
        Ok(found.into_iter().filter_map(|place| state.waits.get(place)).cloned().collect())
    }

    fn event(&self, sequence: EventSequence) -> Result<Option<StoredEvent>, Error> {
        Ok(self.state().events.get(&sequence.0).cloned())
    }

    fn events_of_id(&self, id: &str) -> Result<Vec<StoredEvent>, Error> {
        let state = self.state();
        let mut found: Vec<_> =
            state.events.values().filter(|stored| &*stored.event.id == id).cloned().collect();
        found.sort_by_key(|stored| Reverse((stored.event.received_at, stored.sequence)));
        Ok(found)
    }

    fn events(
        &self,
        filter: &EventFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<StoredEvent>, Error> {
        let state = self.state();
        let wanted = state.events.values().filter(|event| is_wanted_event(event, filter));
        let wanted = wanted.map(|stored| {
            let instant = stored.event.received_at.as_microsecond();
            (Cursor { instant, sequence: stored.sequence.0 }, stored)
        });
        Ok(latest_first(wanted, cursor, limit))
    }

    fn watched(&self) -> Result<Vec<Watched>, Error> {
        Ok(self.state().timers.watched())
    }

    fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, Error> {
        Ok(self.state().timers.get(key))
    }

    fn due_timers(&self, at: Timestamp, limit: usize) -> Result<Vec<Timer>, Error> {
        Ok(self.state().timers.due(at, limit))
    }

    fn due_executions(&self, at: Timestamp, limit: usize) -> Result<Vec<ExecutionId>, Error> {
        let state = self.state();
        let due = state.waiting.iter().take_while(|(due, _)| *due <= at);
        let executions = due.filter_map(|(_, sequence)| state.executions.get(sequence));
        Ok(executions.take(limit).map(|execution| execution.id.clone()).collect())
    }

    fn next_due(&self) -> Result<NextDue, Error> {
        let state = self.state();
        let execution = state.waiting.first().map(|(due, _)| *due);
        Ok(NextDue { timer: state.timers.next(), execution })
    }

    fn watch_state(&self, id: &WatchId) -> Result<Option<WatchState>, Error> {
        Ok(self.state().watches.get(id).cloned())
    }

    fn watches_due(&self, until: Timestamp, limit: usize) -> Result<Vec<WatchState>, Error> {
        let state = self.state();
        let due = state.deadlines.iter().take_while(|(due, _)| *due <= until).take(limit);
        Ok(due.filter_map(|(_, id)| state.watches.get(id).cloned()).collect())
    }

    fn next_watch_due(&self) -> Result<Option<Timestamp>, Error> {
        Ok(self.state().deadlines.first().map(|(due, _)| *due))
    }

    fn looked_at(&self) -> Result<Vec<(Arc<str>, EventSequence)>, Error> {
        Ok(self.state().looked_at.iter().map(|(name, up_to)| (name.clone(), *up_to)).collect())
    }

    fn events_to_watch(
        &self,
        names: &[Arc<str>],
        behind: EventSequence,
        limit: usize,
    ) -> Result<(Vec<StoredEvent>, EventSequence), Error> {
        let state = self.state();
        let behind = state.events.range(behind.0.saturating_add(1)..).map(|(_, stored)| stored);
        let wanted = behind
            .filter(|stored| stored.event.target.is_none() && names.contains(&stored.event.name))
            .take(limit)
            .cloned();
        let events: Vec<StoredEvent> = wanted.collect();
        let up_to = match events.last() {
            Some(last) if events.len() == limit => last.sequence,
            _ => state.last_event(),
        };
        Ok((events, up_to))
    }

    fn last_event(&self) -> Result<EventSequence, Error> {
        Ok(self.state().last_event())
    }

    fn matched_after(
        &self,
        name: &str,
        after: EventSequence,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error> {
        let state = self.state();
        let later = state.events.range(after.0.saturating_add(1)..).map(|(_, event)| event);
        let is_wanted =
            |event: &&StoredEvent| event.state == EventState::Matched && &*event.event.name == name;
        Ok(later.filter(is_wanted).take(limit).cloned().collect())
    }

    fn firings(&self, key: &KeyHash, since: Option<Timestamp>) -> Result<u32, Error> {
        Ok(self.state().firings(key, since))
    }

    fn variants(&self, rule: &str) -> Result<Vec<(Arc<str>, u64)>, Error> {
        let state = self.state();
        let mut counts: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        for execution in state.executions.values() {
            if &*execution.rule == rule
                && execution.status.is_begun()
                && let Some(variant) = &execution.variant
            {
                *counts.entry(variant.clone()).or_default() += 1;
            }
        }
        Ok(counts.into_iter().collect())
    }

    fn forget_executions(&self, ended_before: Timestamp, limit: usize) -> Result<usize, Error> {
        Ok(self.state().forget_executions(ended_before, limit))
    }

    fn forget_events(
        &self,
        arrived_before: Timestamp,
        behind: EventSequence,
        limit: usize,
    ) -> Result<Forgotten, Error> {
        Ok(self.state().forget_events(arrived_before, behind, limit))
    }

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    fn counts(&self) -> Result<Counts, Error> {
        let state = self.state();
        let events =
            |wanted: fn(&StoredEvent) -> bool| state.events.values().filter(|event| wanted(event)).count();
        let executions = Status::ALL.map(|status| {
            let of_status = state.executions.values().filter(|execution| execution.status == status);
            (status, of_status.count() as u64)
        });
        Ok(Counts {
            events: state.events.len() as u64,
            unmatched: events(|stored| stored.state == EventState::Accepted) as u64,
            schema_mismatches: events(|stored| stored.event.breaks_schema()) as u64,
            executions: executions.into(),
        })
    }
}

impl State {
    fn accept(&mut self, event: &NewEvent) -> Accepted {
        let key = (event.source.clone(), event.id.clone());
        if let Some(first) = self.events_by_key.get(&key) {
            return Accepted::Duplicate(*first);
        }
        let sequence = EventSequence(self.events.last_key_value().map_or(1, |(last, _)| last + 1));
        self.events.insert(sequence.0, event.clone().into_stored(sequence));
        self.events_by_key.insert(key, sequence);
        Accepted::New(sequence)
    }

    /// Writes a change; notes what became of an event.
    fn apply(&mut self, change: &Change, accepted: &mut Vec<Accepted>) -> Result<Option<Undo>, Error> {
        match change {
            Change::EventMatched(sequence) => self.event_matched(*sequence),
            Change::RuleKept(kept) => Ok(self.rule_kept(kept)),
            Change::ExecutionStarted(execution) => self.execution_started(execution),
            Change::ExecutionChanged(execution) => self.execution_changed(execution),
            Change::StepStarted(step) => self.step_started(step),
            Change::StepEnded(end) => Ok(self.step_ended(end)),
            Change::EventAccepted(event) => Ok(self.event_accepted(event, accepted)),
            Change::WaitBegun(wait) if !self.executions_by_id.contains_key(&wait.execution) => {
                Err(conflict(format!("execution {}", wait.execution)))
            }
            Change::WaitBegun(wait) => {
                let place = (wait.execution.clone(), wait.strand);
                Ok(Some(self.put_wait(place, Some(Wait::clone(wait)))))
            }
            Change::Fired(firing) => self.fired(firing),
            Change::WaitsEnded(execution) => Ok(Some(self.waits_ended(execution))),
            Change::WaitEnded { execution, strand } => {
                Ok(Some(self.put_wait((execution.clone(), *strand), None)))
            }
            Change::WatchBegun(watched) => Ok(Some(Undo::Timers(self.timers.begin_watch(watched)))),
            Change::WatchEnded(target) => Ok(Some(Undo::Timers(self.timers.end_watch(target)))),
            Change::TimerSet(timer) => Ok(Some(Undo::Timers(self.timers.set(timer)))),
            Change::TimerDropped(key) => Ok(Some(Undo::Timers(self.timers.remove(key)))),
            Change::TimerFired(timer) => self.timers.fired(timer).map(|undo| Some(Undo::Timers(undo))),
            Change::WatchKept(state) => Ok(self.set_watch(&state.id, Some(WatchState::clone(state)))),
            Change::WatchForgotten(id) => Ok(self.set_watch(id, None)),
            Change::LookedAt(up_to) => {
                let before = self.looked_at.clone();
                self.looked_at.extend(up_to.iter().cloned());
                Ok(Some(Undo::LookedAt(before)))
            }
            Change::WatchesLoaded { watches, looked_at } => {
                let looked_at = looked_at.iter().cloned().collect();
                let looked_at = std::mem::replace(&mut self.looked_at, looked_at);
                let before = self.watches.clone();
                let gone = before.keys().filter(|id| !watches.contains(&id.watch));
                for id in gone {
                    drop(self.set_watch(id, None));
                }
                Ok(Some(Undo::Watches(before, looked_at)))
            }
        }
    }

    /// Keeps a version of a rule, unless it is kept already.
    fn rule_kept(&mut self, kept: &KeptRule) -> Option<Undo> {
        let key = (Arc::clone(&kept.rule), Arc::clone(&kept.version));
        if self.rules.contains_key(&key) {
            return None;
        }
        self.rules.insert(key.clone(), kept.clone());
        Some(Undo::NoRule(key))
    }

    /// Sets what is kept for a watch and a key; returns what takes that back.
    fn set_watch(&mut self, id: &WatchId, state: Option<WatchState>) -> Option<Undo> {
        let due = state.as_ref().and_then(|state| state.due);
        let before = match state {
            Some(state) => self.watches.insert(id.clone(), state),
            None => self.watches.remove(id),
        };
        if let Some(due) = before.as_ref().and_then(|before| before.due) {
            self.deadlines.remove(&(due, id.clone()));
        }
        self.deadlines.extend(due.map(|due| (due, id.clone())));
        Some(Undo::Watch(id.clone(), before.map(Box::new)))
    }

    fn last_event(&self) -> EventSequence {
        EventSequence(self.events.last_key_value().map_or(0, |(last, _)| *last))
    }

    fn event_accepted(&mut self, event: &NewEvent, accepted: &mut Vec<Accepted>) -> Option<Undo> {
        let became = self.accept(event);
        accepted.push(became);
        match became {
            Accepted::New(sequence) => Some(Undo::NoEvent(sequence)),
            Accepted::Duplicate(_) => None,
        }
    }

    fn event_matched(&mut self, sequence: EventSequence) -> Result<Option<Undo>, Error> {
        match self.events.get_mut(&sequence.0) {
            Some(event) if event.state == EventState::Accepted => {
                let before = event.clone();
                event.state = EventState::Matched;
                Ok(Some(Undo::Event(sequence.0, before)))
            }
            _ => Err(conflict(format!("event {}", sequence.0))),
        }
    }

    fn execution_started(&mut self, execution: &Execution) -> Result<Option<Undo>, Error> {
        if self.executions_by_id.contains_key(&execution.id) {
            return Err(conflict(format!("execution {}", execution.id)));
        }
        let sequence = self.executions.last_key_value().map_or(1, |(last, _)| last + 1);
        self.put(sequence, Some(execution.clone()));
        self.executions_by_id.insert(execution.id.clone(), sequence);
        Ok(Some(Undo::NoExecution(sequence, execution.id.clone())))
    }

    fn execution_changed(&mut self, execution: &Execution) -> Result<Option<Undo>, Error> {
        let sequence = self.executions_by_id.get(&execution.id).copied().unwrap_or_default();
        match self.executions.get(&sequence) {
            Some(stored) if stored.revision.saturating_add(1) == execution.revision => {
                let before = self.put(sequence, Some(execution.clone()));
                Ok(before.map(|before| Undo::Execution(sequence, Box::new(before))))
            }
            _ => Err(conflict(format!("execution {}", execution.id))),
        }
    }

    /// Puts an execution in the place of another; returns that.
    fn put(&mut self, sequence: u64, execution: Option<Execution>) -> Option<Execution> {
        let wakes_at = |execution: &Execution| match execution.status {
            Status::Pending | Status::Waiting | Status::Running => execution.wake_at,
            Status::Paused
            | Status::Completed
            | Status::Failed
            | Status::Cancelled
            | Status::Throttled
            | Status::Skipped => None,
        };
        if let Some(at) = execution.as_ref().and_then(wakes_at) {
            self.waiting.insert((at, sequence));
        }
        let (wakes, before) = match execution {
            Some(execution) => (wakes_at(&execution), self.executions.insert(sequence, execution)),
            None => (None, self.executions.remove(&sequence)),
        };
        if let Some(at) = before.as_ref().and_then(wakes_at).filter(|at| Some(*at) != wakes) {
            self.waiting.remove(&(at, sequence));
        }
        before
    }

    fn step_started(&mut self, step: &StepRecord) -> Result<Option<Undo>, Error> {
        let key = (step.execution.clone(), step.sequence, step.attempt);
        if self.steps.contains_key(&key) || !self.executions_by_id.contains_key(&step.execution) {
            return Err(conflict(format!("step {} of execution {}", step.sequence, step.execution)));
        }
        self.steps.insert(key.clone(), step.clone());
        Ok(Some(Undo::NoStep(key)))
    }

    fn step_ended(&mut self, end: &StepEnd) -> Option<Undo> {
        let key = (end.execution.clone(), end.sequence, end.attempt);
        let step = self.steps.get_mut(&key)?;
        let before = step.clone();
        step.status = end.status;
        step.detail = end.detail.clone();
        step.error = end.error.clone();
        step.ended_at = Some(end.ended_at);
        Some(Undo::Step(key, Box::new(before)))
    }

    fn firings(&self, key: &KeyHash, since: Option<Timestamp>) -> u32 {
        let of_key = self.firings.get(key).into_iter().flatten();
        let counting = of_key.filter(|firing| since.is_none_or(|since| firing.at > since));
        u32::try_from(counting.count()).unwrap_or(u32::MAX)
    }

    fn fired(&mut self, firing: &Firing) -> Result<Option<Undo>, Error> {
        if self.firings(&firing.key, firing.since) >= firing.most {
            return Err(conflict("a run that counts".to_owned()));
        }
        let of_key = self.firings.entry(firing.key).or_default();
        let before = of_key.clone();
        let forgotten = firing.forgets_until();
        of_key.retain(|old| old.expires_at.is_none_or(|expires_at| expires_at > forgotten));
        of_key.push(firing.clone());
        Ok(Some(Undo::Firings(firing.key, before)))
    }

    fn waits_ended(&mut self, execution: &ExecutionId) -> Undo {
        let of_execution = self.waits.range((execution.clone(), 0)..=(execution.clone(), u32::MAX));
        let before: Vec<Wait> = of_execution.map(|(_, wait)| wait.clone()).collect();
        for wait in &before {
            drop(self.put_wait((wait.execution.clone(), wait.strand), None));
        }
        Undo::Waits(before)
    }

    /// Writes what a strand waits for, if anything, over what it waited for before.
    fn put_wait(&mut self, place: WaitPlace, wait: Option<Wait>) -> Undo {
        let before = self.waits.remove(&place);
        if let Some(before) = &before {
            let key = (before.event.clone(), before.key.clone());
            if let Some(places) = self.waits_by_key.get_mut(&key) {
                places.remove(&place);
                if places.is_empty() {
                    self.waits_by_key.remove(&key);
                }
            }
        }
        if let Some(wait) = wait {
            let key = (wait.event.clone(), wait.key.clone());
            self.waits_by_key.entry(key).or_default().insert(place.clone());
            self.waits.insert(place.clone(), wait);
        }
        Undo::Wait(place, before)
    }

    fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Timers(undo) => self.timers.undo(undo),
            Undo::NoEvent(sequence) => {
                if let Some(event) = self.events.remove(&sequence.0) {
                    self.events_by_key.remove(&(event.event.source, event.event.id));
                }
            }
            Undo::NoRule(key) => drop(self.rules.remove(&key)),
            Undo::Firings(key, before) => drop(self.firings.insert(key, before)),
            Undo::Waits(before) => {
                for wait in before {
                    drop(self.put_wait((wait.execution.clone(), wait.strand), Some(wait)));
                }
            }
            Undo::Wait(place, before) => drop(self.put_wait(place, before)),
            Undo::Event(sequence, before) => {
                self.events.insert(sequence, before);
            }
            Undo::NoExecution(sequence, id) => {
                self.put(sequence, None);
                self.executions_by_id.remove(&id);
            }
            Undo::Execution(sequence, before) => {
                self.put(sequence, Some(*before));
            }
            Undo::NoStep(key) => {
                self.steps.remove(&key);
            }
            Undo::Step(key, before) => {
                self.steps.insert(key, *before);
            }
            Undo::Watch(id, before) => drop(self.set_watch(&id, before.map(|before| *before))),
            Undo::Watches(before, looked_at) => {
                self.looked_at = looked_at;
                for (id, state) in before {
                    drop(self.set_watch(&id, Some(state)));
                }
            }
            Undo::LookedAt(before) => self.looked_at = before,
        }
    }
}

pub(crate) fn conflict(what: String) -> Error {
    Error::Conflict { what }
}
