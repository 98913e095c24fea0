//! A store without room.

use super::*;

/// Refuses to write while it is told to, as a full disk does.
pub(super) struct Full {
    pub(super) store: Memory,
    pub(super) is_full: Mutex<bool>,
}

impl Full {
    fn check(&self) -> Result<(), Error> {
        if *self.is_full.lock().unwrap() { Err(Error::Full { store: "x".into() }) } else { Ok(()) }
    }
}

impl Store for Full {
    fn accept(&self, events: &[NewEvent]) -> Result<Vec<Accepted>, Error> {
        self.check().and_then(|()| self.store.accept(events))
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Accepted>, Error> {
        self.check().and_then(|()| self.store.apply(changes))
    }

    fn unmatched(&self, limit: usize) -> Result<Vec<StoredEvent>, Error> {
        self.store.unmatched(limit)
    }

    fn interrupted(&self, after: Option<&Cursor>, limit: usize) -> Result<Page<Execution>, Error> {
        self.store.interrupted(after, limit)
    }

    fn watched(&self) -> Result<Vec<Watched>, Error> {
        self.store.watched()
    }

    fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, Error> {
        self.store.timer(key)
    }

    fn due_timers(&self, at: Timestamp, limit: usize) -> Result<Vec<Timer>, Error> {
        self.store.due_timers(at, limit)
    }

    fn due_executions(&self, at: Timestamp, limit: usize) -> Result<Vec<ExecutionId>, Error> {
        self.store.due_executions(at, limit)
    }

    fn next_due(&self) -> Result<NextDue, Error> {
        self.store.next_due()
    }

    fn execution(&self, id: &ExecutionId) -> Result<Option<Execution>, Error> {
        self.store.execution(id)
    }

    fn executions(
        &self,
        filter: &ExecutionFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Execution>, Error> {
        self.store.executions(filter, cursor, limit)
    }

    fn steps(&self, execution: &ExecutionId) -> Result<Vec<StepRecord>, Error> {
        self.store.steps(execution)
    }

    fn waits(&self, event: &str, keys: &[Arc<str>]) -> Result<Vec<Wait>, Error> {
        self.store.waits(event, keys)
    }

    fn event(&self, sequence: EventSequence) -> Result<Option<StoredEvent>, Error> {
        self.store.event(sequence)
    }

    fn events_of_id(&self, id: &str) -> Result<Vec<StoredEvent>, Error> {
        self.store.events_of_id(id)
    }

    fn events(
        &self,
        filter: &EventFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<StoredEvent>, Error> {
        self.store.events(filter, cursor, limit)
    }

    fn watch_state(&self, id: &WatchId) -> Result<Option<WatchState>, Error> {
        self.store.watch_state(id)
    }

    fn watches_due(&self, until: Timestamp, limit: usize) -> Result<Vec<WatchState>, Error> {
        self.store.watches_due(until, limit)
    }

    fn next_watch_due(&self) -> Result<Option<Timestamp>, Error> {
        self.store.next_watch_due()
    }

    fn looked_at(&self) -> Result<Vec<(Arc<str>, EventSequence)>, Error> {
        self.store.looked_at()
    }

    fn events_to_watch(
        &self,
        names: &[Arc<str>],
        behind: EventSequence,
        limit: usize,
    ) -> Result<(Vec<StoredEvent>, EventSequence), Error> {
        self.store.events_to_watch(names, behind, limit)
    }

    fn last_event(&self) -> Result<EventSequence, Error> {
        self.store.last_event()
    }

    fn counts(&self) -> Result<Counts, Error> {
        self.store.counts()
    }
}
