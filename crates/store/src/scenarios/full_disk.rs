//! A store that cannot be written, or read, for a while.

use super::*;

/// Refuses to write while it is told to, as a full disk does.
struct Full {
    store: Memory,
    is_full: Mutex<bool>,
    /// Refuses to say when something is due next.
    is_unreadable: Mutex<bool>,
}

impl Full {
    fn empty() -> Self {
        Self { store: Memory::new(), is_full: Mutex::default(), is_unreadable: Mutex::default() }
    }

    fn check_due(&self) -> Result<(), Error> {
        if *self.is_unreadable.lock().unwrap() { Err(Error::Locked { store: "x".into() }) } else { Ok(()) }
    }

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
        self.check_due().and_then(|()| self.store.next_due())
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
        self.check_due().and_then(|()| self.store.next_watch_due())
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

    fn waits_for(&self, event: &str, after: Option<&str>, limit: usize) -> Result<Vec<Wait>, Error> {
        self.store.waits_for(event, after, limit)
    }

    fn matched_after(
        &self,
        name: &str,
        after: EventSequence,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error> {
        self.store.matched_after(name, after, limit)
    }

    fn firings(&self, key: &KeyHash, since: Option<Timestamp>) -> Result<u32, Error> {
        self.store.firings(key, since)
    }

    fn variants(&self, rule: &str) -> Result<Vec<(Arc<str>, u64)>, Error> {
        self.store.variants(rule)
    }

    fn counts(&self) -> Result<Counts, Error> {
        self.store.counts()
    }
}

#[test]
fn nothing_is_done_before_it_is_recorded_and_nothing_is_lost_on_a_full_disk() {
    let store = Arc::new(Full::empty());
    let daemon = Daemon::with(store.clone());
    let (_, new) = daemon.driver.accept(vec![event("e1", r#"{"total": 11}"#, daemon.clock.now())]).unwrap();
    let set = |full| *store.is_full.lock().unwrap() = full;

    set(true);
    assert_eq!(daemon.driver.handle_event(&new[0]).unwrap_err(), Error::Full { store: "x".into() });
    assert!(daemon.driver.accept(vec![event("e2", "{}", daemon.clock.now())]).is_err());
    assert_eq!(store.event(new[0].sequence).unwrap().unwrap().state, EventState::Accepted);

    set(false);
    let Effect::Call(call) = daemon.driver.handle_event(&new[0]).unwrap().effects.remove(0) else { panic!() };
    let finished = block_on(daemon.driver.perform(call));
    set(true);
    assert!(daemon.driver.complete(finished.clone()).is_err());
    set(false);
    daemon.run(daemon.driver.complete(finished).unwrap());
    assert_eq!(daemon.history("vip"), "completed: 1.1 crm.add completed, 2.1 mail.send completed");
}

#[test]
fn what_fired_is_handed_out_later_where_the_store_cannot_be_read_after_it_was_written() {
    let text = "rule hourly when every 1 hours then log.write(message: \"tick\")
        rule stuck when shop.product.stock falls below 10 then log.write(message: \"low\")";
    let store = Arc::new(Full::empty());
    let daemon = Daemon::of_rules(store.clone(), text);
    daemon.driver.recover().unwrap();
    for (id, stock) in [("e1", 20), ("e2", 5)] {
        daemon.accept(id, "shop.product.updated", &format!(r#"{{"id": 1, "stock": {stock}}}"#));
    }
    daemon.clock.advance(SignedDuration::from_hours(1));
    *store.is_unreadable.lock().unwrap() = true;
    assert!(daemon.driver.fire().is_err());
    assert!(daemon.driver.look().is_err());
    *store.is_unreadable.lock().unwrap() = false;
    let effects = daemon.driver.fire().unwrap().effects;
    let mut handed: Vec<_> = effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Handle(event) => Some(event.event.name.to_string()),
            Effect::Call(_) | Effect::WakeAt { .. } | Effect::WatchAt(_) => None,
        })
        .collect();
    handed.sort();
    assert_eq!(handed, ["hence.schedule.due", "shop.product.stock"]);
}
