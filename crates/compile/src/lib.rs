//! Checked rules → IR.
//!
//! Functions and constants of the project are written out where they are used: they cannot be recursive, so this
//! ends, and an evaluator needs to know nothing of them. Paths into the event become slots. Whatever an error was
//! found in is left out. This crate decides nothing of meaning: it reads what the checker found out.
//!
//! Start with [`compile`].

mod clauses;
mod decision;
mod expression;
mod frame;
mod matching;
mod steps;
mod table;
mod waiting;
mod watch;

use std::sync::Arc;

use hence_check::{Checked, Facts, ItemPlace, Use};
use hence_diagnostics::Diagnostic;
use hence_ir::{EventType, Program, Rule, RuleId};
use hence_schema::Catalog;
use hence_syntax::Parsed;
use hence_syntax::ast::{Item, ItemKind};
use hence_types::jiff::tz::TimeZone;

use frame::{Frame, MAX_DEPTH, TooLarge};
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
    let rules: Vec<_> = places.par_iter().flat_map_iter(|place| rule(&inputs, *place)).collect();
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

/// Returns what keeps a rule from being compiled although it was checked: that it is too large.
pub fn too_large(
    files: &[Parsed],
    checked: &Checked,
    catalog: &Catalog,
    zone: &TimeZone,
    place: ItemPlace,
) -> Option<Diagnostic> {
    let inputs = Inputs { files, checked, catalog, zone };
    let (item, facts) = (inputs.item(place)?, checked.facts(place)?);
    let ItemKind::Rule(named) = &item.kind else { return None };
    let declared = checked.declarations.rules.get(named.name.text.as_str())?;
    if declared.place != place || small(item, facts) {
        return None;
    }
    if facts.broken {
        return None;
    }
    let frame = Frame::new(&inputs, facts);
    // All rules of a family are alike: the first tells of all.
    let compiled = match (&named.family, &facts.family) {
        (Some(family), Some(rows)) => frame.with_row(family.id, rows.first()?).without_version(item, named),
        _ => frame.without_version(item, named),
    };
    compiled.err().map(|too_large| too_large.diagnostic(&named.name))
}

/// Whether a rule cannot be too large, so that it need not be compiled to know: nothing is written out in it, and it
/// is small itself.
fn small(item: &Item, facts: &Facts) -> bool {
    let writes_out = facts.header.group.is_some()
        || facts.uses().any(|usage| matches!(usage, Use::Function(_) | Use::Constant(_)));
    // A node of the tree becomes at most three of the program, one behind the other.
    !writes_out && item.nodes.saturating_mul(3) < MAX_DEPTH
}

/// Compiles a rule, or the rules of a family, unless an error was found in it.
fn rule(inputs: &Inputs<'_>, place: ItemPlace) -> Vec<Result<Rule, Box<Diagnostic>>> {
    let (Some(item), Some(facts)) = (inputs.item(place), inputs.checked.facts(place)) else {
        return Vec::new();
    };
    let ItemKind::Rule(rule) = &item.kind else { return Vec::new() };
    if facts.broken {
        return Vec::new();
    }
    let too_large = |too_large: TooLarge| Box::new(too_large.diagnostic(&rule.name));
    let (Some(family), Some(rows)) = (&rule.family, &facts.family) else {
        return vec![Frame::new(inputs, facts).rule(item, rule).map_err(too_large)];
    };
    let mut rules = Vec::with_capacity(rows.len());
    for row in rows {
        let compiled = Frame::new(inputs, facts).with_row(family.id, row).rule(item, rule);
        let failed = compiled.is_err();
        rules.push(compiled.map_err(too_large));
        if failed {
            // All rules of a family are alike: once is enough.
            break;
        }
    }
    rules
}

/// Returns the event types and entry points that trigger rules, in order of their names.
fn events(rules: &[Rule], catalog: &Catalog) -> Vec<EventType> {
    let mut names: Vec<&Arc<str>> = rules.iter().flat_map(|rule| &rule.triggers).collect();
    names.sort();
    names.dedup();
    let mut events = Vec::new();
    for name in names {
        let event = catalog.event_by_full_name(name).map(|event| &event.payload);
        let Some(payload) = event.or(catalog.entry_point(name).map(|entry_point| &entry_point.context))
        else {
            continue;
        };
        let triggered = rules.iter().enumerate().filter(|(_, rule)| rule.starts_on(name));
        let rules = triggered.map(|(index, _)| RuleId(index as u32)).collect();
        events.push(EventType { name: Arc::clone(name), payload: Arc::clone(payload), rules });
    }
    events
}

#[cfg(test)]
mod tests;
