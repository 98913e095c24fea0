//! What a project's texts mean, file by file, and what is kept of it for the next check.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem::{Discriminant, discriminant};
use std::sync::{Arc, OnceLock};

use hence_diagnostics::{Diagnostic, FileId, Span};
use hence_syntax::Parsed;
use hence_syntax::ast::{Item, ItemKind};

use crate::declarations::{Declarations, ItemPlace};
use crate::facts::{Facts, Use};
use crate::known::Known;
use crate::names::Names;
use crate::outline::Outline;
use crate::words::Words;

/// What a project's texts mean.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Where each rule, function and constant stands.
    pub declarations: Declarations,
    pub(crate) files: Vec<FileState>,
    pub(crate) project: ProjectState,
}

/// What is known of the items of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileState {
    pub(crate) file: FileId,
    pub(crate) text: Arc<str>,
    pub(crate) outline: Outline,
    /// What tells each item from what it was before a change.
    pub(crate) stamps: Vec<Stamp>,
    /// What was found out of each item alone; nothing for one that is to be checked.
    pub(crate) known: Vec<Option<Arc<Known>>>,
    /// The facts of each item, which say of those that use a broken one that they are broken.
    pub(crate) facts: Vec<Arc<Facts>>,
    /// The functions and constants that items use.
    pub(crate) used: BTreeSet<String>,
    /// Whether an item asked for all names that there are.
    pub(crate) asks_for_names: bool,
    /// Whether an item has an error or uses one that has.
    pub(crate) broken: bool,
    /// Whether there is a group, a rule of an entry point or a rule in a group.
    pub(crate) decides: bool,
    /// Whether a rule emits events.
    pub(crate) emits: bool,
    /// What rules do, by their items.
    pub(crate) same: Vec<(u128, usize)>,
    /// What is wrong with the reasons that tests expect.
    pub(crate) reasons: Vec<Diagnostic>,
    /// What is wrong with the file, sorted by place.
    pub(crate) found: Vec<Diagnostic>,
    words: OnceLock<Words>,
}

/// What tells an item from what it was before a change, beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) span: Span,
    kind: Discriminant<ItemKind>,
    nodes: u32,
    guessed: bool,
}

impl Stamp {
    fn of(item: &Item) -> Self {
        Self { span: item.span, kind: discriminant(&item.kind), nodes: item.nodes, guessed: item.guessed }
    }
}

/// What is known of all files together.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProjectState {
    pub(crate) names: Names,
    pub(crate) titles: Names,
    /// The files by their ids.
    pub(crate) index: HashMap<FileId, usize>,
    /// Functions and constants that cannot be computed: they have errors, or use what has.
    pub(crate) broken: BTreeSet<String>,
    /// In how many files functions and constants are used.
    pub(crate) uses: HashMap<String, usize>,
    /// The rules that do the same as others, by what they do.
    pub(crate) same: Same,
    /// What is wrong with files because of others, by who found it.
    pub(crate) told: [Told; Teller::COUNT],
}

/// Who finds something wrong by looking at several items together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Teller {
    Names,
    Definitions,
    Groups,
    Unused,
    Same,
    Loops,
}

impl Teller {
    /// How many there are.
    const COUNT: usize = 6;
}

/// What is wrong, by file.
pub(crate) type Told = BTreeMap<FileId, Vec<Diagnostic>>;

/// Rules by what they do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Same {
    first: HashMap<u128, ItemPlace>,
    /// Those behind the first, in order.
    others: BTreeMap<u128, Vec<ItemPlace>>,
}

impl Same {
    /// Takes a rule in; whether another does the same.
    pub(crate) fn insert(&mut self, key: u128, place: ItemPlace) -> bool {
        let Some(first) = self.first.get_mut(&key) else {
            self.first.insert(key, place);
            return false;
        };
        let later = if place < *first { std::mem::replace(first, place) } else { place };
        let others = self.others.entry(key).or_default();
        let at = others.partition_point(|other| *other < later);
        others.insert(at, later);
        true
    }

