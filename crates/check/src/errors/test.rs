//! `H303`: tests.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span, nearest};
use hence_syntax::ast::Count;
use hence_types::Type;

use super::types::Operand;

/// Two tests of one title.
pub(crate) struct DuplicateTest {
    pub(crate) title: String,
    pub(crate) span: Span,
    pub(crate) first: Span,
}

impl From<DuplicateTest> for Diagnostic {
    fn from(error: DuplicateTest) -> Self {
        let message = format!("two tests are called `{}`", error.title);
        Diagnostic::new(Code::DuplicateItem, error.span, message)
            .label("called so again here")
            .secondary(error.first, "first called so here")
            .help("the title tells one test from another, as in the report of a run")
    }
}

/// A test without an event, or without anything expected.
pub(crate) struct IncompleteTest {
    pub(crate) title: Span,
    /// `given` or `expect`.
    pub(crate) missing: &'static str,
}

impl From<IncompleteTest> for Diagnostic {
    fn from(error: IncompleteTest) -> Self {
        let (label, help) = if error.missing == "given" {
            ("nothing happens in it", "name an event, such as `given shop.order.created { total: 10 EUR }`")
        } else {
            ("nothing is compared in it", "say what follows, such as `expect vip_customer ran`")
        };
        let message = format!("a test needs `{}`", error.missing);
        Diagnostic::new(Code::IncompleteTest, error.title, message).label(label).help(help)
    }
}

/// `because` with something that is no part of the rule's condition.
pub(crate) struct NoSuchCondition {
    pub(crate) span: Span,
    pub(crate) rule: String,
    pub(crate) condition: Option<Span>,
    /// The parts of the condition as written.
    pub(crate) has_condition: bool,
}

impl From<NoSuchCondition> for Diagnostic {
    fn from(error: NoSuchCondition) -> Self {
        let message = if error.has_condition {
            format!("this is no part of the condition of `{}`", error.rule)
        } else {
            format!("`{}` has no condition", error.rule)
        };
        let diagnostic = Diagnostic::new(Code::NoSuchCondition, error.span, message);
        match error.condition {
            Some(condition) => diagnostic
                .label("not written so in the rule")
                .secondary(condition, "the condition")
                .help("repeat the part of the condition that decides as it stands in the rule"),
            None => diagnostic.label("nothing can decide"),
        }
    }
}

/// A value that only running something could give.
pub(crate) struct NotComputable {
    pub(crate) span: Span,
}

impl From<NotComputable> for Diagnostic {
    fn from(error: NotComputable) -> Self {
        Diagnostic::new(Code::NotComputable, error.span, "this is not known before the test runs")
            .label("expected literals and constants")
            .help("a test states values as they are; write out what this comes to")
    }
}

/// A rule that nobody can start.
pub(crate) struct NotManual {
    pub(crate) rule: String,
    pub(crate) span: Span,
}

impl From<NotManual> for Diagnostic {
    fn from(error: NotManual) -> Self {
        let message = format!("nobody can start `{}`: it has no trigger `manual`", error.rule);
        Diagnostic::new(Code::ManualTrigger, error.span, message)
            .label("starts by itself")
            .help("give the event that it starts with")
    }
}

/// A rule that is not there.
pub(crate) struct UnknownRule {
    pub(crate) written: String,
    pub(crate) span: Span,
    pub(crate) candidates: Vec<String>,
    /// Whether an action has this name.
    pub(crate) is_action: bool,
}

impl From<UnknownRule> for Diagnostic {
    fn from(error: UnknownRule) -> Self {
        let UnknownRule { written, span, candidates, is_action } = error;
        let message = format!("no rule is named `{written}`");
        let diagnostic = Diagnostic::new(Code::UnknownName, span, message).label("unknown rule");
        if is_action {
            return diagnostic.help(format!("a call of the action is expected as `{written}(…)`"));
        }
        match nearest(&written, candidates.iter().map(String::as_str)) {
            Some(name) => {
                let title = format!("write `{name}`");
                diagnostic.label(format!("did you mean `{name}`?")).fix(Fix::replace(
                    Applicability::Likely,
                    span,
                    name,
                    title,
                ))
            }
            None => diagnostic,
        }
    }
}

/// A field or argument that is given another type than it has.
pub(crate) struct ValueType {
    pub(crate) name: String,
    pub(crate) wanted: Type,
    pub(crate) found: Operand,
    pub(crate) declared: Option<Span>,
}

impl From<ValueType> for Diagnostic {
    fn from(error: ValueType) -> Self {
        let ValueType { name, wanted, found, declared } = error;
        let message = format!("`{name}` is `{}`, not `{}`", wanted.required(), found.ty);
        let diagnostic = Diagnostic::new(Code::TypeMismatch, found.span, message)
            .label(format!("this is `{}`", found.ty))
            .secondary_at(declared, format!("`{name}` is declared here"));
        match (wanted.required(), &found.number) {
            (Type::Money(currency), Some(number)) => {
                let currency = currency.map_or("EUR".to_owned(), |currency| currency.to_string());
                let text = format!("{number} {currency}");
                let title = format!("write `{text}`");
                diagnostic.fix(Fix::replace(Applicability::Likely, found.span, text, title))
            }
            _ => diagnostic,
        }
    }
}

/// A count that is no whole number.
pub(crate) struct NoCount {
    pub(crate) count: Count,
}

impl From<NoCount> for Diagnostic {
    fn from(error: NoCount) -> Self {
        let message = format!("a count is a whole number, not `{}`", error.count.digits);
        Diagnostic::new(Code::InvalidNumber, error.count.span, message).label("cannot be counted")
    }
}

/// A result for an action that has none.
pub(crate) struct ReturnsNothing {
    pub(crate) action: String,
    pub(crate) span: Span,
    pub(crate) declared: Span,
}

impl From<ReturnsNothing> for Diagnostic {
    fn from(error: ReturnsNothing) -> Self {
        let message = format!("`{}` has no result, so it returns nothing", error.action);
        Diagnostic::new(Code::NoResult, error.span, message)
            .label("nothing to return")
            .secondary(error.declared, "declared here without a result")
            .help("calls succeed where a test does not say otherwise")
    }
}
