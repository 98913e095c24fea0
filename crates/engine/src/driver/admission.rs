//! How a rule that matched begins: at once, when it has been quiet for a while, when those before it have ended, or not
//! at all, as `once`, `limit`, `debounce` and `overlap` say.
//!
//! INVARIANT: while it is looked up what is there of a key and until what follows from it is written, the key is locked,
//! so that of two events of one key the second sees what became of the first. Nothing that is done under a lock takes
//! another, apart from all the keys of an event at once.

use std::sync::{Arc, Mutex, MutexGuard};

use hence_ir::{OverlapMode, Rule};
use hence_types::jiff::Timestamp;

use super::{Driver, Open, locked};
use crate::admission::{Firing, Keys};
use crate::commands::step;
use crate::matching::Verdict;
use crate::run::Inputs;
use crate::store::Error;
use crate::waiting::{DEBOUNCE, OVERLAP, Shared};
use crate::{Branch, Change, Command, Effect, Execution, ExecutionId, KeyHash, Outcome, Status};

/// Into how many locks keys are spread.
const LOCKS: usize = 64;

/// The locks of keys.
pub(super) struct KeyLocks(Vec<Mutex<()>>);

impl Default for KeyLocks {
    fn default() -> Self {
        Self((0..LOCKS).map(|_| Mutex::default()).collect())
    }
}

impl KeyLocks {
    fn lock<'a>(&self, keys: impl Iterator<Item = &'a KeyHash>) -> Vec<MutexGuard<'_, ()>> {
        let mut places: Vec<usize> = keys.map(|key| key.place(LOCKS)).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.0.get(place)).map(locked).collect()
    }
}

/// What becomes of an execution that could begin.
enum Admission {
    /// It begins; this counts.
    Begin(Vec<Change>),
    /// It begins when those before it have ended; this counts already.
    Wait(Vec<Change>),
    /// It does not begin.
    TurnAway(Status, Arc<str>),
}

