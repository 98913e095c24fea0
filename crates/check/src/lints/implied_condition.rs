//! Parts of a condition that add nothing: those that follow from another part, and those that stand twice.

use std::collections::BTreeSet;

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span};
use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, Item, UnaryOperator};

use super::conditions::{for_each_condition, said};
use crate::condition::Scope;
use crate::narrow::narrow;

/// Parts beyond this many are not compared with each other.
const MOST_PARTS: usize = 64;

pub(super) fn check(scope: &Scope<'_>, item: &Item, diagnostics: &mut Vec<Diagnostic>) {
    for_each_condition(item, &mut |condition| {
        // A condition that never or always holds is reported as that.
        if scope.can_hold(&[(condition, true)]) && scope.can_hold(&[(condition, false)]) {
            group(scope, condition, diagnostics);
        }
    });
}

/// A part of an `and` or `or`.
#[derive(Clone, Copy)]
struct Part<'e> {
    condition: &'e Expression,
    /// What to remove so that the part is gone, the operator beside it included.
    removal: Span,
}

fn group(scope: &Scope<'_>, condition: &Expression, diagnostics: &mut Vec<Diagnostic>) {
    if let ExpressionKind::Group(inner) = &condition.kind {
        return group(scope, inner, diagnostics);
    }
    if let ExpressionKind::Unary { operator: UnaryOperator::Not, operand } = &condition.kind {
        return group(scope, operand, diagnostics);
    }
    let ExpressionKind::Binary { operator, .. } = &condition.kind else { return };
    if !matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
        return;
    }
    let mut parts = Vec::new();
    collect(condition, *operator, condition.span, &mut parts);
    compare(scope, *operator, parts.get(..MOST_PARTS).unwrap_or(&parts), diagnostics);
    for part in parts {
        group(scope, part.condition, diagnostics);
    }
}

/// Collects the parts of a chain of one operator.
fn collect<'e>(condition: &'e Expression, joins: BinaryOperator, removal: Span, parts: &mut Vec<Part<'e>>) {
    let inner = condition.ungrouped();
    if let ExpressionKind::Binary { operator, left, right, .. } = &inner.kind
        && *operator == joins
    {
        let file = inner.span.file;
        collect(left, joins, Span::new(file, left.span.start, right.span.start), parts);
        collect(right, joins, Span::new(file, left.span.end, right.span.end), parts);
    } else {
        parts.push(Part { condition, removal });
    }
}

fn compare(
    scope: &Scope<'_>,
    operator: BinaryOperator,
    parts: &[Part<'_>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let keys: Vec<String> = parts.iter().map(|part| scope.key(part.condition)).collect();
    let mut reported = BTreeSet::new();
    // From the last, so that of two parts that say the same the later one is reported.
    for (at, (part, key)) in parts.iter().zip(&keys).enumerate().rev() {
        if let Some(first) =
            keys.iter().take(at).position(|before| before == key).and_then(|first| parts.get(first))
        {
            reported.insert(at);
            diagnostics.push(
                Diagnostic::new(Code::DuplicateCondition, part.condition.span, "this condition stands twice")
                    .label("again here")
                    .secondary(first.condition.span, "first here")
                    .fix(Fix::replace(Applicability::Safe, part.removal, "", "remove the second")),
            );
            continue;
        }
        let others = parts.iter().enumerate().filter(|(other, _)| *other != at && !reported.contains(other));
        for (other, reason) in others {
            let between = parts.get(at + 1..=other).unwrap_or_default();
            if between.iter().all(|between| scope.is_certain(between.condition))
                && adds_nothing(scope, operator, part.condition, reason.condition)
            {
                reported.insert(at);
                diagnostics.push(implied(scope, operator, part, reason));
                break;
            }
        }
    }
}

/// Whether a part of a chain follows from another, and nothing else depends on it.
fn adds_nothing(scope: &Scope<'_>, operator: BinaryOperator, part: &Expression, reason: &Expression) -> bool {
    let truth = operator == BinaryOperator::And;
    // What always or never holds is reported as that.
    let open = |condition| scope.can_hold(&[(condition, true)]) && scope.can_hold(&[(condition, false)]);
    scope.is_certain(part)
        && (truth || scope.is_certain(reason))
        // What tells that a value is there is needed by the parts behind it.
        && narrow(part, truth, scope.facts).is_empty()
        && !scope.can_hold(&[(reason, truth), (part, !truth)])
        && open(part)
        && open(reason)
}

fn implied(scope: &Scope<'_>, operator: BinaryOperator, part: &Part<'_>, reason: &Part<'_>) -> Diagnostic {
    let (here, there) = (said(scope, (part.condition, true)), said(scope, (reason.condition, true)));
    let label = match operator == BinaryOperator::And {
        true => format!("{here} holds wherever the other does"),
        false => format!("where {here} holds, the other does too"),
    };
    Diagnostic::new(Code::ImpliedCondition, part.condition.span, "this condition adds nothing")
        .label(label)
        .secondary(reason.condition.span, format!("{there} here"))
        .fix(Fix::replace(Applicability::Likely, part.removal, "", "remove it"))
}
