//! Texts compared in another case than they can have: `lower(x) == "ABC"`.

use hence_builtins::FunctionId;
use hence_diagnostics::{Applicability, Code, Diagnostic, Fix};
use hence_syntax::ast::{Argument, BinaryOperator, Expression, ExpressionKind, Item};

use super::conditions::expressions;
use crate::condition::Scope;
use crate::expression::visit::visit;
use crate::facts::Use;

pub(super) fn check(scope: &Scope<'_>, item: &Item, diagnostics: &mut Vec<Diagnostic>) {
    for expression in expressions(item) {
        visit(expression, &mut |part| {
            if let ExpressionKind::Binary { operator, ignoring_case: None, left, right, .. } = &part.kind
                && matches!(
                    operator,
                    BinaryOperator::Equal
                        | BinaryOperator::NotEqual
                        | BinaryOperator::In
                        | BinaryOperator::Contains
                        | BinaryOperator::StartsWith
                        | BinaryOperator::EndsWith
                )
            {
                compare(scope, left, right, diagnostics);
                if matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual) {
                    compare(scope, right, left, diagnostics);
                }
            }
        });
    }
}

/// A function that leaves a text in one case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
}

impl Case {
    /// Returns the case that an expression's text is in.
    fn of(scope: &Scope<'_>, expression: &Expression) -> Option<Case> {
        match scope.facts.usage(expression.id) {
            Some(Use::Builtin(FunctionId::Lower)) => Some(Case::Lower),
            Some(Use::Builtin(FunctionId::Upper)) => Some(Case::Upper),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Case::Lower => "lower",
            Case::Upper => "upper",
        }
    }

    /// Returns the text in this case, by the rules of the function.
    fn apply(self, text: &str) -> String {
        match self {
            Case::Lower => text.to_lowercase(),
            Case::Upper => text.to_uppercase(),
        }
    }

    /// Whether a text of this case can have a letter.
    fn has(self, letter: char) -> bool {
        match self {
            Case::Lower => letter.to_lowercase().eq([letter]),
            Case::Upper => letter.to_uppercase().eq([letter]),
        }
    }
}

fn compare(scope: &Scope<'_>, text: &Expression, with: &Expression, diagnostics: &mut Vec<Diagnostic>) {
    let text = text.ungrouped();
    let Some(case) = Case::of(scope, text) else { return };
    let constants = if let ExpressionKind::List(elements) = &with.ungrouped().kind {
        elements.as_slice()
    } else {
        std::slice::from_ref(with)
    };
    for constant in constants {
        let Some(value) = scope.value(constant) else { continue };
        let Some(written) = value.as_text() else { continue };
        if let Some(letter) = written.chars().find(|letter| !case.has(*letter)) {
            diagnostics.push(report(case, text, constant, written, letter));
        }
    }
}

fn report(case: Case, text: &Expression, constant: &Expression, written: &str, letter: char) -> Diagnostic {
    let message = format!("a text from `{}` never has the letter `{letter}`", case.name());
    let diagnostic = Diagnostic::new(Code::UnmatchableCase, constant.span, message)
        .label(format!("this has `{letter}`"))
        .secondary(text.span, "letters of one case");
    let plain = |text: &str| !text.contains(['"', '\\', '{', '}']) && !text.contains(char::is_control);
    let fitting = case.apply(written);
    let diagnostic = if matches!(constant.ungrouped().kind, ExpressionKind::Text(_)) && plain(&fitting) {
        let title = format!("write \"{fitting}\"");
        diagnostic.fix(Fix::replace(Applicability::Likely, constant.span, format!("\"{fitting}\""), title))
    } else {
        diagnostic
    };
    if let ExpressionKind::Call { arguments, .. } = &text.kind
        && let [Argument::Positional(_)] = arguments.as_slice()
    {
        return diagnostic.help("or leave out the function and write `ignoring case` behind the comparison");
    }
    diagnostic
}
