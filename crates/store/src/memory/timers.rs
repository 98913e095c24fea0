//! What is watched, and timers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hence_engine::store::Error;
use hence_engine::{Target, Timer, TimerKey, Watched};
use hence_types::jiff::Timestamp;

/// The rule, the trigger and the key.
type Key = (Arc<str>, u32, Arc<str>);

#[derive(Debug, Default)]
pub(super) struct Timers {
    watched: BTreeMap<Target, Watched>,
    timers: BTreeMap<Key, Timer>,
    by_due: BTreeSet<(Timestamp, Key)>,
}

/// What takes a written change back.
pub(super) enum Undo {
    Watched(Target, Option<Watched>, Vec<Timer>),
    Timer(Key, Option<Timer>),
}

impl Timers {
    pub(super) fn watched(&self) -> Vec<Watched> {
        self.watched.values().cloned().collect()
    }

    pub(super) fn get(&self, key: &TimerKey) -> Option<Timer> {
        self.timers.get(&key_of(key)).cloned()
    }

    pub(super) fn due(&self, at: Timestamp, limit: usize) -> Vec<Timer> {
        let due = self.by_due.iter().take_while(|(due, _)| *due <= at).take(limit);
        due.filter_map(|(_, key)| self.timers.get(key)).cloned().collect()
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.by_due.first().map(|(due, _)| *due)
    }

    pub(super) fn begin_watch(&mut self, watched: &Watched) -> Undo {
        let target = watched.target.clone();
        let before = self.watched.insert(target.clone(), watched.clone());
        Undo::Watched(target, before, Vec::new())
    }

    pub(super) fn end_watch(&mut self, target: &Target) -> Undo {
        let first = (Arc::clone(&target.rule), target.trigger, Arc::from(""));
        let keys = self.timers.range(first..).map(|(key, _)| key);
        let keys: Vec<Key> = keys
            .take_while(|(rule, trigger, _)| *rule == target.rule && *trigger == target.trigger)
            .cloned()
            .collect();
        let timers = keys.into_iter().filter_map(|key| self.put(key, None)).collect();
        Undo::Watched(target.clone(), self.watched.remove(target), timers)
    }

    pub(super) fn set(&mut self, timer: &Timer) -> Undo {
        let key = key_of(&timer.id());
        let before = self.put(key.clone(), Some(timer.clone()));
        Undo::Timer(key, before)
    }

    pub(super) fn remove(&mut self, key: &TimerKey) -> Undo {
        let key = key_of(key);
        let before = self.put(key.clone(), None);
        Undo::Timer(key, before)
    }

    pub(super) fn fired(&mut self, timer: &Timer) -> Result<Undo, Error> {
        match self.get(&timer.id()) {
            Some(stored) if stored.due == timer.due => Ok(self.remove(&timer.id())),
            Some(_) | None => {
                let Target { rule, trigger } = &timer.target;
                Err(super::conflict(format!("the timer of trigger {trigger} of rule `{rule}`")))
            }
        }
    }

    pub(super) fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Watched(target, before, timers) => {
                match before {
                    Some(watched) => self.watched.insert(target, watched),
                    None => self.watched.remove(&target),
                };
                for timer in timers {
                    self.put(key_of(&timer.id()), Some(timer));
                }
            }
            Undo::Timer(key, before) => {
                self.put(key, before);
            }
        }
    }

    /// Puts a timer in the place of another; returns that.
    fn put(&mut self, key: Key, timer: Option<Timer>) -> Option<Timer> {
        let before = match timer {
            Some(timer) => {
                let due = timer.due;
                let before = self.timers.insert(key.clone(), timer);
                if let Some(before) = &before {
                    self.by_due.remove(&(before.due, key.clone()));
                }
                self.by_due.insert((due, key));
                return before;
            }
            None => self.timers.remove(&key),
        };
        if let Some(before) = &before {
            self.by_due.remove(&(before.due, key));
        }
        before
    }
}

fn key_of(key: &TimerKey) -> Key {
    (Arc::clone(&key.target.rule), key.target.trigger, Arc::clone(&key.key))
}
