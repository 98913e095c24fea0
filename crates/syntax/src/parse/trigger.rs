//! Triggers, one function per kind.

use pest::iterators::Pair;

use super::Builder;
use crate::ast::{Trigger, TriggerKind};
use crate::grammar::Rule;

impl Builder<'_> {
    pub(super) fn trigger(&mut self, pair: Pair<'_, Rule>) -> Option<Trigger> {
        let span = self.span(&pair);
        let mut kind = None;
        let mut alias = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::event_trigger => kind = self.event_trigger(part),
                Rule::every_trigger | Rule::cron_trigger => kind = self.schedule_trigger(part),
                Rule::name => alias = Some(self.name(&part)),
                _ => {}
            }
        }
        Some(Trigger { kind: kind?, alias, span })
    }

    fn event_trigger(&mut self, pair: Pair<'_, Rule>) -> Option<TriggerKind> {
        let path = pair.into_inner().find(|part| part.as_rule() == Rule::path)?;
        Some(TriggerKind::Event(self.path(path)))
    }
}
