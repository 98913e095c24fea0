//! `H2`: types.

use hence_diagnostics::{Applicability, Code, Diagnostic, Edit, Fix, Span};
use hence_types::Type;

/// Operands that an operator does not take.
pub(crate) struct TypeMismatch {
    pub(crate) operator: &'static str,
    pub(crate) operands: &'static str,
    pub(crate) left: Operand,
    pub(crate) right: Operand,
}

/// An operand: its place, its type and where that comes from.
#[derive(Clone)]
pub(crate) struct Operand {
    pub(crate) span: Span,
    pub(crate) ty: Type,
    pub(crate) origin: Option<Span>,
    /// Whether it is a literal, which is the first to be mistaken.
    pub(crate) is_literal: bool,
    /// The digits, where it is a plain number.
    pub(crate) number: Option<String>,
    /// The text, where it is a plain text.
    pub(crate) text: Option<String>,
}

impl From<TypeMismatch> for Diagnostic {
    fn from(error: TypeMismatch) -> Self {
        let TypeMismatch { operator, operands, left, right } = error;
        if let (Type::Money(Some(one)), Type::Money(Some(other))) = (&left.ty, &right.ty)
            && one != other
        {
            let message = format!("`{operator}` takes amounts of one currency, not {one} and {other}");
            return Diagnostic::new(Code::CurrencyMismatch, right.span, message)
                .label(format!("this is {other}"))
                .secondary(left.span, format!("this is {one}"))
                .secondary_at(left.origin.or(right.origin), "declared here")
                .help("amounts of two currencies have neither an order nor a sum");
        }
        let message = format!("`{operator}` does not take `{}` and `{}`", left.ty, right.ty);
        let (guilty, other) =
            if left.is_literal && !right.is_literal { (&left, &right) } else { (&right, &left) };
        let mut diagnostic = Diagnostic::new(Code::TypeMismatch, guilty.span, message)
            .label(format!("this is `{}`", guilty.ty))
            .secondary(other.span, format!("this is `{}`", other.ty));
        if let Some(origin) = other.origin.or(guilty.origin) {
            diagnostic = diagnostic.secondary(origin, "declared here");
        }
        diagnostic = diagnostic.note(format!("`{operator}` takes {operands}"));
        hint(diagnostic, guilty, other, operator)
    }
}

/// Adds what is probably meant.
fn hint(diagnostic: Diagnostic, guilty: &Operand, other: &Operand, operator: &str) -> Diagnostic {
    if let (Type::Money(currency), Some(number)) = (&other.ty, &guilty.number) {
        let currency = currency.map_or("EUR".to_owned(), |currency| currency.to_string());
        let edit = Edit { span: guilty.span.after(), text: format!(" {currency}") };
        let title = format!("write `{number} {currency}`");
        return diagnostic.fix(Fix { title, applicability: Applicability::Likely, edits: vec![edit] });
    }
    if let Some(text) = &guilty.text {
        let number = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
        if let (true, Type::Money(currency)) = (number, &other.ty) {
            let currency = currency.map_or("EUR".to_owned(), |currency| currency.to_string());
            let amount = format!("{text} {currency}");
            let title = format!("write `{amount}`");
            return diagnostic.fix(Fix::replace(Applicability::Likely, guilty.span, amount, title));
        }
        if number && other.ty.is_number() {
            let title = format!("write the number `{text}`");
            return diagnostic.fix(Fix::replace(Applicability::Likely, guilty.span, text.clone(), title));
        }
    }
    if let (Type::DateTime, Type::Date) | (Type::Date, Type::DateTime) = (&guilty.ty, &other.ty) {
        return diagnostic.help("a day and an instant compare only in a zone: `start_of(\"day\", x)` or a literal such as `2026-11-27T00:00`");
    }
    if operator == "+" && (guilty.ty.is_text() || other.ty.is_text()) {
        return diagnostic.help("texts are joined by writing values into one: `\"{a} {b}\"`");
    }
    diagnostic
}

/// An argument of another type than the parameter.
pub(crate) struct ArgumentType {
    pub(crate) of: String,
    pub(crate) parameter: String,
    pub(crate) wanted: String,
    pub(crate) found: Operand,
    pub(crate) declared: Option<Span>,
}

