//! What becomes due: triggers that are watched for, and executions that wait for a time.

use std::collections::HashSet;
use std::sync::Arc;

use hence_types::jiff::Timestamp;

use super::{Driver, Handled};
use crate::store::Error;
use crate::watching::{self, Firing};
use crate::{Change, Effect, ExecutionId, Target, Timer, Watched};

/// How many timers are fired in one transaction.
const TIMERS: usize = 500;

/// How many executions are handed out at a time.
const EXECUTIONS: usize = 1000;

/// What was due.
#[derive(Debug, Clone, Default)]
pub struct Fired {
    /// What is to be done for the triggers that fired.
    pub effects: Vec<Effect>,
    /// Executions whose wait is over: each is to be handed to [`Driver::wake`] before this is asked again.
    pub executions: Vec<ExecutionId>,
    /// When this is to be asked again; not in the future if there may be more to be done now.
    pub next: Option<Timestamp>,
}

impl Driver {
    /// Begins to watch what the loaded rules ask for, and ends to watch what no rule asks for any more. What is watched
    /// already goes on.
    ///
    /// # Errors
    /// Whatever kept the store from being read or written.
    pub fn watch(&self) -> Result<(), Error> {
        let (loaded, now) = (self.loaded(), self.now());
        let stored: HashSet<(Target, Arc<str>)> =
            self.store.watched()?.into_iter().map(|watched| (watched.target, watched.what)).collect();
        let wanted = watching::wanted(&loaded.program, &loaded.zone);
        let kept: HashSet<&Target> = wanted
            .iter()
            .filter(|(watched, ..)| stored.contains(&(watched.target.clone(), Arc::clone(&watched.what))))
            .map(|(watched, ..)| &watched.target)
            .collect();
        let mut ended: Vec<&Target> =
            stored.iter().map(|(target, _)| target).filter(|target| !kept.contains(target)).collect();
        ended.sort();
        let mut changes: Vec<Change> = ended.into_iter().cloned().map(Change::WatchEnded).collect();
        for (watched, rule, watch) in &wanted {
            if kept.contains(&watched.target) {
                continue;
            }
            changes.push(Change::WatchBegun(Box::new(Watched::clone(watched))));
            let timers = watching::begin(&watched.target, rule, watch, now, &loaded.zone);
            changes.extend(timers.map(|timer| Change::TimerSet(Box::new(timer))));
        }
        if changes.is_empty() { Ok(()) } else { self.store.apply(&changes).map(drop) }
    }

    /// Fires the triggers whose time has come, and returns them with the executions whose wait is over.
    ///
    /// # Errors
    /// Whatever kept the store from being read or written; what was not written is due again.
    pub fn fire(&self) -> Result<Fired, Error> {
        let now = self.now();
        let mut settled = Handled { effects: self.fire_timers()?, ..Handled::default() };
        self.settle(&mut settled);
        let due = || Ok((self.store.due_executions(now, EXECUTIONS)?, self.store.next_due()?));
        let (effects, (executions, next)) = self.or_owe(settled.effects, due())?;
        // What is handed out here is still the first that waits.
        let execution = if executions.is_empty() { next.execution } else { Some(now) };
        let next = next.timer.into_iter().chain(execution).min();
        Ok(Fired { effects, executions, next })
    }

    /// Fires the triggers whose time has come, or a part of them, and leaves executions alone.
    ///
    /// # Errors
    /// See [`Driver::fire`].
    pub fn fire_timers(&self) -> Result<Vec<Effect>, Error> {
        let now = self.now();
        let due = self.store.due_timers(now, TIMERS)?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let changes: Vec<Vec<Change>> = due.into_iter().map(|timer| self.firing(timer, now)).collect();
        match self.apply(&changes.concat()) {
            Err(Error::Conflict { .. }) => {
                // One of them was moved meanwhile: it is left out.
                let mut effects = Vec::new();
                for changes in changes {
                    match self.apply(&changes) {
                        Ok(further) => effects.extend(further),
                        Err(Error::Conflict { .. }) => {}
                        Err(error) => return self.or_owe(effects, Err(error)).map(|(effects, ())| effects),
                    }
                }
                Ok(effects)
            }
            result => result,
        }
    }

    /// Returns what the firing of a timer changes.
    fn firing(&self, timer: Timer, now: Timestamp) -> Vec<Change> {
        let loaded = self.loaded();
        let rule = loaded.names.get(&timer.target.rule).and_then(|id| loaded.program.get(*id));
        let Some((rule, watch)) = rule.and_then(|rule| Some((rule, rule.watch(timer.target.trigger)?)))
        else {
            // Its rule is gone; [`Driver::watch`] has not been called since.
            return vec![Change::TimerDropped(timer.id())];
        };
        let Firing { events, next } = watching::fire(&timer, rule, watch, now, &loaded.zone);
        let mut changes = vec![Change::TimerFired(Box::new(timer))];
        changes.extend(events.into_iter().map(|event| Change::EventAccepted(Box::new(event))));
        changes.extend(next.map(|timer| Change::TimerSet(Box::new(timer))));
        changes
    }
}
