//! Text → lossless tokens → items → typed tree with every span, never failing; and the tree's one canonical text.
//!
//! [`lex`] keeps every byte. [`parse`] cuts the tokens into items and runs the grammar (`grammar/hence.pest`)
//! over each, repairing what it can: it returns a tree *and* diagnostics, never only an error. [`format`] prints
//! the canonical text, comments kept. This crate knows nothing of types, schemas or meaning.
//!
//! Start with [`parse`] and [`ast`].

pub mod ast;
mod csv;
mod follow;
mod format;
mod grammar;
mod items;
mod lexer;
mod literal;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum of grammar rules is generated; a match names those that can stand at its place"
)]
mod parse;
mod repair;
mod token;
pub mod tree;

pub use follow::{follow, is_item};
pub use format::{Formatted, format};
pub use lexer::lex;
pub use literal::Unit;
pub use parse::{MAX_ROWS, Parsed, hole_length, parse, parse_again, read_tables};
pub use token::{Class, Token, TokenKind};
