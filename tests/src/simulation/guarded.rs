//! The store as the simulation sees it: one that fails when the simulation says so, and that looks at all that is written.
//!
//! A crash is a store that answers nothing any more: whatever the driver was doing comes to nothing, and the simulation drops
//! it. It comes before a write, or after one of which the driver never learns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hence_engine::store::Error;
use hence_engine::{Change, Execution, ExecutionId, Status, StepStatus, Store};
use hence_store::{Gate, Gated};

use crate::random::Random;

/// An attempt of a call: execution, number, attempt.
pub(super) type Attempt = (ExecutionId, u32, u32);

/// What of a rule's executions there may be one of at a time, by the event that started it.
pub(super) type Exclusive = fn(rule: &str, event: &str) -> Option<String>;

pub(super) struct Guarded {
    store: Arc<dyn Store>,
    state: Mutex<State>,
}

struct State {
    chance: Random,
    /// After how many writes it crashes, and whether the last of them is done.
    crash: Option<(usize, bool)>,
    is_dead: bool,
    /// In how many of a thousand cases a write is refused, and a read.
    troubles: (usize, usize),
    seen: Seen,
}

/// What was written.
#[derive(Default)]
pub(super) struct Seen {
    /// How far executions are.
    statuses: BTreeMap<ExecutionId, (Arc<str>, Arc<str>, Status)>,
    /// Attempts and their keys.
    attempts: BTreeMap<Attempt, (Arc<str>, StepStatus)>,
    /// The executions that people took up again after they had failed.
    retried: BTreeSet<ExecutionId>,
    /// What must not have been written.
    broken: Vec<String>,
    exclusive: Option<Exclusive>,
}

impl Guarded {
    pub(super) fn over(store: Arc<dyn Store>, seed: u64, exclusive: Exclusive) -> Gated<Self> {
        let seen = Seen { exclusive: Some(exclusive), ..Seen::default() };
        let chance = Random::new(seed);
        let state = State { chance, crash: None, is_dead: false, troubles: (0, 0), seen };
        Gated(Self { store, state: Mutex::new(state) })
    }

    /// Crashes after so many writes, the last of which is done or not.
    pub(super) fn crash_after(&self, writes: usize, is_done: bool) {
        self.state().crash = Some((writes, is_done));
    }

    pub(super) fn is_dead(&self) -> bool {
        self.state().is_dead
    }

    /// Begins to answer again.
    pub(super) fn revive(&self) {
        let mut state = self.state();
        (state.is_dead, state.crash) = (false, None);
    }

    /// Refuses writes and reads in so many of a thousand cases.
    pub(super) fn trouble(&self, writes: usize, reads: usize) {
        self.state().troubles = (writes, reads);
    }

    /// Says that somebody takes an execution up again that failed.
    pub(super) fn retried(&self, execution: &ExecutionId) {
        self.state().seen.retried.insert(execution.clone());
    }

    pub(super) fn was_retried(&self, execution: &ExecutionId) -> bool {
        self.state().seen.retried.contains(execution)
    }

    /// Returns what must not have been written, and forgets it.
    pub(super) fn broken(&self) -> Vec<String> {
        std::mem::take(&mut self.state().seen.broken)
    }

    /// Returns how far an attempt is, and its key.
    pub(super) fn attempt(&self, attempt: &Attempt) -> Option<(Arc<str>, StepStatus)> {
        self.state().seen.attempts.get(attempt).cloned()
    }

