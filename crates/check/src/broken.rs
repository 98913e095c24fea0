//! Items that cannot be compiled: those with errors of their own, and those that use such items.

use std::collections::BTreeSet;
use std::sync::Arc;

use hence_syntax::Parsed;
use hence_syntax::ast::Item;

use crate::declarations::Declarations;
use crate::facts::{CheckedItem, Use};

/// Marks functions and constants that are defined by themselves, and every item that uses a broken one, be it by way
/// of others. Nothing is reported: the error is where it began.
pub(crate) fn spread(files: &[Parsed], declarations: &Declarations, items: &mut [CheckedItem]) {
    let functions = declarations.functions.iter().filter(|(_, function)| function.what.result.is_error());
    let constants = declarations.constants.iter().filter(|(_, constant)| constant.what.is_error());
    let mut broken: BTreeSet<&str> =
        functions.map(|(name, _)| name.as_str()).chain(constants.map(|(name, _)| name.as_str())).collect();
    loop {
        let before = broken.len();
        for checked in items.iter_mut() {
            let uses_broken = checked.facts.uses().any(|usage| match usage {
                Use::Function(name) | Use::Constant(name) => broken.contains(name.as_str()),
                Use::Payload
                | Use::PayloadField(_)
                | Use::Envelope(_)
                | Use::Local(_)
                | Use::Now
                | Use::Today
                | Use::Field(_)
                | Use::Builtin(_)
                | Use::Quantifier(_)
                | Use::Action(_)
                | Use::IsEvent(_)
                | Use::IsVariant(_) => false,
            });
            if uses_broken && !checked.facts.broken {
                Arc::make_mut(&mut checked.facts).broken = true;
            }
            if checked.facts.broken {
                let item = files.get(checked.place.file).and_then(|file| file.items.get(checked.place.item));
                broken.extend(item.and_then(Item::name).map(|name| name.text.as_str()));
            }
        }
        if broken.len() == before {
            return;
        }
    }
}
