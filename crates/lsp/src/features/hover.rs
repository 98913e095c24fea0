//! What is to be known of a place: its type, what its author wrote of it, where it comes from, an example.

use std::fmt::Write as _;

use hence_builtins::forms::FORMS;
use hence_builtins::{BinaryOperator, Example, Function};
use hence_check::{FunctionSignature, QuantifierKind};
use hence_diagnostics::Span;
use hence_schema::{Action, EntryPoint, Event, sample};
use hence_syntax::ast::ItemKind;
use hence_types::{Record, Type, Wire};
use serde_json::Value as Json;

use super::definition;
use crate::names::{self, Symbol};
use crate::view::{ItemView, View};

/// How many lines of an example are shown.
const LINES: usize = 24;

/// What is to be known of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The text it is about.
    pub span: Span,
    /// Markdown.
    pub text: String,
}

/// Returns what is to be known of a place.
pub fn hover(view: View<'_>, offset: u32) -> Option<Hover> {
    if super::settings::is_manifest(view) {
        return super::settings::hover(view, offset);
    }
    if super::schema::is_integration(view) {
        return super::schema::hover(view, offset);
    }
    if super::csv::is_csv(view) {
        return super::csv::hover(view, offset);
    }
    if let Some(found) = names::at(view, offset) {
        let ty = definition::type_at(view, offset, &found.symbol);
        let written = names::written(view, &found);
        return Some(Hover { span: found.span, text: describe(view, &found.symbol, &written, ty.as_ref())? });
    }
    let token = view.token_at(offset).filter(|token| !token.kind.is_trivia())?;
    if let Some((span, text)) = operator(view, offset) {
        return Some(Hover { span, text });
    }
    // A literal has a type, which may not be the one that was meant.
    let literal = token.kind.class() == hence_syntax::Class::Literal;
    let (span, ty) = definition::expression_at(view, offset).filter(|_| literal)?;
    Some(Hover { span, text: code(&format!("{}: {ty}", super::symbols::one_line(view.slice(span)))) })
}

/// Returns what is to be known of something named, as Markdown.
pub fn describe(view: View<'_>, symbol: &Symbol, written: &str, ty: Option<&Type>) -> Option<String> {
    let typed = |what: &str| match ty {
        Some(ty) => code(&format!("{what}{written}: {ty}")),
        None => code(&format!("{what}{written}")),
    };
    let catalog = view.catalog();
    let declarations = &view.project().checked.declarations;
    let text = match symbol {
        Symbol::Rule(name) => rule(view, view.item(declarations.rules.get(name.as_str())?.place)?),
        Symbol::Function(name) => {
            let declared = declarations.functions.get(name)?;
            let item = view.item(declared.place)?;
            let word = if matches!(item.item.kind, ItemKind::Table(_)) { "table" } else { "fn" };
            let head = code(&format!("{word} {name}{}", signature(&declared.what)));
            with(head, &[&item.item.doc])
        }
        Symbol::Constant(name) => {
            let item = view.item(declarations.constants.get(name)?.place)?;
            let value = if let ItemKind::Const(constant) = &item.item.kind {
                super::symbols::one_line(view.slice(constant.value.span))
            } else {
                String::new()
            };
            let ty = ty.map(ToString::to_string).unwrap_or_default();
            with(code(&format!("const {name}: {ty} = {value}")), &[&item.item.doc])
        }
        Symbol::Group(name) => code(&format!("group {name}")),
        Symbol::Test(title) => code(&format!("test \"{title}\"")),
        Symbol::Local(..) => typed(""),
        Symbol::Alias(place, _) => {
            let events = view.item(*place)?.facts.events.join(" or ");
            with(typed(""), &[&format!("The event `{events}`.")])
        }
        Symbol::Label(..) => {
            with(code(&format!("{written}:")), &["The label of a step: its identity across edits."])
        }
        Symbol::Integration(id) => {
            let found = catalog.integrations.get(id)?;
            let title = format!("{} {}", found.title, found.version);
            with(code(&format!("integration {id}")), &[title.trim(), &found.doc, &origin(view, found.origin)])
        }
        Symbol::Event(name) => event(view, catalog.event_by_full_name(name)?),
        Symbol::EntryPoint(name) => entry_point(view, catalog.entry_point(name)?),
        Symbol::Action(name) => action(view, names::action(catalog, name)?),
        Symbol::Parameter(of, name) => {
            let param = names::action(catalog, of)?.params.get(name.as_str())?;
            let head = code(&format!("{name}: {}", param.ty));
            let masked = if param.sensitive { "Masked wherever it is shown." } else { "" };
            with(head, &[&param.doc, &values(&param.ty), masked, &origin(view, param.origin)])
        }
        Symbol::Field(place) => field(view, written, *place, ty)?,
        Symbol::NamedType(id, name) => {
            let found = catalog.named_type(id, name)?;
            let place = found.origin().map(|place| origin(view, place)).unwrap_or_default();
            with(code(&format!("{id}.{name}")), &[&values(found), &fields(found), &place])
        }
        Symbol::Builtin(function) => builtin(function.definition()),
        Symbol::Quantifier(kind) => quantifier(*kind)?,
        Symbol::Payload => with(typed(""), &["The event that started the rule."]),
        Symbol::Envelope(_) => with(typed("event."), &["A part of the event's envelope."]),
        Symbol::Now => {
            with(typed(""), &["The instant of the evaluation. It is recorded: a replay sees the same."])
        }
        Symbol::Today => with(typed(""), &["The day of the evaluation, in the rule's time zone."]),
    };
    Some(text)
}

