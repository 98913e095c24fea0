//! Triggers that are more than an event: what is to be watched for them.

use hence_ir::{Watch, WatchKind};
use hence_syntax::ast::{Rule, TriggerKind};

use crate::frame::{Frame, TooLarge};

impl Frame<'_> {
    /// Compiles what is watched for the triggers of a rule.
    pub(crate) fn watches(&mut self, rule: &Rule) -> Result<Vec<Watch>, TooLarge> {
        let mut watches = Vec::new();
        for (trigger, written) in (0..).zip(&rule.triggers) {
            let kind = match &written.kind {
                TriggerKind::Event(_) => None,
                TriggerKind::Schedule(_) => self.schedule(trigger),
            };
            watches.extend(kind.map(|kind| Watch { trigger, kind }));
        }
        Ok(watches)
    }

    fn schedule(&self, trigger: u32) -> Option<WatchKind> {
        self.facts.schedules.get(&(trigger as usize)).cloned().map(WatchKind::Schedule)
    }
}
