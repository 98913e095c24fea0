//! Lints: texts that have a meaning which is probably not the one wanted. One file each.

mod conditions;
mod duplicate_rule;
mod emit_loop;
mod implied_condition;
mod mixed_and_or;
mod never_due;
mod never_missing;
mod never_true;
mod self_comparison;
mod skipped_time;
mod unmatchable_case;
mod unreachable_step;
mod unused_item;
mod unused_let;
mod unused_parameter;

pub(crate) use never_missing::{needless_default, needless_missing_arm, never_missing};
pub(crate) use unused_item::unused_items;

use std::collections::BTreeSet;

use hence_diagnostics::{Code, Diagnostic, Span};
use hence_syntax::Parsed;
use hence_syntax::ast::Item;
use hence_types::jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::checker::Checker;
use crate::condition::Scope;
use crate::declarations::Declarations;
use crate::facts::CheckedItem;
use crate::memory::Known;

/// Runs the lints of one item.
pub(crate) fn item(item: &Item, checker: &mut Checker<'_>) {
    mixed_and_or::check(item, checker);
    unreachable_step::check(item, checker);
    unused_let::check(item, checker);
    never_due::check(item, checker);
    skipped_time::check(item, checker);
}

/// Runs the lints that need all items to be checked: they look through constants. Items with errors are left out.
pub(crate) fn of_meaning(
    files: &[Parsed],
    declarations: &Declarations,
    items: &[CheckedItem],
    known: &[&Known],
    zone: &TimeZone,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let understood: Vec<(&Known, (Scope<'_>, &Item))> = items
        .iter()
        .zip(known)
        .filter(|(checked, _)| !checked.facts.broken)
        .filter_map(|(checked, known)| {
            let item = files.get(checked.place.file)?.items.get(checked.place.item)?;
            Some((*known, (Scope { facts: &checked.facts, declarations, files, zone }, item)))
        })
        .collect();
    let of_item = |(scope, item): &(Scope<'_>, &Item)| {
        let mut found = Vec::new();
        never_true::check(scope, item, &mut found);
        implied_condition::check(scope, item, &mut found);
        self_comparison::check(scope, item, &mut found);
        unmatchable_case::check(scope, item, &mut found);
        unused_parameter::check(scope, item, &mut found);
        found
    };
    let remembered = |(known, scoped): &(&Known, (Scope<'_>, &Item))| {
        known.of_meaning.get_or_init(|| of_item(scoped)).clone()
    };
    let mut found: Vec<Diagnostic> = understood.par_iter().flat_map_iter(remembered).collect();
    let understood: Vec<(Scope<'_>, &Item)> = understood.into_iter().map(|(_, scoped)| scoped).collect();
    duplicate_rule::check(&understood, &mut found);
    emit_loop::check(&understood, &mut found);
    // A test for absence that has one result only is reported as that already.
    let told: BTreeSet<Span> =
        diagnostics.iter().filter(|one| one.code == Code::NeverMissing).map(|one| one.primary.span).collect();
    found.retain(|one| !told.contains(&one.primary.span));
    diagnostics.extend(found);
}

#[cfg(test)]
mod tests;
