//! What a change of some files means for others: which names mean something else now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hence_diagnostics::Diagnostic;

use super::{Before, Update};
use crate::checked::{FileState, Teller, Told};
use crate::declarations::{Declared, ItemPlace, Members, item};
use crate::errors::names::DuplicateItem;
use crate::errors::test::DuplicateTest;
use crate::names::{Moved, Names};
use crate::outline::changed_definitions;
use crate::words::Wanted;

/// What items must be checked again for, beside a change of their own.
#[derive(Debug, Default)]
pub(super) struct Affected {
    /// Definitions that say something else now, or say it elsewhere, or use such ones.
    pub(super) names: Wanted,
    /// Rules that there are now and were not before, or the other way round, and those that ask for something else.
    pub(super) rules: Wanted,
    /// Rules that stand elsewhere now.
    pub(super) moved_rules: BTreeSet<Arc<str>>,
    pub(super) definitions_changed: bool,
    /// Whether there are other functions and constants than before.
    pub(super) names_changed: bool,
    /// Whether there are other rules than before.
    pub(super) rules_changed: bool,
}

impl Affected {
    /// Whether only changed files are concerned.
    pub(super) fn nothing(&self) -> bool {
        self.names.is_empty() && self.rules.is_empty() && !self.names_changed && !self.rules_changed
    }
}

impl Wanted {
    /// Whether a file may name one of them. False is certain.
    pub(super) fn may_be_in(&self, state: &FileState) -> bool {
        !self.is_empty() && state.words().may_have(self)
    }
}