impl From<ArgumentType> for Diagnostic {
    fn from(error: ArgumentType) -> Self {
        let ArgumentType { of, parameter, wanted, found, declared } = error;
        let message = format!("`{of}` takes {wanted} as `{parameter}`, not `{}`", found.ty);
        let mut diagnostic = Diagnostic::new(Code::ArgumentType, found.span, message)
            .label(format!("this is `{}`", found.ty))
            .secondary_at(declared, format!("`{parameter}` is declared here"))
            .secondary_at(found.origin, format!("declared here as `{}`", found.ty));
        if wanted == "`string`"
            && !matches!(found.ty, Type::List(_) | Type::Record(_) | Type::Map(_) | Type::Json)
        {
            diagnostic = diagnostic.help("write it into a text: `\"{…}\"`");
        }
        diagnostic
    }
}

/// A value that may be missing where one is needed.
pub(crate) struct MayBeMissing {
    /// The expression as it is written, in short; nothing where it is too long to be repeated.
    pub(crate) text: Option<String>,
    /// Whether a condition can tell that it is there: it is a field or variable.
    pub(crate) narrows: bool,
    pub(crate) span: Span,
    pub(crate) ty: Type,
    pub(crate) origin: Option<Span>,
    /// What needs it, such as "`>` needs a value".
    pub(crate) needs: String,
    /// The comparison around it, where a guard could stand.
    pub(crate) guard: Option<Span>,
}

impl From<MayBeMissing> for Diagnostic {
    fn from(error: MayBeMissing) -> Self {
        let MayBeMissing { text, narrows, span, ty, origin, needs, guard } = error;
        let subject = text.as_ref().map_or("this".to_owned(), |text| format!("`{text}`"));
        let mut diagnostic =
            Diagnostic::new(Code::MayBeMissing, span, format!("{subject} may be missing, and {needs}"))
                .label(format!("this is `{ty}`"))
                .secondary_at(origin, "declared here as one that may be missing");
        let text = text.unwrap_or_else(|| "…".to_owned());
        if let Some(guard) = guard.filter(|_| narrows) {
            let edits = vec![
                Edit { span: guard.before(), text: format!("({text} is present and ") },
                Edit { span: guard.after(), text: ")".to_owned() },
            ];
            let title = format!("ask first: `{text} is present and …`");
            diagnostic = diagnostic.fix(Fix { title, applicability: Applicability::Likely, edits });
        }
        if let Some(default) = default_of(ty.required()) {
            let title = format!("give a default: `({text} else {default})`");
            let edits = vec![
                Edit { span: span.before(), text: "(".to_owned() },
                Edit { span: span.after(), text: format!(" else {default})") },
            ];
            diagnostic = diagnostic.fix(Fix { title, applicability: Applicability::Manual, edits });
        } else if !narrows {
            diagnostic = diagnostic.help(format!("give it a default: `({text} else …)`"));
        }
        if narrows {
            diagnostic.help(format!("or leave before: `if {text} is missing {{ stop }}`"))
        } else {
            diagnostic
        }
    }
}

fn default_of(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Int | Type::Decimal | Type::Float => Some("0"),
        Type::String => Some("\"\""),
        Type::Bool => Some("false"),
        Type::List(_) => Some("[]"),
        Type::Percent => Some("0%"),
        Type::Error
        | Type::Date
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Period
        | Type::Money(_)
        | Type::Enum(_)
        | Type::Map(_)
        | Type::Record(_)
        | Type::Optional(_)
        | Type::Json
        | Type::Nothing => None,
    }
}

/// A condition that is no truth value.
pub(crate) struct NotACondition {
    pub(crate) found: Operand,
    /// What asks for a condition, such as "`if`" or "`and`".
    pub(crate) asked_by: String,
}

impl From<NotACondition> for Diagnostic {
    fn from(error: NotACondition) -> Self {
        let NotACondition { found, asked_by } = error;
        let message = format!("{asked_by} needs a condition, not `{}`", found.ty);
        Diagnostic::new(Code::NotACondition, found.span, message)
            .label(format!("this is `{}`", found.ty))
            .secondary_at(found.origin, "declared here")
            .help("there is no truth of numbers or texts: compare it with something, or ask whether it `is present` or `is empty`")
    }
}

/// Required arguments that are not given.
pub(crate) struct MissingArgument {
    pub(crate) of: String,
    pub(crate) names: Vec<String>,
    pub(crate) call: Span,
    pub(crate) closer: Span,
    pub(crate) has_arguments: bool,
    pub(crate) declared: Option<Span>,
}

