//! Executions that do something, which are kept in memory, and how often they and other things were found there.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use hence_ir::RuleId;
use hence_types::jiff::Timestamp;
use hence_vm::Slots;

use super::{Driver, Loaded, locked};
use crate::matching::slots;
use crate::store::Error;
use crate::{Execution, ExecutionId, Status};

/// An open execution and what it runs on. Holds on to the program it began with, also after a newer is loaded.
pub(super) struct Open {
    pub(super) loaded: Arc<Loaded>,
    pub(super) rule: RuleId,
    pub(super) slots: Slots,
    /// How many events led to the one that started it.
    pub(super) depth: u32,
    pub(super) arrived_at: Timestamp,
    pub(super) state: Mutex<Execution>,
}

/// How often what the driver keeps in memory was looked for, since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caches {
    /// Executions that something happened to: those that do something are kept.
    pub executions: Lookup,
    /// Older versions of rules, as executions go on with them: kept from the first time on.
    pub rule_versions: Lookup,
}

/// How often something was looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lookup {
    /// It was in memory.
    pub hits: u64,
    /// The store was asked, whether or not it has it.
    pub misses: u64,
}

/// [`Caches`] as they are counted.
#[derive(Default)]
pub(super) struct CacheCounts {
    pub(super) executions: LookupCounts,
    pub(super) rule_versions: LookupCounts,
}

#[derive(Default)]
pub(super) struct LookupCounts {
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
}

impl LookupCounts {
    fn so_far(&self) -> Lookup {
        Lookup { hits: self.hits.load(Ordering::Relaxed), misses: self.misses.load(Ordering::Relaxed) }
    }
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Driver {
    /// Returns how often things were found in memory, and how often the store was asked.
    pub fn caches(&self) -> Caches {
        Caches {
            executions: self.counts.executions.so_far(),
            rule_versions: self.counts.rule_versions.so_far(),
        }
    }

    /// Returns an execution: from memory if it is open, else from the store.
    pub(super) fn find(&self, id: &ExecutionId) -> Result<Option<Arc<Open>>, Error> {
        if let Some(open) = locked(&self.open).get(id) {
            count(&self.counts.executions.hits);
            return Ok(Some(open.clone()));
        }
        count(&self.counts.executions.misses);
        match self.store.execution(id)? {
            Some(state) => self.reopen(state),
            None => Ok(None),
        }
    }

    /// Makes an execution ready to go on, if the version of its rule is loaded, and keeps it while it is open.
    pub(super) fn reopen(&self, state: Execution) -> Result<Option<Arc<Open>>, Error> {
        let Some((loaded, id)) = self.in_version(&state)? else { return Ok(None) };
        let Some(rule) = loaded.program.get(id) else { return Ok(None) };
        let Some(event) = self.store.event(state.event)? else { return Ok(None) };
        let (execution, is_active) = (state.id.clone(), is_active(&state));
        let (slots, depth) = (slots(rule, &event), event.depth());
        let (arrived_at, state) = (event.event.received_at, Mutex::new(state));
        let open = Arc::new(Open { loaded, rule: id, slots, depth, arrived_at, state });
        if !is_active {
            return Ok(Some(open));
        }
        Ok(Some(locked(&self.open).entry(execution).or_insert(open).clone()))
    }
}

/// Returns whether an execution is kept in memory: not while it waits, as it may do so for weeks, with a million others.
pub(super) fn is_active(state: &Execution) -> bool {
    match state.status {
        Status::Running => true,
        Status::Pending
        | Status::Waiting
        | Status::Paused
        | Status::Completed
        | Status::Failed
        | Status::Cancelled
        | Status::Throttled
        | Status::Skipped => false,
    }
}
