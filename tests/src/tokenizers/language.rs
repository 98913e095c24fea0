//! The grammar for tree-sitter, compiled by the build script of this package.

#![expect(unsafe_code, reason = "the parser is written in C, as tree-sitter makes all of its parsers")]

use tree_sitter::Language;
use tree_sitter_language::LanguageFn;

#[link(name = "tree-sitter-hence", kind = "static")]
unsafe extern "C" {
    fn tree_sitter_hence() -> *const ();
}

/// Returns the grammar.
pub(crate) fn hence() -> Language {
    // SAFETY: the function is that of a generated parser, which takes nothing and returns a static table.
    unsafe { LanguageFn::from_raw(tree_sitter_hence) }.into()
}
