//! What can be written at a place: what the grammar takes there, and of names those that mean something.

mod expected;
mod scope;
mod words;

pub(crate) use expected::{Active, enclosing_call};
use hence_diagnostics::Span;
use hence_schema::{Action, Catalog};
use hence_syntax::TokenKind;
use hence_syntax::ast::{
    Argument, Expression, ExpressionKind, Item, Path, StepKind, TestClauseKind, TypeExpressionKind,
};
use hence_types::Type;

use super::formatting::Edit;
use crate::cursor::{Cursor, Within};
use crate::names::{self, Symbol};
use crate::nodes::Node;
use crate::view::View;

/// How many proposals are made at once.
const MOST: usize = 200;

/// Something that can be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What is shown.
    pub label: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// The type, or what else is to be said on the same line; possibly empty.
    pub detail: String,
    /// What is written.
    pub text: String,
    /// What is written where the editor has places to be filled in, such as `${1:value}`.
    pub snippet: Option<String>,
    /// What is documented of it.
    pub about: About,
    /// The rank: lower ones come first.
    pub rank: u8,
    /// A change elsewhere that goes with it.
    pub extra: Option<Edit>,
}

/// What kind of thing can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word of the language.
    Keyword,
    /// An operator of words.
    Operator,
    /// An integration.
    Integration,
    /// An event.
    Event,
    /// An action.
    Action,
    /// A field.
    Field,
    /// A variable or parameter.
    Variable,
    /// A constant.
    Constant,
    /// A function.
    Function,
    /// An argument of a call.
    Argument,
    /// A value of an enumeration.
    Value,
    /// A type.
    Type,
    /// A unit of time or a currency.
    Unit,
    /// A rule.
    Rule,
    /// A file.
    File,
}

/// What is documented of a proposal; read only when it is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// Nothing.
    Nothing,
    /// Something named, with its type.
    Symbol(Symbol, Option<Type>),
    /// A form of the language.
    Form(&'static str),
}

/// What can be written at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Completions {
    /// What the proposals take the place of.
    pub replaces: Span,
    /// The proposals, the best first.
    pub proposals: Vec<Proposal>,
    /// Whether there are more than are given.
    pub cut: bool,
}

impl Proposal {
    pub(crate) fn new(label: impl Into<String>, kind: Kind) -> Self {
        let label = label.into();
        Self {
            text: label.clone(),
            label,
            kind,
            detail: String::new(),
            snippet: None,
            about: About::Nothing,
            rank: 5,
            extra: None,
        }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    fn about(mut self, symbol: Symbol, ty: Option<&Type>) -> Self {
        self.about = About::Symbol(symbol, ty.cloned());
        self
    }

    fn typed(self, symbol: Symbol, ty: &Type) -> Self {
        self.detail(ty.to_string()).about(symbol, Some(ty))
    }

    fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }

    fn snippet(mut self, snippet: String) -> Self {
        self.snippet = Some(snippet);
        self
    }
}

/// Returns what can be written at a place.
pub fn completion(view: View<'_>, offset: u32) -> Option<Completions> {
    if super::settings::is_manifest(view) {
        return super::settings::completion(view, offset);
    }
    if super::schema::is_integration(view) {
        return super::schema::completion(view, offset);
    }
    if super::csv::is_csv(view) {
        return super::csv::completion(view, offset);
    }
    view.parsed()?;
    let cursor = Cursor::new(view, offset)?;
    let all = match cursor.within {
        Within::Text => in_text(&cursor),
        Within::Code | Within::Hole => in_code(&cursor),
    };
    Some(Completions::of(cursor.replaces, view, all))
}

impl Completions {
    /// Takes those proposals that fit what is written at a place, the best first.
    pub(crate) fn of(replaces: Span, view: View<'_>, mut proposals: Vec<Proposal>) -> Self {
        let typed = view.slice(replaces).to_lowercase();
        let bare = |label: &str| label.to_lowercase().trim_start_matches('"').to_owned();
        proposals.retain(|proposal| fits(&bare(&proposal.label), typed.trim_start_matches('"')));
        for proposal in &mut proposals {
            // What begins as it was typed comes before what only has its letters.
            let begins = bare(&proposal.label).starts_with(&typed);
            proposal.rank = proposal.rank * 2 + u8::from(!begins);
        }
        proposals.sort_by_key(|proposal| proposal.rank);
        let cut = proposals.len() > MOST;
        proposals.truncate(MOST);
        Self { replaces, proposals, cut }
    }
}

