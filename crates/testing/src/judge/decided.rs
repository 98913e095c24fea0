//! What is expected of decisions: fields that are set, and whether they refuse.

use std::sync::Arc;

use hence_diagnostics::Span;
use hence_engine::{Decision, DecisionEffect};
use hence_schema::Settable;
use hence_syntax::ast::{Expectation, ExpectedBlock, ExpectedSet};
use hence_types::{Type, Wire};
use serde_json::Value as Json;

use super::{Judge, failure};
use crate::pattern::value_text;
use crate::report::{Failure, Line};

impl<'a> Judge<'a> {
    /// Returns the decisions since the expectations before.
    fn decisions(&self) -> impl Iterator<Item = &'a Decision> {
        let section = self.section;
        let recent = self.happened.iter().filter(move |happened| happened.section == section);
        recent.filter_map(|happened| happened.decision.as_ref())
    }

    /// Returns what decisions set: the field, its value and the rule.
    fn settings(&self) -> Vec<(&'a Arc<str>, &'a Json, &'a Arc<str>)> {
        let answers = self.decisions().flat_map(|decision| &decision.answers);
        let set = answers.filter_map(|answer| match &answer.effect {
            DecisionEffect::Set { field, value, .. } => Some((field, value, &answer.rule)),
            DecisionEffect::Act { .. } | DecisionEffect::Block { .. } => None,
        });
        set.collect()
    }

    fn reasons(&self) -> Vec<(&'a str, &'a Arc<str>)> {
        let answers = self.decisions().flat_map(|decision| &decision.answers);
        let blocks = answers.filter_map(|answer| match &answer.effect {
            DecisionEffect::Block { reason } => Some((reason.as_str(), &answer.rule)),
            DecisionEffect::Act { .. } | DecisionEffect::Set { .. } => None,
        });
        blocks.collect()
    }

    fn settable(&self, field: &str) -> Option<&'a Settable> {
        let catalog = &self.project.catalog;
        self.decisions().find_map(|decision| catalog.entry_point(&decision.entry_point)?.settable.get(field))
    }

    pub(super) fn set(&self, expected: &ExpectedSet, clause: Span) -> Option<Failure> {
        let name = expected.field.text();
        let all = self.settings();
        let found: Vec<_> = all.iter().filter(|(field, ..)| ***field == *name).collect();
        let said =
            |value: &Json, rule: &str| Line::Actual(format!("{name} == {} by {rule}", value_text(value)));
        let Some(value) = &expected.value else {
            if found.is_empty() {
                return None;
            }
            let difference = found.iter().map(|(_, value, rule)| said(value, rule)).collect();
            return Some(failure(clause, format!("`{name}` was set"), "expected not to be set", difference));
        };
        let Some(settable) = self.settable(&name) else {
            let message = format!("`{name}` was not set");
            return Some(failure(clause, message, "no decision here can set it", self.not_counted()));
        };
        let is_so = |actual: &Json| self.patterns().one(value, Some(actual), &settable.ty, &settable.wire);
        if found.iter().any(|(_, actual, _)| is_so(actual)) {
            return None;
        }
        let mut difference = vec![Line::Expected(format!("{name} == {}", self.source(value.span)))];
        difference.extend(found.iter().map(|(_, value, rule)| said(value, rule)));
        difference.extend(self.not_counted());
        let (message, label) = if found.is_empty() {
            (format!("`{name}` was not set"), "expected here")
        } else {
            (format!("`{name}` was set to another value"), "not so")
        };
        Some(failure(clause, message, label, difference))
    }

    pub(super) fn block(&self, expected: &ExpectedBlock, clause: Span) -> Option<Failure> {
        let found = self.reasons();
        let actual = || {
            found.iter().map(|(reason, rule)| Line::Actual(format!("blocked because {reason:?} by {rule}")))
        };
        if expected.negated {
            if found.is_empty() {
                return None;
            }
            return Some(failure(
                clause,
                "it was blocked".to_owned(),
                "expected not to be",
                actual().collect(),
            ));
        }
        let is_so = |reason: &str| match &expected.reason {
            Some(wanted) => {
                self.patterns().one(wanted, Some(&Json::from(reason)), &Type::String, &Wire::Plain)
            }
            None => true,
        };
        if found.iter().any(|(reason, _)| is_so(reason)) {
            return None;
        }
        let mut difference: Vec<Line> = expected
            .reason
            .iter()
            .map(|wanted| Line::Expected(format!("blocked because {}", self.source(wanted.span))))
            .collect();
        difference.extend(actual());
        difference.extend(self.not_counted());
        let (message, label) = if found.is_empty() {
            ("it was not blocked".to_owned(), "expected here")
        } else {
            ("it was blocked for another reason".to_owned(), "not so")
        };
        Some(failure(clause, message, label, difference))
    }

    /// Tells what decisions answered beyond what is expected.
    pub(super) fn nothing_else_decided(&self, expected: &[&Expectation], clause: Span) -> Option<Failure> {
        let mut others = Vec::new();
        for (field, value, rule) in self.settings() {
            let is_expected = expected.iter().any(|expectation| match expectation {
                Expectation::Set(set) => set.field.text() == **field,
                Expectation::Block(_)
                | Expectation::Rule(_)
                | Expectation::Call(_)
                | Expectation::NothingElse => false,
            });
            if !is_expected {
                others.push(Line::Actual(format!("{field} == {} by {rule}", value_text(value))));
            }
        }
        let is_expected = expected.iter().any(|expectation| matches!(expectation, Expectation::Block(_)));
        if !is_expected {
            let reasons = self.reasons();
            others.extend(
                reasons
                    .iter()
                    .map(|(reason, rule)| Line::Actual(format!("blocked because {reason:?} by {rule}"))),
            );
        }
        let message = match others.len() {
            0 => return None,
            1 => "one other thing was decided".to_owned(),
            more => format!("{more} other things were decided"),
        };
        Some(failure(clause, message, "nothing else is expected", others))
    }

    /// Tells what does not count, and which rules failed.
    fn not_counted(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for decision in self.decisions() {
            for overruled in &decision.overruled {
                lines.push(Line::Both(format!("{} does not count: {}", overruled.rule, overruled.why)));
            }
            for (rule, error) in &decision.failed {
                lines.push(Line::Both(format!("{rule} failed: {error}")));
            }
        }
        lines
    }
}
