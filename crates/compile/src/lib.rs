//! Checked rules → IR.
//!
//! Functions and constants of the project are written out where they are used: they cannot be recursive, so this
//! ends, and an evaluator needs to know nothing of them. Paths into the event become slots. Whatever an error was
//! found in is left out. This crate decides nothing of meaning: it reads what the checker found out.
//!
//! Start with [`compile`].

mod expression;
mod frame;
mod matching;
mod steps;

use std::sync::Arc;

use hence_check::{Checked, ItemPlace};
use hence_diagnostics::Diagnostic;
use hence_ir::{EventType, Program, Rule, RuleId};
use hence_schema::Catalog;
use hence_syntax::Parsed;
use hence_syntax::ast::{Item, ItemKind};
use hence_types::jiff::tz::TimeZone;

use frame::Frame;
use rayon::prelude::*;

/// A program, and what could not be compiled although it was checked: rules that are too large.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    /// The rules without errors.
    pub program: Program,
    /// Rules that are too large.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the compiler reads.
pub(crate) struct Inputs<'a> {
    pub(crate) files: &'a [Parsed],
    pub(crate) checked: &'a Checked,
    pub(crate) catalog: &'a Catalog,
    pub(crate) zone: &'a TimeZone,
}

impl<'a> Inputs<'a> {
    pub(crate) fn item(&self, place: ItemPlace) -> Option<&'a Item> {
        self.files.get(place.file)?.items.get(place.item)
    }
}

/// Compiles all rules without errors. `zone` is the project's time zone.
pub fn compile(files: &[Parsed], checked: &Checked, catalog: &Catalog, zone: &TimeZone) -> Compiled {
    let inputs = Inputs { files, checked, catalog, zone };
    let mut compiled = Compiled::default();
    let places: Vec<ItemPlace> = checked.declarations.rules.values().map(|declared| declared.place).collect();
    let rules: Vec<_> = places.par_iter().filter_map(|place| rule(&inputs, *place)).collect();
    for rule in rules {
        match rule {
            Ok(rule) => compiled.program.rules.push(rule),
            Err(diagnostic) => compiled.diagnostics.push(*diagnostic),
        }
    }
    let rules = &mut compiled.program.rules;
    rules.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.name.cmp(&b.name)));
    compiled.program.events = events(rules, catalog);
    compiled
}

/// Compiles a rule, unless an error was found in it.
fn rule(inputs: &Inputs<'_>, place: ItemPlace) -> Option<Result<Rule, Box<Diagnostic>>> {
    let (item, facts) = (inputs.item(place)?, inputs.checked.facts(place)?);
    match &item.kind {
        ItemKind::Rule(rule) if !facts.broken => {
            let compiled = Frame::new(inputs, facts).rule(item, rule);
            Some(compiled.map_err(|too_large| Box::new(too_large.diagnostic(&rule.name))))
        }
        ItemKind::Rule(_)
        | ItemKind::Fn(_)
        | ItemKind::Const(_)
        | ItemKind::Test(_)
        | ItemKind::Broken(_) => None,
    }
}

/// Returns the event types that trigger rules, in order of their names.
fn events(rules: &[Rule], catalog: &Catalog) -> Vec<EventType> {
    let mut names: Vec<&Arc<str>> = rules.iter().flat_map(|rule| &rule.triggers).collect();
    names.sort();
    names.dedup();
    let mut events = Vec::new();
    for name in names {
        let Some(event) = catalog.event_by_full_name(name) else { continue };
        let triggered = rules.iter().enumerate().filter(|(_, rule)| rule.triggers.contains(name));
        let rules = triggered.map(|(index, _)| RuleId(index as u32)).collect();
        events.push(EventType { name: Arc::clone(name), payload: Arc::clone(&event.payload), rules });
    }
    events
}

#[cfg(test)]
mod tests;