/// Returns the documentation of a proposal, as Markdown.
pub fn documentation(view: View<'_>, proposal: &Proposal) -> Option<String> {
    match &proposal.about {
        About::Nothing => None,
        About::Symbol(symbol, ty) => super::hover::describe(view, symbol, &proposal.label, ty.as_ref()),
        About::Form(name) => super::hover::form(name),
    }
}

/// Whether a label has the letters that were typed, in their order.
fn fits(label: &str, typed: &str) -> bool {
    let mut letters = label.chars();
    typed.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

fn in_code(cursor: &Cursor<'_>) -> Vec<Proposal> {
    let mut all = Vec::new();
    if cursor.within == Within::Code && (cursor.starts_line || cursor.before.is_empty()) {
        all.extend(words::items(cursor));
    }
    // Where the grammar takes no name, none is proposed, whatever a mended text may say.
    let takes = if cursor.within == Within::Code { cursor.follows() } else { &[] };
    if !takes.is_empty() && !takes.iter().any(|kind| kind.class() == hence_syntax::Class::Name) {
        all.extend(words::keywords(cursor, None));
        return all;
    }
    let path = cursor.path();
    let (Some((item, _)), Some(innermost)) = (cursor.item(), path.last()) else {
        if cursor.within == Within::Code {
            all.extend(words::keywords(cursor, None));
        }
        return all;
    };
    let catalog = cursor.view.catalog();
    match innermost {
        Node::Event(path) => {
            let written = before(cursor, path);
            all.extend(events(catalog, &written));
            if written.is_empty() {
                all.extend(entry_points(catalog));
                all.extend(words::keywords(cursor, None));
            }
        }
        // Which of the two is meant is told by what follows.
        Node::Action(written) | Node::RulePath(written) => {
            let written = before(cursor, written);
            let expects = matches!(
                path.iter().rev().nth(1),
                Some(Node::TestClause(clause)) if matches!(clause.kind, TestClauseKind::Expect(_))
            );
            if written.is_empty() && expects {
                all.extend(rules(cursor.view));
            }
            all.extend(actions(catalog, &written, Some(&[])));
        }
        Node::Type(ty) => {
            if let TypeExpressionKind::Named(path) = &ty.kind {
                all.extend(types(catalog, &before(cursor, path)));
                if before(cursor, path).is_empty() {
                    all.extend(words::keywords(cursor, None));
                }
            }
        }
        Node::Argument(Argument::Named(name, _)) if cursor.is_in(name.span) => {
            all.extend(arguments(cursor, &path));
        }
        Node::Expression(expression) => expression_at(cursor, item, &path, expression, &mut all),
        Node::Step(step) => {
            if let StepKind::Set { target, .. } = &step.kind
                && cursor.is_in(target.span)
            {
                all.extend(settable(cursor, &before(cursor, target)));
            } else {
                all.extend(words::keywords(cursor, None));
            }
        }
        _ => all.extend(words::keywords(cursor, None)),
    }
    all
}

fn expression_at(
    cursor: &Cursor<'_>,
    item: &Item,
    path: &[Node<'_>],
    expression: &Expression,
    all: &mut Vec<Proposal>,
) {
    let catalog = cursor.view.catalog();
    if let ExpressionKind::Field { base, name, optional } = &expression.kind
        && cursor.is_in(name.span)
    {
        let names = base.as_path();
        let as_call = names.as_deref().and_then(|names| names.first()).map(|first| first.text.as_str());
        let value = cursor.ty(base);
        if let (None, Some(integration)) = (value, as_call)
            && catalog.integrations.contains_key(integration)
        {
            let given = call_arguments(path, expression);
            let written: Vec<&str> = names.iter().flatten().map(|name| name.text.as_str()).collect();
            all.extend(actions(catalog, &written.join("."), given));
            return;
        }
        if let Some(ty) = value {
            all.extend(fields(cursor, base, ty, *optional));
        }
        return;
    }
    if let ExpressionKind::Record(fields) = &expression.kind {
        if fields.iter().any(|(name, _)| cursor.is_in(name.span)) {
            all.extend(keys(cursor, path, expression));
        }
        return;
    }
    let ExpressionKind::Name(_) = &expression.kind else {
        all.extend(words::keywords(cursor, None));
        return;
    };
    let wanted = expected::expected(cursor, path);
    let is_callee = call_arguments(path, expression).is_some();
    let in_step = path.iter().rev().nth(usize::from(is_callee) + 1);
    let starts_step =
        is_callee && matches!(in_step, Some(Node::Step(step)) if matches!(step.kind, StepKind::Call(_)));
    let is_value_of_let = matches!(
        path.iter().rev().nth(1),
        Some(Node::Step(step)) if matches!(step.kind, StepKind::Let(..))
    );
    if starts_step || is_value_of_let {
        all.extend(integrations(catalog, |found| !found.actions.is_empty()));
    }
    if !starts_step {
        all.extend(scope::names(cursor, item, path, wanted.as_ref()));
        if let Some(Node::Argument(Argument::Positional(_))) = path.iter().rev().nth(1) {
            all.extend(arguments(cursor, path));
        }
        if let Some(ty) = &wanted {
            all.extend(values(ty, true));
        }
    }
    all.extend(words::keywords(cursor, wanted.as_ref()));
}

/// In a text: values that are expected there, zones, files.
fn in_text(cursor: &Cursor<'_>) -> Vec<Proposal> {
    let path = cursor.path();
    if let Some(Node::Expression(expression)) = path.last()
        && let ExpressionKind::Text(_) = &expression.kind
        && let Some(ty) = expected::expected(cursor, &path)
    {
        return values(&ty, false);
    }
    words::texts(cursor, &path)
}

/// The values of an enumeration; within quotes or with them.
fn values(ty: &Type, quoted: bool) -> Vec<Proposal> {
    match ty.required() {
        Type::Enum(enumeration) => {
            let value = |value: &std::sync::Arc<str>| {
                let text = if quoted { format!("\"{value}\"") } else { value.to_string() };
                let of = enumeration.name.as_deref().unwrap_or_default();
                Proposal::new(text, Kind::Value).detail(of).rank(0)
            };
            enumeration.values.iter().map(value).collect()
        }
        _ => Vec::new(),
    }
}

/// What is written of a path before the cursor, without the word at it.
fn before(cursor: &Cursor<'_>, path: &Path) -> String {
    let names: Vec<&str> = path
        .names
        .iter()
        .take_while(|name| cursor.is_after(name.span))
        .map(|name| name.text.as_str())
        .collect();
    names.join(".")
}

/// The arguments of the call that an expression is the callee of.
fn call_arguments<'a>(path: &[Node<'a>], expression: &Expression) -> Option<&'a [Argument]> {
    path.iter().rev().find_map(|node| match node {
        Node::Expression(call) => match &call.kind {
            ExpressionKind::Call { callee, arguments, .. } if callee.id == expression.id => {
                Some(&**arguments)
            }
            _ => None,
        },
        _ => None,
    })
}