    /// Returns whether a result is recorded of any attempt under a key.
    pub(super) fn is_done(&self, key: &str) -> bool {
        let state = self.state();
        state
            .seen
            .attempts
            .values()
            .any(|(known, status)| **known == *key && *status == StepStatus::Completed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for Guarded {
    fn read<T>(&self, read: impl FnOnce(&dyn Store) -> Result<T, Error>) -> Result<T, Error> {
        let mut state = self.state();
        if state.is_dead {
            return Err(dead());
        }
        let reads = state.troubles.1;
        if state.chance.chance(reads) {
            return Err(Error::Locked { store: "simulated".into() });
        }
        drop(state);
        read(&*self.store)
    }

    fn write<T>(
        &self,
        changes: &[Change],
        write: impl FnOnce(&dyn Store) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut state = self.state();
        if state.is_dead {
            return Err(dead());
        }
        let writes = state.troubles.0;
        if state.chance.chance(writes) {
            return Err(Error::Full { store: "simulated".into() });
        }
        let crash = match &mut state.crash {
            Some((0, is_done)) => Some(*is_done),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        state.is_dead = crash.is_some();
        if crash == Some(false) {
            return Err(dead());
        }
        let result = write(&*self.store);
        if result.is_ok() {
            changes.iter().for_each(|change| state.seen.see(change));
            state.seen.look_over();
        }
        if crash.is_some() { Err(dead()) } else { result }
    }
}

fn dead() -> Error {
    Error::Unavailable { store: "simulated".into(), reason: "the process has ended".into() }
}

impl Seen {
    fn see(&mut self, change: &Change) {
        match change {
            Change::ExecutionStarted(execution) | Change::ExecutionChanged(execution) => {
                self.execution(execution);
            }
            Change::StepStarted(step) => {
                let attempt = (step.execution.clone(), step.sequence, step.attempt);
                self.attempts.insert(attempt, (Arc::clone(&step.key), step.status));
            }
            Change::StepEnded(end) => {
                let attempt = (end.execution.clone(), end.sequence, end.attempt);
                match self.attempts.get_mut(&attempt) {
                    Some((_, status)) if *status == StepStatus::Started => *status = end.status,
                    Some((_, status)) => self.broken.push(format!(
                        "attempt {}.{} of {} ends as {} although it is {}",
                        end.sequence,
                        end.attempt,
                        end.execution,
                        end.status.as_str(),
                        status.as_str()
                    )),
                    None => {
                        self.broken.push(format!("an attempt of {} ends that never began", end.execution))
                    }
                }
            }
            Change::EventMatched(_)
            | Change::EventAccepted(_)
            | Change::Fired(_)
            | Change::WaitBegun(_)
            | Change::WaitsEnded(_)
            | Change::WaitEnded { .. }
            | Change::WatchBegun(_)
            | Change::WatchEnded(_)
            | Change::TimerSet(_)
            | Change::TimerDropped(_)
            | Change::TimerFired(_)
            | Change::WatchKept(_)
            | Change::WatchForgotten(_)
            | Change::LookedAt(_)
            | Change::RuleKept(_)
            | Change::WatchesLoaded { .. } => {}
        }
    }

    fn execution(&mut self, execution: &Execution) {
        let new = (Arc::clone(&execution.rule), Arc::clone(&execution.event_id), execution.status);
        let before = self.statuses.insert(execution.id.clone(), new);
        let Some((_, _, before)) = before.filter(|(_, _, before)| before.is_ended()) else { return };
        let is_retried = before == Status::Failed && self.retried.contains(&execution.id);
        if before != execution.status && !is_retried {
            self.broken.push(format!(
                "execution {} of {} has ended as {} and becomes {}",
                execution.id,
                execution.rule,
                before.as_str(),
                execution.status.as_str()
            ));
        }
    }

    /// Looks whether two executions run of which one has to wait, give way or be left out. Those that people took up again
    /// begin whatever else runs.
    fn look_over(&mut self) {
        let Some(exclusive) = self.exclusive else { return };
        let mut running: BTreeMap<(&str, String), &ExecutionId> = BTreeMap::new();
        let open = self.statuses.iter().filter(|(id, (_, _, status))| {
            status.is_begun() && !status.is_ended() && !self.retried.contains(*id)
        });
        for (id, (rule, event, _)) in open {
            let Some(key) = exclusive(rule, event) else { continue };
            if let Some(other) = running.insert((rule, key.clone()), id) {
                self.broken.push(format!("{id} and {other} of {rule} for {key} run at the same time"));
            }
        }
    }
}
