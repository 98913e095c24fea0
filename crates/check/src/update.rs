//! Checking again after some files have changed, with what was found out before.
//!
//! What the check of an item reads is its text and place, the definitions that its text names (functions, tables,
//! constants, groups; directly or through others), the catalog and the zone. So an item is checked again if its own
//! text or place changed, or if it has the name of a definition that changed as a word. Two more things are kept
//! track of: items that asked for all names there are, to say what a misspelt one may have been meant for, and tests,
//! which name rules. What is found by looking at several items together is found from what is kept of each file, and
//! only where something changed that it depends on.
//!
//! A first check is an update in which every file has changed, so there is one way only.

mod affected;
mod tell;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use hence_schema::Catalog;
use hence_syntax::Parsed;
use hence_syntax::ast::{Item, ItemKind};
use hence_types::jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::checked::{Checked, FileState, definitions_used};
use crate::checker;
use crate::declarations::{ItemPlace, item};
use crate::known::Known;
use crate::outline::{Outline, reads_more};
use affected::Affected;

/// What an update brought.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The files of which something else is wrong than before, and those that changed, by their indexes, in order.
    pub files: BTreeSet<usize>,
    /// The items of which something else may be known than before. Items of files that changed may be elsewhere.
    pub items: Vec<ItemPlace>,
}

impl Checked {
    /// Brings everything up to date after files have changed, whose indexes are given. All files count as changed the
    /// first time, and where there are more or less of them than before. What comes out is what [`crate::check`]
    /// finds, for the same catalog and zone as before.
    pub fn update(
        &mut self,
        files: &[Parsed],
        changed: &[usize],
        catalog: &Catalog,
        zone: &TimeZone,
    ) -> Changes {
        let all: Vec<usize>;
        let changed = if self.files.len() == files.len() {
            changed
        } else {
            *self = Checked::default();
            self.files.resize_with(files.len(), FileState::default);
            all = (0..files.len()).collect();
            &all
        };
        let mut update = Update { files, catalog, zone, checked: self, dirty: BTreeSet::new() };
        let before = update.outline(changed);
        let affected = update.declare(&before);
        let work = update.stale(&before, &affected);
        update.check(&work);
        let touched: BTreeSet<usize> =
            changed.iter().copied().chain(work.iter().map(|place| place.file)).collect();
        update.summarize(&touched, &before);
        let (refreshed, flipped) = update.spread(&touched, &work, &affected);
        let items: Vec<ItemPlace> = work.into_iter().chain(flipped).collect();
        let files = update.tell(&refreshed, &before, &affected, &items);
        Changes { files, items }
    }
}

/// The files that changed, as they were.
type Before = BTreeMap<usize, FileState>;

struct Update<'a> {
    files: &'a [Parsed],
    catalog: &'a Catalog,
    zone: &'a TimeZone,
    checked: &'a mut Checked,
    /// The files of which what is wrong is to be put together anew.
    dirty: BTreeSet<usize>,
}

