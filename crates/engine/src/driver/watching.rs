//! The driver's part in watching: takes the events of the inbox in order, round by round, and writes what comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Driver, locked};
use crate::store::Error;
use crate::watch::{Session, Watches};
use crate::{Change, Effect, EventSequence};

/// How many events, or deadlines, are taken in one round.
const ROUND: usize = 500;

/// How many events may pass before the place in the inbox is written although nothing came of them.
const FAR: u64 = 10_000;

/// How far watching is.
#[derive(Default)]
pub(super) struct Watching {
    /// The program's watches; nothing before they were prepared.
    watches: Option<Arc<Watches>>,
    /// Up to where the inbox was looked at, for each event that is looked at.
    looked_at: BTreeMap<Arc<str>, EventSequence>,
    /// Up to where the store knows of it.
    written: EventSequence,
}

impl Driver {
    /// Prepares to watch for the program that is loaded: what it did not watch before, it watches from now on.
    pub(super) fn prepare_watching(&self) -> Result<(), Error> {
        let loaded = self.loaded();
        if loaded.is_watching() {
            return Ok(());
        }
        let mut watching = locked(&self.watching);
        if loaded.is_watching() {
            return Ok(());
        }
        let watches = Arc::clone(&loaded.watches);
        let before: BTreeMap<_, _> = self.store.looked_at()?.into_iter().collect();
        watching.looked_at.clear();
        if !watches.is_empty() || !before.is_empty() {
            let head = self.store.last_event()?;
            let names = watches.event_names().into_iter();
            let looked_at = names.map(|name| {
                let up_to = before.get(&name).copied().unwrap_or(head);
                (name, up_to)
            });
            let looked_at: BTreeMap<_, _> = looked_at.collect();
            let written = looked_at.clone().into_iter().collect();
            self.store.apply(&[Change::WatchesLoaded { watches: watches.kept(), looked_at: written }])?;
            watching.looked_at = looked_at;
        }
        watching.watches = Some(watches);
        loaded.set_watching();
        Ok(())
    }

    /// Takes events of the inbox and what is due to the watches of the program, in order: one round. To be called when
    /// an [`Effect::WatchAt`] is due; a further one says when the next is.
    ///
    /// # Errors
    /// Whatever kept the store from being read or written; nothing is lost then.
    pub fn look(&self) -> Result<Vec<Effect>, Error> {
        self.prepare_watching()?;
        let mut watching = locked(&self.watching);
        let Some(watches) = watching.watches.clone().filter(|watches| !watches.is_empty()) else {
            return Ok(Vec::new());
        };
        let now = self.now();
        let from = watching.looked_at.values().min().copied().unwrap_or(EventSequence(0));
        let (mut events, mut up_to) = self.store.events_to_watch(&watches.event_names(), from, ROUND)?;
        let latest = self.store.last_event()?;
        let mut is_last = up_to >= latest;
        let horizon = match events.last() {
            Some(event) if !is_last => event.event.received_at,
            _ => now,
        };
        let due = self.store.watches_due(horizon, ROUND)?;
        let mut until = is_last.then_some(now);
        if due.len() == ROUND
            && let Some(last) = due.last().and_then(|state| state.due)
        {
            // There may be more that is due: what comes after the last of these is for the next round.
            let taken = events.iter().take_while(|event| event.event.received_at < last).count();
            if let Some(next) = events.get(taken) {
                up_to = EventSequence(next.sequence.0.saturating_sub(1));
            }
            events.truncate(taken);
            (is_last, until) = (false, Some(last));
        }
        let mut session = Session::new(&watches, &*self.store, now, due);
        let new = |event: &&crate::StoredEvent| {
            watching.looked_at.get(&event.event.name).is_none_or(|seen| *seen < event.sequence)
        };
        for event in events.iter().filter(new) {
            session.event(event)?;
        }
        if let Some(until) = until {
            session.due(until)?;
        }
        let mut changes = session.into_changes();
        let moved = watching.looked_at.iter().map(|(name, seen)| (name.clone(), up_to.max(*seen)));
        let moved: BTreeMap<_, _> = moved.collect();
        // A place that is not written is one that nothing was found out since; it is written now and then all the same.
        let is_far = up_to.0.saturating_sub(watching.written.0) > FAR;
        let mut effects = Vec::new();
        if !changes.is_empty() || is_far {
            changes.push(Change::LookedAt(moved.clone().into_iter().collect()));
            effects = self.apply(&changes)?;
            watching.written = up_to;
        }
        watching.looked_at = moved;
        let next = if is_last { self.store.next_watch_due() } else { Ok(Some(now)) };
        let (mut effects, next) = self.or_owe(effects, next)?;
        effects.extend(next.map(Effect::WatchAt));
        Ok(effects)
    }
}
