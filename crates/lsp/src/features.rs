//! What an editor can ask, one file each: plain functions from a view to plain data.

pub mod calls;
pub mod code_actions;
pub mod completion;
mod csv;
pub mod definition;
pub mod diagnostics;
pub mod folding;
pub mod formatting;
pub mod highlight;
pub mod hover;
pub mod inlay;
pub mod lenses;
pub mod links;
pub mod refactor;
pub mod references;
pub mod rename;
mod schema;
pub mod selection;
pub mod semantic;
mod settings;
pub mod signature;
pub mod symbols;
