//! Comparisons of a value with itself.

use hence_diagnostics::{Code, Diagnostic};
use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, Item};

use super::conditions::expressions;
use crate::condition::Scope;
use crate::expression::visit::visit;

pub(super) fn check(scope: &Scope<'_>, item: &Item, diagnostics: &mut Vec<Diagnostic>) {
    for expression in expressions(item) {
        visit(expression, &mut |part| {
            if let ExpressionKind::Binary { operator, left, right, .. } = &part.kind
                && let Some(always) = result(*operator)
            {
                compare(scope, always, left, right, diagnostics);
            }
        });
    }
}

/// What an operator gives for a value and itself; nothing where it is no comparison.
fn result(operator: BinaryOperator) -> Option<bool> {
    match operator {
        BinaryOperator::Equal | BinaryOperator::LessOrEqual | BinaryOperator::GreaterOrEqual => Some(true),
        BinaryOperator::NotEqual | BinaryOperator::Less | BinaryOperator::Greater => Some(false),
        BinaryOperator::Or
        | BinaryOperator::And
        | BinaryOperator::In
        | BinaryOperator::Contains
        | BinaryOperator::StartsWith
        | BinaryOperator::EndsWith
        | BinaryOperator::WithinNext
        | BinaryOperator::WithinLast
        | BinaryOperator::OlderThan
        | BinaryOperator::Matches
        | BinaryOperator::Add
        | BinaryOperator::Subtract
        | BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::Remainder => None,
    }
}

fn compare(
    scope: &Scope<'_>,
    always: bool,
    left: &Expression,
    right: &Expression,
    diagnostics: &mut Vec<Diagnostic>,
) {
    // Constants are compared by what they are.
    if scope.value(left).is_some() || scope.key(left) != scope.key(right) {
        return;
    }
    diagnostics.push(
        Diagnostic::new(Code::SelfComparison, right.span, "this compares a value with itself")
            .label(format!("so it is always {always}"))
            .secondary(left.span, "the same value"),
    );
}
