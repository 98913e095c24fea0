//! A test for absence, or a default, of a value that is never missing.

use hence_builtins::Presence;
use hence_diagnostics::{Applicability, Code, Diagnostic, Fix};
use hence_syntax::ast::{Expression, ExpressionKind};
use hence_types::Type;

use crate::checker::Checker;
use crate::facts::Use;

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
    let is_negated = matches!(&expression.kind, ExpressionKind::Presence { negated: true, .. });
    let always = if (test == Presence::Present) != is_negated { "true" } else { "false" };
    let diagnostic = Diagnostic::new(Code::NeverMissing, expression.span, format!("this is always {always}"))
        .label(format!("a `{ty}` here is never missing"));
    let diagnostic = with_reason(checker, diagnostic, operand);
    checker.report(diagnostic);
}

/// Reports `x else y` where `x` always has a value.
pub(crate) fn needless_default(
    checker: &mut Checker<'_>,
    operand: &Expression,
    default: &Expression,
    ty: &Type,
) {
    let rest = hence_diagnostics::Span::new(operand.span.file, operand.span.end, default.span.end);
    let diagnostic = Diagnostic::new(Code::NeverMissing, default.span, "this default is never used")
        .label(format!("a `{ty}` is never missing"));
    let diagnostic = with_reason(checker, diagnostic, operand).fix(Fix::replace(
        Applicability::Safe,
        rest,
        "",
        "remove the default",
    ));
    checker.report(diagnostic);
}

/// Adds why the value is always there: its declaration, or a condition that stands before.
fn with_reason(checker: &Checker<'_>, diagnostic: Diagnostic, operand: &Expression) -> Diagnostic {
    if declared(checker, operand.ungrouped()).is_some_and(Type::is_optional) {
        return diagnostic.note("an earlier condition says that it is there");
    }
    diagnostic.secondary_at(checker.facts.origin(operand.id), "declared here as one that is always there")
}

/// Returns the type a field or variable is declared with, whatever is known of it at its place.
fn declared<'a>(checker: &'a Checker<'_>, operand: &Expression) -> Option<&'a Type> {
    if let ExpressionKind::Field { base, name, .. } = &operand.kind {
        let Type::Record(record) = checker.facts.ty(base.id).required() else { return None };
        return record.fields.get(name.text.as_str()).map(|field| &field.ty);
    }
    match checker.facts.usage(operand.id)? {
        Use::PayloadField(name) => checker.facts.payload.fields.get(name).map(|field| &field.ty),
        Use::Local(node) => {
            let binding = checker.environment.bindings.iter().rev().find(|binding| binding.node == *node);
            binding.map(|binding| &binding.ty)
        }
        Use::Payload
        | Use::Envelope(_)
        | Use::Constant(_)
        | Use::Now
        | Use::Today
        | Use::Field(_)
        | Use::Function(_)
        | Use::Builtin(_)
        | Use::Quantifier(_)
        | Use::Action(_)
        | Use::IsEvent(_)
        | Use::IsVariant(_) => None,
    }
}

/// Reports an arm `missing` of a `match` of what always has a value.
pub(crate) fn needless_missing_arm(
    checker: &mut Checker<'_>,
    arm: hence_diagnostics::Span,
    subject: &Expression,
    ty: &Type,
) {
    let origin = checker.facts.origin(subject.id);
    checker.report(
        Diagnostic::new(Code::NeverMissing, arm, "this arm is never taken")
            .label(format!("a `{ty}` is never missing"))
            .secondary_at(origin, "declared here as one that is always there"),
    );
}
