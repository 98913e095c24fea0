//! Conditions that never hold and conditions that always do, proved from what they compare.

use hence_diagnostics::{Code, Diagnostic};
use hence_syntax::ast::{
    BinaryOperator, Block, Expression, ExpressionKind, Item, ItemKind, Step, StepKind, UnaryOperator,
};

use super::conditions::{for_each_condition, said};
use crate::condition::{Claim, Scope, parts};
use crate::expression::visit::visit;
use crate::facts::Use;
use crate::rule::stops;

/// Parts beyond this many are not compared with each other.
const MOST_PARTS: usize = 64;

pub(super) fn check(scope: &Scope<'_>, item: &Item, diagnostics: &mut Vec<Diagnostic>) {
    let mut judge = Judge { scope, diagnostics };
    if let ItemKind::Rule(rule) = &item.kind {
        let mut then = Vec::new();
        let mut otherwise = Vec::new();
        if let Some(condition) = &rule.condition {
            then.push((condition, true));
            otherwise.push((condition, false));
        }
        judge.steps(&rule.then, &mut then);
        judge.steps(rule.otherwise.as_deref().unwrap_or_default(), &mut otherwise);
    }
    for_each_condition(item, &mut |condition| judge.condition(condition));
}

struct Judge<'a, 'd> {
    scope: &'a Scope<'a>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Judge<'_, '_> {
    /// Reports a condition that never or always holds, or the parts of it that do.
    fn condition(&mut self, condition: &Expression) {
        if is_literal(condition) {
            // Written so on purpose.
            return;
        }
        let claim = parts((condition, true));
        if !self.scope.can_hold(&claim) {
            self.never(condition, &claim);
        } else if self.scope.is_certain(condition) && !self.scope.can_hold(&[(condition, false)]) {
            self.always(condition);
        } else {
            self.inside(condition);
        }
    }

    /// Judges the parts of a condition.
    fn inside(&mut self, condition: &Expression) {
        if let ExpressionKind::Group(inner) = &condition.kind {
            self.inside(inner);
        } else if let ExpressionKind::Unary { operator: UnaryOperator::Not, operand } = &condition.kind {
            self.inside(operand);
        } else if let ExpressionKind::Binary { operator, .. } = &condition.kind
            && matches!(operator, BinaryOperator::And | BinaryOperator::Or)
        {
            for (part, _) in parts((condition, *operator == BinaryOperator::And)) {
                self.condition(part);
            }
        }
    }

    fn never(&mut self, condition: &Expression, claim: &[Claim<'_>]) {
        // One part may be to blame alone; it is reported for itself.
        let alone = claim.iter().find(|part| !self.scope.can_hold(&[**part]));
        if let Some((part, truth)) = alone {
            if *truth && part.id != condition.ungrouped().id {
                self.condition(part);
            } else {
                let label = match parts((part, !truth)).len() {
                    1 => "nothing is so",
                    _ => "none of its parts ever holds",
                };
                let message = "this condition never holds";
                self.diagnostics.push(Diagnostic::new(Code::NeverTrue, part.span, message).label(label));
            }
            return;
        }
        let diagnostic = Diagnostic::new(Code::NeverTrue, condition.span, "this condition never holds");
        self.diagnostics.push(match self.conflict(claim, claim) {
            Some((one, other)) => {
                Diagnostic::new(Code::NeverTrue, other.0.span, "this condition never holds")
                    .label(format!("{} here", said(self.scope, other)))
                    .secondary(one.0.span, format!("{} here", said(self.scope, one)))
            }
            None => diagnostic.label("its parts never hold together"),
        });
    }

    fn always(&mut self, condition: &Expression) {
        let opposite = parts((condition, false));
        let message = "this condition always holds";
        self.diagnostics.push(match self.conflict(&opposite, &opposite) {
            Some((one, other)) => {
                let (one, other) = ((one.0, !one.1), (other.0, !other.1));
                Diagnostic::new(Code::AlwaysTrue, other.0.span, message)
                    .label(format!("or {} here", said(self.scope, other)))
                    .secondary(one.0.span, format!("{} here", said(self.scope, one)))
            }
            None => Diagnostic::new(Code::AlwaysTrue, condition.span, message).label("never otherwise"),
        });
    }

    /// Returns two claims, one of each list and different ones, that cannot hold together.
    fn conflict<'e>(&self, ones: &[Claim<'e>], others: &[Claim<'e>]) -> Option<(Claim<'e>, Claim<'e>)> {
        for other in others.iter().take(MOST_PARTS) {
            for one in ones.iter().take(MOST_PARTS).take_while(|one| one.0.id != other.0.id) {
                if !self.scope.can_hold(&[*one, *other]) {
                    return Some((*one, *other));
                }
            }
        }
        None
    }

    /// Judges the conditions of steps against what holds where they stand.
    fn steps<'e>(&mut self, steps: &'e [Step], known: &mut Vec<Claim<'e>>) {
        let before = known.len();
        for (at, step) in steps.iter().enumerate() {
            if waits(step) {
                // What was compared with the time then says nothing any more.
                let mut later = Vec::new();
                step.blocks().for_each(|block| self.steps(&block.steps, &mut later));
                self.steps(steps.get(at + 1..).unwrap_or_default(), &mut later);
                break;
            }
            let StepKind::If { condition, then, otherwise } = &step.kind else {
                step.blocks().for_each(|block| self.steps(&block.steps, known));
                continue;
            };
            self.in_context(condition, known);
            self.block(then, (condition, true), known);
            if let Some(otherwise) = otherwise {
                self.block(otherwise, (condition, false), known);
            }
            // Where one branch always stops, what follows knows that the other was taken.
            match (stops(then), otherwise.as_ref().is_some_and(stops)) {
                (true, false) => known.push((condition, false)),
                (false, true) => known.push((condition, true)),
                (true, true) | (false, false) => {}
            }
        }
        known.truncate(before);
    }

