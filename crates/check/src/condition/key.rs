//! A text for what an expression computes: two expressions with one key have one value. Names are keyed by what they
//! mean, so `total`, `event.total` and `order.total` are the same.

use std::fmt::Write as _;

use hence_syntax::ast::{
    Argument, CallClauseKind, ClauseKind, Expression, ExpressionKind, MatchArm, MatchPattern, NodeId,
    OnError, Step, StepKind, TextPart,
};

use super::Scope;
use crate::facts::{Facts, Use};

impl Scope<'_> {
    /// Returns the key of an expression.
    pub(crate) fn key(&self, expression: &Expression) -> String {
        let mut writer = Writer { facts: self.facts, bound: Vec::new(), text: String::new() };
        writer.expression(expression);
        writer.text
    }

    /// Returns the key of a header clause that is computed.
    pub(crate) fn key_of_clause(&self, clause: &ClauseKind) -> String {
        let mut writer = Writer { facts: self.facts, bound: Vec::new(), text: String::new() };
        match clause {
            ClauseKind::Until(exit) => {
                writer.raw(exit.event.text());
                writer.bound.push(exit.it);
            }
            ClauseKind::Limit { count: (count, _), per: amount, .. } => writer.node(count, &[amount]),
            ClauseKind::Rollout { share: amount, .. } | ClauseKind::Debounce { quiet: amount, .. } => {
                writer.node("", &[amount]);
            }
            ClauseKind::Variant { shares, .. } => {
                shares.iter().for_each(|(name, share)| writer.node(&name.text, &[share]));
            }
            ClauseKind::Overlap { mode, .. } => writer.raw(mode),
            ClauseKind::Once(_)
            | ClauseKind::Priority(..)
            | ClauseKind::Group(_)
            | ClauseKind::Disabled
            | ClauseKind::Owner(..)
            | ClauseKind::Tags(_)
            | ClauseKind::Timezone(..)
            | ClauseKind::Active { .. } => {}
        }
        writer.node(clause.keyword(), &clause.computed().unwrap_or_default());
        writer.text
    }

    /// Returns the key of steps.
    pub(crate) fn key_of_steps(&self, steps: &[Step]) -> String {
        let mut writer = Writer { facts: self.facts, bound: Vec::new(), text: String::new() };
        writer.steps(steps);
        writer.text
    }
}

struct Writer<'a> {
    facts: &'a Facts,
    /// The variables that are bound within what is keyed, by place and not by node.
    bound: Vec<NodeId>,
    text: String,
}

