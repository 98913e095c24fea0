//! Events that end a rule: `until shop.order.paid where it.id == order.id`. In `where`, `it` is that event.
//!
//! Whom it ends is found by the values of fields of `it`, so `where` must name one that equals something known when the
//! rule begins.

use std::sync::Arc;

use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, WaitFor};

use crate::checker::Checker;
use crate::errors::shape::NoCorrelation;
use crate::expression::visit::visit;
use crate::facts::{Facts, Use};

/// Whether a condition, wherever it holds, says what a field of the event is equal to.
fn is_correlated(condition: &Expression, awaited: &WaitFor, facts: &Facts) -> bool {
    let ExpressionKind::Binary { operator, negated: false, ignoring_case: None, left, right, .. } =
        &condition.ungrouped().kind
    else {
        return false;
    };
    let fits = |theirs: &Expression, ours: &Expression| {
        is_path(theirs, awaited, facts) && is_known_before(ours, awaited, facts)
    };
    if *operator == BinaryOperator::And {
        is_correlated(left, awaited, facts) || is_correlated(right, awaited, facts)
    } else {
        *operator == BinaryOperator::Equal && (fits(left, right) || fits(right, left))
    }
}

/// Whether an expression is a field of the awaited event, or a field of such a field.
fn is_path(expression: &Expression, awaited: &WaitFor, facts: &Facts) -> bool {
    let ExpressionKind::Field { base, .. } = &expression.ungrouped().kind else { return false };
    let base = base.ungrouped();
    facts.usage(base.id) == Some(&Use::Local(awaited.it)) || is_path(base, awaited, facts)
}

/// Whether an expression says nothing of the awaited event, and is the same at all times.
fn is_known_before(expression: &Expression, awaited: &WaitFor, facts: &Facts) -> bool {
    let mut known = true;
    visit(expression, &mut |part| {
        known &= match facts.usage(part.id) {
            Some(Use::Local(node)) => *node != awaited.it,
            Some(Use::Now | Use::Today | Use::Function(_)) => false,
            Some(
                Use::Payload
                | Use::PayloadField(_)
                | Use::Envelope(_)
                | Use::Constant(_)
                | Use::Field(_)
                | Use::Builtin(_)
                | Use::Quantifier(_)
                | Use::Action(_)
                | Use::IsEvent(_)
                | Use::IsVariant(_),
            )
            | None => true,
        };
    });
    known
}

impl Checker<'_> {
    /// Checks an event that ends a rule.
    pub(crate) fn exit(&mut self, exit: &WaitFor) {
        let payload = self.event_of(&exit.event).map(|event| Arc::clone(&event.payload));
        self.facts.broken |= payload.is_none();
        let Some(condition) = &exit.condition else { return };
        let before = self.diagnostics.len();
        self.where_clause(exit.it, payload.as_ref(), &exit.event, condition);
        let has_errors = payload.is_none() || self.diagnostics.len() > before;
        if !has_errors && !is_correlated(condition, exit, &self.facts) {
            self.report(NoCorrelation { span: condition.span, event: exit.event.text() });
        }
    }
}