fn integrations(
    catalog: &Catalog,
    has: impl Fn(&hence_schema::Integration) -> bool,
) -> impl Iterator<Item = Proposal> {
    let found = catalog.integrations.values().filter(move |integration| has(integration));
    found.map(|integration| {
        Proposal::new(&integration.id, Kind::Integration)
            .detail(&integration.title)
            .about(Symbol::Integration(integration.id.clone()), None)
            .rank(3)
    })
}

/// Events below what is written of a path: `shop`, then `order.created`.
fn events(catalog: &Catalog, written: &str) -> Vec<Proposal> {
    let Some((id, rest)) = split(written) else {
        return integrations(catalog, |found| !found.events.is_empty()).collect();
    };
    let Some(integration) = catalog.integrations.get(id) else { return Vec::new() };
    let below = integration.events.iter().filter_map(|(name, event)| Some((below(name, rest)?, event)));
    let proposal = |(name, event): (&str, &hence_schema::Event)| {
        Proposal::new(name, Kind::Event)
            .detail(event.doc.lines().next().unwrap_or_default())
            .about(Symbol::Event(event.full_name.clone()), None)
            .rank(1)
    };
    below.map(proposal).collect()
}

/// Where decisions are asked for.
fn entry_points(catalog: &Catalog) -> impl Iterator<Item = Proposal> {
    catalog.entry_points().map(|found| {
        Proposal::new(&*found.name, Kind::Event)
            .detail(found.doc.lines().next().unwrap_or_default())
            .about(Symbol::EntryPoint(found.name.to_string()), None)
            .rank(3)
    })
}

