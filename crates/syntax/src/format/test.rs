//! The layout of tests: each clause on its own line, blank lines between them kept, one at most.

use crate::ast::{
    Answer, AnswerKind, Expectation, ExpectedCall, ExpectedRule, Expression, Given, Test, TestClause,
    TestClauseKind,
};
use crate::token::TokenKind;

use super::document::Document;
use super::writer::Writer;

impl Writer<'_> {
    pub(super) fn test(&mut self, test: &Test) -> Document {
        let head = self.spaced(test.title.1.end);
        let mut clauses = Vec::new();
        if let Some(at) = &test.at {
            clauses.push(self.edge(false));
            let keyword = self.expect(TokenKind::At);
            clauses.extend([keyword, Document::text(" "), self.expression(at)]);
        }
        for (number, clause) in test.clauses.iter().enumerate() {
            let first = number == 0 && test.at.is_none();
            clauses.push(self.edge(!first));
            clauses.push(self.clause_of_test(clause));
        }
        [Document::nest(2, head), Document::nest(2, clauses.into_iter().collect())].into()
    }

    /// The line break before a clause, and the comments above it.
    fn edge(&mut self, may_be_blank: bool) -> Document {
        let blank = may_be_blank && self.blank_before();
        let line = if blank { Document::BlankLine } else { Document::HardLine };
        [line, self.comments_above(), Document::HardLine].into()
    }

    fn clause_of_test(&mut self, clause: &TestClause) -> Document {
        match &clause.kind {
            TestClauseKind::Wait { time, .. } => {
                let head = self.spaced(time.span.start);
                [head, Document::text(" "), self.expression(time)].into()
            }
            TestClauseKind::Given(given) => self.given(given),
            TestClauseKind::With(answer) => self.answer(answer),
            TestClauseKind::Expect(Expectation::NothingElse) => self.spaced(clause.span.end),
            TestClauseKind::Expect(Expectation::Set(expected)) => {
                let head = self.spaced(expected.field.span.start);
                let field = self.joined(expected.field.span.end);
                let head = [head, Document::text(" "), field, Document::text(" ")].into();
                self.then_value(head, expected.value.as_ref(), clause.span.end)
            }
            TestClauseKind::Expect(Expectation::Block(expected)) => {
                self.then_value(Document::nothing(), expected.reason.as_ref(), clause.span.end)
            }
            TestClauseKind::Expect(Expectation::Rule(expected)) => {
                self.expected_rule(expected, clause.span.end)
            }
            TestClauseKind::Expect(Expectation::Call(expected)) => {
                self.expected_call(expected, clause.span.end)
            }
        }
    }

    fn given(&mut self, given: &Given) -> Document {
        let head = self.spaced(given.event.span.start);
        let event = self.joined(given.event.span.end);
        let mut parts = vec![head, Document::text(" "), event];
        if let Some(payload) = &given.payload {
            parts.extend([Document::text(" "), self.expression(payload)]);
        }
        parts.into_iter().collect()
    }

    fn answer(&mut self, answer: &Answer) -> Document {
        let head = self.spaced(answer.action.span.start);
        let mut parts =
            vec![head, Document::text(" "), self.joined(answer.action.span.end), Document::text(" ")];
        match &answer.kind {
            AnswerKind::Fails(_, words) => parts.push(self.spaced(words.end)),
            AnswerKind::Returns(value) => {
                let keyword = self.expect(TokenKind::Returns);
                parts.extend([keyword, Document::text(" "), self.expression(value)]);
            }
        }
        if let Some(count) = &answer.count {
            parts.extend([Document::text(" "), self.spaced(count.span.end)]);
        }
        parts.into_iter().collect()
    }

    fn expected_rule(&mut self, expected: &ExpectedRule, end: u32) -> Document {
        let head = self.spaced(expected.rule.span.start);
        let rule = self.joined(expected.rule.span.end);
        let mut parts = vec![head, Document::text(" "), rule, Document::text(" ")];
        match &expected.because {
            Some(because) => {
                let words = self.spaced(because.span.start);
                parts.extend([words, Document::text(" "), self.expression(because)]);
            }
            None => parts.push(self.spaced(end)),
        }
        parts.into_iter().collect()
    }

    /// Words, and the value they end with if there is one.
    fn then_value(&mut self, head: Document, value: Option<&Expression>, end: u32) -> Document {
        match value {
            Some(value) => {
                let words = self.spaced(value.span.start);
                [head, words, Document::text(" "), self.expression(value)].into()
            }
            None => [head, self.spaced(end)].into(),
        }
    }

    fn expected_call(&mut self, expected: &ExpectedCall, end: u32) -> Document {
        let head = self.spaced(expected.action.span.start);
        let action = self.joined(expected.action.span.end);
        let arguments = self.delimited(&expected.arguments, false, Self::argument);
        let mut parts = vec![head, Document::text(" "), action, arguments];
        if self.is_before(end) {
            parts.extend([Document::text(" "), self.spaced(end)]);
        }
        parts.into_iter().collect()
    }
}
