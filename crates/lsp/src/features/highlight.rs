//! Where what is named at a place is named in the same file.

use crate::names::{self, Occurrence};
use crate::view::View;

/// Returns the places in this file where what is named at a place is named.
pub fn highlights(view: View<'_>, offset: u32) -> Vec<Occurrence> {
    let Some(found) = names::at(view, offset) else { return Vec::new() };
    let all = view.items().into_iter().flat_map(|item| names::of_item(item, view.project()));
    all.filter(|one| one.symbol == found.symbol).collect()
}