impl From<MissingArgument> for Diagnostic {
    fn from(error: MissingArgument) -> Self {
        let MissingArgument { of, names, call, closer, has_arguments, declared } = error;
        let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("`{of}` needs {}", list.join(" and "));
        let texts: Vec<String> = names.iter().map(|name| format!("{name}: …")).collect();
        let lead = if has_arguments { ", " } else { "" };
        Diagnostic::new(Code::MissingArgument, call, message)
            .label("not given here")
            .secondary_at(declared, "required here")
            .fix(Fix::replace(
                Applicability::Manual,
                closer.before(),
                format!("{lead}{}", texts.join(", ")),
                if names.len() == 1 { "add the argument" } else { "add the arguments" },
            ))
    }
}

/// Too few or too many arguments.
pub(crate) struct ArgumentCount {
    pub(crate) of: String,
    pub(crate) signature: String,
    pub(crate) too_many: bool,
    pub(crate) span: Span,
}

impl From<ArgumentCount> for Diagnostic {
    fn from(error: ArgumentCount) -> Self {
        let count = if error.too_many { "too many" } else { "too few" };
        Diagnostic::new(Code::ArgumentCount, error.span, format!("`{}` is given {count} arguments", error.of))
            .label(format!("it is `{}`", error.signature))
    }
}

/// A quantifier over something that is no list.
pub(crate) struct NotAList {
    pub(crate) quantifier: String,
    pub(crate) found: Operand,
}

impl From<NotAList> for Diagnostic {
    fn from(error: NotAList) -> Self {
        let message = format!("`{}` goes over a list, not over `{}`", error.quantifier, error.found.ty);
        Diagnostic::new(Code::NotAList, error.found.span, message)
            .label(format!("this is `{}`", error.found.ty))
            .secondary_at(error.found.origin, "declared here")
    }
}

/// Branches or elements whose types have nothing in common.
pub(crate) struct BranchTypes {
    pub(crate) what: &'static str,
    pub(crate) first: (Span, Type),
    pub(crate) other: (Span, Type),
}

impl From<BranchTypes> for Diagnostic {
    fn from(error: BranchTypes) -> Self {
        let message =
            format!("{} are of different types: `{}` and `{}`", error.what, error.first.1, error.other.1);
        Diagnostic::new(Code::BranchTypes, error.other.0, message)
            .label(format!("this is `{}`", error.other.1))
            .secondary(error.first.0, format!("this is `{}`", error.first.1))
    }
}

/// A function's body of another type than declared.
pub(crate) struct ResultType {
    pub(crate) name: String,
    pub(crate) body: Span,
    pub(crate) found: Type,
    pub(crate) declared: Span,
    pub(crate) wanted: Type,
}

impl From<ResultType> for Diagnostic {
    fn from(error: ResultType) -> Self {
        let message =
            format!("`{}` gives `{}`, not the declared `{}`", error.name, error.found, error.wanted);
        Diagnostic::new(Code::ResultType, error.body, message)
            .label(format!("this is `{}`", error.found))
            .secondary(error.declared, "declared here")
            .fix(Fix::replace(
                Applicability::Manual,
                error.declared,
                error.found.to_string(),
                format!("declare `{}`", error.found),
            ))
    }
}

/// The result of an action that has none.
pub(crate) struct NoResult {
    pub(crate) action: String,
    pub(crate) span: Span,
    pub(crate) declared: Option<Span>,
}

impl From<NoResult> for Diagnostic {
    fn from(error: NoResult) -> Self {
        Diagnostic::new(Code::NoResult, error.span, format!("`{}` has no result to keep", error.action))
            .label("nothing to name")
            .secondary_at(error.declared, "declared here without a result")
            .help("call it as a step, without `let`")
    }
}

/// Something that has no fields, entries or text.
pub(crate) struct Unsuitable {
    /// The whole message.
    pub(crate) message: String,
    pub(crate) found: Operand,
    pub(crate) help: Option<String>,
}

impl From<Unsuitable> for Diagnostic {
    fn from(error: Unsuitable) -> Self {
        let diagnostic = Diagnostic::new(Code::TypeMismatch, error.found.span, error.message)
            .label(format!("this is `{}`", error.found.ty))
            .secondary_at(error.found.origin, "declared here");
        match error.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}
