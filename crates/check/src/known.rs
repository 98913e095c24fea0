//! What the check of an item found out, kept for as long as nothing that the check read has changed.

use std::sync::{Arc, OnceLock};

use hence_diagnostics::{Diagnostic, Span};

use crate::facts::Facts;

/// What was found out of an item.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) facts: Arc<Facts>,
    pub(crate) found: Vec<Diagnostic>,
    /// What its meaning says, once the lints were asked; never asked of an item with errors.
    pub(crate) meaning: OnceLock<Meaning>,
}

/// What the lints say of an item that look through constants and functions, and what those need that compare items.
#[derive(Debug, Default)]
pub(crate) struct Meaning {
    pub(crate) found: Vec<Diagnostic>,
    /// For a rule: a number that rules have in common if they do the same.
    pub(crate) sameness: Option<u128>,
    /// For a rule that emits events.
    pub(crate) emits: Option<Box<Emits>>,
}

/// The events that start a rule, and those that it emits, with the places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Emits {
    pub(crate) name: String,
    pub(crate) starts: Vec<String>,
    pub(crate) emits: Vec<(String, Span)>,
}

impl Known {
    pub(crate) fn new((mut facts, mut found): (Facts, Vec<Diagnostic>)) -> Arc<Self> {
        facts.pack();
        found.shrink_to_fit();
        Arc::new(Self { facts: Arc::new(facts), found, meaning: OnceLock::new() })
    }
}
