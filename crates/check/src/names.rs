//! Which items have which names. Of items with one name the first counts.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use hence_diagnostics::Span;

use crate::declarations::ItemPlace;
use crate::outline::Named;

/// Items by their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    first: HashMap<Arc<str>, Entry>,
    /// Those behind the first of their names, in order of their places.
    others: HashMap<Arc<str>, Vec<Entry>>,
    /// The names that more than one item has.
    several: BTreeSet<Arc<str>>,
}

/// An item that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) place: ItemPlace,
    /// The place of the name.
    pub(crate) span: Span,
    pub(crate) is_definition: bool,
}

/// A name whose first item is another than before, or stands elsewhere.
#[derive(Debug)]
pub(crate) struct Moved {
    pub(crate) name: Arc<str>,
    pub(crate) before: Option<Entry>,
    pub(crate) after: Option<Entry>,
}

impl Names {
    /// Returns the item that counts.
    pub(crate) fn first(&self, name: &str) -> Option<&Entry> {
        self.first.get(name)
    }

    /// Returns the items that have the names of earlier ones, each with its name and the place of the first.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = (&Arc<str>, &Entry, Span)> {
        self.several.iter().flat_map(|name| {
            let first = self.first.get(name).map(|first| first.span).unwrap_or_default();
            let others = self.others.get(name).into_iter().flatten();
            others.map(move |other| (name, other, first))
        })
    }

    /// Puts the names that a file has in place of those that it had.
    pub(crate) fn replace(&mut self, file: usize, before: &[Named], after: &[Named]) -> Vec<Moved> {
        if before == after {
            return Vec::new();
        }
        let touched: BTreeSet<&Arc<str>> = before.iter().chain(after).map(|named| &named.name).collect();
        let firsts: Vec<Option<Entry>> = touched.iter().map(|name| self.first.get(*name).copied()).collect();
        for named in before {
            self.remove(&named.name, ItemPlace { file, item: named.item });
        }
        for Named { name, item, span, is_definition } in after {
            let place = ItemPlace { file, item: *item };
            self.insert(name, Entry { place, span: *span, is_definition: *is_definition });
        }
        let moved = touched.into_iter().zip(firsts).filter_map(|(name, before)| {
            let after = self.first.get(name).copied();
            (before != after).then(|| Moved { name: Arc::clone(name), before, after })
        });
        moved.collect()
    }

    fn insert(&mut self, name: &Arc<str>, entry: Entry) {
        let Some(first) = self.first.get_mut(name) else {
            self.first.insert(Arc::clone(name), entry);
            return;
        };
        let later = if entry.place < first.place { std::mem::replace(first, entry) } else { entry };
        let others = self.others.entry(Arc::clone(name)).or_default();
        let at = others.partition_point(|other| other.place < later.place);
        others.insert(at, later);
        self.several.insert(Arc::clone(name));
    }

    fn remove(&mut self, name: &str, place: ItemPlace) {
        let Some(first) = self.first.get_mut(name) else { return };
        let Some(others) = self.others.get_mut(name) else {
            if first.place == place {
                self.first.remove(name);
            }
            return;
        };
        if first.place == place {
            // INVARIANT: a list of others is never empty.
            *first = others.remove(0);
        } else {
            others.retain(|other| other.place != place);
        }
        if others.is_empty() {
            self.others.remove(name);
            self.several.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, item: usize) -> Named {
        Named { name: Arc::from(name), item, span: Span::default(), is_definition: false }
    }

    #[test]
    fn the_first_of_a_name_counts_whatever_comes_and_goes() {
        let mut names = Names::default();
        let (a, b) = ([named("x", 0), named("x", 2)], [named("x", 1)]);
        names.replace(1, &[], &a);
        names.replace(0, &[], &b);
        let place = |names: &Names| names.first("x").map(|first| (first.place.file, first.place.item));
        assert_eq!(place(&names), Some((0, 1)));
        let others: Vec<_> = names.repeated().map(|(_, other, _)| other.place.item).collect();
        assert_eq!(others, [0, 2]);
        let moved = names.replace(0, &b, &[]);
        assert_eq!(moved.len(), 1);
        assert_eq!(place(&names), Some((1, 0)));
        names.replace(1, &a, &a[1..]);
        assert_eq!((place(&names), names.repeated().count()), (Some((1, 2)), 0));
        names.replace(1, &a[1..], &[]);
        assert_eq!(place(&names), None);
    }
}
