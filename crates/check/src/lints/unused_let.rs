//! A `let` whose name is never used.

use hence_diagnostics::{Code, Diagnostic, Severity};
use hence_syntax::ast::{Item, ItemKind, Name, NodeId, Step, StepKind};

use crate::checker::Checker;
use crate::facts::Use;

pub(super) fn check(item: &Item, checker: &mut Checker<'_>) {
    let ItemKind::Rule(rule) = &item.kind else { return };
    let mut bound: Vec<(&Name, NodeId, bool)> = Vec::new();
    collect(&rule.then, checker, &mut bound);
    collect(rule.otherwise.as_deref().unwrap_or_default(), checker, &mut bound);
    // What uses it may be what could not be read.
    let has_errors = checker.diagnostics.iter().any(|found| found.severity == Severity::Error);
    if checker.facts.broken || has_errors {
        return;
    }
    for (name, node, is_action) in bound {
        let used = checker.facts.uses().any(|usage| *usage == Use::Local(node));
        if !used && !name.text.starts_with('_') {
            let help = if is_action {
                "call the action without `let`, or begin the name with `_`"
            } else {
                "remove it, or begin the name with `_`"
            };
            checker.report(
                Diagnostic::new(Code::UnusedLet, name.span, format!("`{}` is never used", name.text))
                    .label("named here only")
                    .help(help),
            );
        }
    }
}

fn collect<'a>(steps: &'a [Step], checker: &Checker<'_>, bound: &mut Vec<(&'a Name, NodeId, bool)>) {
    for step in steps {
        if let StepKind::Let(name, value) = &step.kind {
            let is_action = matches!(checker.facts.usage(value.id), Some(Use::Action(_)));
            bound.push((name, step.id, is_action));
        } else if let StepKind::WaitFor(wait) = &step.kind
            && let Some(name) = &wait.name
        {
            bound.push((name, step.id, false));
        }
        if let StepKind::Ask(ask) = &step.kind
            && let Some(name) = &ask.name
        {
            bound.push((name, step.id, false));
        }
        for block in step.blocks() {
            collect(&block.steps, checker, bound);
        }
    }
}
