//! Steps and blocks.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span};
use pest::iterators::{Pair, Pairs};

use super::Builder;
use crate::ast::{
    Ask, Block, CallClause, CallClauseKind, Expression, ExpressionKind, Name, OnError, Path, RetryClause,
    Step, StepKind, WaitFor,
};
use crate::grammar::Rule;

/// How deep steps may nest, so that no later stage runs out of stack.
const MAX_STEPS_DEEP: u32 = 100;

impl Builder<'_> {
    pub(super) fn steps(&mut self, pairs: Pairs<'_, Rule>) -> Vec<Step> {
        pairs.filter_map(|pair| self.step(pair)).collect()
    }

    fn step(&mut self, pair: Pair<'_, Rule>) -> Option<Step> {
        if pair.as_rule() == Rule::labelled_step {
            let span = self.span(&pair);
            let mut inner = pair.into_inner();
            let label = self.name(&inner.next()?);
            let step = self.step(inner.next_back()?)?;
            return Some(Step { span, label: Some(label), ..step });
        }
        let id = self.id();
        let span = self.span(&pair);
        let mut clauses = Vec::new();
        let kind = match pair.as_rule() {
            Rule::let_step => {
                let (kind, found) = self.let_step(pair)?;
                clauses = found;
                kind
            }
            Rule::wait_event => self.wait_for(pair, None)?,
            Rule::ask_step => self.ask(pair, None)?,
            Rule::if_step => self.if_step(pair)?,
            // Stands in for a step that is missing.
            Rule::stop_step if span.is_empty() => return None,
            Rule::stop_step if self.tokens_of(&pair).len() > 1 => StepKind::StopAll,
            Rule::stop_step => StepKind::Stop,
            Rule::wait_step => {
                let mut until = false;
                let mut value = None;
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::until => until = true,
                        Rule::expression => value = Some(self.expression(part)),
                        _ => {}
                    }
                }
                StepKind::Wait { until, value: value? }
            }
            Rule::set_step => {
                let (mut target, mut value) = (None, None);
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::path => target = Some(self.path(part)),
                        Rule::expression => value = Some(self.expression(part)),
                        Rule::timeout_clause | Rule::on_error_clause => {
                            clauses.extend(self.call_clause(part))
                        }
                        _ => {}
                    }
                }
                let target = target?;
                StepKind::Set { object: self.object_of(&target), target, value: value? }
            }
            Rule::block_step => {
                let reason = pair.into_inner().find(|part| part.as_rule() == Rule::expression)?;
                StepKind::Block(self.expression(reason))
            }
            Rule::for_step => self.for_step(pair)?,
            Rule::emit_step => {
                let (mut event, mut payload) = (None, None);
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::path => event = Some(self.path(part)),
                        Rule::record_literal => payload = Some(self.primary(part).0),
                        _ => {}
                    }
                }
                StepKind::Emit { event: event?, payload }
            }
            Rule::parallel_step => {
                let blocks = pair.into_inner().filter(|part| part.as_rule() == Rule::block);
                StepKind::Parallel(blocks.map(|block| self.block(block)).collect())
            }
            Rule::attempt_step => self.attempt_step(pair)?,
            Rule::call_step => {
                let (call, found) = self.call_step(pair)?;
                clauses = found;
                StepKind::Call(call)
            }
            _ => return None,
        };
        Some(Step { id, span, label: None, clauses, kind })
    }

    /// The path without its last name, as an expression.
    fn object_of(&mut self, path: &Path) -> Option<Box<Expression>> {
        let (_, names) = path.names.split_last()?;
        let (first, rest) = names.split_first()?;
        let kind = ExpressionKind::Name(first.clone());
        let mut object = Expression { id: self.id(), span: first.span, kind };
        for name in rest {
            let (span, name) = (object.span.to(name.span), name.clone());
            let kind = ExpressionKind::Field { base: Box::new(object), name, optional: false };
            object = Expression { id: self.id(), span, kind };
        }
        Some(Box::new(object))
    }

    fn let_step(&mut self, pair: Pair<'_, Rule>) -> Option<(StepKind, Vec<CallClause>)> {
        let (mut name, mut kind) = (None, None);
        let mut clauses = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::expression => kind = Some(StepKind::Let(name.take()?, self.expression(part))),
                Rule::wait_event => kind = self.wait_for(part, name.take()),
                Rule::ask_step => kind = self.ask(part, name.take()),
                Rule::timeout_clause | Rule::on_error_clause => clauses.extend(self.call_clause(part)),
                _ => {}
            }
        }
        Some((kind?, clauses))
    }

    fn wait_for(&mut self, pair: Pair<'_, Rule>, name: Option<Name>) -> Option<StepKind> {
        self.awaited(pair, name).map(|wait| StepKind::WaitFor(Box::new(wait)))
    }

    fn ask(&mut self, pair: Pair<'_, Rule>, name: Option<Name>) -> Option<StepKind> {
        let mut role = None;
        let mut expressions = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::role => {
                    let place = self.span(&part);
                    role = Some((self.plain_text(place), place));
                }
                Rule::expression => expressions.push(self.expression(part)),
                _ => {}
            }
        }
        let mut expressions = expressions.into_iter();
        let (question, limit) = (expressions.next()?, expressions.next());
        Some(StepKind::Ask(Box::new(Ask { name, role: role?, question, limit })))
    }

    /// An event that is waited for, in a step or a clause.
    pub(super) fn awaited(&mut self, pair: Pair<'_, Rule>, name: Option<Name>) -> Option<WaitFor> {
        let it = self.id();
        let (mut event, mut condition, mut limit) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::path => event = Some(self.path(part)),
                Rule::where_clause => {
                    condition = part.into_inner().find_map(|part| self.only_expression(part))
                }
                Rule::expression => limit = Some(self.expression(part)),
                _ => {}
            }
        }
        Some(WaitFor { name, event: event?, it, condition, limit })
    }

    fn only_expression(&mut self, part: Pair<'_, Rule>) -> Option<Expression> {
        (part.as_rule() == Rule::expression).then(|| self.expression(part))
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

    fn for_step(&mut self, pair: Pair<'_, Rule>) -> Option<StepKind> {
        let (mut variable, mut list, mut at_a_time, mut body) = (None, None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => variable = Some(self.name(&part)),
                Rule::expression => list = Some(self.expression(part)),
                Rule::batch => at_a_time = self.batch(part),
                Rule::block => body = Some(self.block(part)),
                _ => {}
            }
        }
        Some(StepKind::For { variable: variable?, list: list?, at_a_time, body: body? })
    }

    /// `, 5 at a time`: the last two are words like any other, so that they stay free for names.
    fn batch(&mut self, pair: Pair<'_, Rule>) -> Option<(String, Span)> {
        let mut words = Vec::new();
        let mut number = None;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::number => number = Some((self.slice(span).to_owned(), span)),
                Rule::word => words.push(span),
                _ => {}
            }
        }
        for (span, word) in words.into_iter().zip(["a", "time"]) {
            if self.slice(span) != word {
                self.report(
                    Diagnostic::new(Code::SyntaxError, span, format!("expected `{word}`"))
                        .label("it is `5 at a time`")
                        .fix(Fix::replace(Applicability::Likely, span, word, format!("write `{word}`"))),
                );
                return None;
            }
        }
        number
    }

    fn attempt_step(&mut self, pair: Pair<'_, Rule>) -> Option<StepKind> {
        let (mut body, mut error, mut handler) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => error = Some(self.name(&part)),
                Rule::block if body.is_none() => body = Some(self.block(part)),
                Rule::block => handler = Some(self.block(part)),
                _ => {}
            }
        }
        Some(StepKind::Attempt { body: body?, error, handler: handler? })
    }

    fn call_clause(&mut self, pair: Pair<'_, Rule>) -> Option<CallClause> {
        let span = self.span(&pair);
        let is_timeout = pair.as_rule() == Rule::timeout_clause;
        let mut kind = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::duration if is_timeout => kind = Some(CallClauseKind::Timeout(self.primary(part).0)),
                Rule::stop => kind = Some(CallClauseKind::OnError { retry: None, then: OnError::Stop }),
                Rule::continue_ => {
                    kind = Some(CallClauseKind::OnError { retry: None, then: OnError::Continue });
                }
                Rule::block => {
                    let then = OnError::Steps(self.block(part));
                    kind = Some(CallClauseKind::OnError { retry: None, then });
                }
                Rule::retry_policy => kind = self.retry_policy(part),
                _ => {}
            }
        }
        Some(CallClause { span, kind: kind? })
    }

    fn retry_policy(&mut self, pair: Pair<'_, Rule>) -> Option<CallClauseKind> {
        let span = self.span(&pair);
        let (mut times, mut every, mut up_to) = (None, None, None);
        let mut doubling = false;
        let mut then = OnError::Stop;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::number => {
                    let place = self.span(&part);
                    times = Some((self.slice(place).to_owned(), place));
                }
                Rule::duration if every.is_none() => every = Some(self.primary(part).0),
                Rule::duration => up_to = Some(self.primary(part).0),
                Rule::doubling => doubling = true,
                Rule::continue_ => then = OnError::Continue,
                _ => {}
            }
        }
        let retry = RetryClause { times: times?, every: every?, doubling, up_to, span };
        Some(CallClauseKind::OnError { retry: Some(retry), then })
    }

    fn block(&mut self, pair: Pair<'_, Rule>) -> Block {
        let span = self.span(&pair);
        Block { span, steps: self.steps(pair.into_inner()) }
    }

    /// `a.b.c(…)` as the expression it would be.
    fn call_step(&mut self, pair: Pair<'_, Rule>) -> Option<(Expression, Vec<CallClause>)> {
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
        let span = path.span.to(place);
        let arguments = self.arguments(parentheses);
        let kind = ExpressionKind::Call { callee: Box::new(callee), arguments, parentheses: place };
        let call = Expression { id: self.id(), span, kind };
        Some((call, inner.filter_map(|part| self.call_clause(part)).collect()))
    }
}
