//! Containers that are changed in one copy while others are read: a copy costs the way to what changed.
//!
//! All of them share their parts between copies. A change copies the part it falls into if a copy of the whole holds
//! on to it, and nothing otherwise; so a reader keeps what it has, and a writer pays once for each part after every
//! copy it gives away.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use hashbrown::HashTable;

/// So many entries on average are copied for one change of a [`Table`].
const PER_SHARD: usize = 32;

/// So many elements of a list are copied for one change of it.
const PER_CHUNK: usize = 64;

/// A quick hash. Only what stands in rules is ever put into a table; a payload cannot fill it with what collides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quick(u64);

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Quick {
    #[inline]
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    }
}

impl Hasher for Quick {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((word, after)) = rest.split_first_chunk::<8>() {
            self.add(u64::from_le_bytes(*word));
            rest = after;
        }
        let tail = rest.iter().fold(rest.len() as u64, |word, byte| word << 8 | u64::from(*byte));
        self.add(tail);
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.add(u64::from(word));
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.add(word as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        // The table takes its place from the low bits and its tag from the high ones.
        self.0 ^ self.0 >> 32
    }
}

/// So many parts stand in a group. A change copies the list of groups and one group, if they are shared.
const PER_GROUP: usize = 32;

/// The parts of a container, of which a copy shares all.
#[derive(Debug)]
struct Parts<T> {
    groups: Arc<Vec<Arc<Vec<Arc<T>>>>>,
    len: usize,
}

impl<T> Clone for Parts<T> {
    fn clone(&self) -> Self {
        Parts { groups: Arc::clone(&self.groups), len: self.len }
    }
}

impl<T> Default for Parts<T> {
    fn default() -> Self {
        Parts { groups: Arc::default(), len: 0 }
    }
}

impl<T: Clone> Parts<T> {
    #[inline]
    fn get(&self, place: usize) -> Option<&T> {
        self.groups.get(place / PER_GROUP)?.get(place % PER_GROUP).map(|part| &**part)
    }

    fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        let group = Arc::make_mut(&mut self.groups).get_mut(place / PER_GROUP)?;
        Arc::make_mut(group).get_mut(place % PER_GROUP).map(Arc::make_mut)
    }

    fn push(&mut self, part: T) {
        let groups = Arc::make_mut(&mut self.groups);
        if self.len.is_multiple_of(PER_GROUP) {
            groups.push(Arc::default());
        }
        if let Some(group) = groups.last_mut() {
            Arc::make_mut(group).push(Arc::new(part));
            self.len += 1;
        }
    }

    /// Returns the part at a place for changing it; fresh ones up to there if it is beyond the end.
    fn reach(&mut self, place: usize) -> Option<&mut T>
    where
        T: Default,
    {
        while self.len <= place {
            self.push(T::default());
        }
        self.get_mut(place)
    }

    fn into_parts(self) -> impl Iterator<Item = T> {
        let groups = Arc::unwrap_or_clone(self.groups).into_iter();
        groups.flat_map(Arc::unwrap_or_clone).map(Arc::unwrap_or_clone)
    }
}

type Shard<K, V> = HashTable<(K, V)>;

/// A map of which a copy shares all shards. A key is hashed once, for its shard and its place there.
#[derive(Debug, Clone)]
pub(crate) struct Table<K, V> {
    shards: Parts<Shard<K, V>>,
    len: usize,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Table { shards: Parts::default(), len: 0 }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Table<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if self.len == 0 {
            return None;
        }
        let hash = hash(key);
        let shard = self.shards.get(place(hash, self.shards.len))?;
        shard.find(hash, |(own, _)| own.borrow() == key).map(|(_, value)| value)
    }

    /// Changes the value of a key, a fresh one if there is none.
    pub(crate) fn change<R>(&mut self, key: K, change: impl FnOnce(&mut V) -> R) -> Option<R>
    where
        V: Default,
    {
        if self.len >= self.shards.len * PER_SHARD {
            self.grow();
        }
        let hash = hash(&key);
        let shard = self.shards.get_mut(place(hash, self.shards.len))?;
        let before = shard.len();
        let entry = shard.entry(hash, |(own, _)| *own == key, |(own, _)| self::hash(own));
        let (_, value) = entry.or_insert_with(|| (key, V::default())).into_mut();
        let result = change(value);
        self.len += shard.len() - before;
        Some(result)
    }

    /// Returns the value of a key for changing it, if there is one.
    pub(crate) fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.get(key)?;
        let hash = hash(key);
        let shard = self.shards.get_mut(place(hash, self.shards.len))?;
        shard.find_mut(hash, |(own, _)| own.borrow() == key).map(|(_, value)| value)
    }

    pub(crate) fn remove<Q>(&mut self, key: &Q)
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if self.get(key).is_none() {
            return;
        }
        let hash = hash(key);
        if let Some(shard) = self.shards.get_mut(place(hash, self.shards.len))
            && let Ok(entry) = shard.find_entry(hash, |(own, _)| own.borrow() == key)
        {
            entry.remove();
            self.len -= 1;
        }
    }

    fn grow(&mut self) {
        let size = (self.shards.len * 2).max(1);
        let mut shards: Vec<Shard<K, V>> = (0..size).map(|_| Shard::default()).collect();
        for (key, value) in std::mem::take(&mut self.shards).into_parts().flatten() {
            let hash = hash(&key);
            if let Some(shard) = shards.get_mut(place(hash, size)) {
                shard.insert_unique(hash, (key, value), |(own, _)| self::hash(own));
            }
        }
        shards.into_iter().for_each(|shard| self.shards.push(shard));
    }
}

