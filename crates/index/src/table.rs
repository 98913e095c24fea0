//! Containers that are changed in one copy while others are read: a copy costs the way to what changed.
//!
//! All of them share their parts between copies. A change copies the part it falls into if a copy of the whole holds
//! on to it, and nothing otherwise; so a reader keeps what it has, and a writer pays once for each part after every
//! copy it gives away.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

/// So many entries on average are copied for one change of a [`Table`].
const PER_SHARD: usize = 64;

/// So many elements of a list are copied for one change of it.
const PER_CHUNK: usize = 128;

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

type Shard<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// A map of which a copy shares all shards.
#[derive(Debug, Clone)]
pub(crate) struct Table<K, V> {
    shards: Arc<Vec<Arc<Shard<K, V>>>>,
    len: usize,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Table { shards: Arc::new(Vec::new()), len: 0 }
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
        self.shards.get(place(key, self.shards.len()))?.get(key)
    }

    /// Changes the value of a key, a fresh one if there is none.
    pub(crate) fn change<R>(&mut self, key: K, change: impl FnOnce(&mut V) -> R) -> Option<R>
    where
        V: Default,
    {
        if self.len >= self.shards.len() * PER_SHARD {
            self.grow();
        }
        let place = place(&key, self.shards.len());
        let shard = Arc::make_mut(Arc::make_mut(&mut self.shards).get_mut(place)?);
        self.len += usize::from(!shard.contains_key(&key));
        Some(change(shard.entry(key).or_default()))
    }

    /// Returns the value of a key for changing it, if there is one.
    pub(crate) fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.get(key)?;
        let place = place(key, self.shards.len());
        Arc::make_mut(Arc::make_mut(&mut self.shards).get_mut(place)?).get_mut(key)
    }

    pub(crate) fn remove<Q>(&mut self, key: &Q)
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if self.get(key).is_some() {
            let place = place(key, self.shards.len());
            if let Some(shard) = Arc::make_mut(&mut self.shards).get_mut(place) {
                Arc::make_mut(shard).remove(key);
                self.len -= 1;
            }
        }
    }

    fn grow(&mut self) {
        let size = (self.shards.len() * 2).max(1);
        let mut shards: Vec<Shard<K, V>> = (0..size).map(|_| Shard::default()).collect();
        for shard in Arc::unwrap_or_clone(std::mem::take(&mut self.shards)) {
            for (key, value) in Arc::unwrap_or_clone(shard) {
                if let Some(shard) = shards.get_mut(place(&key, size)) {
                    shard.insert(key, value);
                }
            }
        }
        self.shards = Arc::new(shards.into_iter().map(Arc::new).collect());
    }
}

/// The shard of a key among so many, a power of two.
#[inline]
fn place<Q: Hash + ?Sized>(key: &Q, shards: usize) -> usize {
    let mut hasher = Quick::default();
    key.hash(&mut hasher);
    // Other bits than those by which the shard finds the entry.
    (hasher.finish() >> 20) as usize & shards.wrapping_sub(1)
}

/// A list of which a copy shares all chunks.
#[derive(Debug, Clone)]
pub(crate) struct Chunks<T> {
    chunks: Arc<Vec<Arc<Vec<T>>>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Chunks { chunks: Arc::default() }
    }
}

impl<T: Clone> Chunks<T> {
    #[inline]
    pub(crate) fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / PER_CHUNK)?.get(place % PER_CHUNK)
    }

    /// Sets an element; those before it that were never set are fresh.
    pub(crate) fn set(&mut self, place: usize, element: T)
    where
        T: Default,
    {
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = place / PER_CHUNK;
        if chunks.len() <= chunk {
            chunks.resize_with(chunk + 1, Arc::default);
        }
        let Some(chunk) = chunks.get_mut(chunk).map(Arc::make_mut) else { return };
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
    pages: Arc<Vec<Arc<Page<T>>>>,
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
        Runs { pages: Arc::default() }
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
        let pages = Arc::make_mut(&mut self.pages);
        let place = number / PER_PAGE;
        if pages.len() <= place {
            pages.resize_with(place + 1, Arc::default);
        }
        let Some(page) = pages.get_mut(place).map(Arc::make_mut) else { return };
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
