//! Functions, tables and constants that nothing names.

use std::collections::BTreeSet;

use hence_diagnostics::{Code, Diagnostic};
use hence_syntax::Parsed;
use hence_syntax::ast::ItemKind;

use crate::declarations::Declarations;
use crate::facts::{CheckedItem, Use};

/// Reports unused functions and constants, unless an item that cannot be read may use them.
pub(crate) fn unused_items(
    files: &[Parsed],
    declarations: &Declarations,
    items: &[CheckedItem],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let unread = |parsed: &Parsed| parsed.items.iter().any(|item| matches!(item.kind, ItemKind::Broken(_)));
    if files.iter().any(unread) || items.iter().any(|item| item.facts.broken) {
        return;
    }
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for item in items {
        for usage in item.facts.uses() {
            if let Use::Function(name) | Use::Constant(name) = usage {
                used.insert(name);
            }
        }
    }
    let functions = declarations.functions.iter().map(|(name, declared)| (name, declared.span, "function"));
    let functions = functions.map(|(name, span, what)| {
        let is_table = declarations.tables.contains_key(name);
        (name, span, if is_table { "table" } else { what })
    });
    let constants = declarations.constants.iter().map(|(name, declared)| (name, declared.span, "constant"));
    for (name, span, what) in functions.chain(constants) {
        if !used.contains(name.as_str()) {
            diagnostics.push(
                Diagnostic::new(Code::UnusedItem, span, format!("the {what} `{name}` is never used"))
                    .label("nothing names it"),
            );
        }
    }
}
