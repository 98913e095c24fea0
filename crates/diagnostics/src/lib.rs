//! Places in source, the diagnostic value, the register of codes, and printing.
//!
//! Everything a user of Hence is told about a text of theirs (a `.rule` file, an integration file,
//! `hence.toml`, a payload) is a [`Diagnostic`]: a [`Code`] from the one register, a message that is enough
//! alone, a primary place, up to two further places, notes and fixes. This crate owns that value and its
//! printed forms. It knows nothing of the language: who finds a problem builds the diagnostic.
//!
//! Start with [`Diagnostic::new`] and [`render`].

mod codes;
mod diagnostic;
pub mod explain;
mod fixes;
mod order;
pub mod render;
mod source;
mod suggest;

pub use codes::{Code, Level};
pub use diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Severity};
pub use fixes::apply;
pub use order::{dedupe, sort, sort_references};
pub use source::{FileId, LineColumn, Source, Sources, Span};
pub use suggest::{distance, nearest};