/// Returns `(a: T, b: U) -> R`.
pub fn signature(signature: &FunctionSignature) -> String {
    let parameters: Vec<String> =
        signature.parameters.iter().map(|(name, ty, _)| format!("{name}: {ty}")).collect();
    format!("({}) -> {}", parameters.join(", "), signature.result)
}

/// Returns a built-in function as `name(a, b?)`.
pub fn builtin_signature(function: &Function) -> String {
    let written = |parameter: &hence_builtins::Parameter| {
        format!("{}{}", parameter.name, if parameter.optional { "?" } else { "" })
    };
    let parameters: Vec<String> = function.parameters.iter().map(written).collect();
    format!("{}({})", function.name, parameters.join(", "))
}

fn rule(view: View<'_>, item: ItemView<'_>) -> String {
    let ItemKind::Rule(rule) = &item.item.kind else { return String::new() };
    let title = rule.title.as_ref().map(|(title, _)| format!(" \"{title}\"")).unwrap_or_default();
    let mut text = format!("rule {}{title}", rule.name.text);
    for (index, trigger) in rule.triggers.iter().enumerate() {
        let _ = write!(
            text,
            "\n{} {}",
            if index == 0 { "when" } else { "  or" },
            super::symbols::one_line(view.slice(trigger.span))
        );
    }
    if let Some(condition) = &rule.condition {
        let _ = write!(text, "\nif   {}", view.slice(condition.span));
    }
    with(code(&text), &[&item.item.doc])
}

fn event(view: View<'_>, event: &Event) -> String {
    let payload = Type::Record(event.payload.clone());
    let example = shortened(&serde_json::to_string_pretty(&sample(event)).unwrap_or_default());
    let example = format!("Example:\n\n```json\n{example}\n```");
    with(
        code(&format!("event {}", event.full_name)),
        &[&event.doc, &fields(&payload), &example, &origin(view, event.origin)],
    )
}

fn entry_point(view: View<'_>, found: &EntryPoint) -> String {
    let context = Type::Record(found.context.clone());
    let listed = |what: &str, names: Vec<&str>| match names.as_slice() {
        [] => String::new(),
        names => format!("{what} `{}`.", names.join("`, `")),
    };
    let effects = listed("Rules may answer with", found.effects.iter().map(String::as_str).collect());
    let settable = listed("Rules may set", found.settable.keys().map(String::as_str).collect());
    let refuse = if found.block { "Rules may refuse: `block \"reason\"`." } else { "" };
    let parts = [&found.doc, &effects, &settable, refuse, &fields(&context), &origin(view, found.origin)];
    with(code(&format!("entry point {}", found.name)), &parts)
}

