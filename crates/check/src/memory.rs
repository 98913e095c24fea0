//! What an earlier check found out of items: one whose text, place and surroundings are as they were is not checked
//! again.
//!
//! An item's surroundings are all that its check reads beside it: functions, tables, constants and groups with their
//! texts and places, the names of items that could not be read, and the zone. Rules are no part of it, so that one
//! rule more or less leaves all others as they are.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use hence_diagnostics::{Diagnostic, FileId};
use hence_syntax::Parsed;
use hence_syntax::ast::{Item, ItemKind};
use hence_types::jiff::tz::TimeZone;

use crate::declarations::Declarations;
use crate::facts::Facts;

/// What is remembered between checks of one project against one catalog: with another catalog, begin with another
/// memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    surroundings: u64,
    items: HashMap<Key, Arc<Known>>,
}

/// What tells an item from others and from itself before a change: its place and its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    file: FileId,
    start: u32,
    end: u32,
    text: u64,
}

/// What a check found out of an item.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) facts: Arc<Facts>,
    pub(crate) found: Vec<Diagnostic>,
    /// What the lints said that look through constants and functions, once they were asked.
    pub(crate) of_meaning: OnceLock<Vec<Diagnostic>>,
}

impl Known {
    pub(crate) fn new((facts, found): (Facts, Vec<Diagnostic>)) -> Arc<Self> {
        Arc::new(Self { facts: Arc::new(facts), found, of_meaning: OnceLock::new() })
    }
}

impl Memory {
    /// Forgets everything if the surroundings are not those that were.
    pub(crate) fn enter(&mut self, surroundings: u64) {
        if self.surroundings != surroundings {
            self.items.clear();
            self.surroundings = surroundings;
        }
    }

    pub(crate) fn recall(&self, key: Option<Key>) -> Option<Arc<Known>> {
        self.items.get(&key?).cloned()
    }

    /// Remembers these items and no others.
    pub(crate) fn keep(&mut self, items: impl Iterator<Item = (Option<Key>, Arc<Known>)>) {
        self.items = items.filter_map(|(key, known)| Some((key?, known))).collect();
    }
}

/// Returns what an item is remembered by; nothing for one whose check reads more than its text and the surroundings.
pub(crate) fn key(parsed: &Parsed, item: &Item) -> Option<Key> {
    match &item.kind {
        // A test names rules, and a table may have its rows in another file.
        ItemKind::Test(_) => return None,
        ItemKind::Table(table) if table.file.is_some() => return None,
        ItemKind::Rule(_)
        | ItemKind::Fn(_)
        | ItemKind::Extern(_)
        | ItemKind::Group(_)
        | ItemKind::Const(_)
        | ItemKind::Table(_)
        | ItemKind::Broken(_) => {}
    }
    let mut hasher = DefaultHasher::new();
    parsed.text.get(item.span.range())?.hash(&mut hasher);
    Some(Key { file: parsed.file, start: item.span.start, end: item.span.end, text: hasher.finish() })
}

/// Returns a number for all that the checks of items read beside them.
pub(crate) fn surroundings(files: &[Parsed], declarations: &Declarations, zone: &TimeZone) -> u64 {
    let mut digest = Digest(DefaultHasher::new());
    // Writing into a hasher does not fail.
    let _ = write!(digest, "{zone:?}");
    let _ = declarations.write_surroundings(&mut digest);
    for parsed in files {
        for item in &parsed.items {
            let text = match &item.kind {
                ItemKind::Rule(_) | ItemKind::Test(_) => continue,
                ItemKind::Fn(_)
                | ItemKind::Extern(_)
                | ItemKind::Group(_)
                | ItemKind::Const(_)
                | ItemKind::Table(_)
                | ItemKind::Broken(_) => parsed.text.get(item.span.range()),
            };
            (parsed.file, item.span, item.guessed, text).hash(&mut digest.0);
        }
    }
    digest.0.finish()
}

/// Takes what is written as something to hash.
struct Digest(DefaultHasher);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.hash(&mut self.0);
        Ok(())
    }
}
