//! Types as written → types.

use std::sync::Arc;

use hence_diagnostics::Diagnostic;
use hence_schema::Catalog;
use hence_syntax::ast::{Path, TypeExpression, TypeExpressionKind};
use hence_types::{Currency, Type};

use crate::errors::names::{UnknownCurrency, UnknownType};

/// The types that are named by one word.
pub const PLAIN_TYPES: &[(&str, Type)] = &[
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("decimal", Type::Decimal),
    ("float", Type::Float),
    ("string", Type::String),
    ("date", Type::Date),
    ("time", Type::Time),
    ("datetime", Type::DateTime),
    ("duration", Type::Duration),
    ("period", Type::Period),
    ("percent", Type::Percent),
    ("money", Type::Money(None)),
    ("json", Type::Json),
];

/// Returns the type; the error type where it is unknown.
pub(crate) fn resolve(
    written: &TypeExpression,
    catalog: &Catalog,
    diagnostics: &mut Vec<Diagnostic>,
) -> Type {
    let ty = match &written.kind {
        TypeExpressionKind::Named(path) => named(path, catalog, diagnostics),
        TypeExpressionKind::List(element) => Type::List(Arc::new(resolve(element, catalog, diagnostics))),
        TypeExpressionKind::Map(element) => Type::Map(Arc::new(resolve(element, catalog, diagnostics))),
    };
    if written.optional { ty.optional() } else { ty }
}

fn named(path: &Path, catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) -> Type {
    let names: Vec<&str> = path.names.iter().map(|name| name.text.as_str()).collect();
    let found = match names.as_slice() {
        [name] => PLAIN_TYPES.iter().find(|(word, _)| word == name).map(|(_, ty)| ty.clone()).or_else(|| {
            let currency = Currency::parse(name)?;
            if !currency.is_known() {
                diagnostics.push(UnknownCurrency { currency, span: path.span }.into());
                return Some(Type::Error);
            }
            Some(Type::Money(Some(currency)))
        }),
        [integration, name] => catalog.named_type(integration, name).cloned(),
        _ => None,
    };
    found.unwrap_or_else(|| {
        let mut candidates: Vec<String> = PLAIN_TYPES.iter().map(|(word, _)| (*word).to_owned()).collect();
        for (id, integration) in &catalog.integrations {
            candidates.extend(integration.types.keys().map(|name| format!("{id}.{name}")));
        }
        diagnostics.push(UnknownType { written: path.text(), span: path.span, candidates }.into());
        Type::Error
    })
}
