//! A store with something before it that may refuse what is asked of it: for tests of whatever uses a store.

use std::ops::Deref;
use std::sync::Arc;

use hence_engine::store::Error;
use hence_engine::{
    Accepted, Change, Counts, Cursor, EventFilter, EventSequence, Execution, ExecutionFilter, ExecutionId,
    Forgotten, KeptRule, KeyHash, NewEvent, NextDue, Page, RuleVersion, StepRecord, Store, StoredEvent,
    Timer, TimerKey, Wait, WatchId, WatchState, Watched,
};
use hence_types::jiff::Timestamp;

/// What stands before a store.
pub trait Gate: Send + Sync {
    /// Lets something through that reads, or refuses it.
    ///
    /// # Errors
    /// The refusal, or what the store says.
    fn read<T>(&self, read: impl FnOnce(&dyn Store) -> Result<T, Error>) -> Result<T, Error>;

    /// Lets something through that writes, or refuses it. The changes are those of [`Store::apply`], none of other writes.
    ///
    /// # Errors
    /// The refusal, or what the store says.
    fn write<T>(
        &self,
        changes: &[Change],
        write: impl FnOnce(&dyn Store) -> Result<T, Error>,
    ) -> Result<T, Error>;
}

/// A store behind a gate.
pub struct Gated<G>(pub G);

impl<G> Deref for Gated<G> {
    type Target = G;

    fn deref(&self) -> &G {
        &self.0
    }
}

impl<G: Gate> Store for Gated<G> {
    fn accept(&self, events: &[NewEvent]) -> Result<Vec<Accepted>, Error> {
        self.0.write(&[], |store| store.accept(events))
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Accepted>, Error> {
        self.0.write(changes, |store| store.apply(changes))
    }

    fn unmatched(&self, limit: usize) -> Result<Vec<StoredEvent>, Error> {
        self.0.read(|store| store.unmatched(limit))
    }

    fn kept_rules(&self) -> Result<Vec<RuleVersion>, Error> {
        self.0.read(|store| store.kept_rules())
    }

    fn kept_rule(&self, rule: &str, version: &str) -> Result<Option<KeptRule>, Error> {
        self.0.read(|store| store.kept_rule(rule, version))
    }

    fn interrupted(&self, after: Option<&Cursor>, limit: usize) -> Result<Page<Execution>, Error> {
        self.0.read(|store| store.interrupted(after, limit))
    }

    fn watched(&self) -> Result<Vec<Watched>, Error> {
        self.0.read(|store| store.watched())
    }

    fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, Error> {
        self.0.read(|store| store.timer(key))
    }

    fn due_timers(&self, at: Timestamp, limit: usize) -> Result<Vec<Timer>, Error> {
        self.0.read(|store| store.due_timers(at, limit))
    }

    fn due_executions(&self, at: Timestamp, limit: usize) -> Result<Vec<ExecutionId>, Error> {
        self.0.read(|store| store.due_executions(at, limit))
    }

    fn next_due(&self) -> Result<NextDue, Error> {
        self.0.read(|store| store.next_due())
    }

    fn execution(&self, id: &ExecutionId) -> Result<Option<Execution>, Error> {
        self.0.read(|store| store.execution(id))
    }

    fn executions(
        &self,
        filter: &ExecutionFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Execution>, Error> {
        self.0.read(|store| store.executions(filter, cursor, limit))
    }

    fn steps(&self, execution: &ExecutionId) -> Result<Vec<StepRecord>, Error> {
        self.0.read(|store| store.steps(execution))
    }

    fn waits(&self, event: &str, keys: &[Arc<str>]) -> Result<Vec<Wait>, Error> {
        self.0.read(|store| store.waits(event, keys))
    }

    fn event(&self, sequence: EventSequence) -> Result<Option<StoredEvent>, Error> {
        self.0.read(|store| store.event(sequence))
    }

    fn events_of_id(&self, id: &str) -> Result<Vec<StoredEvent>, Error> {
        self.0.read(|store| store.events_of_id(id))
    }

    fn events(
        &self,
        filter: &EventFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<StoredEvent>, Error> {
        self.0.read(|store| store.events(filter, cursor, limit))
    }

    fn watch_state(&self, id: &WatchId) -> Result<Option<WatchState>, Error> {
        self.0.read(|store| store.watch_state(id))
    }

    fn watches_due(&self, until: Timestamp, limit: usize) -> Result<Vec<WatchState>, Error> {
        self.0.read(|store| store.watches_due(until, limit))
    }

    fn next_watch_due(&self) -> Result<Option<Timestamp>, Error> {
        self.0.read(|store| store.next_watch_due())
    }

    fn looked_at(&self) -> Result<Vec<(Arc<str>, EventSequence)>, Error> {
        self.0.read(|store| store.looked_at())
    }

    fn events_to_watch(
        &self,
        names: &[Arc<str>],
        behind: EventSequence,
        limit: usize,
    ) -> Result<(Vec<StoredEvent>, EventSequence), Error> {
        self.0.read(|store| store.events_to_watch(names, behind, limit))
    }

    fn last_event(&self) -> Result<EventSequence, Error> {
        self.0.read(|store| store.last_event())
    }

    fn waits_for(&self, event: &str, after: Option<&str>, limit: usize) -> Result<Vec<Wait>, Error> {
        self.0.read(|store| store.waits_for(event, after, limit))
    }

    fn matched_after(
        &self,
        name: &str,
        after: EventSequence,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error> {
        self.0.read(|store| store.matched_after(name, after, limit))
    }

    fn firings(&self, key: &KeyHash, since: Option<Timestamp>) -> Result<u32, Error> {
        self.0.read(|store| store.firings(key, since))
    }

    fn variants(&self, rule: &str) -> Result<Vec<(Arc<str>, u64)>, Error> {
        self.0.read(|store| store.variants(rule))
    }

    fn forget_executions(&self, ended_before: Timestamp, limit: usize) -> Result<usize, Error> {
        self.0.write(&[], |store| store.forget_executions(ended_before, limit))
    }

    fn forget_events(
        &self,
        arrived_before: Timestamp,
        behind: EventSequence,
        limit: usize,
    ) -> Result<Forgotten, Error> {
        self.0.write(&[], |store| store.forget_events(arrived_before, behind, limit))
    }

    fn check(&self) -> Result<(), Error> {
        self.0.write(&[], |store| store.check())
    }

    fn counts(&self) -> Result<Counts, Error> {
        self.0.read(|store| store.counts())
    }
}