    /// Takes a rule out; whether another does the same.
    pub(crate) fn remove(&mut self, key: u128, place: ItemPlace) -> bool {
        let Some(first) = self.first.get_mut(&key) else { return false };
        let Some(others) = self.others.get_mut(&key) else {
            if *first == place {
                self.first.remove(&key);
            }
            return false;
        };
        if *first == place {
            // INVARIANT: a list of others is never empty.
            *first = others.remove(0);
        } else {
            others.retain(|other| *other != place);
        }
        if others.is_empty() {
            self.others.remove(&key);
        }
        true
    }

    /// Returns the rules that do the same as earlier ones, each with the first.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = (ItemPlace, ItemPlace)> {
        self.others.iter().flat_map(|(key, others)| {
            let first = self.first.get(key).copied();
            others.iter().filter_map(move |other| Some((first?, *other)))
        })
    }
}

impl FileState {
    pub(crate) fn new(parsed: &Parsed, outline: Outline) -> Self {
        Self {
            file: parsed.file,
            text: Arc::clone(&parsed.text),
            outline,
            stamps: parsed.items.iter().map(Stamp::of).collect(),
            known: vec![None; parsed.items.len()],
            facts: vec![Arc::default(); parsed.items.len()],
            ..Self::default()
        }
    }

    /// Returns the words that the text has.
    pub(crate) fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::of(&self.text))
    }

    pub(crate) fn known(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.known.iter().flatten()
    }
}

/// Returns the functions and constants that an item uses.
pub(crate) fn definitions_used(facts: &Facts) -> impl Iterator<Item = &str> {
    facts.uses().filter_map(|usage| match usage {
        Use::Function(name) | Use::Constant(name) => Some(name.as_str()),
        Use::Payload
        | Use::PayloadField(_)
        | Use::Envelope(_)
        | Use::Local(_)
        | Use::Now
        | Use::Today
        | Use::Field(_)
        | Use::Builtin(_)
        | Use::Quantifier(_)
        | Use::Action(_)
        | Use::IsEvent(_)
        | Use::IsVariant(_) => None,
    })
}

impl Checked {
    /// Returns the facts of an item.
    pub fn facts(&self, place: ItemPlace) -> Option<&Facts> {
        self.files.get(place.file)?.facts.get(place.item).map(Arc::as_ref)
    }

    /// Returns the items with their facts, in order of their places.
    pub fn items(&self) -> impl Iterator<Item = (ItemPlace, &Facts)> {
        self.files.iter().enumerate().flat_map(|(file, state)| {
            let facts = state.facts.iter().enumerate();
            facts.map(move |(item, facts)| (ItemPlace { file, item }, facts.as_ref()))
        })
    }

    /// Returns what is wrong with the items of a file, sorted by place. Parsing's diagnostics are not repeated here. A
    /// table that has its rows in another file may have places there.
    pub fn found(&self, file: usize) -> &[Diagnostic] {
        self.files.get(file).map_or(&[], |state| &state.found)
    }

    /// Returns what is wrong with texts that are no rule files and was found by looking at several items together.
    pub fn found_elsewhere(&self) -> impl Iterator<Item = &Diagnostic> {
        let told = self.project.told.iter().flatten();
        let elsewhere = told.filter(|(file, _)| !self.project.index.contains_key(*file));
        elsewhere.flat_map(|(_, found)| found)
    }

    /// Returns errors, warnings and notes, sorted by place. Parsing's are not repeated here.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let of_files = self.files.iter().flat_map(|state| &state.found);
        let mut all: Vec<Diagnostic> = of_files.chain(self.found_elsewhere()).cloned().collect();
        all.sort_by_key(|one| (one.primary.span.file, one.primary.span.start, one.code));
        all
    }
}