fn action(view: View<'_>, action: &Action) -> String {
    let mut text = format!("{}(", action.full_name);
    for (name, param) in &action.params {
        let _ = write!(text, "\n  {name}: {},", param.ty);
    }
    text.push_str(if action.params.is_empty() { ")" } else { "\n)" });
    if let Some(result) = &action.result {
        let _ = write!(text, " -> {result}");
    }
    let class = format!("Repeating a call: `{}`.", action.class.as_str());
    let causes = match action.causes.as_slice() {
        [] => String::new(),
        events => format!("Causes `{}`.", events.join("`, `")),
    };
    with(code(&text), &[&action.doc, &class, &causes, &origin(view, action.origin)])
}

fn field(view: View<'_>, written: &str, place: Span, ty: Option<&Type>) -> Option<String> {
    let types = view.catalog().integrations.values().flat_map(|integration| integration.types.values());
    let events = view.catalog().integrations.values().flat_map(|integration| integration.events.values());
    let of_event = events.clone().find_map(|event| find(&event.payload, place, 0));
    let found = names::field_at(types, place).map(|(_, field)| field.clone()).or(of_event)?;
    let ty = ty.unwrap_or(&found.ty);
    let example = events
        .filter_map(|event| example(&event.payload, &sample(event), place, 0))
        .next()
        .map(|value| format!("Example: `{value}`"))
        .unwrap_or_default();
    let masked = if found.sensitive { "Masked wherever it is shown." } else { "" };
    let parts = [&found.doc, &values(ty), &spelling(&found.wire), masked, &example, &origin(view, place)];
    Some(with(code(&format!("{written}: {ty}")), &parts))
}

/// How deep types are searched: they may hold each other without end.
const DEPTH: usize = 6;

/// Returns the field declared at a place of a schema, anywhere in a record.
fn find(record: &Record, place: Span, depth: usize) -> Option<hence_types::Field> {
    if depth > DEPTH {
        return None;
    }
    record.fields.values().find_map(|field| {
        if field.origin == Some(place) {
            return Some(field.clone());
        }
        inner(&field.ty).and_then(|record| find(record, place, depth + 1))
    })
}

/// Returns the value that an example has for the field declared at a place of a schema.
fn example(record: &Record, json: &Json, place: Span, depth: usize) -> Option<String> {
    if depth > DEPTH {
        return None;
    }
    let json = match json {
        Json::Array(elements) => elements.first()?,
        other => other,
    };
    record.fields.iter().find_map(|(name, field)| {
        let value = json.get(&**name)?;
        if field.origin == Some(place) {
            return Some(super::symbols::one_line(&value.to_string()));
        }
        inner(&field.ty).and_then(|record| example(record, value, place, depth + 1))
    })
}

/// Returns the record that a type is, or is a list or map of.
fn inner(ty: &Type) -> Option<&Record> {
    match ty {
        Type::Record(record) => Some(record),
        Type::Optional(inner_type) | Type::List(inner_type) | Type::Map(inner_type) => inner(inner_type),
        Type::Error
        | Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::Float
        | Type::String
        | Type::Date
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Period
        | Type::Percent
        | Type::Money(_)
        | Type::Enum(_)
        | Type::Json
        | Type::Nothing => None,
    }
}

/// How a value is spelt in JSON, where its type does not say.
fn spelling(wire: &Wire) -> String {
    match wire {
        Wire::Plain | Wire::Money { .. } | Wire::Each(_) => String::new(),
        Wire::Text => "A number, spelt as text in JSON.".to_owned(),
        Wire::EpochSeconds => "Seconds since 1970 in JSON.".to_owned(),
        Wire::EpochMillis => "Milliseconds since 1970 in JSON.".to_owned(),
        Wire::CommaSeparated => "A text with commas in JSON.".to_owned(),
    }
}

/// The values of an enumeration.
fn values(ty: &Type) -> String {
    let Type::Enum(enumeration) = ty.required() else { return String::new() };
    let values: Vec<String> = enumeration.values.iter().map(|value| format!("`\"{value}\"`")).collect();
    format!("One of {}.", values.join(", "))
}

