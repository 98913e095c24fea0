//! Steps and blocks.

use hence_diagnostics::{Code, Diagnostic};
use pest::iterators::{Pair, Pairs};

use super::Builder;
use crate::ast::{Block, Expression, ExpressionKind, Step, StepKind};
use crate::grammar::Rule;

/// How deep steps may nest, so that no later stage runs out of stack.
const MAX_STEPS_DEEP: u32 = 100;

impl Builder<'_> {
    pub(super) fn steps(&mut self, pairs: Pairs<'_, Rule>) -> Vec<Step> {
        pairs.filter_map(|pair| self.step(pair)).collect()
    }

    fn step(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        let id = self.id();
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::let_step => {
                let mut name = None;
                let mut value = None;
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::name => name = Some(self.name(&part)),
                        Rule::expression => value = Some(self.expression(part)),
                        _ => {}
                    }
                }
                StepKind::Let(name?, value?)
            }
            Rule::if_step => self.if_step(pair)?,
            // Stands in for a step that is missing.
            Rule::stop_step if span.is_empty() => return None,
            Rule::stop_step => StepKind::Stop,
            Rule::call_step => StepKind::Call(self.call_step(pair)?),
            _ => return None,
        };
        Some(Step { id, span, kind })
    }

    fn if_step(&mut self, pair: Pair<'_, Rule>) -> Option<StepKind> {
        if self.steps_deep >= MAX_STEPS_DEEP {
            let span = self.span(&pair);
            self.report(
                Diagnostic::new(
                    Code::NestingTooDeep,
                    span,
                    format!("steps nest more than {MAX_STEPS_DEEP} deep"),
                )
                .label("one too many; `else if` counts as well"),
            );
            return None;
        }
        self.steps_deep += 1;
        let kind = self.shallow_if_step(pair);
        self.steps_deep -= 1;
        kind
    }

    fn shallow_if_step(&mut self, pair: Pair<'_, Rule>) -> Option<StepKind> {
        let mut condition = None;
        let mut then = None;
        let mut otherwise = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::expression => condition = Some(self.expression(part)),
                Rule::block if then.is_none() => then = Some(self.block(part)),
                Rule::block => otherwise = Some(self.block(part)),
                Rule::if_step => {
                    let span = self.span(&part);
                    otherwise = Some(Block { span, steps: self.step(part).into_iter().collect() });
                }
                _ => {}
            }
        }
        Some(StepKind::If { condition: condition?, then: then?, otherwise })
    }

    fn block(&mut self, pair: Pair<'_, Rule>) -> Block {
        let span = self.span(&pair);
        Block { span, steps: self.steps(pair.into_inner()) }
    }

    /// `a.b.c(…)` as the expression it would be.
    fn call_step(&mut self, pair: Pair<'_, Rule>) -> Option<Expression> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let path = self.path(inner.next()?);
        let mut names = path.names.into_iter();
        let first = names.next()?;
        let mut callee = Expression { id: self.id(), span: first.span, kind: ExpressionKind::Name(first) };
        for name in names {
            let span = callee.span.to(name.span);
            let kind = ExpressionKind::Field { base: Box::new(callee), name, optional: false };
            callee = Expression { id: self.id(), span, kind };
        }
        let parentheses = inner.next()?;
        let place = self.span(&parentheses);
        let arguments = self.arguments(parentheses);
        let kind = ExpressionKind::Call { callee: Box::new(callee), arguments, parentheses: place };
        Some(Expression { id: self.id(), span, kind })
    }
}
