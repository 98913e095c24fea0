//! The long text of a code.

use crate::Code;

/// Returns the page of a code, as Markdown, or nothing where there is no such code.
pub fn page(text: &str) -> Option<&'static str> {
    Code::parse(text).map(Code::page)
}
