//! What a condition says of missing values and of the event's type where it holds and where it does not.

use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, Presence, UnaryOperator};

use crate::environment::{Binding, Knowledge, Place};
use crate::expression::narrowed;
use crate::facts::{Facts, Use};

/// Returns what is known where `condition`, whose facts are known, is `truth`.
pub(crate) fn narrow(condition: &Expression, truth: bool, facts: &Facts) -> Vec<Knowledge> {
    let present = |operand: &Expression| -> Vec<Knowledge> {
        if !facts.ty(operand.id).is_optional() {
            return Vec::new();
        }
        Place::of(operand, facts).map(Knowledge::Present).into_iter().collect()
    };
    match &condition.kind {
        ExpressionKind::Group(inner) => narrow(inner, truth, facts),
        ExpressionKind::Unary { operator: UnaryOperator::Not, operand } => narrow(operand, !truth, facts),
        ExpressionKind::Presence { test, negated, operand } => {
            let says_present = match test {
                Presence::Present => truth != *negated,
                Presence::Missing | Presence::Empty => truth == *negated,
            };
            if says_present { present(operand) } else { Vec::new() }
        }
        ExpressionKind::IsEvent { negated, operand, .. } => match facts.usage(condition.id) {
            Some(Use::IsEvent(trigger)) => {
                // Several triggers may start with the same event.
                let asked = facts.events.get(*trigger);
                let all = facts.events.iter().enumerate();
                let events = all.filter(|(_, event)| (Some(*event) == asked) == (truth != *negated));
                let events = events.map(|(event, _)| event).collect();
                vec![Knowledge::Events(events)]
            }
            Some(Use::IsVariant(variant)) if truth != *negated => narrowed(operand, variant, facts),
            Some(_) | None => Vec::new(),
        },
        ExpressionKind::Binary { operator, negated, left, right, .. } => {
            let truth = truth != *negated;
            match operator {
                BinaryOperator::And if truth => both(narrow(left, true, facts), narrow(right, true, facts)),
                BinaryOperator::Or if !truth => both(narrow(left, false, facts), narrow(right, false, facts)),
                BinaryOperator::And | BinaryOperator::Or => {
                    either(&narrow(left, truth, facts), &narrow(right, truth, facts))
                }
                // A missing value equals only a missing value.
                BinaryOperator::Equal if truth => {
                    both(equals(left, right, facts, present), of_variant(condition, left, facts))
                }
                BinaryOperator::NotEqual if !truth => equals(left, right, facts, present),
                BinaryOperator::In if truth => present(left),
                BinaryOperator::Matches if truth => matched(right, facts),
                BinaryOperator::Equal
                | BinaryOperator::NotEqual
                | BinaryOperator::In
                | BinaryOperator::Less
                | BinaryOperator::LessOrEqual
                | BinaryOperator::Greater
                | BinaryOperator::GreaterOrEqual
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
                | BinaryOperator::Remainder => Vec::new(),
            }
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
        | ExpressionKind::Text(_)
        | ExpressionKind::Pattern(..)
        | ExpressionKind::NamedPattern { .. }
        | ExpressionKind::Name(_)
        | ExpressionKind::Field { .. }
        | ExpressionKind::Index { .. }
        | ExpressionKind::Call { .. }
        | ExpressionKind::Unary { .. }
        | ExpressionKind::Between { .. }
        | ExpressionKind::Range { .. }
        | ExpressionKind::As { .. }
        | ExpressionKind::Default { .. }
        | ExpressionKind::If { .. }
        | ExpressionKind::Match { .. }
        | ExpressionKind::List(_)
        | ExpressionKind::Record(_) => Vec::new(),
    }
}

/// Where the field that tells the types of a union apart has a value, the fields of that type are there.
fn of_variant(condition: &Expression, left: &Expression, facts: &Facts) -> Vec<Knowledge> {
    match (facts.usage(condition.id), &left.ungrouped().kind) {
        (Some(Use::IsVariant(variant)), ExpressionKind::Field { base, .. }) => narrowed(base, variant, facts),
        (_, _) => Vec::new(),
    }
}

/// Where a pattern with a name matches, the name is known.
fn matched(pattern: &Expression, facts: &Facts) -> Vec<Knowledge> {
    let pattern = pattern.ungrouped();
    let ExpressionKind::NamedPattern { name, .. } = &pattern.kind else { return Vec::new() };
    let ty = facts.ty(pattern.id).clone();
    vec![Knowledge::Matched(Binding { name: name.text.clone(), node: pattern.id, ty, span: name.span })]
}

/// An equality with a value that is always there says that the other side is there.
fn equals(
    left: &Expression,
    right: &Expression,
    facts: &Facts,
    present: impl Fn(&Expression) -> Vec<Knowledge>,
) -> Vec<Knowledge> {
    match (facts.ty(left.id).is_optional(), facts.ty(right.id).is_optional()) {
        (true, false) => present(left),
        (false, true) => present(right),
        _ => Vec::new(),
    }
}

fn both(mut left: Vec<Knowledge>, right: Vec<Knowledge>) -> Vec<Knowledge> {
    left.extend(right);
    left
}

/// What both sides say.
fn either(left: &[Knowledge], right: &[Knowledge]) -> Vec<Knowledge> {
    let mut common: Vec<Knowledge> = left.iter().filter(|known| right.contains(known)).cloned().collect();
    for known in left {
        if let Knowledge::Events(first) = known {
            for other in right {
                if let Knowledge::Events(second) = other {
                    let mut union = first.clone();
                    union.extend(second.iter().copied().filter(|event| !first.contains(event)));
                    common.push(Knowledge::Events(union));
                }
            }
        }
    }
    common
}
