//! What people do with executions: end them, hold them, have them go on.

use std::sync::Arc;

use super::{Driver, PAGE};
use crate::commands::{Command, call_off, stands_in_parallel};
use crate::store::{Error, ExecutionFilter};
use crate::{Branch, Effect, Execution, ExecutionId, Status};

/// What somebody does with an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// Ends it. A call under way is not taken back.
    Cancel {
        /// Why, where that is to be kept.
        reason: Option<Arc<str>>,
    },
    /// Holds it: what is under way comes to its end, nothing more begins.
    Pause,
    /// Has it go on after it was held.
    Resume,
    /// Has it go on after it failed, with the step that failed.
    Retry {
        /// Whether that step is passed over, as it was done otherwise.
        skip: bool,
    },
}

/// Why something cannot be done with an execution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such execution.
    #[error("there is no such execution")]
    Unknown,
    /// It is in a state in which this means nothing.
    #[error("the execution is {}", .0.as_str())]
    State(Status),
    /// The version of its rule is no longer loaded.
    #[error("the rule `{rule}` is not loaded in the version {version} that this execution runs")]
    NotLoaded {
        /// The rule.
        rule: Arc<str>,
        /// The version.
        version: Arc<str>,
    },
    /// It failed among steps that were done at the same time as others, and not all of these may be repeated.
    #[error(
        "the step that failed is one of several that were done at the same time and that must not all be repeated"
    )]
    InParallel,
}

impl Driver {
    /// Does something with an execution; returns it as it is then, and what is to be done.
    ///
    /// # Errors
    /// Whatever kept the store from recording it. What is refused changes nothing.
    pub fn control(
        &self,
        id: &ExecutionId,
        control: Control,
    ) -> Result<Result<(Execution, Vec<Effect>), Refused>, Error> {
        let Some(state) = self.store.execution(id)? else { return Ok(Err(Refused::Unknown)) };
        let is_meant = match control {
            Control::Cancel { .. } => !state.status.is_ended(),
            Control::Pause => matches!(state.status, Status::Running | Status::Waiting),
            Control::Resume => state.status == Status::Paused,
            Control::Retry { .. } => state.status == Status::Failed,
        };
        if !is_meant {
            return Ok(Err(Refused::State(state.status)));
        }
        let Some(open) = self.find(id)? else {
            if let Control::Cancel { reason } = control {
                let effects = self.apply(&call_off(&state, reason, self.now()).changes)?;
                return self.controlled(id, effects);
            }
            let Execution { rule, rule_version: version, .. } = state;
            return Ok(Err(Refused::NotLoaded { rule, version }));
        };
        if matches!(control, Control::Retry { .. })
            && let Some(rule) = open.loaded.program.get(open.rule)
        {
            let steps = match state.branch {
                Branch::Then => &rule.then,
                Branch::Otherwise => rule.otherwise.as_ref().unwrap_or(&rule.then),
            };
            if stands_in_parallel(steps, &state) {
                return Ok(Err(Refused::InParallel));
            }
        }
        let command = match control {
            Control::Cancel { reason } => Command::Cancel { reason },
            Control::Pause => Command::Pause,
            Control::Resume => Command::Resume,
            Control::Retry { skip } => Command::Retry { skip, ended_by: self.ended_by(&open, &state)? },
        };
        let may_be_ended = matches!(command, Command::Retry { .. });
        let mut effects = self.command(id, command)?;
        if may_be_ended {
            // An event may have been matched before the execution could be found again.
            let mut further = Vec::new();
            let ended = self.end_by_later(&state, &mut Vec::new(), &mut further);
            effects.extend(further);
            (effects, ()) = self.or_owe(effects, ended)?;
        }
        self.controlled(id, effects)
    }

    fn controlled(
        &self,
        id: &ExecutionId,
        effects: Vec<Effect>,
    ) -> Result<Result<(Execution, Vec<Effect>), Refused>, Error> {
        let (effects, state) = self.or_owe(effects, self.store.execution(id))?;
        Ok(state.map(|state| (state, effects)).ok_or(Refused::Unknown))
    }

    /// Records what became of the calls of paused executions that were under way when the process ended.
    /// One that fails by that is followed by others.
    pub(super) fn take_up_paused(&self) -> Result<Vec<Effect>, Error> {
        let filter = ExecutionFilter { status: Some(Status::Paused), ..ExecutionFilter::default() };
        let (mut effects, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.store.executions(&filter, cursor.as_ref(), PAGE)?;
            for execution in page.items {
                effects.extend(self.command(&execution.id, Command::ResumeAfterRestart)?);
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(effects);
            }
        }
    }
}
