//! The layout of triggers.

use crate::ast::{
    DateTrigger, Expression, FieldChange, FieldTrigger, Parameter, Path, PatternRest, PatternTrigger, Rule,
    Trigger, TriggerKind,
};
use crate::token::TokenKind;

use super::document::Document;
use super::item::CLAUSE;
use super::writer::Writer;

impl Writer<'_> {
    /// Writes the triggers of a rule: on one line, or each on its own.
    pub(super) fn triggers(&mut self, rule: &Rule) -> Document {
        let mut parts = Vec::new();
        for (at, trigger) in rule.triggers.iter().enumerate() {
            if at > 0 {
                parts.push(Document::nest(CLAUSE, self.leading()));
                parts.push(Document::nest(2, Document::Line));
                let or = self.expect(TokenKind::Or);
                parts.push(Document::nest(CLAUSE, [or, Document::text(" ")].into()));
            }
            parts.push(Document::nest(CLAUSE, self.trigger(trigger)));
        }
        Document::group(parts.into_iter().collect())
    }

    fn trigger(&mut self, trigger: &Trigger) -> Document {
        let kind = match &trigger.kind {
            TriggerKind::Event(path) => self.path(path),
            TriggerKind::Schedule(schedule) => self.words(schedule.span.end),
            TriggerKind::Field(trigger) => self.field_trigger(trigger),
            TriggerKind::Pattern(trigger) => self.pattern_trigger(trigger),
            TriggerKind::Date(trigger) => self.date_trigger(trigger),
            TriggerKind::Manual(parameters) => self.manual_trigger(parameters),
        };
        match &trigger.alias {
            Some(alias) => [kind, Document::text(" "), self.spaced(alias.span.end)].into(),
            None => kind,
        }
    }

    /// Takes the tokens that start before a byte, with a blank between them, but none before a comma.
    fn words(&mut self, end: u32) -> Document {
        let mut parts = Vec::new();
        while self.is_before(end) {
            if !parts.is_empty() && self.peek() != Some(TokenKind::Comma) {
                parts.push(Document::text(" "));
            }
            parts.push(self.token());
        }
        parts.into_iter().collect()
    }

    fn field_trigger(&mut self, trigger: &FieldTrigger) -> Document {
        let path = self.path(&trigger.field);
        let mut parts = vec![path];
        match &trigger.change {
            FieldChange::Changes { from, to, stay } => {
                parts.extend([Document::text(" "), self.token()]);
                for value in [from, to, stay].into_iter().flatten() {
                    parts.push(self.after_words(value));
                }
            }
            FieldChange::FallsBelow(level) | FieldChange::RisesAbove(level) => {
                parts.push(self.after_words(level))
            }
        }
        parts.into_iter().collect()
    }

    fn pattern_trigger(&mut self, trigger: &PatternTrigger) -> Document {
        let mut parts = Vec::new();
        match &trigger.rest {
            PatternRest::Times(_, number) => {
                parts.extend([self.joined(number.end), Document::text(" "), self.path(&trigger.first)]);
            }
            PatternRest::Without(second) | PatternRest::FollowedBy { second, .. } => {
                parts.push(self.path(&trigger.first));
                parts.push(self.words_to(second));
            }
        }
        parts.push(self.after_words(&trigger.within));
        parts.push(self.words_to(&trigger.key));
        if let Some(key) = &trigger.second_key {
            parts.push(self.words_to(key));
        }
        parts.into_iter().collect()
    }

    fn date_trigger(&mut self, trigger: &DateTrigger) -> Document {
        let mut parts = vec![self.expression(&trigger.length), self.words_to(&trigger.field)];
        for place in [&trigger.at, &trigger.zone].into_iter().flatten().map(|(_, place)| place) {
            parts.extend([Document::text(" "), self.spaced(place.end)]);
        }
        parts.into_iter().collect()
    }

    fn manual_trigger(&mut self, parameters: &[Parameter]) -> Document {
        let manual = self.token();
        if self.peek() != Some(TokenKind::With) {
            return manual;
        }
        let with = [Document::text(" "), self.token(), Document::text(" ")];
        let list = self.delimited(parameters, false, Self::parameter);
        [manual, with.into_iter().collect(), list].into()
    }

    /// Writes the words before a value and the value, with a blank before each.
    fn after_words(&mut self, value: &Expression) -> Document {
        let words = self.spaced(value.span.start);
        [Document::text(" "), words, Document::text(" "), self.expression(value)].into()
    }

    /// Writes the words before a path and the path, with a blank before each.
    fn words_to(&mut self, path: &Path) -> Document {
        let words = self.spaced(path.span.start);
        [Document::text(" "), words, Document::text(" "), self.path(path)].into()
    }
}
