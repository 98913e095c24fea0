//! `H3`: the shape of rules, and definitions that reach themselves.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span};
use hence_syntax::ast::Name;

/// A function or constant that reaches itself.
pub(crate) struct RecursiveDefinition {
    pub(crate) what: &'static str,
    pub(crate) name: String,
    pub(crate) span: Span,
}

impl From<RecursiveDefinition> for Diagnostic {
    fn from(error: RecursiveDefinition) -> Self {
        let message = format!("the {} `{}` is defined by itself", error.what, error.name);
        Diagnostic::new(Code::RecursiveDefinition, error.span, message)
            .label("reaches itself")
            .help("every evaluation ends, so nothing may be defined by itself, not even by way of others")
    }
}

/// A header clause that stands twice.
pub(crate) struct DuplicateClause {
    pub(crate) clause: &'static str,
    pub(crate) span: Span,
    pub(crate) first: Span,
}

impl From<DuplicateClause> for Diagnostic {
    fn from(error: DuplicateClause) -> Self {
        Diagnostic::new(Code::DuplicateClause, error.span, format!("`{}` stands twice", error.clause))
            .label("again here")
            .secondary(error.first, "first here")
    }
}

/// A window that ends before it begins.
pub(crate) struct EmptyWindow {
    pub(crate) from: Span,
    pub(crate) until: Span,
}

impl From<EmptyWindow> for Diagnostic {
    fn from(error: EmptyWindow) -> Self {
        Diagnostic::new(Code::EmptyWindow, error.until, "the rule is never active")
            .label("not after the beginning")
            .secondary(error.from, "it begins here")
            .note("a day begins at 00:00 in the rule's time zone; the end itself is no longer part of the window")
    }
}

/// An awaited event by which nobody who waits can be found.
pub(crate) struct NoCorrelation {
    pub(crate) span: Span,
    pub(crate) event: String,
}

impl From<NoCorrelation> for Diagnostic {
    fn from(error: NoCorrelation) -> Self {
        let message = format!("`where` does not say whom `{}` is about", error.event);
        Diagnostic::new(Code::NoCorrelation, error.span, message)
            .label("no field of `it` is equal to something known before")
            .help("name one, as in `where it.order_id == order.id`; more may be joined to it by `and`")
    }
}

/// Shares of variants that are not the whole together.
pub(crate) struct VariantShares {
    pub(crate) span: Span,
    pub(crate) sum: String,
}

impl From<VariantShares> for Diagnostic {
    fn from(error: VariantShares) -> Self {
        let message = format!("the shares of the variants add up to {}, not to 100%", error.sum);
        Diagnostic::new(Code::VariantShares, error.span, message)
            .label("together 100% are needed")
            .help("who is to be in no variant gets one of their own, or is left out by `rollout`")
    }
}

/// A number or length of time that a clause cannot have.
pub(crate) struct ClauseValue {
    pub(crate) message: String,
    pub(crate) label: &'static str,
    pub(crate) span: Span,
}

impl From<ClauseValue> for Diagnostic {
    fn from(error: ClauseValue) -> Self {
        Diagnostic::new(Code::ClauseValue, error.span, error.message).label(error.label)
    }
}

/// A label or clause of calls at a step that is none.
pub(crate) struct MisplacedClause {
    pub(crate) what: &'static str,
    pub(crate) span: Span,
    pub(crate) step: Span,
}

impl From<MisplacedClause> for Diagnostic {
    fn from(error: MisplacedClause) -> Self {
        let message = format!("{} belongs to the call of an action", error.what);
        Diagnostic::new(Code::MisplacedClause, error.span, message)
            .label("has no meaning here")
            .secondary(error.step, "this calls no action")
    }
}

/// A `stop all` that is reached too late to keep other rules from beginning.
pub(crate) struct StopAllTooLate {
    pub(crate) span: Span,
    pub(crate) because: &'static str,
    pub(crate) place: Span,
}

impl From<StopAllTooLate> for Diagnostic {
    fn from(error: StopAllTooLate) -> Self {
        Diagnostic::new(Code::StopAllTooLate, error.span, "`stop all` comes too late for the other rules")
            .label("the other rules of the event have begun by then")
            .secondary(error.place, error.because)
            .help("`stop all` may depend on the event and on what is computed from it, not on what happens later")
    }
}

/// A priority that is none.
pub(crate) struct PriorityRange {
    pub(crate) written: String,
    pub(crate) span: Span,
}

impl From<PriorityRange> for Diagnostic {
    fn from(error: PriorityRange) -> Self {
        let message = format!("a priority is a whole number from 1 to 10, not `{}`", error.written);
        let mut diagnostic = Diagnostic::new(Code::PriorityRange, error.span, message)
            .label("out of range")
            .note("higher runs first; 5 is the default");
        if let Ok(number) = error.written.parse::<i64>() {
            let near = number.clamp(1, 10).to_string();
            let title = format!("write `{near}`");
            diagnostic = diagnostic.fix(Fix::replace(Applicability::Likely, error.span, near, title));
        }
        diagnostic
    }
}

/// An action called where a value is computed, or a function where something is done.
pub(crate) struct MisplacedCall {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) is_action: bool,
}

impl From<MisplacedCall> for Diagnostic {
    fn from(error: MisplacedCall) -> Self {
        if error.is_action {
            let message = format!("the action `{}` cannot be called within an expression", error.name);
            Diagnostic::new(Code::MisplacedCall, error.span, message)
                .label("an action is a step")
                .help(format!("make it a step of its own: `let result = {}(…)`", error.name))
        } else {
            let message = format!("`{}` only computes a value, which is lost here", error.name);
            Diagnostic::new(Code::MisplacedCall, error.span, message)
                .label("expected an action such as `email.send(…)`")
                .help(format!("keep the value: `let value = {}(…)`", error.name))
        }
    }
}

/// An argument of an action without its name.
pub(crate) struct UnnamedArgument {
    pub(crate) of: String,
    pub(crate) span: Span,
    pub(crate) names: Vec<String>,
}

impl From<UnnamedArgument> for Diagnostic {
    fn from(error: UnnamedArgument) -> Self {
        let message = format!("arguments of the action `{}` are given by name", error.of);
        let diagnostic =
            Diagnostic::new(Code::UnnamedArgument, error.span, message).label("expected `name: value`");
        match error.names.first() {
            Some(name) => diagnostic.fix(Fix::replace(
                Applicability::Manual,
                error.span.before(),
                format!("{name}: "),
                format!("give it as `{name}`"),
            )),
            None => diagnostic,
        }
    }
}

/// A binder (`x in xs`) that is not the first argument of a quantifier.
pub(crate) struct MisplacedBinder {
    pub(crate) variable: Name,
}

impl From<MisplacedBinder> for Diagnostic {
    fn from(error: MisplacedBinder) -> Self {
        let message = format!("`{} in …` only stands first in a quantifier", error.variable.text);
        Diagnostic::new(Code::SyntaxError, error.variable.span, message)
            .label("misplaced")
            .help("a quantifier is `any(item in items, item.price > 10 EUR)`; put a test of membership in parentheses")
    }
}
