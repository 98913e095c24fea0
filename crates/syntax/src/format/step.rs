//! The layout of steps: each on its own line, blank lines between them kept, one at most.

use crate::ast::{Block, Expression, Step, StepKind};
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
        match &step.kind {
            StepKind::Call(call) => self.expression(call),
            StepKind::Let(name, value) => {
                let head = self.spaced(name.span.end);
                let assign = self.expect(TokenKind::Assign);
                [head, Document::text(" "), assign, self.value(value, false)].into()
            }
            StepKind::If { condition, then, otherwise } => self.if_step(condition, then, otherwise.as_ref()),
            StepKind::Stop => self.expect(TokenKind::Stop),
        }
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