impl Update<'_> {
    fn item(&self, place: ItemPlace) -> Option<&Item> {
        item(self.files, place)
    }

    /// Puts changed files in the place of what they were.
    fn outline(&mut self, changed: &[usize]) -> Before {
        let outline = |file: &usize| {
            let parsed = self.files.get(*file)?;
            Some((*file, FileState::new(parsed, Outline::of(parsed, self.catalog))))
        };
        let outlined: Vec<(usize, FileState)> = changed.par_iter().filter_map(outline).collect();
        let mut before = Before::new();
        for (file, state) in outlined {
            self.checked.project.index.insert(state.file, file);
            if let Some(place) = self.checked.files.get_mut(file) {
                before.entry(file).or_insert(std::mem::replace(place, state));
            }
        }
        before
    }

    /// Takes over what is known of items that are as they were, and returns those that are to be checked, in order.
    fn stale(&mut self, before: &Before, affected: &Affected) -> Vec<ItemPlace> {
        for (file, old) in before {
            let Some(parsed) = self.files.get(*file) else { continue };
            if let Some(state) = self.checked.files.get_mut(*file) {
                recall(parsed, state, old);
            }
        }
        let needs = |state: &FileState, index: usize, item: &Item| {
            let Some(Some(known)) = state.known.get(index) else { return true };
            let text = || state.text.get(item.span.range()).unwrap_or_default();
            let asks = known.facts.asks_for_names;
            let is_test = matches!(item.kind, ItemKind::Test(_));
            affected.names_changed && asks
                || affected.names.are_in(text())
                || is_test && (affected.rules_changed && asks || affected.rules.are_in(text()))
        };
        let stale_in = |file: usize, state: &FileState| {
            let parsed = self.files.get(file)?;
            let items = parsed.items.iter().enumerate();
            let stale = items.filter(|(index, item)| needs(state, *index, item));
            Some(stale.map(|(item, _)| ItemPlace { file, item }).collect::<Vec<_>>())
        };
        let files = &self.checked.files;
        let stale: Vec<Vec<ItemPlace>> = if affected.nothing() {
            let changed: Vec<&usize> = before.keys().collect();
            changed.par_iter().filter_map(|file| stale_in(**file, files.get(**file)?)).collect()
        } else {
            let may_be = |file: usize, state: &FileState| {
                let asks = state.asks_for_names && (affected.names_changed || affected.rules_changed);
                let tests = !state.outline.tests.is_empty() && affected.rules.may_be_in(state);
                before.contains_key(&file) || asks || tests || affected.names.may_be_in(state)
            };
            let all = files.par_iter().enumerate();
            all.filter_map(|(file, state)| if may_be(file, state) { stale_in(file, state) } else { None })
                .collect()
        };
        stale.into_iter().flatten().collect()
    }

    /// Checks items.
    fn check(&mut self, work: &[ItemPlace]) {
        let know = |place: &ItemPlace| {
            let item = self.item(*place)?;
            Some(Known::new(checker::item(item, self.catalog, &self.checked.declarations, self.zone)))
        };
        let known: Vec<Option<Arc<Known>>> = work.par_iter().map(know).collect();
        for (place, known) in work.iter().zip(known) {
            let slot =
                self.checked.files.get_mut(place.file).and_then(|state| state.known.get_mut(place.item));
            if let Some(slot) = slot {
                *slot = known;
            }
        }
    }

    /// Finds out of touched files what others need to know of their items.
    fn summarize(&mut self, touched: &BTreeSet<usize>, before: &Before) {
        for file in touched {
            let Some(state) = self.checked.files.get_mut(*file) else { continue };
            let mut used = BTreeSet::new();
            state.asks_for_names = false;
            state.decides = !state.outline.memberships.is_empty();
            let kinds = self.files.get(*file).into_iter().flat_map(|parsed| &parsed.items);
            for (known, item) in state.known.iter().flatten().zip(kinds) {
                for name in definitions_used(&known.facts) {
                    if !used.contains(name) {
                        used.insert(name.to_owned());
                    }
                }
                state.asks_for_names |= known.facts.asks_for_names;
                state.decides |= known.facts.entry_point.is_some() || matches!(item.kind, ItemKind::Group(_));
            }
            let was = before.get(file).map_or(&state.used, |old| &old.used);
            let uses = &mut self.checked.project.uses;
            for name in was.difference(&used) {
                if let Some(count) = uses.get_mut(name) {
                    *count = count.saturating_sub(1);
                }
            }
            for name in used.difference(was) {
                *uses.entry(name.clone()).or_default() += 1;
            }
            state.used = used;
        }
    }

    /// Says of items that use something broken that they are broken: nothing is reported, as the error is where it
    /// began. Returns the files whose facts were gone through, and the items that are broken now or no longer,
    /// beside those that were checked.
    fn spread(
        &mut self,
        touched: &BTreeSet<usize>,
        work: &[ItemPlace],
        affected: &Affected,
    ) -> (BTreeSet<usize>, Vec<ItemPlace>) {
        let is_definition = |place: &ItemPlace| {
            let kind = self.item(*place).map(|item| &item.kind);
            kind.is_some_and(|kind| !matches!(kind, ItemKind::Rule(_) | ItemKind::Test(_)))
        };
        let mut refreshed = touched.clone();
        if affected.definitions_changed || work.iter().any(is_definition) {
            let now = self.broken_definitions();
            let was = std::mem::replace(&mut self.checked.project.broken, now);
            let now = &self.checked.project.broken;
            let other: BTreeSet<&String> = now.symmetric_difference(&was).collect();
            if !other.is_empty() {
                let files = self.checked.files.iter().enumerate();
                let using = files.filter(|(_, state)| state.used.iter().any(|name| other.contains(name)));
                refreshed.extend(using.map(|(file, _)| file));
            }
        }
        let broken = &self.checked.project.broken;
        let mut flipped = Vec::new();
        for file in &refreshed {
            let Some(state) = self.checked.files.get_mut(*file) else { continue };
            let uses_broken = !state.used.is_disjoint(broken);
            state.broken = false;
            for (item, (facts, known)) in state.facts.iter_mut().zip(state.known.iter().flatten()).enumerate()
            {
                let own = &known.facts;
                let inherits =
                    uses_broken && !own.broken && definitions_used(own).any(|name| broken.contains(name));
                let is_broken = own.broken || inherits;
                if facts.broken != is_broken {
                    flipped.push(ItemPlace { file: *file, item });
                }
                *facts = Arc::clone(own);
                if inherits {
                    Arc::make_mut(facts).broken = true;
                }
                state.broken |= is_broken;
            }
        }
        (refreshed, flipped)
    }

    /// Returns the functions and constants that are defined by themselves, have errors, or use such ones.
    fn broken_definitions(&self) -> BTreeSet<String> {
        let declarations = &self.checked.declarations;
        let functions = declarations
            .functions
            .iter()
            .map(|(name, function)| (name, function.place, function.what.result.is_error()));
        let constants = declarations
            .constants
            .iter()
            .map(|(name, constant)| (name, constant.place, constant.what.is_error()));
        let known = |place: ItemPlace| self.checked.files.get(place.file)?.known.get(place.item)?.as_ref();
        let mut broken = BTreeSet::new();
        let mut users: HashMap<&str, Vec<&String>> = HashMap::new();
        let mut open: Vec<&String> = Vec::new();
        for (name, place, is_error) in functions.chain(constants) {
            let known = known(place);
            if is_error || known.is_none_or(|known| known.facts.broken) {
                open.push(name);
            }
            for used in known.iter().flat_map(|known| definitions_used(&known.facts)) {
                users.entry(used).or_default().push(name);
            }
        }
        while let Some(name) = open.pop() {
            if broken.insert(name.clone()) {
                open.extend(users.get(name.as_str()).into_iter().flatten());
            }
        }
        broken
    }
}

/// Takes over what is known of items whose text and place are as they were.
fn recall(parsed: &Parsed, state: &mut FileState, old: &FileState) {
    let places: HashMap<u32, usize> =
        old.stamps.iter().enumerate().map(|(index, stamp)| (stamp.span.start, index)).collect();
    let now = state.stamps.iter().zip(&parsed.items).zip(&mut state.known);
    for ((stamp, item), slot) in now {
        let Some(index) = places.get(&stamp.span.start) else { continue };
        let range = stamp.span.range();
        let same =
            old.stamps.get(*index) == Some(stamp) && old.text.get(range.clone()) == state.text.get(range);
        if same && !reads_more(item) {
            *slot = old.known.get(*index).cloned().flatten();
        }
    }
}

#[cfg(test)]
mod tests;
