//! A range whose ends are in the wrong order: nothing lies in it.

use std::cmp::Ordering;

use hence_diagnostics::{Applicability, Code, Diagnostic, Edit, Fix};
use hence_syntax::ast::Expression;

use crate::checker::Checker;
use crate::expression::matching::arm_value;

/// Reports `20 .. 10`.
pub(crate) fn empty_range(checker: &mut Checker<'_>, low: &Expression, high: &Expression) {
    let (Some(least), Some(most)) = (arm_value(low, checker.zone), arm_value(high, checker.zone)) else {
        return;
    };
    if hence_types::compare(&least, &most) != Ok(Ordering::Greater) {
        return;
    }
    let edits = vec![
        Edit { span: low.span, text: most.to_string() },
        Edit { span: high.span, text: least.to_string() },
    ];
    let fix = Fix { title: "exchange them".to_owned(), applicability: Applicability::Likely, edits };
    let diagnostic =
        Diagnostic::new(Code::EmptyRange, low.span.to(high.span), "nothing lies between these ends")
            .label(format!("{least} is more than {most}"))
            .fix(fix);
    checker.report(diagnostic);
}
