//! What the lints of conditions share: finding the conditions of an item, and saying what one says.

use std::collections::BTreeSet;

use hence_diagnostics::Span;
use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, Item, ItemKind, UnaryOperator};

use crate::condition::{Claim, Scope};
use crate::constant::in_rule;
use crate::expression::visit::visit;

/// Returns the expressions of rules, functions and results of tables. A constant is what it is, and cells are looked
/// at together with the rows above them.
pub(super) fn expressions(item: &Item) -> Vec<&Expression> {
    let mut expressions = Vec::new();
    match &item.kind {
        ItemKind::Rule(rule) => in_rule(rule, &mut expressions),
        ItemKind::Fn(function) => expressions.push(&function.body),
        ItemKind::Table(table) => expressions.extend(table.rows.iter().map(|row| &row.result)),
        ItemKind::Group(group) => expressions.extend(group.resolution.value()),
        ItemKind::Const(_) | ItemKind::Extern(_) | ItemKind::Test(_) | ItemKind::Broken(_) => {}
    }
    expressions
}

/// Calls `each` with the conditions of an item, those that are part of another condition left out.
pub(super) fn for_each_condition<'e>(item: &'e Item, each: &mut impl FnMut(&'e Expression)) {
    let mut parts = BTreeSet::new();
    for expression in expressions(item) {
        visit(expression, &mut |part| {
            let is_part = parts.remove(&part.id);
            if !is_condition(part) {
                if is_part && let ExpressionKind::Group(inner) = &part.kind {
                    parts.insert(inner.id);
                }
                return;
            }
            if !is_part {
                each(part);
            }
            if let ExpressionKind::Binary { operator, left, right, .. } = &part.kind
                && matches!(operator, BinaryOperator::And | BinaryOperator::Or)
            {
                parts.extend([left.id, right.id]);
            } else if let ExpressionKind::Unary { operator: UnaryOperator::Not, operand } = &part.kind {
                parts.insert(operand.id);
            }
        });
    }
}

/// Whether an expression is a condition by its form.
fn is_condition(expression: &Expression) -> bool {
    if let ExpressionKind::Binary { operator, .. } = &expression.kind {
        return !matches!(
            operator,
            BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Remainder
        );
    }
    matches!(
        expression.kind,
        ExpressionKind::Unary { operator: UnaryOperator::Not, .. }
            | ExpressionKind::Between { .. }
            | ExpressionKind::Presence { .. }
            | ExpressionKind::IsEvent { .. }
    )
}

/// Returns what a claim says of its operand, such as "`> 18`"; "this" where it is too long to be repeated.
pub(super) fn said(scope: &Scope<'_>, claim: Claim<'_>) -> String {
    let (condition, truth) = claim;
    let said = phrase(scope, condition.ungrouped());
    match (said, truth) {
        (Some(said), true) => format!("`{said}`"),
        (Some(said), false) => format!("not `{said}`"),
        (None, true) => "this".to_owned(),
        (None, false) => "not this".to_owned(),
    }
}

/// Longer texts are not repeated in labels.
const LONGEST: usize = 40;

fn phrase(scope: &Scope<'_>, condition: &Expression) -> Option<String> {
    let (start, end) = (condition.span.start, condition.span.end);
    let (start, end) = if let ExpressionKind::Binary { left, right, .. } = &condition.kind {
        // What is compared is left out, and a constant said.
        if scope.value(left).is_some() { (start, right.span.start) } else { (left.span.end, end) }
    } else if let ExpressionKind::Between { operand, .. }
    | ExpressionKind::Presence { operand, .. }
    | ExpressionKind::IsEvent { operand, .. } = &condition.kind
    {
        (operand.span.end, end)
    } else {
        return None;
    };
    let text = scope.text(Span::new(condition.span.file, start, end)).trim();
    let short = text.chars().count() <= LONGEST && !text.contains(['\n', '`']);
    short.then(|| text.to_owned())
}
