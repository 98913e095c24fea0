//! Steps after one that always ends the execution.

use hence_diagnostics::{Code, Diagnostic};
use hence_syntax::ast::{Item, ItemKind, Step};

use crate::checker::Checker;
use crate::rule::step_stops;

pub(super) fn check(item: &Item, checker: &mut Checker<'_>) {
    let ItemKind::Rule(rule) = &item.kind else { return };
    steps(&rule.then, checker);
    steps(rule.otherwise.as_deref().unwrap_or_default(), checker);
}

fn steps(steps: &[Step], checker: &mut Checker<'_>) {
    for (at, step) in steps.iter().enumerate() {
        for block in step.blocks() {
            self::steps(&block.steps, checker);
        }
        if step_stops(step)
            && let (Some(next), Some(last)) = (steps.get(at + 1), steps.last())
        {
            checker.report(
                Diagnostic::new(Code::UnreachableStep, next.span.to(last.span), "this is never reached")
                    .label("never runs")
                    .secondary(step.span, "the execution always ends here"),
            );
            return;
        }
    }
}
