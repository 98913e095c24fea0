//! Functions, tables and constants that nothing names.

use hence_diagnostics::{Code, Diagnostic};

use crate::declarations::Declarations;

/// Reports functions and constants that are not used. An item that cannot be understood may use any of them: where
/// there is one, nothing is to be reported.
pub(crate) fn unused_items(
    declarations: &Declarations,
    is_used: impl Fn(&str) -> bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let functions = declarations.functions.iter().map(|(name, declared)| (name, declared.span, "function"));
    let functions = functions.map(|(name, span, what)| {
        let is_table = declarations.tables.contains_key(name);
        (name, span, if is_table { "table" } else { what })
    });
    let constants = declarations.constants.iter().map(|(name, declared)| (name, declared.span, "constant"));
    for (name, span, what) in functions.chain(constants) {
        if !is_used(name) {
            diagnostics.push(
                Diagnostic::new(Code::UnusedItem, span, format!("the {what} `{name}` is never used"))
                    .label("nothing names it"),
            );
        }
    }
}
