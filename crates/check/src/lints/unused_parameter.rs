//! Parameters that a function does not use.

use hence_diagnostics::{Code, Diagnostic};
use hence_syntax::ast::{Item, ItemKind};

use crate::condition::Scope;
use crate::facts::Use;

pub(super) fn check(scope: &Scope<'_>, item: &Item, diagnostics: &mut Vec<Diagnostic>) {
    let ItemKind::Fn(function) = &item.kind else { return };
    for parameter in &function.parameters {
        let used = scope.facts.uses().any(|usage| *usage == Use::Local(parameter.id));
        if !used && !parameter.name.text.starts_with('_') {
            let message = format!("the parameter `{}` is never used", parameter.name.text);
            diagnostics.push(
                Diagnostic::new(Code::UnusedParameter, parameter.name.span, message)
                    .label("named here only")
                    .help("remove it here and from the calls, or begin its name with `_`"),
            );
        }
    }
}
