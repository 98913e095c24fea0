//! The pest parser over token characters, and the words for what it expects.

use pest_derive::Parser;

/// The parser. Terminals are generated from the token table.
#[derive(Parser)]
#[grammar = "../../../grammar/hence.pest"]
#[grammar = "../../../grammar/tokens.pest"]
pub(crate) struct Grammar;
