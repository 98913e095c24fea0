//! Parts of expressions that are known when the rule is checked: a fault there is certain.

use hence_builtins::{BinaryOperator, Case, Context};
use hence_diagnostics::{Code, Diagnostic};
use hence_syntax::ast::{Expression, ExpressionKind, Item, ItemKind, Rule, Step, UnaryOperator};
use hence_types::Value;
use hence_types::jiff::Timestamp;

use crate::checker::Checker;
use crate::expression::visit::visit;
use crate::literal;

/// Reports constant parts that fault, such as `1 / 0`.
pub(crate) fn faults(item: &Item, checker: &mut Checker<'_>) {
    let mut expressions: Vec<&Expression> = Vec::new();
    match &item.kind {
        ItemKind::Rule(rule) => in_rule(rule, &mut expressions),
        ItemKind::Fn(function) => expressions.push(&function.body),
        ItemKind::Const(constant) => expressions.push(&constant.value),
        ItemKind::Table(table) => {
            for row in &table.rows {
                expressions.extend(row.cells.iter().filter_map(|cell| cell.condition.as_ref()));
                expressions.push(&row.result);
            }
        }
        ItemKind::Group(group) => expressions.extend(group.resolution.value()),
        ItemKind::Test(_) | ItemKind::Extern(_) | ItemKind::Broken(_) => {}
    }
    let mut found = Vec::new();
    for expression in expressions {
        visit(expression, &mut |part| {
            if let ExpressionKind::Binary { .. } = &part.kind
                && !checker.facts.ty(part.id).is_error()
                && let Some(Err(fault)) = fold(part, checker)
            {
                found.push((part.span, fault));
            }
        });
    }
    for (span, fault) in found {
        checker.report(
            Diagnostic::new(Code::ConstantFault, span, format!("this always fails: {fault}"))
                .label("can never be computed"),
        );
    }
}

/// Collects the expressions that a rule computes when it runs.
pub(crate) fn in_rule<'a>(rule: &'a Rule, expressions: &mut Vec<&'a Expression>) {
    expressions.extend(rule.clauses.iter().flat_map(|clause| clause.kind.computed().unwrap_or_default()));
    expressions.extend(&rule.condition);
    in_steps(&rule.then, expressions);
    in_steps(rule.otherwise.as_deref().unwrap_or_default(), expressions);
}

/// Collects the expressions of steps.
pub(crate) fn in_steps<'a>(steps: &'a [Step], expressions: &mut Vec<&'a Expression>) {
    for step in steps {
        expressions.extend(step.expressions());
        for block in step.blocks() {
            in_steps(&block.steps, expressions);
        }
    }
}

/// Computes an expression made of literals and operators; nothing where it is made of more, or where an operand
/// already faults.
fn fold(expression: &Expression, checker: &Checker<'_>) -> Option<Result<Value, hence_builtins::Fault>> {
    let context = Context { now: Timestamp::UNIX_EPOCH, zone: checker.zone.clone() };
    if let ExpressionKind::Group(inner) = &expression.kind {
        fold(inner, checker)
    } else if let ExpressionKind::Unary { operator: UnaryOperator::Minus, operand } = &expression.kind {
        let value = fold(operand, checker)?.ok()?;
        Some(hence_builtins::negate(&value))
    } else if let ExpressionKind::Binary { operator, left, right, .. } = &expression.kind {
        let meaning = crate::builtin_operator(*operator).filter(|meaning| !meaning.reads_the_clock())?;
        let right = fold(right, checker)?.ok()?;
        // A division by zero needs no left side.
        let zero = right.as_decimal().is_some_and(|number| number.is_zero());
        let divides = matches!(meaning, BinaryOperator::Divide | BinaryOperator::Remainder);
        let left = match fold(left, checker) {
            Some(left) => left.ok()?,
            None if zero && divides => Value::Int(1),
            None => return None,
        };
        Some((meaning.definition().apply)(&left, &right, Case::Sensitive, &context))
    } else {
        literal::value(expression, &checker.zone).ok().flatten().map(Ok)
    }
}
