//! `and` mixed with `or` without parentheses: readers guess wrong which comes first.

use hence_diagnostics::{Applicability, Code, Diagnostic, Edit, Fix};
use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, Item, ItemKind};

use crate::checker::Checker;
use crate::constant::in_rule;
use crate::expression::visit::visit;

pub(super) fn check(item: &Item, checker: &mut Checker<'_>) {
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
            let ExpressionKind::Binary { operator: BinaryOperator::Or, operator_span, left, right, .. } =
                &part.kind
            else {
                return;
            };
            for side in [left, right] {
                if let ExpressionKind::Binary { operator: BinaryOperator::And, operator_span: and, .. } =
                    &side.kind
                {
                    found.push((*operator_span, *and, side.span));
                }
            }
        });
    }
    for (or, and, side) in found {
        let edits = vec![
            Edit { span: side.before(), text: "(".to_owned() },
            Edit { span: side.after(), text: ")".to_owned() },
        ];
        checker.report(
            Diagnostic::new(Code::MixedAndOr, and, "`and` and `or` are mixed without parentheses")
                .label("this binds first")
                .secondary(or, "this comes after")
                .fix(Fix {
                    title: "say so with parentheses".to_owned(),
                    applicability: Applicability::Safe,
                    edits,
                }),
        );
    }
}
