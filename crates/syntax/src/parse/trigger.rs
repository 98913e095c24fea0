//! Triggers, one function per kind.

use pest::iterators::Pair;

use super::Builder;
use crate::ast::{
    DateTrigger, Expression, FieldChange, FieldTrigger, Name, Path, PatternRest, PatternTrigger, Trigger,
    TriggerKind,
};
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
                Rule::manual_trigger => {
                    let parameters = part.into_inner().filter(|inner| inner.as_rule() == Rule::parameter);
                    let parameters: Vec<_> = parameters.filter_map(|inner| self.parameter(inner)).collect();
                    kind = Some(TriggerKind::Manual(parameters));
                }
                Rule::date_trigger => kind = self.date_trigger(part),
                Rule::count_trigger => kind = self.count_trigger(part),
                Rule::name => alias = Some(self.name(&part)),
                _ => {}
            }
        }
        Some(Trigger { kind: kind?, alias, span })
    }

    fn event_trigger(&mut self, pair: Pair<'_, Rule>) -> Option<TriggerKind> {
        let mut parts = pair.into_inner();
        let path = parts.next().map(|part| self.path(part))?;
        let Some(rest) = parts.next() else { return Some(TriggerKind::Event(path)) };
        let change = match rest.as_rule() {
            Rule::field_change => self.field_change(rest),
            Rule::field_crossing => self.field_crossing(rest)?,
            _ => return self.pattern(path, rest).map(|pattern| TriggerKind::Pattern(Box::new(pattern))),
        };
        Some(TriggerKind::Field(Box::new(FieldTrigger { field: path, change })))
    }

    fn field_change(&mut self, pair: Pair<'_, Rule>) -> FieldChange {
        let (mut from, mut to, mut stay) = (None, None, None);
        let mut is_from = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::from => is_from = true,
                Rule::to => is_from = false,
                Rule::trigger_value if is_from => from = Some(self.expression(part)),
                Rule::trigger_value => to = Some(self.expression(part)),
                Rule::duration => stay = Some(self.primary(part).0),
                _ => {}
            }
        }
        FieldChange::Changes { from, to, stay }
    }

    fn field_crossing(&mut self, pair: Pair<'_, Rule>) -> Option<FieldChange> {
        let mut parts = pair.into_inner();
        let falls = parts.next()?.as_rule() == Rule::falls;
        let level = parts.find(|part| part.as_rule() == Rule::trigger_value)?;
        let level = self.expression(level);
        Some(if falls { FieldChange::FallsBelow(level) } else { FieldChange::RisesAbove(level) })
    }

    fn date_trigger(&mut self, pair: Pair<'_, Rule>) -> Option<TriggerKind> {
        let (mut length, mut before, mut field, mut at, mut zone) = (None, false, None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::duration => length = Some(self.primary(part).0),
                Rule::before => before = true,
                Rule::path => field = Some(self.path(part)),
                Rule::at_time => at = self.inner(part, Rule::time).map(|at| (self.slice(at).to_owned(), at)),
                Rule::in_zone => zone = self.inner(part, Rule::text).map(|at| (self.plain_text(at), at)),
                _ => {}
            }
        }
        Some(TriggerKind::Date(Box::new(DateTrigger { length: length?, before, field: field?, at, zone })))
    }

    fn count_trigger(&mut self, pair: Pair<'_, Rule>) -> Option<TriggerKind> {
        let path = pair.clone().into_inner().find(|part| part.as_rule() == Rule::path)?;
        let path = self.path(path);
        self.pattern(path, pair).map(|pattern| TriggerKind::Pattern(Box::new(pattern)))
    }

    /// Builds the pattern that an event begins.
    fn pattern(&mut self, first: Path, pair: Pair<'_, Rule>) -> Option<PatternTrigger> {
        let rule = pair.as_rule();
        let (mut alias, mut second, mut number): (Option<Name>, Option<Path>, _) = (None, None, None);
        let (mut within, mut keys): (Option<Expression>, Vec<Path>) = (None, Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => alias = Some(self.name(&part)),
                Rule::number => number = Some(self.span(&part)),
                Rule::path => second = Some(self.path(part)),
                Rule::duration => within = Some(self.primary(part).0),
                Rule::trigger_key => {
                    let paths = part.into_inner().filter(|inner| inner.as_rule() == Rule::key_path);
                    keys = paths.map(|inner| self.path(inner)).collect();
                }
                _ => {}
            }
        }
        let rest = match rule {
            Rule::absence => PatternRest::Without(second?),
            Rule::sequence => PatternRest::FollowedBy { first: alias, second: second? },
            _ => {
                let place = number?;
                PatternRest::Times(self.digits(place), place)
            }
        };
        let mut keys = keys.into_iter();
        Some(PatternTrigger { first, rest, within: within?, key: keys.next()?, second_key: keys.next() })
    }
}
