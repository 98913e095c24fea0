//! Where what is named at a place is declared: in a rule file, or in the schema of an integration.

use hence_diagnostics::Span;
use hence_syntax::ast::ItemKind;
use hence_types::Type;

use crate::names::{self, Symbol};
use crate::nodes::Node;
use crate::view::View;

/// A declaration, and the text at the place that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The name at the place.
    pub origin: Span,
    /// The declaration.
    pub target: Span,
}

/// Returns where what is named at a place is declared.
pub fn definition(view: View<'_>, offset: u32) -> Option<Target> {
    if let Some(target) = table_file(view, offset) {
        return Some(target);
    }
    let found = names::at(view, offset)?;
    let target = names::declaration(view, &found.symbol)?;
    Some(Target { origin: found.span, target })
}

/// Returns where the type of what is named at a place is declared.
pub fn type_definition(view: View<'_>, offset: u32) -> Option<Target> {
    let found = names::at(view, offset)?;
    let target = type_at(view, offset, &found.symbol)?.origin()?;
    Some(Target { origin: found.span, target })
}

/// Returns the type of what is named at a place.
pub fn type_at(view: View<'_>, offset: u32, symbol: &Symbol) -> Option<Type> {
    let item = view.item_at(offset)?;
    match symbol {
        Symbol::Local(place, node) => {
            let declared = view.item(*place)?.facts.ty(*node).clone();
            // What is known at the place may be more than at the declaration.
            Some(expression_type(view, offset).unwrap_or(declared))
        }
        Symbol::Constant(name) => Some(view.project().checked.declarations.constants.get(name)?.what.clone()),
        Symbol::Function(name) => {
            Some(view.project().checked.declarations.functions.get(name)?.what.result.clone())
        }
        Symbol::Payload | Symbol::Alias(..) => Some(Type::Record(item.facts.payload.clone())),
        Symbol::Event(name) => Some(Type::Record(view.catalog().event_by_full_name(name)?.payload.clone())),
        Symbol::EntryPoint(name) => Some(Type::Record(view.catalog().entry_point(name)?.context.clone())),
        Symbol::Action(name) => names::action(view.catalog(), name)?.result.clone(),
        Symbol::Parameter(name, parameter) => {
            Some(names::action(view.catalog(), name)?.params.get(parameter.as_str())?.ty.clone())
        }
        Symbol::NamedType(id, name) => view.catalog().named_type(id, name).cloned(),
        Symbol::Field(_) | Symbol::Envelope(_) => expression_type(view, offset),
        Symbol::Now => Some(Type::DateTime),
        Symbol::Today => Some(Type::Date),
        Symbol::Rule(_)
        | Symbol::Test(_)
        | Symbol::Group(_)
        | Symbol::Label(..)
        | Symbol::Integration(_)
        | Symbol::Builtin(_)
        | Symbol::Quantifier(_) => None,
    }
}

/// Returns the type of the innermost expression at a place.
pub fn expression_type(view: View<'_>, offset: u32) -> Option<Type> {
    expression_at(view, offset).map(|(_, ty)| ty)
}

/// Returns the place and the type of the innermost expression at a place.
pub fn expression_at(view: View<'_>, offset: u32) -> Option<(Span, Type)> {
    let item = view.item_at(offset)?;
    let path = Node::Item(item.item).at(offset);
    let expression = path.iter().rev().find_map(|node| match node {
        Node::Expression(expression) => Some(*expression),
        _ => None,
    })?;
    let ty = item.facts.ty(expression.id);
    (!ty.is_error()).then(|| (expression.span, ty.clone()))
}

/// The path of a table's rows names a file.
fn table_file(view: View<'_>, offset: u32) -> Option<Target> {
    let item = view.item_at(offset)?;
    let ItemKind::Table(table) = &item.item.kind else { return None };
    let (_, origin) = table.file.as_ref().filter(|(_, span)| span.contains(offset))?;
    let row = table.rows.first()?;
    Some(Target { origin: *origin, target: Span::new(row.span.file, 0, 0) })
}