impl Writer<'_> {
    fn raw(&mut self, text: impl std::fmt::Debug) {
        // Writing to a text cannot fail.
        let _ = write!(self.text, "{text:?}");
    }

    /// `head(parts)`
    fn node(&mut self, head: &str, parts: &[&Expression]) {
        self.text.push_str(head);
        self.text.push('(');
        for part in parts {
            self.expression(part);
            self.text.push(',');
        }
        self.text.push(')');
    }

    fn local(&mut self, node: NodeId) {
        match self.bound.iter().rposition(|bound| *bound == node) {
            Some(place) => self.raw(("bound", place)),
            None => self.raw(("local", node.0)),
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Group(inner) => self.expression(inner),
            ExpressionKind::Name(name) => match self.facts.usage(expression.id) {
                Some(Use::Local(node)) => self.local(*node),
                Some(Use::PayloadField(field)) => self.text.push_str(&format!("event.{field:?}")),
                Some(Use::Payload) => self.text.push_str("event"),
                Some(usage) => self.raw(usage),
                None => self.raw(("name", &name.text)),
            },
            ExpressionKind::Field { base, name, .. } => {
                if let Some(Use::Envelope(part)) = self.facts.usage(expression.id) {
                    self.raw(part);
                    return;
                }
                self.expression(base);
                self.text.push('.');
                self.raw(&name.text);
            }
            ExpressionKind::Index { base, index } => self.node("index", &[base, index]),
            ExpressionKind::Call { callee, arguments, .. } => self.call(expression, callee, arguments),
            ExpressionKind::Unary { operator, operand } => self.node(&format!("{operator:?}"), &[operand]),
            ExpressionKind::Binary { operator, negated, ignoring_case, left, right, .. } => {
                let case = ignoring_case.is_some();
                self.node(&format!("{operator:?}{negated}{case}"), &[left, right]);
            }
            ExpressionKind::Between { negated, operand, low, high, .. } => {
                self.node(&format!("between{negated}"), &[operand, low, high]);
            }
            ExpressionKind::Range { low, high } => self.node("..", &[low, high]),
            ExpressionKind::As { operand, .. } => {
                let ty = self.facts.ty(expression.id).to_string();
                self.node(&format!("as {ty}"), &[operand]);
            }
            ExpressionKind::Match { subject, arms } => self.matching(subject, arms),
            ExpressionKind::Presence { test, negated, operand } => {
                self.node(&format!("{test:?}{negated}"), &[operand]);
            }
            ExpressionKind::IsEvent { path, negated, operand } => {
                self.node(&format!("is{negated}{:?}", path.text()), &[operand]);
            }
            ExpressionKind::Default { operand, default } => self.node("else", &[operand, default]),
            ExpressionKind::If { condition, yes, no } => self.node("if", &[condition, yes, no]),
            ExpressionKind::List(elements) => self.node("list", &elements.iter().collect::<Vec<_>>()),
            ExpressionKind::Record(fields) => {
                self.text.push('{');
                for (name, value) in fields {
                    self.raw(&name.text);
                    self.expression(value);
                }
                self.text.push('}');
            }
            ExpressionKind::Text(parts) => {
                self.text.push_str("text(");
                for part in parts {
                    match part {
                        TextPart::Literal(text) => self.raw(text),
                        TextPart::Expression(inner) => self.expression(inner),
                    }
                }
                self.text.push(')');
            }
            ExpressionKind::Error
            | ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Percent(_)
            | ExpressionKind::Money(..)
            | ExpressionKind::Length(..)
            | ExpressionKind::Date(_)
            | ExpressionKind::Time(_)
            | ExpressionKind::DateTime(..)
            | ExpressionKind::Pattern(..)
            | ExpressionKind::NamedPattern { .. } => self.raw(&expression.kind),
        }
    }

    fn matching(&mut self, subject: &Expression, arms: &[MatchArm]) {
        self.node("match", &[subject]);
        for arm in arms {
            match &arm.pattern {
                MatchPattern::Values(values) => self.node("arm", &values.iter().collect::<Vec<_>>()),
                MatchPattern::Missing(_) => self.text.push_str("missing"),
                MatchPattern::Else(_) => self.text.push_str("else"),
            }
            self.node("->", &[&arm.value]);
        }
    }

    fn call(&mut self, expression: &Expression, callee: &Expression, arguments: &[Argument]) {
        match self.facts.usage(expression.id) {
            Some(usage) => self.raw(usage),
            None => self.expression(callee),
        }
        self.text.push('(');
        let before = self.bound.len();
        for argument in arguments {
            match argument {
                Argument::Named(name, value) => {
                    self.raw(&name.text);
                    self.expression(value);
                }
                Argument::Positional(value) => self.expression(value),
                Argument::Binder { id, list, .. } => {
                    self.expression(list);
                    self.bound.push(*id);
                }
            }
            self.text.push(',');
        }
        self.bound.truncate(before);
        self.text.push(')');
    }

    fn steps(&mut self, steps: &[Step]) {
        let before = self.bound.len();
        self.text.push('[');
        for step in steps {
            for clause in &step.clauses {
                self.call_clause(&clause.kind);
            }
            match &step.kind {
                StepKind::Call(call) => self.expression(call),
                StepKind::Let(_, value) => {
                    self.text.push_str("let ");
                    self.expression(value);
                    self.bound.push(step.id);
                }
                StepKind::If { condition, then, otherwise } => {
                    self.text.push_str("if ");
                    self.expression(condition);
                    self.steps(&then.steps);
                    if let Some(otherwise) = otherwise {
                        self.steps(&otherwise.steps);
                    }
                }
                StepKind::Stop => self.text.push_str("stop"),
                StepKind::StopAll => self.text.push_str("stop all"),
                StepKind::Set { target, value, .. } => {
                    self.text.push_str(&format!("set {} ", target.text()));
                    self.expression(value);
                }
                StepKind::Block(reason) => {
                    self.text.push_str("block ");
                    self.expression(reason);
                }
                StepKind::Wait { until, value } => {
                    self.text.push_str(if *until { "until " } else { "wait " });
                    self.expression(value);
                }
                StepKind::WaitFor(wait) => {
                    self.raw(("wait for", wait.event.text()));
                    self.bound.push(wait.it);
                    wait.condition.iter().for_each(|condition| self.node("where", &[condition]));
                    wait.limit.iter().for_each(|limit| self.node("up to", &[limit]));
                    self.bound.push(step.id);
                }
                StepKind::Ask(ask) => {
                    self.raw(("ask", &ask.role.0));
                    self.expression(&ask.question);
                    ask.limit.iter().for_each(|limit| self.node("up to", &[limit]));
                    self.bound.push(step.id);
                }
                StepKind::Emit { event, payload } => {
                    self.raw(("emit", event.text()));
                    payload.iter().for_each(|payload| self.expression(payload));
                }
                StepKind::Parallel(blocks) => {
                    self.text.push_str("parallel ");
                    blocks.iter().for_each(|block| self.steps(&block.steps));
                }
                StepKind::For { list, at_a_time, body, .. } => {
                    self.raw(("for", at_a_time.as_ref().map(|(number, _)| number)));
                    self.expression(list);
                    self.binding(step.id, &body.steps);
                }
                StepKind::Attempt { body, handler, .. } => {
                    self.text.push_str("attempt ");
                    self.steps(&body.steps);
                    self.binding(step.id, &handler.steps);
                }
            }
            self.text.push(';');
        }
        self.text.push(']');
        self.bound.truncate(before);
    }

    /// Steps that a variable is bound for.
    fn binding(&mut self, variable: NodeId, steps: &[Step]) {
        self.bound.push(variable);
        self.steps(steps);
        self.bound.pop();
    }

    fn call_clause(&mut self, clause: &CallClauseKind) {
        match clause {
            CallClauseKind::Timeout(length) => self.node("timeout", &[length]),
            CallClauseKind::OnError { retry, then } => {
                if let Some(retry) = retry {
                    self.raw((&retry.times.0, retry.doubling));
                    self.node("every", &[&retry.every]);
                    retry.up_to.iter().for_each(|length| self.node("up to", &[length]));
                }
                match then {
                    OnError::Stop => {}
                    OnError::Continue => self.text.push_str("continue"),
                    OnError::Steps(block) => self.steps(&block.steps),
                }
            }
        }
        self.text.push(';');
    }
}
