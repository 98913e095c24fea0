//! What is wrong: found by looking at several items together, and put together by file.

use std::collections::BTreeSet;
use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic, Span};
use hence_syntax::ast::{Item, ItemKind, Name};
use rayon::prelude::*;

use super::affected::Affected;
use super::{Before, Update};
use crate::checked::{FileState, Teller};
use crate::condition::Scope;
use crate::declarations::ItemPlace;
use crate::facts::Facts;
use crate::known::Meaning;
use crate::{group, lints, silence, test};

impl Update<'_> {
    /// Finds out what is wrong after items were checked again. Returns the files of which something else is wrong.
    pub(super) fn tell(
        mut self,
        refreshed: &BTreeSet<usize>,
        before: &Before,
        affected: &Affected,
        items: &[ItemPlace],
    ) -> BTreeSet<usize> {
        self.understand(refreshed);
        self.same(refreshed, before);
        self.loops(refreshed, before);
        self.groups(refreshed, before, affected);
        self.unused();
        self.reasons(refreshed, affected, items);
        self.dirty.extend(refreshed);
        let found: Vec<(usize, Vec<Diagnostic>)> = std::mem::take(&mut self.dirty)
            .into_par_iter()
            .filter_map(|file| Some((file, self.put_together(file)?)))
            .collect();
        let mut changed: BTreeSet<usize> = before.keys().copied().collect();
        for (file, mut found) in found {
            let Some(state) = self.checked.files.get_mut(file) else { continue };
            if state.found != found {
                found.shrink_to_fit();
                state.found = found;
                changed.insert(file);
            }
        }
        changed
    }

    /// Runs the lints that look through constants and functions, on items without errors that they were not run on.
    fn understand(&mut self, refreshed: &BTreeSet<usize>) {
        let places: Vec<(usize, usize)> = refreshed
            .iter()
            .filter_map(|file| Some((*file, self.checked.files.get(*file)?)))
            .flat_map(|(file, state)| (0..state.facts.len()).map(move |item| (file, item)))
            .collect();
        places.par_iter().for_each(|(file, index)| {
            let Some(state) = self.checked.files.get(*file) else { return };
            let (Some(facts), Some(Some(known))) = (state.facts.get(*index), state.known.get(*index)) else {
                return;
            };
            let Some(item) = self.item(ItemPlace { file: *file, item: *index }) else { return };
            if !facts.broken {
                known.meaning.get_or_init(|| lints::meaning(&self.scope(facts), item));
            }
        });
    }

    fn scope<'s>(&'s self, facts: &'s Facts) -> Scope<'s> {
        Scope { facts, declarations: &self.checked.declarations, files: self.files, zone: self.zone }
    }

    /// Finds rules that do the same.
    fn same(&mut self, refreshed: &BTreeSet<usize>, before: &Before) {
        let mut changed = false;
        for file in refreshed {
            let Some(state) = self.checked.files.get_mut(*file) else { continue };
            let now: Vec<(u128, usize)> =
                meanings(state).filter_map(|(item, meaning)| Some((meaning.sameness?, item))).collect();
            let was = before.get(file).map_or(&state.same, |old| &old.same);
            let same = &mut self.checked.project.same;
            let place = |item: usize| ItemPlace { file: *file, item };
            for (key, item) in was {
                changed |= same.remove(*key, place(*item));
            }
            for (key, item) in &now {
                changed |= same.insert(*key, place(*item));
            }
            state.same = now;
        }
        if changed {
            let name = |place| self.item(place).and_then(Item::name);
            let of = |(first, other): (ItemPlace, ItemPlace)| (name(first), name(other));
            let pairs: Vec<(Option<&Name>, Option<&Name>)> =
                self.checked.project.same.repeated().map(of).collect();
            let found =
                pairs.into_iter().filter_map(|(first, other)| Some(lints::duplicate_rule(other?, first?)));
            let found = found.collect();
            self.retell(Teller::Same, found);
        }
    }

    /// Finds rules that start each other in a circle.
    fn loops(&mut self, refreshed: &BTreeSet<usize>, before: &Before) {
        let mut changed = false;
        for file in refreshed {
            let Some(state) = self.checked.files.get_mut(*file) else { continue };
            let now = meanings(state).any(|(_, meaning)| meaning.emits.is_some());
            changed |= now || state.emits || before.get(file).is_some_and(|old| old.emits);
            state.emits = now;
        }
        if changed {
            let files = self.checked.files.iter().filter(|state| state.emits);
            let emitting: Vec<_> =
                files.flat_map(meanings).filter_map(|(_, meaning)| meaning.emits.as_deref()).collect();
            let mut found = Vec::new();
            lints::emit_loops(&emitting, &mut found);
            self.retell(Teller::Loops, found);
        }
    }

    /// Checks groups, and what rules of one entry point do to each other.
    fn groups(&mut self, refreshed: &BTreeSet<usize>, before: &Before, affected: &Affected) {
        let decides = |file: &usize| {
            self.checked.files.get(*file).is_some_and(|state| state.decides)
                || before.get(file).is_some_and(|old| old.decides)
        };
        // A group that is not found may be one that could not be read.
        let all = || affected.definitions_changed && self.checked.files.iter().any(|state| state.decides);
        if !refreshed.iter().any(decides) && !all() {
            return;
        }
        let mut items: Vec<(ItemPlace, &Facts)> = Vec::new();
        for (file, state) in self.checked.files.iter().enumerate().filter(|(_, state)| state.decides) {
            let facts = state.facts.iter().enumerate();
            items.extend(facts.map(|(item, facts)| (ItemPlace { file, item }, facts.as_ref())));
        }
        let mut found = Vec::new();
        group::check(self.files, &self.checked.declarations, &items, self.zone, &mut found);
        self.retell(Teller::Groups, found);
    }

    /// Finds functions and constants that nothing uses, unless an item that cannot be understood may use them.
    fn unused(&mut self) {
        let mut found = Vec::new();
        if !self.checked.files.iter().any(|state| state.outline.unread || state.broken) {
            let uses = &self.checked.project.uses;
            let is_used = |name: &str| uses.get(name).is_some_and(|files| *files > 0);
            lints::unused_items(&self.checked.declarations, is_used, &mut found);
        }
        self.retell(Teller::Unused, found);
    }

    /// Looks whether the reasons that tests expect are parts of conditions.
    fn reasons(&mut self, refreshed: &BTreeSet<usize>, affected: &Affected, items: &[ItemPlace]) {
        let with_reasons: Vec<usize> = {
            let files = self.checked.files.iter().enumerate();
            files.filter(|(_, state)| !state.outline.because.is_empty()).map(|(file, _)| file).collect()
        };
        if with_reasons.is_empty() {
            return;
        }
        let mut rules: BTreeSet<&str> = affected.moved_rules.iter().map(Arc::as_ref).collect();
        for place in items {
            if let Some(ItemKind::Rule(rule)) = self.item(*place).map(|item| &item.kind) {
                rules.insert(&rule.name.text);
            }
        }
        let mut anew = Vec::new();
        for file in with_reasons {
            let (Some(state), Some(parsed)) = (self.checked.files.get(file), self.files.get(file)) else {
                continue;
            };
            let speaks = state.outline.because.iter().any(|rule| rules.contains(rule.as_ref()));
            if !refreshed.contains(&file) && !speaks {
                continue;
            }
            let mut found = Vec::new();
            for item in parsed.items.iter().filter(|item| !item.guessed) {
                if let ItemKind::Test(one) = &item.kind {
                    let is_broken = |place| self.checked.facts(place).is_some_and(|facts| facts.broken);
                    test::reasons(one, self.files, &self.checked.declarations, is_broken, &mut found);
                }
            }
            anew.push((file, found));
        }
        for (file, found) in anew {
            if let Some(state) = self.checked.files.get_mut(file)
                && state.reasons != found
            {
                state.reasons = found;
                self.dirty.insert(file);
            }
        }
    }

    /// Puts together what is wrong with a file.
    fn put_together(&self, file: usize) -> Option<Vec<Diagnostic>> {
        let (state, parsed) = (self.checked.files.get(file)?, self.files.get(file)?);
        let told = |teller: Teller| {
            let told = self.checked.project.told.get(teller as usize);
            told.and_then(|told| told.get(&state.file)).into_iter().flatten()
        };
        let mut all: Vec<Diagnostic> = Vec::new();
        all.extend(told(Teller::Names).chain(told(Teller::Definitions)).cloned());
        all.extend(state.known().flat_map(|known| &known.found).cloned());
        all.extend(state.reasons.iter().cloned());
        all.extend(told(Teller::Groups).chain(told(Teller::Unused)).cloned());
        // A test for absence that has one result only is reported as that already.
        let never_missing = all.iter().filter(|one| one.code == Code::NeverMissing);
        let never_missing: BTreeSet<Span> = never_missing.map(|one| one.primary.span).collect();
        let of_meaning = meanings(state).flat_map(|(_, meaning)| &meaning.found);
        let of_meaning = of_meaning.chain(told(Teller::Same)).chain(told(Teller::Loops));
        all.extend(of_meaning.filter(|one| !never_missing.contains(&one.primary.span)).cloned());
        silence::apply(parsed, &mut all);
        all.sort_by_key(|one| (one.primary.span.file, one.primary.span.start, one.code));
        Some(all)
    }
}

/// Returns the meanings of the items of a file that have no errors and use nothing that has.
fn meanings(state: &FileState) -> impl Iterator<Item = (usize, &Meaning)> {
    let items = state.facts.iter().zip(state.known.iter().flatten()).enumerate();
    let understood = items.filter(|(_, (facts, _))| !facts.broken);
    understood.filter_map(|(item, (_, known))| Some((item, known.meaning.get()?)))
}
