//! What is wrong with a file.

use hence_diagnostics::{Code, Diagnostic};

use crate::view::View;

/// Returns what is wrong with a file.
pub fn of_file(view: View<'_>) -> Vec<&Diagnostic> {
    view.project().diagnostics_of(view.file)
}

/// Returns whether what a code reports is text that does nothing and may be shown pale.
pub fn is_unnecessary(code: Code) -> bool {
    ["unused-", "unreachable-"].iter().any(|start| code.name().starts_with(start))
}
