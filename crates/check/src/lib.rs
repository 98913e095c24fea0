//! Names, types, missing-value flow and lints → checked rules and diagnostics.
//!
//! [`check`] takes the parsed files of a project and the catalog of its integrations. It finds out what every name
//! means and what type every expression has, and reports everything that cannot be right, all in one run: an
//! expression already reported has the error type, which agrees with everything, so one mistake gives one
//! message. Facts stand in tables beside the trees ([`Facts`]); trees are never changed. What operators and
//! functions mean is decided in `hence-builtins`, not here.
//!
//! Everything that was found out is kept: after a change of some files [`Checked::update`] looks again at what they say
//! and at what reads it, and comes to what a check of everything would come to.
//!
//! Start with [`check`] and [`Checked`].

mod awaited;
mod checked;
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
mod known;
mod lints;
mod literal;
mod names;
mod narrow;
mod nodes;
mod outline;
mod rule;
mod set_field;
mod silence;
mod step_clauses;
mod stop_all;
mod table;
mod test;
mod trigger;
mod types;
mod update;
mod value;
mod waiting;
mod words;
mod zone;

use hence_diagnostics::Diagnostic;
use hence_schema::Catalog;
use hence_syntax::Parsed;
use hence_syntax::ast::Item;
use hence_types::jiff::tz::TimeZone;

pub use checked::Checked;
pub use clauses::{limit_count, millionths};
pub use declarations::{Declarations, FunctionSignature, ItemPlace};
pub use expression::matching::arm_value;
pub use expression::operator::builtin as builtin_operator;
pub use expression::visit::visit;
pub use facts::{Envelope, Facts, FamilyRow, IsVariant, QuantifierKind, Use};
pub use header::Header;
pub use literal::value as literal_value;
pub use set_field::SetField;
pub use table::needs_presence;
pub use test::{ByPerson, by_person, conditions, count};
pub use trigger::watched::{
    Watched, WatchedChange, WatchedDate, WatchedField, WatchedLevel, WatchedPattern, WatchedRest,
};
pub use types::PLAIN_TYPES;
pub use update::Changes;
pub use zone::time_zone;

/// Checks all files of a project. `zone` is the project's time zone.
pub fn check(files: &[Parsed], catalog: &Catalog, zone: &TimeZone) -> Checked {
    let mut checked = Checked::default();
    checked.update(files, &[], catalog, zone);
    checked
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
