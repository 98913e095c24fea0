//! Who calls whom: which rule triggers which, through the events that its actions cause, and who uses a function.

use hence_diagnostics::Span;
use hence_syntax::ast::ItemKind;

use super::symbols::Kind;
use crate::names::{self, Symbol};
use crate::view::{ItemView, View};

/// A rule, function or table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callable {
    /// The name.
    pub name: String,
    /// What else is said of it, possibly empty.
    pub detail: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name_span: Span,
}

/// A call: the other side, and the places where it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Who calls, or is called.
    pub other: Callable,
    /// Where: in the caller.
    pub places: Vec<Span>,
}

/// Returns the rule or function at a place, by its name or a use of it.
pub fn prepare(view: View<'_>, offset: u32) -> Option<Callable> {
    let named = names::at(view, offset).and_then(|found| match found.symbol {
        Symbol::Rule(name) | Symbol::Function(name) => by_name(view, &name),
        _ => None,
    });
    named.or_else(|| callable(view.item_at(offset)?))
}

/// Returns who calls a rule or function.
pub fn incoming(view: View<'_>, name: &str) -> Vec<Call> {
    let Some(target) = item(view, name) else { return Vec::new() };
    let mut calls = Vec::new();
    for other in view.all_items() {
        let places: Vec<Span> = match &target.item.kind {
            ItemKind::Rule(_) => causes(view, other)
                .into_iter()
                .filter(|(event, _)| target.facts.events.iter().any(|own| **own == **event))
                .map(|(_, span)| span)
                .collect(),
            _ if view.slice(other.item.span).contains(name) => uses(view, other, name),
            _ => Vec::new(),
        };
        if let (false, Some(other)) = (places.is_empty(), callable(other)) {
            calls.push(Call { other, places: deduped(places) });
        }
    }
    calls
}

/// Returns whom a rule or function calls.
pub fn outgoing(view: View<'_>, name: &str) -> Vec<Call> {
    let Some(caller) = item(view, name) else { return Vec::new() };
    let mut calls: Vec<Call> = Vec::new();
    for one in names::of_item(caller, view.project()) {
        if let Symbol::Function(function) = &one.symbol
            && one.role == names::Role::Uses
            && let Some(other) = by_name(view, function)
        {
            add(&mut calls, other, one.span);
        }
    }
    let caused = causes(view, caller);
    if caused.is_empty() {
        return calls;
    }
    for other in view.all_items() {
        for (event, span) in &caused {
            if other.facts.events.iter().any(|own| **own == **event)
                && let Some(other) = callable(other)
            {
                add(&mut calls, other, *span);
            }
        }
    }
    calls
}

fn add(calls: &mut Vec<Call>, other: Callable, place: Span) {
    match calls.iter_mut().find(|call| call.other == other) {
        Some(call) => {
            if !call.places.contains(&place) {
                call.places.push(place);
            }
        }
        None => calls.push(Call { other, places: vec![place] }),
    }
}

fn deduped(mut places: Vec<Span>) -> Vec<Span> {
    places.sort_unstable();
    places.dedup();
    places
}

/// Returns the events that the actions of an item cause, and where.
fn causes<'a>(view: View<'a>, item: ItemView<'a>) -> Vec<(&'a str, Span)> {
    if !matches!(item.item.kind, ItemKind::Rule(_)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for one in names::of_item(item, view.project()) {
        if let Symbol::Action(name) = &one.symbol
            && let Some(action) = names::action(view.catalog(), name)
        {
            found.extend(action.causes.iter().map(|event| (event.as_str(), one.span)));
        }
    }
    found
}

fn uses(view: View<'_>, item: ItemView<'_>, name: &str) -> Vec<Span> {
    let all = names::of_item(item, view.project()).into_iter();
    let used =
        all.filter(|one| one.role == names::Role::Uses && one.symbol == Symbol::Function(name.to_owned()));
    used.map(|one| one.span).collect()
}

fn item<'a>(view: View<'a>, name: &str) -> Option<ItemView<'a>> {
    let declarations = &view.project().checked.declarations;
    let rule = declarations.rules.get(name).map(|found| found.place);
    view.item(rule.or_else(|| declarations.functions.get(name).map(|found| found.place))?)
}

fn by_name(view: View<'_>, name: &str) -> Option<Callable> {
    callable(item(view, name)?)
}

fn callable(item: ItemView<'_>) -> Option<Callable> {
    let (name, detail, kind) = match &item.item.kind {
        ItemKind::Rule(rule) => (&rule.name, item.facts.events.join(", "), Kind::Rule),
        ItemKind::Fn(function) => (&function.name, String::new(), Kind::Function),
        ItemKind::Table(table) => (&table.name, String::new(), Kind::Table),
        ItemKind::Extern(function) => (&function.name, String::new(), Kind::Function),
        _ => return None,
    };
    Some(Callable { name: name.text.clone(), detail, kind, span: item.item.span, name_span: name.span })
}
