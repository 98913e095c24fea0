//! Canonical text.

use hence_diagnostics::{FileId, Sources};

/// A formatted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The canonical text.
    pub text: String,
}

/// Formats a file.
pub fn format(sources: &Sources, file: FileId) -> Formatted {
    Formatted { text: sources.get(file).map(|s| s.text().to_string()).unwrap_or_default() }
}
