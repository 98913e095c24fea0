//! `H1`: names.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span, nearest};
use hence_syntax::ast::Name;
use hence_types::Currency;

/// Adds "did you mean" where a valid name is near.
fn suggest(diagnostic: Diagnostic, written: &str, span: Span, candidates: &[String]) -> Diagnostic {
    match nearest(written, candidates.iter().map(String::as_str)) {
        Some(name) => {
            let label = format!("did you mean `{name}`?");
            let fix = Fix::replace(Applicability::Likely, span, quoted(name), format!("write `{name}`"));
            diagnostic.label(label).fix(fix)
        }
        None => diagnostic,
    }
}

/// A name as it is written in a rule: in backticks where it is no word.
fn quoted(name: &str) -> String {
    let plain = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let parts: Vec<String> =
        name.split('.').map(|part| if plain(part) { part.to_owned() } else { format!("`{part}`") }).collect();
    parts.join(".")
}

/// "a, b, c and 12 more".
fn enumerate(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let mut text = shown.join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

/// Two items of one name.
pub(crate) struct DuplicateItem {
    pub(crate) name: Name,
    pub(crate) first: Span,
}

impl From<DuplicateItem> for Diagnostic {
    fn from(error: DuplicateItem) -> Self {
        Diagnostic::new(
            Code::DuplicateItem,
            error.name.span,
            format!("`{}` is defined twice", error.name.text),
        )
        .label("defined again here")
        .secondary(error.first, "first defined here")
        .help("all items of a project share one namespace; a rule's name is its identity")
    }
}

/// A variable bound where one of its name is in scope.
pub(crate) struct DuplicateName {
    pub(crate) name: Name,
    pub(crate) first: Span,
}

impl From<DuplicateName> for Diagnostic {
    fn from(error: DuplicateName) -> Self {
        let message = format!("`{}` is already in scope", error.name.text);
        Diagnostic::new(Code::DuplicateName, error.name.span, message)
            .label("named again here")
            .secondary(error.first, "first named here")
            .help("choose another name; a name means one thing throughout a rule")
    }
}

/// An integration that is not there.
pub(crate) struct UnknownIntegration {
    pub(crate) written: String,
    pub(crate) span: Span,
    pub(crate) candidates: Vec<String>,
}

impl From<UnknownIntegration> for Diagnostic {
    fn from(error: UnknownIntegration) -> Self {
        let message = format!("no integration is named `{}`", error.written);
        let diagnostic = Diagnostic::new(Code::UnknownIntegration, error.span, message)
            .label("unknown integration")
            .note(format!("the integrations are {}", enumerate(&error.candidates)));
        suggest(diagnostic, &error.written, error.span, &error.candidates)
    }
}

/// An event that an integration does not have.
pub(crate) struct UnknownEvent {
    pub(crate) integration: String,
    pub(crate) written: String,
    pub(crate) span: Span,
    pub(crate) declared: Span,
    pub(crate) candidates: Vec<String>,
}

impl From<UnknownEvent> for Diagnostic {
    fn from(error: UnknownEvent) -> Self {
        let message = format!("`{}` has no event `{}`", error.integration, error.written);
        let diagnostic = Diagnostic::new(Code::UnknownEvent, error.span, message)
            .label("unknown event")
            .secondary(error.declared, format!("`{}` is described here", error.integration))
            .note(format!("its events are {}", enumerate(&error.candidates)));
        suggest(diagnostic, &error.written, error.span, &error.candidates)
    }
}

/// A field that a record does not have.
pub(crate) struct UnknownField {
    pub(crate) name: Name,
    /// What has no such field, as a type or words.
    pub(crate) of: String,
    pub(crate) base: Option<Span>,
    pub(crate) origin: Option<Span>,
    pub(crate) candidates: Vec<String>,
    /// Fields of that name one level deeper, as paths.
    pub(crate) deeper: Vec<String>,
}

impl From<UnknownField> for Diagnostic {
    fn from(error: UnknownField) -> Self {
        let message = format!("{} has no field `{}`", error.of, error.name.text);
        let mut diagnostic =
            Diagnostic::new(Code::UnknownField, error.name.span, message).label("unknown field");
        if let Some(base) = error.base.filter(|base| !base.is_empty()) {
            diagnostic = diagnostic.secondary(base, format!("this is {}", error.of));
        }
        if let Some(origin) = error.origin {
            diagnostic = diagnostic.secondary(origin, format!("{} is declared here", error.of));
        }
        // The word for the other event is no misspelling, wherever it stands.
        if error.name.text == "it" {
            return diagnostic.help("`it` is the other event, within `where` only; give what arrives a name: `let reply = wait for …`");
        }
        if nearest(&error.name.text, error.candidates.iter().map(String::as_str)).is_some() {
            return suggest(diagnostic, &error.name.text, error.name.span, &error.candidates);
        }
        if !error.deeper.is_empty() {
            return diagnostic.help(format!("{} has it", enumerate(&error.deeper)));
        }
        diagnostic.note(format!("its fields are {}", enumerate(&error.candidates)))
    }
}

/// A field that some of a rule's events have and others do not.
pub(crate) struct FieldNotInEveryEvent {
    pub(crate) name: Name,
    pub(crate) with: Vec<String>,
    pub(crate) without: Vec<String>,
    pub(crate) origin: Option<Span>,
    pub(crate) event_name: String,
}

impl From<FieldNotInEveryEvent> for Diagnostic {
    fn from(error: FieldNotInEveryEvent) -> Self {
        let lacks = error.without.first().cloned().unwrap_or_default();
        let has = error.with.first().cloned().unwrap_or_default();
        let message =
            format!("not every event of this rule has the field `{}` with one type", error.name.text);
        Diagnostic::new(Code::FieldNotInEveryEvent, error.name.span, message)
            .label(format!("`{lacks}` has none, or one of another type"))
            .secondary_at(error.origin, format!("`{has}` has it here"))
            .help(format!("ask first: `{} is {has} and …`", error.event_name))
    }
}

/// An action that an integration does not have.
pub(crate) struct UnknownAction {
    pub(crate) integration: String,
    pub(crate) written: String,
    pub(crate) span: Span,
    pub(crate) declared: Span,
    pub(crate) candidates: Vec<String>,
}

impl From<UnknownAction> for Diagnostic {
    fn from(error: UnknownAction) -> Self {
        let message = format!("`{}` has no action `{}`", error.integration, error.written);
        let mut diagnostic = Diagnostic::new(Code::UnknownAction, error.span, message)
            .label("unknown action")
            .secondary(error.declared, format!("`{}` is described here", error.integration));
        diagnostic = diagnostic.note(if error.candidates.is_empty() {
            "it has no actions".to_owned()
        } else {
            format!("its actions are {}", enumerate(&error.candidates))
        });
        suggest(diagnostic, &error.written, error.span, &error.candidates)
    }
}

/// An argument that an action or function does not take.
pub(crate) struct UnknownArgument {
    pub(crate) name: Name,
    pub(crate) of: String,
    pub(crate) origin: Option<Span>,
    pub(crate) candidates: Vec<String>,
}

impl From<UnknownArgument> for Diagnostic {
    fn from(error: UnknownArgument) -> Self {
        let message = format!("`{}` takes no argument `{}`", error.of, error.name.text);
        let diagnostic = Diagnostic::new(Code::UnknownArgument, error.name.span, message)
            .label("unknown argument")
            .secondary_at(error.origin, format!("`{}` is declared here", error.of))
            .note(format!("its arguments are {}", enumerate(&error.candidates)));
        suggest(diagnostic, &error.name.text, error.name.span, &error.candidates)
    }
}

/// An argument given twice.
pub(crate) struct DuplicateArgument {
    pub(crate) name: Name,
    pub(crate) first: Span,
}

impl From<DuplicateArgument> for Diagnostic {
    fn from(error: DuplicateArgument) -> Self {
        Diagnostic::new(
            Code::DuplicateArgument,
            error.name.span,
            format!("`{}` is given twice", error.name.text),
        )
        .label("given again here")
        .secondary(error.first, "first given here")
    }
}

/// A name that means nothing here.
pub(crate) struct UnknownName {
    pub(crate) name: Name,
    pub(crate) candidates: Vec<String>,
    /// Paths to fields of that name, such as `customer.email`.
    pub(crate) deeper: Vec<String>,
    /// What holds here, such as "a constant may use other constants only".
    pub(crate) note: Option<&'static str>,
}

impl From<UnknownName> for Diagnostic {
    fn from(error: UnknownName) -> Self {
        let message = format!("nothing here is named `{}`", error.name.text);
        let mut diagnostic =
            Diagnostic::new(Code::UnknownName, error.name.span, message).label("unknown name");
        if let Some(note) = error.note {
            diagnostic = diagnostic.note(note);
        }
        // The word for the other event is no misspelling, wherever it stands.
        if error.name.text == "it" {
            return diagnostic.help("`it` is the other event, within `where` only; give what arrives a name: `let reply = wait for …`");
        }
        if nearest(&error.name.text, error.candidates.iter().map(String::as_str)).is_some() {
            return suggest(diagnostic, &error.name.text, error.name.span, &error.candidates);
        }
        match error.deeper.first() {
            Some(path) => diagnostic.label(format!("did you mean `{path}`?")).fix(Fix::replace(
                Applicability::Likely,
                error.name.span,
                quoted(path),
                format!("write `{path}`"),
            )),
            None => diagnostic,
        }
    }
}

/// A value of an enumeration that stands without its quotes.
pub(crate) struct ValueWithoutQuotes {
    pub(crate) name: Name,
    /// The enumeration.
    pub(crate) of: String,
}

impl From<ValueWithoutQuotes> for Diagnostic {
    fn from(ValueWithoutQuotes { name, of }: ValueWithoutQuotes) -> Self {
        let right = format!("\"{}\"", name.text);
        Diagnostic::new(Code::UnknownName, name.span, format!("nothing here is named `{}`", name.text))
            .label(format!("a value of {of} stands in quotes"))
            .fix(Fix::replace(Applicability::Likely, name.span, right.clone(), format!("write `{right}`")))
    }
}

/// A function that is not there.
pub(crate) struct UnknownFunction {
    pub(crate) name: Name,
    /// The function that has this name in other languages.
    pub(crate) elsewhere: Option<&'static str>,
    pub(crate) candidates: Vec<String>,
    pub(crate) quantifier: bool,
}

impl From<UnknownFunction> for Diagnostic {
    fn from(error: UnknownFunction) -> Self {
        let what = if error.quantifier { "quantifier" } else { "function" };
        let message = format!("no {what} is named `{}`", error.name.text);
        let diagnostic =
            Diagnostic::new(Code::UnknownFunction, error.name.span, message).label(format!("unknown {what}"));
        let diagnostic = if error.quantifier {
            diagnostic.note(format!("the quantifiers are {}", enumerate(&error.candidates)))
        } else {
            diagnostic
        };
        match error.elsewhere {
            Some(name) => diagnostic.label(format!("did you mean `{name}`?")).fix(Fix::replace(
                Applicability::Likely,
                error.name.span,
                name,
                format!("write `{name}`"),
            )),
            None => suggest(diagnostic, &error.name.text, error.name.span, &error.candidates),
        }
    }
}

/// A text that is none of an enumeration's values.
pub(crate) struct UnknownValue {
    pub(crate) written: String,
    pub(crate) span: Span,
    pub(crate) of: String,
    pub(crate) origin: Option<Span>,
    pub(crate) candidates: Vec<String>,
}

impl From<UnknownValue> for Diagnostic {
    fn from(error: UnknownValue) -> Self {
        let message = format!("`{}` is never \"{}\"", error.of, error.written);
        let mut diagnostic = Diagnostic::new(Code::UnknownValue, error.span, message)
            .label("not one of its values")
            .secondary_at(error.origin, "the values are declared here")
            .note(format!("its values are {}", enumerate(&error.candidates)));
        if let Some(value) = nearest(&error.written, error.candidates.iter().map(String::as_str)) {
            diagnostic = diagnostic.label(format!("did you mean \"{value}\"?")).fix(Fix::replace(
                Applicability::Likely,
                error.span,
                format!("\"{value}\""),
                format!("write \"{value}\""),
            ));
        }
        diagnostic
    }
}

/// An event that a rule asks for and that never starts it.
pub(crate) struct OtherEvent {
    pub(crate) written: String,
    pub(crate) span: Span,
    /// The events that start the rule.
    pub(crate) candidates: Vec<String>,
}

impl From<OtherEvent> for Diagnostic {
    fn from(error: OtherEvent) -> Self {
        let message = format!("`{}` never starts this rule", error.written);
        let diagnostic = Diagnostic::new(Code::UnknownValue, error.span, message)
            .label("not one of the rule's events")
            .note(format!("the rule is started by {}", enumerate(&error.candidates)));
        suggest(diagnostic, &error.written, error.span, &error.candidates)
    }
}

/// A type that is not there.
pub(crate) struct UnknownType {
    pub(crate) written: String,
    pub(crate) span: Span,
    pub(crate) candidates: Vec<String>,
}

impl From<UnknownType> for Diagnostic {
    fn from(error: UnknownType) -> Self {
        let message = format!("no type is named `{}`", error.written);
        let diagnostic = Diagnostic::new(Code::UnknownType, error.span, message)
            .label("unknown type")
            .help("a type is one such as `int`, `string`, `money`, `shop.Order`, `list<string>`, with `?` if it may be missing");
        suggest(diagnostic, &error.written, error.span, &error.candidates)
    }
}

/// A currency that is not there.
pub(crate) struct UnknownCurrency {
    pub(crate) currency: Currency,
    /// The place of its code.
    pub(crate) span: Span,
}

impl From<UnknownCurrency> for Diagnostic {
    fn from(error: UnknownCurrency) -> Self {
        let written = error.currency.to_string();
        let candidates: Vec<String> = Currency::known().map(str::to_owned).collect();
        let diagnostic =
            Diagnostic::new(Code::UnknownType, error.span, format!("there is no currency `{written}`"))
                .label("no code of ISO 4217");
        suggest(diagnostic, &written, error.span, &candidates)
    }
}

/// A type that is none of those of a union.
pub(crate) struct OtherVariant {
    pub(crate) written: String,
    pub(crate) span: Span,
    pub(crate) of: String,
    pub(crate) candidates: Vec<String>,
}

impl From<OtherVariant> for Diagnostic {
    fn from(error: OtherVariant) -> Self {
        let OtherVariant { written, span, of, candidates } = &error;
        let message = format!("a `{of}` is never a `{written}`");
        let diagnostic = Diagnostic::new(Code::UnknownType, *span, message).label("none of its types");
        let diagnostic = diagnostic.note(format!("its types are {}", enumerate(candidates)));
        suggest(diagnostic, written, *span, candidates)
    }
}