impl Driver {
    /// Locks the keys of all rules that an event may begin.
    pub(super) fn lock_keys(&self, verdicts: &[Verdict]) -> Vec<MutexGuard<'_, ()>> {
        self.key_locks.lock(verdicts.iter().flat_map(|verdict| verdict.keys.all()))
    }

    /// Returns what it takes to record an execution of a rule that matched. Its keys are locked.
    pub(super) fn enter(
        &self,
        pending: &Execution,
        keys: &Keys,
        inputs: &Inputs<'_>,
        at: Timestamp,
    ) -> Result<Outcome, Error> {
        let Some((debounce, key)) = inputs.rule.header.pace.debounce.as_ref().zip(keys.debounce.as_ref())
        else {
            return self.begin(pending, keys, inputs, at);
        };
        if let Some(reason) = self.replaced(pending, inputs.rule, keys)? {
            return Ok(step(pending, Command::TurnAway { status: Status::Skipped, reason }, at, inputs));
        }
        let reason = came_after(&debounce.text, &pending.event_id);
        for held in self.holders(DEBOUNCE, key, &pending.id)?.iter().filter(|held| is_held(held)) {
            let command = Command::TurnAway { status: Status::Skipped, reason: reason.clone() };
            self.command_alone(&held.id, command)?;
        }
        let until = debounce.quiet.after(at, inputs.zone);
        Ok(step(pending, Command::Hold { until: Some(until) }, at, inputs))
    }

    /// Begins an execution that was held until it has been quiet, unless it is too early or one came after it.
    pub(super) fn release(&self, id: &ExecutionId) -> Result<Vec<Effect>, Error> {
        match self.try_release(id) {
            // Somebody else wrote it.
            Err(Error::Conflict { .. }) => {
                locked(&self.open).remove(id);
                self.try_release(id)
            }
            result => result,
        }
    }

    fn try_release(&self, id: &ExecutionId) -> Result<Vec<Effect>, Error> {
        let Some(open) = self.find(id)? else { return Ok(Vec::new()) };
        let Some(rule) = open.loaded.program.get(open.rule) else { return Ok(Vec::new()) };
        let keys = self.keys_of(&open, rule);
        let locks = self.key_locks.lock(keys.all());
        // Once more, as it is not kept in memory and may have been written until the keys were locked.
        let Some(open) = self.find(id)? else { return Ok(Vec::new()) };
        let Some(rule) = open.loaded.program.get(open.rule) else { return Ok(Vec::new()) };
        let inputs = self.inputs(&open, rule);
        let (outcome, left) = self.change(id, &open, |state, at| {
            let Some(due) = state.wake_at.filter(|_| state.status == Status::Pending) else {
                return Ok(Outcome::default());
            };
            if at < due {
                let effect = Effect::WakeAt { execution: state.id.clone(), at: due };
                return Ok(Outcome { changes: Vec::new(), effects: vec![effect] });
            }
            if let Some(reason) = self.replaced(state, rule, &keys)? {
                let command = Command::TurnAway { status: Status::Skipped, reason };
                return Ok(step(state, command, at, &inputs));
            }
            self.begin(state, &keys, &inputs, at)
        })?;
        drop(locks);
        Ok(self.followed(outcome, left))
    }

    /// Returns why an execution that is held does not begin, if a later one is held.
    fn replaced(&self, state: &Execution, rule: &Rule, keys: &Keys) -> Result<Option<Arc<str>>, Error> {
        let Some((debounce, key)) = rule.header.pace.debounce.as_ref().zip(keys.debounce.as_ref()) else {
            return Ok(None);
        };
        let later = self.holders(DEBOUNCE, key, &state.id)?.into_iter();
        let mut later = later.filter(|held| is_held(held) && held.event > state.event);
        Ok(later.next().map(|later| came_after(&debounce.text, &later.event_id)))
    }

    /// Begins the next execution that waits for its turn, if none of the key is under way. That which ends at once is
    /// followed by the next.
    pub(super) fn next_in_queue(&self, key: &KeyHash) -> Result<Vec<Effect>, Error> {
        let mut effects = Vec::new();
        let _locks = self.key_locks.lock(std::iter::once(key));
        let mut waiting = self.all_holders(OVERLAP, key)?;
        if waiting.iter().any(|held| held.status.is_begun()) {
            return Ok(effects);
        }
        waiting.retain(|held| !is_held(held));
        waiting.sort_by_key(|held| held.event);
        for next in waiting {
            let begun = self.command_alone(&next.id, Command::Start);
            let outcome;
            (effects, (outcome, _)) = self.or_owe(effects, begun)?;
            let goes_on = outcome.state().is_some_and(|state| !state.status.is_ended());
            effects.extend(outcome.effects);
            if goes_on {
                break;
            }
        }
        Ok(effects)
    }

    /// Returns the key of the queue that an execution stands in, if its rule has one.
    pub(super) fn queue_of(&self, open: &Open) -> Option<KeyHash> {
        let rule = open.loaded.program.get(open.rule)?;
        let overlap = rule.header.pace.overlap.as_ref()?;
        if overlap.mode == OverlapMode::Queue { self.keys_of(open, rule).overlap } else { None }
    }

    fn keys_of(&self, open: &Open, rule: &Rule) -> Keys {
        let context =
            hence_builtins::Context { now: open.arrived_at, zone: rule.zone(&open.loaded.zone).clone() };
        Keys::of(rule, &open.slots, &context).unwrap_or_default()
    }

    fn begin(
        &self,
        state: &Execution,
        keys: &Keys,
        inputs: &Inputs<'_>,
        at: Timestamp,
    ) -> Result<Outcome, Error> {
        let (counted, command) = match self.admit(state, keys, inputs, at)? {
            Admission::Begin(counted) => (counted, Command::Start),
            Admission::Wait(counted) => (counted, Command::Hold { until: None }),
            Admission::TurnAway(status, reason) => (Vec::new(), Command::TurnAway { status, reason }),
        };
        let mut outcome = step(state, command, at, inputs);
        outcome.changes.extend(counted);
        Ok(outcome)
    }

    fn admit(
        &self,
        state: &Execution,
        keys: &Keys,
        inputs: &Inputs<'_>,
        at: Timestamp,
    ) -> Result<Admission, Error> {
        let pace = &inputs.rule.header.pace;
        let overlap = pace.overlap.as_ref().zip(keys.overlap.as_ref());
        let open = match overlap {
            Some((overlap, key)) => self.in_the_way(overlap.mode, key, &state.id)?,
            None => Vec::new(),
        };
        if let Some((overlap, _)) = overlap.filter(|(overlap, _)| overlap.mode == OverlapMode::Skip)
            && let Some(first) = open.first()
        {
            let reason = format!("`{}`: {} still runs", overlap.text, first.event_id);
            return Ok(Admission::TurnAway(Status::Skipped, reason.into()));
        }
        let mut counted = Vec::new();
        if state.branch == Branch::Then {
            for (limit, key) in pace.limits.iter().zip(&keys.limits) {
                let since = limit.window.map(|window| window.before(at, inputs.zone));
                if self.store.firings(key, since)? >= limit.count {
                    let reason = match limit.window {
                        Some(_) => format!("`{}` is reached", limit.text),
                        None => format!("`{}`: it ran before", limit.text),
                    };
                    return Ok(Admission::TurnAway(Status::Throttled, reason.into()));
                }
                let expires_at = limit.window.map(|window| window.after(at, inputs.zone));
                counted.push(Change::Fired(Firing { key: *key, at, expires_at, since, most: limit.count }));
            }
        }
        let Some((overlap, _)) = overlap else { return Ok(Admission::Begin(counted)) };
        match overlap.mode {
            OverlapMode::Queue if !open.is_empty() => return Ok(Admission::Wait(counted)),
            OverlapMode::Restart => {
                let reason = came_after(&overlap.text, &state.event_id);
                for held in open {
                    self.command_alone(&held.id, Command::GiveWay { reason: reason.clone() })?;
                }
            }
            OverlapMode::Queue | OverlapMode::Skip => {}
        }
        Ok(Admission::Begin(counted))
    }

    /// Returns the executions that overlap with one: all that must give way, else the first that is found.
    fn in_the_way(
        &self,
        mode: OverlapMode,
        key: &KeyHash,
        but: &ExecutionId,
    ) -> Result<Vec<Execution>, Error> {
        let mut found = Vec::new();
        for wait in self.store.waits(OVERLAP.event, &[key.to_text().into()])? {
            let held = self.store.execution(&wait.execution)?;
            // Those that are held until it is quiet have not come up yet.
            found.extend(held.filter(|held| held.id != *but && !held.status.is_ended() && !is_held(held)));
            if !found.is_empty() && mode != OverlapMode::Restart {
                break;
            }
        }
        Ok(found)
    }

    /// Returns the open executions of a key, apart from one.
    fn holders(&self, shared: Shared, key: &KeyHash, but: &ExecutionId) -> Result<Vec<Execution>, Error> {
        let mut holders = self.all_holders(shared, key)?;
        holders.retain(|held| held.id != *but);
        Ok(holders)
    }

    fn all_holders(&self, shared: Shared, key: &KeyHash) -> Result<Vec<Execution>, Error> {
        let mut holders = Vec::new();
        for wait in self.store.waits(shared.event, &[key.to_text().into()])? {
            holders.extend(self.store.execution(&wait.execution)?.filter(|held| !held.status.is_ended()));
        }
        Ok(holders)
    }
}

/// Returns whether an execution is held until it has been quiet.
pub(super) fn is_held(execution: &Execution) -> bool {
    execution.status == Status::Pending && execution.wake_at.is_some()
}

fn came_after(clause: &str, event: &str) -> Arc<str> {
    format!("`{clause}`: {event} came after it").into()
}
