//! Walks over the parts of an expression.

use hence_syntax::ast::{Argument, Expression, ExpressionKind, MatchPattern, TextPart};

/// Returns the names of functions that an expression calls.
pub(crate) fn names_called(expression: &Expression) -> Vec<String> {
    let mut names = Vec::new();
    visit(expression, &mut |part| {
        if let ExpressionKind::Call { callee, .. } = &part.kind
            && let ExpressionKind::Name(name) = &callee.kind
        {
            names.push(name.text.clone());
        }
    });
    names
}

/// Returns the names that stand alone in an expression.
pub(crate) fn names_used(expression: &Expression) -> Vec<String> {
    let mut names = Vec::new();
    visit(expression, &mut |part| {
        if let ExpressionKind::Name(name) = &part.kind {
            names.push(name.text.clone());
        }
    });
    names
}

/// Calls `each` with an expression and all its parts, outer ones first.
pub fn visit<'a>(expression: &'a Expression, each: &mut impl FnMut(&'a Expression)) {
    each(expression);
    match &expression.kind {
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
        | ExpressionKind::NamedPattern { .. }
        | ExpressionKind::Name(_) => {}
        ExpressionKind::Text(parts) => {
            for part in parts {
                if let TextPart::Expression(expression) = part {
                    visit(expression, each);
                }
            }
        }
        ExpressionKind::Field { base, .. } => visit(base, each),
        ExpressionKind::Index { base, index } => {
            visit(base, each);
            visit(index, each);
        }
        ExpressionKind::Call { callee, arguments, .. } => {
            visit(callee, each);
            for argument in arguments {
                match argument {
                    Argument::Named(_, value) | Argument::Positional(value) => visit(value, each),
                    Argument::Binder { list, .. } => visit(list, each),
                }
            }
        }
        ExpressionKind::Unary { operand, .. }
        | ExpressionKind::As { operand, .. }
        | ExpressionKind::Presence { operand, .. }
        | ExpressionKind::IsEvent { operand, .. } => visit(operand, each),
        ExpressionKind::Binary { left, right, .. } => {
            visit(left, each);
            visit(right, each);
        }
        ExpressionKind::Between { operand, low, high, .. } => {
            visit(operand, each);
            visit(low, each);
            visit(high, each);
        }
        ExpressionKind::Range { low, high } => {
            visit(low, each);
            visit(high, each);
        }
        ExpressionKind::Default { operand, default } => {
            visit(operand, each);
            visit(default, each);
        }
        ExpressionKind::If { condition, yes, no } => {
            visit(condition, each);
            visit(yes, each);
            visit(no, each);
        }
        ExpressionKind::Match { subject, arms } => {
            visit(subject, each);
            for arm in arms {
                if let MatchPattern::Values(values) = &arm.pattern {
                    values.iter().for_each(|value| visit(value, each));
                }
                visit(&arm.value, each);
            }
        }
        ExpressionKind::List(elements) => elements.iter().for_each(|element| visit(element, each)),
        ExpressionKind::Record(fields) => fields.iter().for_each(|(_, value)| visit(value, each)),
        ExpressionKind::Group(inner) => visit(inner, each),
    }
}
