//! One round: events and deadlines in their order, on states that are read when they are needed and written at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hence_types::jiff::Timestamp;

use super::prepare::{Due, Trigger, Watches};
use super::{WatchId, WatchState, payload};
use crate::store::{Error, Store};
use crate::{Change, NewEvent, StoredEvent};

/// What was found out in one round.
pub(crate) struct Session<'a> {
    watches: &'a Watches,
    store: &'a dyn Store,
    now: Timestamp,
    /// The states that were read or changed; nothing where there is none.
    states: BTreeMap<WatchId, Option<WatchState>>,
    changed: BTreeSet<WatchId>,
    deadlines: BTreeSet<(Timestamp, WatchId)>,
    fired: Vec<NewEvent>,
}

impl<'a> Session<'a> {
    /// Begins a round with the states that are due in it.
    pub(crate) fn new(
        watches: &'a Watches,
        store: &'a dyn Store,
        now: Timestamp,
        due: Vec<WatchState>,
    ) -> Self {
        let deadlines = due.iter().filter_map(|state| Some((state.due?, state.id.clone()))).collect();
        let states = due.into_iter().map(|state| (state.id.clone(), Some(state))).collect();
        Self { watches, store, now, states, changed: BTreeSet::new(), deadlines, fired: Vec::new() }
    }

    /// Takes an event, after all that was due when it arrived.
    pub(crate) fn event(&mut self, event: &StoredEvent) -> Result<(), Error> {
        self.due(event.event.received_at)?;
        let watches = self.watches;
        let Some(roles) = watches.events.get(&event.event.name) else { return Ok(()) };
        self.fields(&roles.fields, event)?;
        self.dates(&roles.dates, event)?;
        for keyed in &roles.second {
            self.second(keyed, event)?;
        }
        for keyed in &roles.first {
            self.first(keyed, event)?;
        }
        Ok(())
    }

    /// Takes what is due up to an instant.
    pub(crate) fn due(&mut self, until: Timestamp) -> Result<(), Error> {
        while let Some((due, _)) = self.deadlines.first()
            && *due <= until
        {
            let Some((due, id)) = self.deadlines.pop_first() else { break };
            let Some(state) = self.get(&id)? else { continue };
            self.remove(&id)?;
            let watches = self.watches;
            match watches.due.get(&id.watch) {
                Some(Due::Stayed(trigger)) => self.stayed(trigger, &state, due)?,
                Some(Due::DateHasCome(trigger)) => self.date_has_come(trigger, &state, due)?,
                Some(Due::NothingFollowed(trigger)) => {
                    if let Some(event) = self.event_of(&state)? {
                        let payload = event.event.payload.clone();
                        self.fire(trigger, &event, payload, due, &format!("{} {due}", id.key));
                    }
                }
                Some(Due::Over) | None => {}
            }
        }
        Ok(())
    }

    /// Returns what is to be written: states, then events.
    pub(crate) fn into_changes(mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        for id in std::mem::take(&mut self.changed) {
            changes.push(match self.states.remove(&id).flatten() {
                Some(state) => Change::WatchKept(Box::new(state)),
                None => Change::WatchForgotten(id),
            });
        }
        changes.extend(self.fired.into_iter().map(|event| Change::EventAccepted(Box::new(event))));
        changes
    }

    /// Returns the event whose payload a state wants.
    pub(super) fn event_of(&self, state: &WatchState) -> Result<Option<StoredEvent>, Error> {
        match state.event {
            Some(sequence) => self.store.event(sequence),
            None => Ok(None),
        }
    }

    pub(super) fn get(&mut self, id: &WatchId) -> Result<Option<WatchState>, Error> {
        if let Some(state) = self.states.get(id) {
            return Ok(state.clone());
        }
        let state = self.store.watch_state(id)?;
        self.states.insert(id.clone(), state.clone());
        Ok(state)
    }

    pub(super) fn put(&mut self, state: WatchState) -> Result<(), Error> {
        let id = state.id.clone();
        let before = self.get(&id)?;
        if before.as_ref() == Some(&state) {
            return Ok(());
        }
        self.forget_deadline(before);
        self.deadlines.extend(state.due.map(|due| (due, id.clone())));
        self.states.insert(id.clone(), Some(state));
        self.changed.insert(id);
        Ok(())
    }

    pub(super) fn remove(&mut self, id: &WatchId) -> Result<(), Error> {
        let before = self.get(id)?;
        if before.is_some() {
            self.forget_deadline(before);
            self.states.insert(id.clone(), None);
            self.changed.insert(id.clone());
        }
        Ok(())
    }

    fn forget_deadline(&mut self, before: Option<WatchState>) {
        if let Some(state) = before
            && let Some(due) = state.due
        {
            self.deadlines.remove(&(due, state.id));
        }
    }

    /// Puts an event into the inbox for a trigger. `event` is the one whose payload it has, `occasion` tells this firing
    /// from all others.
    pub(super) fn fire(
        &mut self,
        trigger: &Trigger,
        event: &StoredEvent,
        payload: Arc<str>,
        at: Timestamp,
        occasion: &str,
    ) {
        self.fired.push(NewEvent {
            id: trigger.target.event_id(occasion),
            source: event.event.source.clone(),
            name: trigger.event.clone(),
            received_at: self.now,
            occurred_at: at,
            payload,
            mismatches: event.event.mismatches.clone(),
            target: Some(trigger.target.clone()),
            cause: Some(event.as_cause()),
            trace: None,
        });
    }

    /// Puts an event into the inbox that has further members.
    pub(super) fn fire_with(
        &mut self,
        trigger: &Trigger,
        event: &StoredEvent,
        further: &[(&str, String)],
        at: Timestamp,
        occasion: &str,
    ) {
        let payload = payload::with(&event.event.payload, further);
        self.fire(trigger, event, payload, at, occasion);
    }
}
