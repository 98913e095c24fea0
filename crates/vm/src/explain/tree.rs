//! From the record of an evaluation to the parts of an explanation.

use hence_builtins::BinaryOperator;
use hence_ir::{NodeId, Operation, Quantifier, Rule};
use hence_types::Value;

use super::{Outcome, Part};
use crate::machine::Record;

/// Returns the explanation of a condition.
pub(super) fn part(rule: &Rule, record: &Record) -> Part {
    build(rule, record, true, true)
}

/// `asked` says whether the place of the expression asks for a condition, `decided` whether the verdict rests
/// on it.
fn build(rule: &Rule, record: &Record, asked: bool, decided: bool) -> Part {
    let node = rule.code.node(record.node);
    let span = node.map_or(rule.span, |node| node.span);
    let outcome = match &record.result {
        Ok(Value::Bool(truth)) if !is_masked(rule, record) => Outcome::Truth(*truth),
        Ok(value) if value.is_missing() => Outcome::Missing,
        Ok(_) => Outcome::Value(record.shown.clone()),
        Err(_) => Outcome::Fault(record.shown.clone()),
    };
    let mut part = Part {
        node: record.node,
        span,
        is_condition: asked || matches!(record.result, Ok(Value::Bool(_))) || is_condition(rule, record.node),
        is_constant: is_constant(rule, record),
        outcome,
        decided,
        element: record.element.clone(),
        children: Vec::new(),
    };
    // The record that a field is read of is told by the field's own text and value.
    let is_path = record.result.is_ok() && is_path(rule, record.node);
    if let Some(Operation::Table { .. }) = node.map(|node| &node.operation) {
        part.children.extend(record.children.chunks(2).map(|row| table_row(rule, row, decided)));
    } else if let Some(node) = node.filter(|_| !is_path) {
        let mut records = record.children.iter().peekable();
        for operand in node.operation.operands() {
            let asked = asks_for_condition(&node.operation, operand);
            let mut evaluated = false;
            // The body of a quantifier has been evaluated any number of times.
            while let Some(child) = records.next_if(|child| child.node == operand) {
                evaluated = true;
                let child = build(rule, child, asked, decided && decides(&node.operation, record, child));
                add(rule, &mut part, &node.operation, child);
                if !matches!(node.operation, Operation::Quantifier { .. }) {
                    break;
                }
            }
            // The arms of a match that were not taken tell nothing.
            let tells = !matches!(node.operation, Operation::Quantifier { .. } | Operation::Match { .. });
            if !evaluated && tells {
                part.children.push(not_evaluated(rule, operand, asked));
            }
        }
    }
    part
}

/// Returns whether an expression is a field of what is no computation of its own.
fn is_path(rule: &Rule, node: NodeId) -> bool {
    let mut id = node;
    let mut is_field = false;
    while let Some(Operation::Field { base, .. }) = rule.code.node(id).map(|node| &node.operation) {
        // A damaged program may lead in a circle.
        if base.0 >= id.0 {
            return true;
        }
        id = *base;
        is_field = true;
    }
    let root = rule.code.node(id).map(|node| &node.operation);
    is_field
        && !matches!(
            root,
            Some(Operation::As { .. } | Operation::Quantifier { .. } | Operation::Match { .. })
        )
}

/// A row that matched: the records of its condition and of its result. What its cells and its result were computed
/// from stands below it.
fn table_row(rule: &Rule, row: &[Record], decided: bool) -> Part {
    let mut parts = row.iter().map(|record| build(rule, record, false, decided));
    let Some(mut part) = parts.next() else { return not_evaluated(rule, NodeId(u32::MAX), false) };
    if let Some(result) = parts.next() {
        part.outcome = result.outcome;
        part.children.extend(result.children);
        part.is_condition = false;
        part.is_constant = false;
    }
    part
}

/// Adds a child; one that is written the same way as its parent, or the same connective, gives its own children.
fn add(rule: &Rule, part: &mut Part, operation: &Operation, child: Part) {
    let inner = rule.code.node(child.node).map(|node| &node.operation);
    let same_connective = matches!(
        (operation, inner),
        (Operation::And(..), Some(Operation::And(..))) | (Operation::Or(..), Some(Operation::Or(..)))
    );
    if (same_connective || child.span == part.span) && child.element.is_none() {
        for inner in child.children {
            let told = |before: &Part| before.span == inner.span && before.outcome == inner.outcome;
            if !inner.children.is_empty() || inner.is_condition || !part.children.iter().any(told) {
                part.children.push(inner);
            }
        }
    } else {
        part.children.push(child);
    }
}

