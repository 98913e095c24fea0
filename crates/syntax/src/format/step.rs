//! The layout of steps: each on its own line, blank lines between them kept, one at most.

use crate::ast::{Ask, Block, CallClause, CallClauseKind, Expression, OnError, Step, StepKind, WaitFor};
use crate::token::TokenKind;

use super::document::Document;
use super::writer::Writer;

/// How much the further lines of a condition before `{` are indented: more than the block below.
const BEFORE_BLOCK: usize = 4;

impl Writer<'_> {
    /// Writes steps; the first starts where the caller stands.
    pub(super) fn steps(&mut self, steps: &[Step]) -> Document {
        let mut parts = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            if at > 0 {
                parts.push(if self.blank_before() { Document::BlankLine } else { Document::HardLine });
            }
            parts.push(self.comments_above());
            parts.push(self.step(step));
        }
        parts.into_iter().collect()
    }

    fn step(&mut self, step: &Step) -> Document {
        let mut parts = Vec::new();
        if step.label.is_some() {
            let name = self.token();
            parts.extend([name, self.expect(TokenKind::Colon), Document::text(" ")]);
        }
        parts.push(self.step_kind(step));
        for clause in &step.clauses {
            let leading = self.leading();
            let clause = [leading, Document::HardLine, self.call_clause(clause)];
            parts.push(Document::nest(2, clause.into()));
        }
        parts.into_iter().collect()
    }

    fn call_clause(&mut self, clause: &CallClause) -> Document {
        match &clause.kind {
            CallClauseKind::Timeout(_) => self.spaced(clause.span.end),
            CallClauseKind::OnError { retry: None, then: OnError::Steps(block) } => {
                let words = self.spaced(block.span.start);
                [words, Document::text(" "), self.block(block)].into()
            }
            CallClauseKind::OnError { retry: None, .. } => self.spaced(clause.span.end),
            CallClauseKind::OnError { retry: Some(retry), .. } => {
                let last = retry.up_to.as_ref().unwrap_or(&retry.every);
                let mut policy = self.spaced(last.span.end);
                if retry.doubling && self.peek() == Some(TokenKind::Doubling) {
                    policy = [policy, Document::text(" "), self.token()].into();
                }
                if self.peek() != Some(TokenKind::Comma) || !self.is_before(clause.span.end) {
                    return policy;
                }
                let comma = self.comma();
                [policy, comma, Document::text(" "), self.spaced(clause.span.end)].into()
            }
        }
    }

    fn step_kind(&mut self, step: &Step) -> Document {
        match &step.kind {
            StepKind::Call(call) => self.expression(call),
            StepKind::Let(name, value) => {
                let head = self.spaced(name.span.end);
                let assign = self.expect(TokenKind::Assign);
                [head, Document::text(" "), assign, self.value(value, false)].into()
            }
            StepKind::If { condition, then, otherwise } => self.if_step(condition, then, otherwise.as_ref()),
            StepKind::Stop => self.expect(TokenKind::Stop),
            StepKind::StopAll => self.spaced(step.span.end),
            StepKind::Set { target, value, .. } => {
                let head = self.spaced(target.span.start);
                let target = self.joined(target.span.end);
                let blank = || Document::text(" ");
                let assign = self.expect(TokenKind::Assign);
                [head, blank(), target, blank(), assign, self.value(value, false)].into()
            }
            StepKind::Block(reason) => {
                let word = self.expect(TokenKind::Block);
                [word, Document::text(" "), self.expression_in(reason, 2)].into()
            }
            StepKind::Wait { value, .. } => {
                let words = self.spaced(value.span.start);
                [words, Document::text(" "), self.expression_in(value, 2)].into()
            }
            StepKind::WaitFor(wait) => self.wait_for(wait),
            StepKind::Ask(ask) => self.ask(ask),
            StepKind::For { list, at_a_time, body, .. } => {
                let head = self.spaced(list.span.start);
                let list = self.expression_in(list, BEFORE_BLOCK);
                let batch = if at_a_time.is_some() {
                    [self.comma(), Document::text(" "), self.spaced(body.span.start)].into()
                } else {
                    Document::nothing()
                };
                [head, Document::text(" "), list, batch, Document::text(" "), self.block(body)].into()
            }
            StepKind::Emit { event, payload } => {
                let word = self.spaced(event.span.start);
                let mut parts = vec![word, Document::text(" "), self.joined(event.span.end)];
                if let Some(payload) = payload {
                    parts.extend([Document::text(" "), self.expression(payload)]);
                }
                parts.into_iter().collect()
            }
            StepKind::Parallel(blocks) => {
                let mut parts = vec![self.expect(TokenKind::Parallel)];
                for (at, block) in blocks.iter().enumerate() {
                    if at > 0 {
                        parts.extend([Document::text(" "), self.expect(TokenKind::And)]);
                    }
                    parts.extend([Document::text(" "), self.block(block)]);
                }
                parts.into_iter().collect()
            }
            StepKind::Attempt { body, handler, .. } => {
                let keyword = self.expect(TokenKind::Attempt);
                let body = self.block(body);
                let words = self.spaced(handler.span.start);
                let blank = || Document::text(" ");
                [keyword, blank(), body, blank(), words, blank(), self.block(handler)].into()
            }
        }
    }

    fn ask(&mut self, ask: &Ask) -> Document {
        let head = self.spaced(ask.question.span.start);
        let mut parts = vec![head, Document::text(" "), self.expression_in(&ask.question, 2)];
        if let Some(limit) = &ask.limit {
            let words = self.spaced(limit.span.start);
            parts.extend([Document::text(" "), words, Document::text(" "), self.expression_in(limit, 2)]);
        }
        parts.into_iter().collect()
    }

    /// Writes an event that is waited for, in a step or a clause.
    pub(super) fn wait_for(&mut self, wait: &WaitFor) -> Document {
        let words = self.spaced(wait.event.span.start);
        let mut parts = vec![words, Document::text(" "), self.joined(wait.event.span.end)];
        if let Some(condition) = &wait.condition {
            let word = self.expect(TokenKind::Where);
            let condition = self.expression_in(condition, BEFORE_BLOCK);
            parts.extend([Document::text(" "), word, Document::text(" "), condition]);
        }
        if let Some(limit) = &wait.limit {
            let comma = self.comma();
            let words = self.spaced(limit.span.start);
            parts.extend([
                comma,
                Document::text(" "),
                words,
                Document::text(" "),
                self.expression_in(limit, 2),
            ]);
        }
        parts.into_iter().collect()
    }

    fn if_step(&mut self, condition: &Expression, then: &Block, otherwise: Option<&Block>) -> Document {
        let keyword = self.expect(TokenKind::If);
        let condition = self.expression_in(condition, BEFORE_BLOCK);
        let then = self.block(then);
        let mut parts = vec![keyword, Document::text(" "), condition, Document::text(" "), then];
        if let Some(otherwise) = otherwise {
            let keyword = self.expect(TokenKind::Else);
            parts.extend([Document::text(" "), keyword, Document::text(" ")]);
            if self.peek() == Some(TokenKind::LeftBrace) {
                parts.push(self.block(otherwise));
            } else {
                parts.extend(otherwise.steps.iter().map(|step| self.step(step)));
            }
        }
        parts.into_iter().collect()
    }

    fn block(&mut self, block: &Block) -> Document {
        let open = self.expect(TokenKind::LeftBrace);
        let steps = self.steps(&block.steps);
        let gap = if !block.steps.is_empty() && self.has_comments_above() && self.blank_before() {
            Document::BlankLine
        } else {
            Document::nothing()
        };
        let edge = if block.steps.is_empty() && !self.has_comments_above() {
            Document::SoftLine
        } else {
            Document::HardLine
        };
        let comments = self.comments_above();
        let close = self.expect(TokenKind::RightBrace);
        let inner = Document::nest(2, [edge.clone(), steps, gap, comments].into());
        Document::group([open, inner, edge, close].into())
    }
}
