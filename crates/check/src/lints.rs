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

pub(crate) use duplicate_rule::duplicate_rule;
pub(crate) use emit_loop::emit_loops;
pub(crate) use never_missing::{needless_default, needless_missing_arm, never_missing};
pub(crate) use unused_item::unused_items;

use hence_syntax::ast::Item;

use crate::checker::Checker;
use crate::condition::Scope;
use crate::known::Meaning;

/// Runs the lints of one item.
pub(crate) fn item(item: &Item, checker: &mut Checker<'_>) {
    mixed_and_or::check(item, checker);
    unreachable_step::check(item, checker);
    unused_let::check(item, checker);
    never_due::check(item, checker);
    skipped_time::check(item, checker);
}

/// Runs the lints that look through constants and functions, of an item without errors.
pub(crate) fn meaning(scope: &Scope<'_>, item: &Item) -> Meaning {
    let mut found = Vec::new();
    never_true::check(scope, item, &mut found);
    implied_condition::check(scope, item, &mut found);
    self_comparison::check(scope, item, &mut found);
    unmatchable_case::check(scope, item, &mut found);
    unused_parameter::check(scope, item, &mut found);
    let sameness = duplicate_rule::sameness(scope, item);
    Meaning { found, sameness, emits: emit_loop::emits(scope, item) }
}

#[cfg(test)]
mod tests;