fn not_evaluated(rule: &Rule, node: NodeId, asked: bool) -> Part {
    Part {
        node,
        span: rule.code.node(node).map_or(rule.span, |node| node.span),
        outcome: Outcome::NotEvaluated,
        is_condition: asked || is_condition(rule, node),
        is_constant: matches!(rule.code.node(node).map(|node| &node.operation), Some(Operation::Constant(_))),
        decided: false,
        element: None,
        children: Vec::new(),
    }
}

/// A sensitive field of type `bool` is masked; a comparison with a sensitive field is not.
fn is_masked(rule: &Rule, record: &Record) -> bool {
    !is_condition(rule, record.node) && record.shown == crate::machine::MASK
}

/// Returns whether the outcome of `parent` rests on this operand of it.
fn decides(operation: &Operation, parent: &Record, child: &Record) -> bool {
    match (&parent.result, &child.result) {
        (Err(_), Err(_)) => true,
        // It failed by itself, not in an operand: all of them have their part in it.
        (Err(_), Ok(_)) => parent.children.iter().all(|child| child.result.is_ok()),
        (Ok(_), Err(_)) => false,
        (Ok(outcome), Ok(value)) => {
            if matches!(operation, Operation::And(..) | Operation::Or(..)) {
                outcome.as_bool() == value.as_bool()
            } else {
                true
            }
        }
    }
}

fn asks_for_condition(operation: &Operation, operand: NodeId) -> bool {
    if let Operation::And(..) | Operation::Or(..) | Operation::Not(_) = operation {
        true
    } else if let Operation::If { condition, yes: _, no: _ } = operation {
        *condition == operand
    } else {
        false
    }
}

/// Returns whether an expression gives a truth value whatever its operands are.
fn is_condition(rule: &Rule, node: NodeId) -> bool {
    let Some(node) = rule.code.node(node) else { return false };
    match &node.operation {
        Operation::And(..)
        | Operation::Or(..)
        | Operation::Not(_)
        | Operation::Between { .. }
        | Operation::InRange { .. }
        | Operation::Matches { .. }
        | Operation::Presence { .. }
        | Operation::IsEvent(_) => true,
        Operation::Binary { operator, .. } => match operator {
            BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::In
            | BinaryOperator::Contains
            | BinaryOperator::StartsWith
            | BinaryOperator::EndsWith
            | BinaryOperator::WithinNext
            | BinaryOperator::WithinLast
            | BinaryOperator::OlderThan => true,
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder => false,
        },
        Operation::Quantifier { quantifier, .. } => {
            matches!(quantifier, Quantifier::Any | Quantifier::All)
        }
        Operation::Constant(_)
        | Operation::Slot(_)
        | Operation::Local(_)
        | Operation::Now
        | Operation::Today
        | Operation::Groups { .. }
        | Operation::External { .. }
        | Operation::Field { .. }
        | Operation::Index { .. }
        | Operation::Negate(_)
        | Operation::Default { .. }
        | Operation::If { .. }
        | Operation::Match { .. }
        | Operation::As { .. }
        | Operation::Call { .. }
        | Operation::Bind { .. }
        | Operation::Table { .. }
        | Operation::Text(_)
        | Operation::List(_)
        | Operation::Record { .. } => false,
    }
}

/// Returns whether what was evaluated is the same for every event.
fn is_constant(rule: &Rule, record: &Record) -> bool {
    let Some(node) = rule.code.node(record.node) else { return false };
    match &node.operation {
        Operation::Constant(_) => true,
        Operation::Slot(_)
        | Operation::Local(_)
        | Operation::Now
        | Operation::Today
        | Operation::IsEvent(_)
        | Operation::Quantifier { .. } => false,
        Operation::And(..)
        | Operation::Or(..)
        | Operation::Not(_)
        | Operation::Between { .. }
        | Operation::InRange { .. }
        | Operation::Matches { .. }
        | Operation::Groups { .. }
        | Operation::External { .. }
        | Operation::Presence { .. }
        | Operation::Binary { .. }
        | Operation::Field { .. }
        | Operation::Index { .. }
        | Operation::Negate(_)
        | Operation::Default { .. }
        | Operation::If { .. }
        | Operation::Match { .. }
        | Operation::As { .. }
        | Operation::Call { .. }
        | Operation::Bind { .. }
        | Operation::Table { .. }
        | Operation::Text(_)
        | Operation::List(_)
        | Operation::Record { .. } => record.children.iter().all(|child| is_constant(rule, child)),
    }
}