#[inline]
fn hash<Q: Hash + ?Sized>(key: &Q) -> u64 {
    let mut hasher = Quick::default();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The shard of a key among so many, a power of two.
#[inline]
fn place(hash: u64, shards: usize) -> usize {
    // Other bits than those by which the shard finds the entry.
    (hash >> 20) as usize & shards.wrapping_sub(1)
}

/// A list of which a copy shares all chunks.
#[derive(Debug, Clone)]
pub(crate) struct Chunks<T> {
    chunks: Parts<Vec<T>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Chunks { chunks: Parts::default() }
    }
}

impl<T: Clone + Default> Chunks<T> {
    #[inline]
    pub(crate) fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / PER_CHUNK)?.get(place % PER_CHUNK)
    }

    /// Sets an element; those before it that were never set are fresh.
    pub(crate) fn set(&mut self, place: usize, element: T) {
        let Some(chunk) = self.chunks.reach(place / PER_CHUNK) else { return };
        let place = place % PER_CHUNK;
        if chunk.len() <= place {
            chunk.resize_with(place + 1, T::default);
        }
        if let Some(slot) = chunk.get_mut(place) {
            *slot = element;
        }
    }
}

/// Short runs of elements, one for each number, that stand side by side so that they are read without detours.
#[derive(Debug, Clone)]
pub(crate) struct Runs<T> {
    pages: Parts<Page<T>>,
}

#[derive(Debug, Clone)]
struct Page<T> {
    /// For each number of the page where its run begins, and how long it is.
    runs: [(u32, u32); PER_PAGE],
    elements: Vec<T>,
    /// How many elements are of runs that are gone.
    gone: usize,
}

/// So many runs stand on one page, which is copied for one change.
const PER_PAGE: usize = 32;

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Runs { pages: Parts::default() }
    }
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Page { runs: [(0, 0); PER_PAGE], elements: Vec::new(), gone: 0 }
    }
}

impl<T: Clone> Runs<T> {
    /// Returns a run; an empty one where none was set.
    #[inline]
    pub(crate) fn get(&self, number: usize) -> &[T] {
        let Some(page) = self.pages.get(number / PER_PAGE) else { return &[] };
        let (start, length) = page.runs.get(number % PER_PAGE).copied().unwrap_or((0, 0));
        page.elements.get(start as usize..(start + length) as usize).unwrap_or_default()
    }

    /// Sets a run.
    pub(crate) fn set(&mut self, number: usize, run: &[T]) {
        let Some(page) = self.pages.reach(number / PER_PAGE) else { return };
        if page.gone * 2 > page.elements.len() {
            let elements = std::mem::take(&mut page.elements);
            for (start, length) in &mut page.runs {
                let run = elements.get(*start as usize..(*start + *length) as usize).unwrap_or_default();
                *start = page.elements.len() as u32;
                page.elements.extend_from_slice(run);
            }
            page.gone = 0;
        }
        if let Some((start, length)) = page.runs.get_mut(number % PER_PAGE) {
            page.gone += *length as usize;
            (*start, *length) = (page.elements.len() as u32, run.len() as u32);
            page.elements.extend_from_slice(run);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_are_what_they_were_set_to(changes in prop::collection::vec((0_usize..100, prop::collection::vec(any::<u8>(), 0..9)), 0..400)) {
            let mut runs = Runs::default();
            let mut expected: HashMap<usize, Vec<u8>> = HashMap::new();
            for (number, run) in changes {
                let before = runs.clone();
                runs.set(number, &run);
                prop_assert_eq!(before.get(number), expected.get(&number).map_or(&[][..], Vec::as_slice));
                expected.insert(number, run);
            }
            for number in 0..100 {
                prop_assert_eq!(runs.get(number), expected.get(&number).map_or(&[][..], Vec::as_slice));
            }
        }

        #[test]
        fn a_copy_keeps_what_it_had(changes in prop::collection::vec((any::<u16>(), any::<bool>()), 0..2000)) {
            let mut table: Table<u32, u32> = Table::default();
            let mut expected: HashMap<u32, u32> = HashMap::new();
            let mut copies = Vec::new();
            for (number, (key, adds)) in (0..).zip(changes) {
                let key = u32::from(key % 700);
                if adds {
                    table.change(key, |value| *value = number);
                    expected.insert(key, number);
                } else {
                    table.remove(&key);
                    expected.remove(&key);
                }
                if number % 500 == 0 {
                    copies.push((table.clone(), expected.clone()));
                }
            }
            copies.push((table, expected));
            for (table, expected) in copies {
                prop_assert_eq!(table.len(), expected.len());
                for key in 0..700 {
                    prop_assert_eq!(table.get(&key), expected.get(&key));
                }
            }
        }
    }
}