/// The fields that a decision may set, below what is written of a path.
fn settable(cursor: &Cursor<'_>, written: &str) -> Vec<Proposal> {
    let name = cursor.item().and_then(|(_, facts)| facts.entry_point.clone());
    let entry_point = name.and_then(|name| cursor.view.catalog().entry_point(&name));
    let fields = entry_point.into_iter().flat_map(|found| &found.settable);
    let below = fields.filter_map(|(path, field)| Some((below(path, written)?, field)));
    below.map(|(path, field)| Proposal::new(path, Kind::Field).detail(field.ty.to_string()).rank(1)).collect()
}

/// Actions below what is written of a path. `given` are the arguments that stand there already; without them, those
/// that are required are written along.
fn actions(catalog: &Catalog, written: &str, given: Option<&[Argument]>) -> Vec<Proposal> {
    let Some((id, rest)) = split(written) else {
        return integrations(catalog, |found| !found.actions.is_empty()).collect();
    };
    let Some(integration) = catalog.integrations.get(id) else { return Vec::new() };
    let below = integration.actions.iter().filter_map(|(name, action)| Some((below(name, rest)?, action)));
    let proposal = |(name, action): (&str, &Action)| {
        let proposal = Proposal::new(name, Kind::Action)
            .detail(action.doc.lines().next().unwrap_or_default())
            .about(Symbol::Action(action.full_name.clone()), action.result.as_ref())
            .rank(1);
        match given {
            Some(arguments) if !arguments.is_empty() => proposal,
            _ => proposal.snippet(call_snippet(name, action)),
        }
    };
    below.map(proposal).collect()
}

/// `add_tag(user: ${1:user}, tag: ${2:tag})`
fn call_snippet(name: &str, action: &Action) -> String {
    let required = action.params.iter().filter(|(_, param)| !param.ty.is_optional());
    let parts: Vec<String> = required
        .enumerate()
        .map(|(index, (name, param))| format!("{name}: {}", placeholder(index + 1, name, &param.ty)))
        .collect();
    format!("{name}({})$0", parts.join(", "))
}

/// A place to be filled in with a value of a type.
fn placeholder(index: usize, name: &str, ty: &Type) -> String {
    match ty.required() {
        Type::Enum(enumeration) => {
            let values: Vec<String> = enumeration.values.iter().map(|value| format!("\"{value}\"")).collect();
            format!("${{{index}|{}|}}", values.join(","))
        }
        Type::String => format!("\"${{{index}:{name}}}\""),
        _ => format!("${{{index}:{name}}}"),
    }
}

fn split(written: &str) -> Option<(&str, &str)> {
    if written.is_empty() { None } else { Some(written.split_once('.').unwrap_or((written, ""))) }
}

/// What is left of a dotted name below its beginning.
fn below<'a>(name: &'a str, beginning: &str) -> Option<&'a str> {
    if beginning.is_empty() { Some(name) } else { name.strip_prefix(beginning)?.strip_prefix('.') }
}

fn rules(view: View<'_>) -> Vec<Proposal> {
    let names = view.project().checked.declarations.rules.keys();
    let rule = |name: &std::sync::Arc<str>| {
        Proposal::new(&**name, Kind::Rule).about(Symbol::Rule(name.to_string()), None).rank(1)
    };
    names.map(rule).collect()
}