/// The fields of a record, a line each.
fn fields(ty: &Type) -> String {
    let Some(record) = names::record_of(ty) else { return String::new() };
    let lines = record.fields.iter().map(|(name, field)| {
        let doc = field.doc.lines().next().unwrap_or_default();
        let dash = if doc.is_empty() { "" } else { " – " };
        format!("- `{name}: {}`{dash}{doc}", field.ty)
    });
    shortened(&lines.collect::<Vec<_>>().join("\n"))
}

fn shortened(text: &str) -> String {
    if text.lines().count() <= LINES {
        return text.to_owned();
    }
    text.lines().take(LINES).chain(["…"]).collect::<Vec<_>>().join("\n")
}

/// The file and line a declaration stands in.
fn origin(view: View<'_>, span: Span) -> String {
    let Some(source) = view.project().sources.get(span.file) else { return String::new() };
    let name = source.name().rsplit(['/', '\\']).next().unwrap_or_default();
    format!("_{name}:{}_", source.line_column(span.start).line)
}

fn builtin(function: &Function) -> String {
    let parameters = function.parameters.iter().map(|parameter| {
        let optional = if parameter.optional { ", may be left out" } else { "" };
        format!("- `{}`: {}{optional}", parameter.name, parameter.takes)
    });
    let parameters = parameters.collect::<Vec<_>>().join("\n");
    let parts = [function.summary, &parameters, function.details, &examples(function.examples)];
    with(code(&builtin_signature(function)), &parts)
}

fn quantifier(kind: QuantifierKind) -> Option<String> {
    let (name, _) = QuantifierKind::ALL.iter().find(|(_, found)| *found == kind)?;
    form(name)
}

/// Returns the documentation of a form of the language.
pub fn form(name: &str) -> Option<String> {
    let form = FORMS.iter().find(|form| form.name == name)?;
    Some(with(code(form.syntax), &[form.summary, form.details, &examples(form.examples)]))
}

/// Returns the documentation of a function of the language.
pub fn function(function: &Function) -> String {
    builtin(function)
}

/// Returns the documentation of the operator or form that has a word at a place.
fn operator(view: View<'_>, offset: u32) -> Option<(Span, String)> {
    let tokens: Vec<_> = view.tokens().iter().filter(|token| !token.kind.is_trivia()).collect();
    let at = tokens.iter().rposition(|token| token.span.contains(offset))?;
    let text = |at: usize| tokens.get(at).map_or("", |token| token.kind.text());
    let span = |from: usize, to: usize| Some(tokens.get(from)?.span.to(tokens.get(to)?.span));
    // The word may be the first or the second of two.
    let pairs = [at.checked_sub(1).map(|before| (before, at)), Some((at, at + 1))];
    for (from, to) in pairs.into_iter().flatten() {
        let symbol = format!("{} {}", text(from), text(to));
        if let Some(found) = BinaryOperator::ALL.iter().find(|one| one.definition().symbol == symbol) {
            return Some((span(from, to)?, operator_text(*found)));
        }
        if let Some(found) = form(&symbol.replace(' ', "-")) {
            return Some((span(from, to)?, found));
        }
    }
    let symbol = text(at);
    if let Some(found) = BinaryOperator::ALL.iter().find(|one| one.definition().symbol == symbol) {
        return Some((span(at, at)?, operator_text(*found)));
    }
    Some((span(at, at)?, form(symbol)?))
}

fn operator_text(operator: BinaryOperator) -> String {
    let definition = operator.definition();
    let takes = format!("Takes {}.", definition.operands);
    let parts = [definition.summary, &takes, definition.details, &examples(definition.examples)];
    with(code(&format!("a {} b", definition.symbol)), &parts)
}

fn examples(examples: &[Example]) -> String {
    let lines = examples.iter().map(|example| format!("{}  // {}", example.expression, example.result));
    let lines = lines.collect::<Vec<_>>().join("\n");
    if lines.is_empty() { lines } else { code(&lines) }
}

fn code(text: &str) -> String {
    format!("```hence\n{text}\n```")
}

/// Puts paragraphs below a head; empty ones are left out.
fn with(head: String, paragraphs: &[&str]) -> String {
    paragraphs
        .iter()
        .filter(|paragraph| !paragraph.is_empty())
        .fold(head, |text, paragraph| format!("{text}\n\n{}", paragraph.trim()))
}
