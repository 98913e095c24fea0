//! A store that fails when it is told to, as a disk does that is full or taken away: for tests of whatever uses a store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hence_engine::store::Error;
use hence_engine::{
    Accepted, Change, Counts, Cursor, EventFilter, EventSequence, Execution, ExecutionFilter, ExecutionId,
    Forgotten, KeptRule, KeyHash, NewEvent, NextDue, Page, RuleVersion, StepRecord, Store, StoredEvent,
    Timer, TimerKey, Wait, WatchId, WatchState, Watched,
};
use hence_types::jiff::Timestamp;

/// A store that fails when it is told to.
pub struct Faulty {
    store: Arc<dyn Store>,
    writes: Mutex<Option<Error>>,
    reads: Mutex<Option<Error>>,
    /// How reads fail once something was written.
    reads_then: Mutex<Option<Error>>,
}

impl Faulty {
    /// Returns a store that does not fail yet.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, writes: Mutex::default(), reads: Mutex::default(), reads_then: Mutex::default() }
    }

    /// Has everything that writes fail so from now on, or not any more.
    pub fn fail_writes(&self, error: Option<Error>) {
        *locked(&self.writes) = error;
    }

    /// Has everything that reads fail so from now on, or not any more.
    pub fn fail_reads(&self, error: Option<Error>) {
        *locked(&self.reads) = error;
    }

    /// Has everything that reads fail so after the next write.
    pub fn fail_reads_after_a_write(&self, error: Error) {
        *locked(&self.reads_then) = Some(error);
    }

    fn write<T>(&self, write: impl FnOnce(&dyn Store) -> Result<T, Error>) -> Result<T, Error> {
        let error = locked(&self.writes).clone();
        let written = error.map_or_else(|| write(&*self.store), Err)?;
        if let Some(error) = locked(&self.reads_then).take() {
            self.fail_reads(Some(error));
        }
        Ok(written)
    }

    fn read<T>(&self, read: impl FnOnce(&dyn Store) -> Result<T, Error>) -> Result<T, Error> {
        let error = locked(&self.reads).clone();
        error.map_or_else(|| read(&*self.store), Err)
    }
}

fn locked(error: &Mutex<Option<Error>>) -> MutexGuard<'_, Option<Error>> {
    error.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for Faulty {
    fn accept(&self, events: &[NewEvent]) -> Result<Vec<Accepted>, Error> {
        self.write(|store| store.accept(events))
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Accepted>, Error> {
        self.write(|store| store.apply(changes))
    }

    fn unmatched(&self, limit: usize) -> Result<Vec<StoredEvent>, Error> {
        self.read(|store| store.unmatched(limit))
    }

    fn kept_rules(&self) -> Result<Vec<RuleVersion>, Error> {
        self.read(|store| store.kept_rules())
    }

    fn kept_rule(&self, rule: &str, version: &str) -> Result<Option<KeptRule>, Error> {
        self.read(|store| store.kept_rule(rule, version))
    }

    fn interrupted(&self, after: Option<&Cursor>, limit: usize) -> Result<Page<Execution>, Error> {
        self.read(|store| store.interrupted(after, limit))
    }

    fn watched(&self) -> Result<Vec<Watched>, Error> {
        self.read(|store| store.watched())
    }

    fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, Error> {
        self.read(|store| store.timer(key))
    }

    fn due_timers(&self, at: Timestamp, limit: usize) -> Result<Vec<Timer>, Error> {
        self.read(|store| store.due_timers(at, limit))
    }

    fn due_executions(&self, at: Timestamp, limit: usize) -> Result<Vec<ExecutionId>, Error> {
        self.read(|store| store.due_executions(at, limit))
    }

    fn next_due(&self) -> Result<NextDue, Error> {
        self.read(|store| store.next_due())
    }

    fn execution(&self, id: &ExecutionId) -> Result<Option<Execution>, Error> {
        self.read(|store| store.execution(id))
    }

    fn executions(
        &self,
        filter: &ExecutionFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Execution>, Error> {
        self.read(|store| store.executions(filter, cursor, limit))
    }

    fn steps(&self, execution: &ExecutionId) -> Result<Vec<StepRecord>, Error> {
        self.read(|store| store.steps(execution))
    }

    fn waits(&self, event: &str, keys: &[Arc<str>]) -> Result<Vec<Wait>, Error> {
        self.read(|store| store.waits(event, keys))
    }

    fn event(&self, sequence: EventSequence) -> Result<Option<StoredEvent>, Error> {
        self.read(|store| store.event(sequence))
    }

    fn events_of_id(&self, id: &str) -> Result<Vec<StoredEvent>, Error> {
        self.read(|store| store.events_of_id(id))
    }

    fn events(
        &self,
        filter: &EventFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<StoredEvent>, Error> {
        self.read(|store| store.events(filter, cursor, limit))
    }

    fn watch_state(&self, id: &WatchId) -> Result<Option<WatchState>, Error> {
        self.read(|store| store.watch_state(id))
    }

    fn watches_due(&self, until: Timestamp, limit: usize) -> Result<Vec<WatchState>, Error> {
        self.read(|store| store.watches_due(until, limit))
    }

    fn next_watch_due(&self) -> Result<Option<Timestamp>, Error> {
        self.read(|store| store.next_watch_due())
    }

    fn looked_at(&self) -> Result<Vec<(Arc<str>, EventSequence)>, Error> {
        self.read(|store| store.looked_at())
    }

    fn events_to_watch(
        &self,
        names: &[Arc<str>],
        behind: EventSequence,
        limit: usize,
    ) -> Result<(Vec<StoredEvent>, EventSequence), Error> {
        self.read(|store| store.events_to_watch(names, behind, limit))
    }

    fn last_event(&self) -> Result<EventSequence, Error> {
        self.read(|store| store.last_event())
    }

    fn waits_for(&self, event: &str, after: Option<&str>, limit: usize) -> Result<Vec<Wait>, Error> {
        self.read(|store| store.waits_for(event, after, limit))
    }

    fn matched_after(
        &self,
        name: &str,
        after: EventSequence,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error> {
        self.read(|store| store.matched_after(name, after, limit))
    }

    fn firings(&self, key: &KeyHash, since: Option<Timestamp>) -> Result<u32, Error> {
        self.read(|store| store.firings(key, since))
    }

    fn variants(&self, rule: &str) -> Result<Vec<(Arc<str>, u64)>, Error> {
        self.read(|store| store.variants(rule))
    }

    fn forget_executions(&self, ended_before: Timestamp, limit: usize) -> Result<usize, Error> {
        self.write(|store| store.forget_executions(ended_before, limit))
    }

    fn forget_events(
        &self,
        arrived_before: Timestamp,
        behind: EventSequence,
        limit: usize,
    ) -> Result<Forgotten, Error> {
        self.write(|store| store.forget_events(arrived_before, behind, limit))
    }

    fn check(&self) -> Result<(), Error> {
        self.write(|store| store.check())
    }

    fn counts(&self) -> Result<Counts, Error> {
        self.read(|store| store.counts())
    }
}