impl Update<'_> {
    /// Declares what changed files declare, in place of what they declared before.
    pub(super) fn declare(&mut self, before: &Before) -> Affected {
        let mut affected = Affected::default();
        let mut names: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut rules: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut manual: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut elsewhere = false;
        let mut renamed = false;
        for (file, old) in before {
            let Some(new) = self.checked.files.get(*file) else { continue };
            let (changed, any) = changed_definitions((&old.outline, &old.text), (&new.outline, &new.text));
            names.extend(changed);
            affected.definitions_changed |= any || old.outline.nameless != new.outline.nameless;
            let project = &mut self.checked.project;
            let moved = project.names.replace(*file, &old.outline.names, &new.outline.names);
            renamed |= old.outline.names != new.outline.names || old.outline.tests != new.outline.tests;
            if old.outline.manual != new.outline.manual {
                let both = old.outline.manual.iter().chain(&new.outline.manual);
                manual.extend(both.map(|one| Arc::clone(&one.rule)));
            }
            for Moved { name, before, after } in moved {
                let file = |entry: Option<crate::names::Entry>| entry.map(|entry| entry.place.file);
                elsewhere |= file(before) != file(after);
                if before.or(after).is_some_and(|entry| entry.is_definition)
                    || after.is_some_and(|entry| entry.is_definition)
                {
                    affected.definitions_changed = true;
                    names.insert(Arc::clone(&name));
                }
                let was_rule = before.is_some_and(|entry| !entry.is_definition);
                let rule = after.filter(|entry| !entry.is_definition);
                if was_rule != rule.is_some() {
                    rules.insert(Arc::clone(&name));
                }
                match rule {
                    Some(entry) => {
                        let declared = Declared { place: entry.place, span: entry.span, what: () };
                        self.checked.declarations.rules.insert(Arc::clone(&name), declared);
                    }
                    None => {
                        self.checked.declarations.rules.remove(&name);
                    }
                }
                if self.checked.declarations.manual.contains_key(&name) || !new.outline.manual.is_empty() {
                    manual.insert(Arc::clone(&name));
                }
                affected.moved_rules.insert(name);
            }
            let moved = project.titles.replace(*file, &old.outline.tests, &new.outline.tests);
            for Moved { name, after, .. } in moved {
                match after {
                    Some(entry) => {
                        let declared = Declared { place: entry.place, span: entry.span, what: () };
                        self.checked.declarations.tests.insert(name, declared);
                    }
                    None => {
                        self.checked.declarations.tests.remove(&name);
                    }
                }
            }
        }
        rules.extend(manual.into_iter().filter(|rule| self.declare_manual(rule)));
        affected.rules_changed = !rules.is_empty();
        if renamed {
            self.retell(
                Teller::Names,
                repetitions(&self.checked.project.names, &self.checked.project.titles),
            );
        }
        let is_first = before.len() == self.files.len() && before.values().all(|old| old.stamps.is_empty());
        if affected.definitions_changed || is_first {
            affected.names_changed = self.define();
        }
        let joined = |(file, old): (&usize, &FileState)| {
            self.checked
                .files
                .get(*file)
                .is_some_and(|new| new.outline.memberships != old.outline.memberships)
        };
        if elsewhere || before.iter().any(joined) {
            names.extend(self.group());
        }
        if is_first {
            // All is new, so that nothing need be looked for.
            affected.names_changed = false;
            affected.rules_changed = false;
            return affected;
        }
        if affected.definitions_changed {
            self.close(&mut names);
        }
        affected.names = Wanted::new(names);

        affected.rules = Wanted::new(rules);
        affected
    }

    /// Declares what a rule asks for that a person may start. Returns whether it is something else than before.
    fn declare_manual(&mut self, rule: &Arc<str>) -> bool {
        let first = self.checked.project.names.first(rule).map(|first| first.place);
        let now = first.and_then(|place| {
            let manual = &self.checked.files.get(place.file)?.outline.manual;
            let manual = manual.iter().find(|one| one.item == place.item)?;
            Some(Arc::clone(&manual.asks_for))
        });
        let declared = &mut self.checked.declarations.manual;
        match now {
            Some(now) => declared.insert(Arc::clone(rule), Arc::clone(&now)) != Some(now),
            None => declared.remove(rule).is_some(),
        }
    }

    /// Declares all definitions anew. Returns whether their names are others than before.
    fn define(&mut self) -> bool {
        let known = |update: &Self| {
            let declarations = &update.checked.declarations;
            let names = declarations.functions.keys().chain(declarations.constants.keys());
            let names: Vec<String> = names.chain(&declarations.broken).cloned().collect();
            (declarations.functions.len(), declarations.constants.len(), names, declarations.nameless)
        };
        let was = known(self);
        let definitions = self.definitions();
        let nameless = self.checked.files.iter().any(|state| state.outline.nameless);
        let mut found = Vec::new();
        self.checked.declarations.define(
            (self.files, &definitions),
            nameless,
            self.catalog,
            self.zone,
            &mut found,
        );
        self.retell(Teller::Definitions, found);
        known(self) != was
    }

    /// Returns the definitions that count, in order.
    fn definitions(&self) -> Vec<(ItemPlace, Arc<str>)> {
        let mut definitions = Vec::new();
        for (file, state) in self.checked.files.iter().enumerate() {
            for definition in &state.outline.definitions {
                let place = ItemPlace { file, item: definition.item };
                let Some(name) = &definition.name else { continue };
                if self.checked.project.names.first(name).is_some_and(|first| first.place == place) {
                    definitions.push((place, Arc::clone(name)));
                }
            }
        }
        definitions
    }

    /// Finds out anew which rules are in which groups. Returns the groups that answer other callers than before.
    fn group(&mut self) -> Vec<Arc<str>> {
        let mut groups: BTreeMap<String, Members> = BTreeMap::new();
        for (file, state) in self.checked.files.iter().enumerate() {
            for membership in &state.outline.memberships {
                let place = ItemPlace { file, item: membership.item };
                let first = self.checked.project.names.first(&membership.rule);
                if first.is_some_and(|first| first.place == place) {
                    let members = groups.entry(membership.group.clone()).or_default();
                    members.rules.push((place, membership.entry_point.clone()));
                }
            }
        }
        let was = std::mem::replace(&mut self.checked.declarations.groups, groups);
        let now = &self.checked.declarations.groups;
        let caller = |of: &BTreeMap<String, Members>, name: &String| {
            of.get(name).map(|members| members.entry_point().map(str::to_owned))
        };
        let names: BTreeSet<&String> = was.keys().chain(now.keys()).collect();
        let others = names.into_iter().filter(|name| caller(&was, name) != caller(now, name));
        others.map(|name| Arc::from(name.as_str())).collect()
    }

    /// Adds the definitions that use some, directly or through others.
    fn close(&self, names: &mut BTreeSet<Arc<str>>) {
        let definitions = self.definitions();
        let mut open: Vec<(&str, Arc<str>)> = Vec::new();
        for (place, name) in definitions {
            let Some(state) = self.checked.files.get(place.file) else { continue };
            let Some(item) = item(self.files, place) else { continue };
            open.push((state.text.get(item.span.range()).unwrap_or_default(), name));
        }
        loop {
            let wanted = Wanted::new(names.clone());
            let (using, rest): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|(text, name)| names.contains(name) || wanted.are_in(text));
            let before = names.len();
            names.extend(using.into_iter().map(|(_, name)| name));
            open = rest;
            if names.len() == before {
                return;
            }
        }
    }

    /// Puts what is wrong in the place of what the same teller found before.
    pub(super) fn retell(&mut self, teller: Teller, found: Vec<Diagnostic>) {
        let mut told = Told::new();
        for one in found {
            told.entry(one.primary.span.file).or_default().push(one);
        }
        let Some(slot) = self.checked.project.told.get_mut(teller as usize) else { return };
        let was = std::mem::replace(slot, told);
        let now = &*slot;
        let files: BTreeSet<_> = was.keys().chain(now.keys()).collect();
        let others = files.into_iter().filter(|file| was.get(file) != now.get(file));
        let index = &self.checked.project.index;
        let others: Vec<usize> = others.filter_map(|file| index.get(file)).copied().collect();
        self.dirty.extend(others);
    }
}

/// Reports items with the name of an earlier one, and tests with the title of one.
fn repetitions(names: &Names, titles: &Names) -> Vec<Diagnostic> {
    let items = names.repeated().map(|(name, entry, first)| {
        let name = hence_syntax::ast::Name { text: name.to_string(), span: entry.span };
        DuplicateItem { name, first }.into()
    });
    let tests = titles.repeated().map(|(title, entry, first)| {
        DuplicateTest { title: title.to_string(), span: entry.span, first }.into()
    });
    items.chain(tests).collect()
}
