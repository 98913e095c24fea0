//! Triggers of time.

use hence_diagnostics::Span;
use pest::iterators::Pair;

use super::Builder;
use crate::ast::{DayName, DayOfMonth, Every, On, Period, ScheduleTrigger, Times, TriggerKind};
use crate::grammar::Rule;
use crate::literal::unit;

impl Builder<'_> {
    pub(super) fn schedule_trigger(&mut self, pair: Pair<'_, Rule>) -> Option<TriggerKind> {
        let span = self.span(&pair);
        let mut every: Option<Every> = None;
        let (mut cron, mut zone, mut missed) = (None, None, None);
        for part in pair.into_inner() {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::period => {
                    let period = self.period(part)?;
                    every = Some(Every { period, place, on: None, at: Vec::new(), from: None });
                }
                Rule::text => cron = Some((self.plain_text(place), place)),
                Rule::raw_text => {
                    let raw = self.slice(place).trim_start_matches('r').trim_matches('"').to_owned();
                    cron = Some((raw, place));
                }
                Rule::in_zone => zone = self.inner(part, Rule::text).map(|at| (self.plain_text(at), at)),
                Rule::missed_clause => {
                    let word = part.into_inner().last();
                    missed = word.map(|word| (self.word(&word).to_owned(), self.span(&word)));
                }
                Rule::on_clause => {
                    let on = self.on_clause(part);
                    every = every.map(|every| Every { on: Some((on, place)), ..every });
                }
                Rule::at_times => {
                    let times = part.into_inner().filter(|part| part.as_rule() == Rule::time);
                    let times = times.map(|time| self.span(&time));
                    let at = times.map(|at| (self.slice(at).to_owned(), at)).collect();
                    every = every.map(|every| Every { at, ..every });
                }
                Rule::from_day => {
                    let from = self.inner(part, Rule::date).map(|at| (self.slice(at).to_owned(), at));
                    every = every.map(|every| Every { from, ..every });
                }
                _ => {}
            }
        }
        let times = match (every, cron) {
            (Some(every), _) => Times::Every(Box::new(every)),
            (None, Some((pattern, place))) => Times::Cron(pattern, place),
            (None, None) => return None,
        };
        Some(TriggerKind::Schedule(ScheduleTrigger { times, zone, missed, span }))
    }

    /// The place of a part.
    pub(super) fn inner(&self, pair: Pair<'_, Rule>, rule: Rule) -> Option<Span> {
        pair.into_inner().find(|part| part.as_rule() == rule).map(|part| self.span(&part))
    }

    fn period(&mut self, pair: Pair<'_, Rule>) -> Option<Period> {
        let mut count = "1".to_owned();
        let mut length = None;
        let mut days = Vec::new();
        for part in pair.into_inner() {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::number => count = self.digits(place),
                Rule::unit | Rule::unit_name => length = unit(self.word(&part)),
                Rule::day_name => days.extend(self.day_name(&part)),
                _ => {}
            }
        }
        match length {
            Some(length) => Some(Period::Length(count, length)),
            None if days.is_empty() => None,
            None => Some(Period::Days(days)),
        }
    }

    fn day_name(&self, pair: &Pair<'_, Rule>) -> Option<(DayName, Span)> {
        let place = self.span(pair);
        DayName::of(self.word(pair)).map(|name| (name, place))
    }

    fn on_clause(&mut self, pair: Pair<'_, Rule>) -> On {
        let (mut of_week, mut of_month) = (Vec::new(), Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::day_name => of_week.extend(self.day_name(&part)),
                Rule::day_of_month => {
                    let span = self.span(&part);
                    let mut day = DayOfMonth { number: None, name: None, span };
                    for inner in part.into_inner() {
                        match inner.as_rule() {
                            Rule::ordinal => {
                                let written = self.slice(self.span(&inner));
                                let digits = written.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                                day.number = Some(digits.to_owned());
                            }
                            Rule::day_name => day.name = self.day_name(&inner).map(|(name, _)| name),
                            _ => {}
                        }
                    }
                    of_month.push(day);
                }
                _ => {}
            }
        }
        if of_month.is_empty() { On::DaysOfWeek(of_week) } else { On::DaysOfMonth(of_month) }
    }
}
