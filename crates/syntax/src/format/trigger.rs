//! The layout of triggers.

use crate::ast::{Rule, Trigger, TriggerKind};
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
}
