//! A test for absence, or a default, of a value that is never missing.

use hence_builtins::Presence;
use hence_diagnostics::{Applicability, Code, Diagnostic, Fix};
use hence_syntax::ast::Expression;
use hence_types::Type;

use crate::checker::Checker;

/// Reports `x is present` where `x` always is.
pub(crate) fn never_missing(
    checker: &mut Checker<'_>,
    expression: &Expression,
    test: Presence,
    operand: &Expression,
    ty: &Type,
) {
    if ty.is_optional() || ty.is_error() || test == Presence::Empty {
        return;
    }
    let always = if test == Presence::Present { "true" } else { "false" };
    let origin = checker.facts.origin(operand.id);
    checker.report(
        Diagnostic::new(Code::NeverMissing, expression.span, format!("this is always {always}"))
            .label(format!("a `{ty}` here is never missing"))
            .secondary_at(origin, "declared here as one that is always there"),
    );
}

/// Reports `x else y` where `x` always has a value.
pub(crate) fn needless_default(
    checker: &mut Checker<'_>,
    operand: &Expression,
    default: &Expression,
    ty: &Type,
) {
    let origin = checker.facts.origin(operand.id);
    let rest = hence_diagnostics::Span::new(operand.span.file, operand.span.end, default.span.end);
    checker.report(
        Diagnostic::new(Code::NeverMissing, default.span, "this default is never used")
            .label(format!("a `{ty}` is never missing"))
            .secondary_at(origin, "declared here as one that is always there")
            .fix(Fix::replace(Applicability::Safe, rest, "", "remove the default")),
    );
}