fn types(catalog: &Catalog, written: &str) -> Vec<Proposal> {
    if written.is_empty() {
        let plain = hence_check::PLAIN_TYPES.iter().map(|(name, _)| Proposal::new(*name, Kind::Type).rank(1));
        return plain.chain(integrations(catalog, |found| !found.types.is_empty())).collect();
    }
    let Some(integration) = catalog.integrations.get(written) else { return Vec::new() };
    let named = integration.types.iter().map(|(name, ty)| {
        Proposal::new(name, Kind::Type)
            .about(Symbol::NamedType(integration.id.clone(), name.clone()), Some(ty))
            .rank(1)
    });
    named.collect()
}

/// The fields of a value. Of one that may be missing, they are reached by `?.`.
fn fields(cursor: &Cursor<'_>, base: &Expression, ty: &Type, optional: bool) -> Vec<Proposal> {
    let Some(record) = names::record_of(ty) else { return Vec::new() };
    let dot = cursor.replaces.start.saturating_sub(1);
    let needs = ty.is_optional() && !optional && cursor.before.ends_with('.');
    let extra =
        needs.then(|| Edit { span: Span::new(cursor.view.file, dot, dot + 1), text: "?.".to_owned() });
    let field = |(name, field): (&std::sync::Arc<str>, &hence_types::Field)| {
        let written = quoted(name);
        let proposal = Proposal::new(written, Kind::Field).detail(field.ty.to_string()).rank(1);
        let proposal = match field.origin {
            Some(origin) => proposal.about(Symbol::Field(origin), Some(&field.ty)),
            None => proposal,
        };
        Proposal { extra: extra.clone(), ..proposal }
    };
    let mut all: Vec<Proposal> = record.fields.iter().map(field).collect();
    if cursor.written(base.span) == "event" {
        all.extend(
            hence_check::Envelope::ALL.iter().filter(|(name, _)| !record.fields.contains_key(*name)).map(
                |(name, part)| Proposal::new(*name, Kind::Field).about(Symbol::Envelope(*part), None).rank(2),
            ),
        );
    }
    all
}

/// A name as it is written: within backticks where it is no word.
fn quoted(name: &str) -> String {
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_word { name.to_owned() } else { format!("`{name}`") }
}

/// The arguments that a call has not been given yet, those that are required first.
fn arguments(cursor: &Cursor<'_>, path: &[Node<'_>]) -> Vec<Proposal> {
    let mut all = Vec::new();
    let Some(call) = expected::enclosing_call(cursor, path) else { return all };
    for (name, ty, symbol) in call.parameters {
        if call.given.contains(&name) {
            continue;
        }
        let required = !ty.is_optional();
        let mut proposal = Proposal::new(format!("{name}: "), Kind::Argument)
            .detail(ty.to_string())
            .rank(u8::from(!required))
            .snippet(format!("{name}: {}", placeholder(1, &name, &ty)));
        if let Some(symbol) = symbol {
            proposal = proposal.about(symbol, Some(&ty));
        }
        all.push(proposal);
    }
    all
}

/// The fields of a record that is written out, where a schema says which it has.
fn keys(cursor: &Cursor<'_>, path: &[Node<'_>], expression: &Expression) -> Vec<Proposal> {
    let Some(shape) = expected::shape(cursor, path, expression) else { return Vec::new() };
    let ExpressionKind::Record(written) = &expression.kind else { return Vec::new() };
    let open = shape
        .fields
        .iter()
        .filter(|(name, _)| !written.iter().any(|(key, _)| key.text == ***name && !cursor.is_in(key.span)));
    let key = |(name, field): (&std::sync::Arc<str>, &hence_types::Field)| {
        let name = quoted(name);
        let snippet = format!("{name}: {}", placeholder(1, &name, &field.ty));
        let proposal = Proposal::new(format!("{name}: "), Kind::Field)
            .detail(field.ty.to_string())
            .snippet(snippet)
            .rank(u8::from(field.ty.is_optional()));
        match field.origin {
            Some(origin) => proposal.about(Symbol::Field(origin), Some(&field.ty)),
            None => proposal,
        }
    };
    open.map(key).collect()
}

/// Whether a kind of token is a word that begins an item.
pub(crate) fn begins_item(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Rule | TokenKind::Fn | TokenKind::Const | TokenKind::Table | TokenKind::Test)
}
