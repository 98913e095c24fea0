//! Lints: texts that have a meaning which is probably not the one wanted. One file each.

mod mixed_and_or;
mod never_missing;
mod unreachable_step;
mod unused_item;
mod unused_let;

pub(crate) use never_missing::{needless_default, never_missing};
pub(crate) use unused_item::unused_items;

use hence_syntax::ast::Item;

use crate::checker::Checker;

/// Runs the lints of one item.
pub(crate) fn item(item: &Item, checker: &mut Checker<'_>) {
    mixed_and_or::check(item, checker);
    unreachable_step::check(item, checker);
    unused_let::check(item, checker);
}
