//! Errors, by family: a struct of facts each, and the words for it beside it.

pub(crate) mod cast;
pub(crate) mod decision;
pub(crate) mod emit;
pub(crate) mod matching;
pub(crate) mod names;
pub(crate) mod schedule;
pub(crate) mod set;
pub(crate) mod shape;
pub(crate) mod table;
pub(crate) mod test;
pub(crate) mod trigger;
pub(crate) mod types;
