//! Names, types, missing-value flow and lints → checked rules and diagnostics.
//!
//! [`check`] takes the parsed files of a project and the catalog of its integrations. It finds out what every name
//! means and what type every expression has, and reports everything that cannot be right, all in one run: an
//! expression already reported has the error type, which agrees with everything, so one mistake gives one
//! message. Facts stand in tables beside the trees ([`Facts`]); trees are never changed. What operators and
//! functions mean is decided in `hence-builtins`, not here.
//!
//! Start with [`check`] and [`Checked`].

mod awaited;
mod broken;
mod checker;
mod clauses;
mod condition;
mod constant;
mod decision;
mod declarations;
mod emit;
mod environment;
mod errors;
mod evaluate;
mod expression;
mod facts;
mod family;
mod group;
mod header;
mod lints;
mod literal;
mod memory;
mod narrow;
mod rule;
mod set_field;
mod silence;
mod step_clauses;
mod stop_all;
mod table;
mod test;
mod trigger;
mod types;
mod value;
mod waiting;

use std::sync::Arc;

use hence_diagnostics::Diagnostic;
use hence_schema::Catalog;
use hence_syntax::Parsed;
use hence_syntax::ast::Item;
use hence_types::jiff::tz::TimeZone;
use rayon::prelude::*;

use memory::{Key, Known};

pub use clauses::{limit_count, millionths};
pub use declarations::{Declarations, FunctionSignature, ItemPlace};
pub use expression::matching::arm_value;
pub use expression::operator::builtin as builtin_operator;
pub use expression::visit::visit;
pub use facts::{CheckedItem, Envelope, Facts, FamilyRow, IsVariant, QuantifierKind, Use};
pub use header::Header;
pub use literal::value as literal_value;
pub use memory::Memory;
pub use set_field::SetField;
pub use table::needs_presence;
pub use test::{ByPerson, by_person, conditions, count};
pub use trigger::watched::{
    Watched, WatchedChange, WatchedDate, WatchedField, WatchedLevel, WatchedPattern, WatchedRest,
};
pub use types::PLAIN_TYPES;

/// What a project's texts mean.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Where each rule, function and constant stands.
    pub declarations: Declarations,
    /// The items, in order of their places.
    pub items: Vec<CheckedItem>,
    /// Errors, warnings and notes, sorted by place. Parsing's are not repeated here.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Returns the facts of an item.
    pub fn facts(&self, place: ItemPlace) -> Option<&Facts> {
        let at = self.items.binary_search_by_key(&place, |item| item.place).ok()?;
        self.items.get(at).map(|item| item.facts.as_ref())
    }
}

/// Checks all files of a project. `zone` is the project's time zone.
pub fn check(files: &[Parsed], catalog: &Catalog, zone: &TimeZone) -> Checked {
    check_again(files, catalog, zone, &mut Memory::default())
}

/// Checks all files of a project as [`check`] does, with the same result, but takes from the memory what an earlier
/// check against the same catalog found out of items that are as they were.
pub fn check_again(files: &[Parsed], catalog: &Catalog, zone: &TimeZone, memory: &mut Memory) -> Checked {
    let mut diagnostics = Vec::new();
    let declarations = Declarations::collect(files, catalog, zone, &mut diagnostics);
    let mut items = Vec::new();
    let places: Vec<(ItemPlace, &Item)> = files
        .iter()
        .enumerate()
        .flat_map(|(file, parsed)| {
            let items = parsed.items.iter().enumerate();
            items.map(move |(item, tree)| (ItemPlace { file, item }, tree))
        })
        .collect();
    memory.enter(memory::surroundings(files, &declarations, zone));
    let know = |(place, item): &(ItemPlace, &Item)| {
        let key = files.get(place.file).and_then(|parsed| memory::key(parsed, item));
        let known = memory.recall(key);
        (key, known.unwrap_or_else(|| Known::new(checker::item(item, catalog, &declarations, zone))))
    };
    let known: Vec<(Option<Key>, Arc<Known>)> = places.par_iter().map(know).collect();
    for ((place, _), (_, known)) in places.iter().zip(&known) {
        diagnostics.extend(known.found.iter().cloned());
        items.push(CheckedItem { place: *place, facts: known.facts.clone() });
    }
    broken::spread(files, &declarations, &mut items);
    test::reasons(files, &declarations, &items, &mut diagnostics);
    group::check(files, &declarations, &items, zone, &mut diagnostics);
    lints::unused_items(files, &declarations, &items, &mut diagnostics);
    let of_items: Vec<&Known> = known.iter().map(|(_, known)| known.as_ref()).collect();
    lints::of_meaning(files, &declarations, &items, &of_items, zone, &mut diagnostics);
    memory.keep(known.into_iter());
    silence::apply(files, &mut diagnostics);
    diagnostics.sort_by_key(|d| (d.primary.span.file, d.primary.span.start, d.code));
    Checked { declarations, items, diagnostics }
}

/// Checks one item among the declarations of a project, which need not have it: for texts that are being written.
pub fn check_item(
    item: &Item,
    catalog: &Catalog,
    declarations: &Declarations,
    zone: &TimeZone,
) -> (Facts, Vec<Diagnostic>) {
    checker::item(item, catalog, declarations, zone)
}

#[cfg(test)]
mod tests;
