//! Where something is named.

use crate::names::{self, Occurrence};
use crate::view::View;

/// Returns the places where what is named at a place is named, in all files; with its declaration if asked for.
pub fn references(view: View<'_>, offset: u32, with_declaration: bool) -> Vec<Occurrence> {
    let Some(found) = names::at(view, offset) else { return Vec::new() };
    let written = names::written(view, &found);
    let mut all = names::everywhere(view, &found.symbol, &written);
    if !with_declaration {
        all.retain(|one| one.role == crate::Role::Uses);
    }
    all
}