    fn block<'e>(&mut self, block: &'e Block, claim: Claim<'e>, known: &mut Vec<Claim<'e>>) {
        known.push(claim);
        self.steps(&block.steps, known);
        known.pop();
    }

    /// Reports a condition that could hold elsewhere, but not where it stands.
    fn in_context(&mut self, condition: &Expression, known: &[Claim<'_>]) {
        let claim = parts((condition, true));
        // A step may run later than the condition did.
        let lasting = |claim: &Claim<'_>| !self.depends_on_time(claim.0);
        let context: Vec<Claim<'_>> = known.iter().flat_map(|known| parts(*known)).filter(lasting).collect();
        if context.is_empty() || !self.scope.can_hold(&context) || !self.scope.can_hold(&claim) {
            return;
        }
        let both: Vec<Claim<'_>> = context.iter().chain(&claim).copied().collect();
        if self.scope.can_hold(&both) {
            return;
        }
        let mut pairs = claim.iter().flat_map(|other| context.iter().map(move |one| (*one, *other)));
        let message = "this condition never holds here";
        self.diagnostics.push(match pairs.find(|(one, other)| !self.scope.can_hold(&[*one, *other])) {
            Some((one, other)) => Diagnostic::new(Code::NeverTrue, other.0.span, message)
                .label(format!("{} here", said(self.scope, other)))
                .secondary(one.0.span, format!("{} before", said(self.scope, one))),
            None => Diagnostic::new(Code::NeverTrue, condition.span, message)
                .label("excluded by the conditions before it"),
        });
    }

    /// Whether an expression names the time, or calls a function that may.
    fn depends_on_time(&self, expression: &Expression) -> bool {
        let mut depends = false;
        visit(expression, &mut |part| {
            let usage = self.scope.facts.usage(part.id);
            depends |= matches!(usage, Some(Use::Now | Use::Today | Use::Function(_)));
        });
        depends
    }
}

/// Whether time passes in a step.
fn waits(step: &Step) -> bool {
    matches!(step.kind, StepKind::Wait { .. } | StepKind::WaitFor(_) | StepKind::Ask(_))
        || step.blocks().any(|block| block.steps.iter().any(waits))
}

fn is_literal(condition: &Expression) -> bool {
    matches!(condition.ungrouped().kind, ExpressionKind::Bool(_))
}
