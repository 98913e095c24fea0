//! Postings: the rules filed under one key, each with a test that can put it aside at once.

use std::sync::Arc;

use hence_types::Text;

use crate::guard::{GUARDS, Guard};
use crate::table::Table;
use crate::value::Code;

/// So many entries stand in one chunk of a long posting.
const PER_CHUNK: usize = 128;

/// A rule under a key. The guards stand here, so that most rules cost nothing beyond these bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) rule: u32,
    pub(crate) guards: [Guard; GUARDS],
}

impl Entry {
    /// Returns an entry with these guards, as many as have room. If it decides, the condition holds where all pass.
    pub(crate) fn new(rule: u32, guards: &[Guard], decides: bool) -> Entry {
        let mut own = [Guard::NONE; GUARDS];
        own.iter_mut().zip(guards).for_each(|(own, guard)| *own = *guard);
        if let Some(first) = own.first_mut().filter(|_| decides && guards.len() <= GUARDS) {
            *first = first.deciding();
        }
        Entry { rule, guards: own }
    }
}

/// The rules under one key, in the order of their numbers.
#[derive(Debug, Clone, Default)]
pub(crate) enum Posting {
    #[default]
    None,
    One(Entry),
    Few(Arc<Vec<Entry>>),
    Many(Arc<Vec<Arc<Vec<Entry>>>>),
}

impl Posting {
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether there is certainly nothing to visit.
    #[inline]
    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Posting::None)
    }

    /// Returns the rule of the first entry.
    #[inline]
    pub(crate) fn first(&self) -> u32 {
        let first = match self {
            Posting::None => None,
            Posting::One(entry) => Some(entry),
            Posting::Few(entries) => entries.first(),
            Posting::Many(chunks) => chunks.first().and_then(|chunk| chunk.first()),
        };
        first.map_or(0, |entry| entry.rule)
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Posting::None => 0,
            Posting::One(_) => 1,
            Posting::Few(entries) => entries.len(),
            Posting::Many(chunks) => chunks.iter().map(|chunk| chunk.len()).sum(),
        }
    }

    /// Returns whether there are so many entries at least.
    pub(crate) fn has(&self, count: usize) -> bool {
        match self {
            Posting::None | Posting::One(_) | Posting::Few(_) => self.len() >= count,
            Posting::Many(_) => true,
        }
    }

    pub(crate) fn add(&mut self, entry: Entry) {
        match self {
            Posting::None => *self = Posting::One(entry),
            Posting::One(first) => {
                let mut entries = vec![*first];
                insert(&mut entries, entry);
                *self = Posting::Few(Arc::new(entries));
            }
            Posting::Few(entries) => {
                insert(Arc::make_mut(entries), entry);
                if entries.len() > PER_CHUNK {
                    let mut chunks = vec![Arc::clone(entries)];
                    split(&mut chunks, 0);
                    *self = Posting::Many(Arc::new(chunks));
                }
            }
            Posting::Many(chunks) => {
                let chunks = Arc::make_mut(chunks);
                let place = chunk_of(chunks, entry.rule);
                let Some(chunk) = chunks.get_mut(place).map(Arc::make_mut) else { return };
                insert(chunk, entry);
                if chunk.len() > PER_CHUNK {
                    split(chunks, place);
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, rule: u32) {
        let others = |entry: &Entry| entry.rule != rule;
        match self {
            Posting::None => {}
            Posting::One(entry) if entry.rule == rule => *self = Posting::None,
            Posting::One(_) => {}
            Posting::Few(entries) => {
                let entries = Arc::make_mut(entries);
                entries.retain(others);
                if let [one] = entries.as_slice() {
                    *self = Posting::One(*one);
                }
            }
            Posting::Many(chunks) => {
                // An entry of the same rule at the end of the chunk before is of another place, and removed for that.
                let place = chunk_of(chunks, rule);
                let chunks = Arc::make_mut(chunks);
                if let Some(chunk) = chunks.get_mut(place).map(Arc::make_mut) {
                    chunk.retain(others);
                    if chunk.is_empty() {
                        chunks.remove(place);
                    }
                }
                if chunks.is_empty() {
                    *self = Posting::None;
                }
            }
        }
    }

    #[inline]
    pub(crate) fn visit(&self, visit: &mut impl FnMut(&Entry)) {
        match self {
            Posting::None => {}
            Posting::One(entry) => visit(entry),
            Posting::Few(entries) => entries.iter().for_each(visit),
            Posting::Many(chunks) => {
                for chunk in chunks.iter() {
                    chunk.iter().for_each(&mut *visit);
                }
            }
        }
    }
}

/// The chunk that a rule is in or belongs into: the last that does not begin behind it.
fn chunk_of(chunks: &[Arc<Vec<Entry>>], rule: u32) -> usize {
    let begins_before = |chunk: &Arc<Vec<Entry>>| chunk.first().is_none_or(|entry| entry.rule <= rule);
    chunks.partition_point(begins_before).saturating_sub(1)
}

fn insert(entries: &mut Vec<Entry>, entry: Entry) {
    // Rules are mostly added in the order of their numbers.
    let place = match entries.last() {
        Some(last) if last.rule > entry.rule => entries.partition_point(|own| own.rule <= entry.rule),
        Some(_) | None => entries.len(),
    };
    entries.insert(place, entry);
}

/// Splits a chunk that has grown too long; where it grows at its end, so that those before the end are full.
fn split(chunks: &mut Vec<Arc<Vec<Entry>>>, place: usize) {
    let is_last = place + 1 == chunks.len();
    let Some(chunk) = chunks.get_mut(place).map(Arc::make_mut) else { return };
    let upper = chunk.split_off(if is_last { PER_CHUNK } else { PER_CHUNK / 2 });
    chunks.insert(place + 1, Arc::new(upper));
}

/// Rules filed under ranges, in the order of the ranges' lower ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranges {
    chunks: Arc<Vec<Chunk>>,
}

#[derive(Debug, Clone)]
struct Chunk {
    least: i64,
    /// The highest upper end.
    most: i64,
    ranges: Arc<Vec<Range>>,
}

#[derive(Debug, Clone, Copy)]
struct Range {
    low: i64,
    high: i64,
    entry: Entry,
}

impl Ranges {
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(crate) fn add(&mut self, low: Option<Code>, high: Option<Code>, entry: Entry) {
        let (low, high) = ends(low, high);
        let range = Range { low, high, entry };
        let chunks = Arc::make_mut(&mut self.chunks);
        let place = chunks.partition_point(|chunk| chunk.least <= low).saturating_sub(1);
        let Some(chunk) = chunks.get_mut(place) else {
            chunks.push(Chunk { least: low, most: high, ranges: Arc::new(vec![range]) });
            return;
        };
        let ranges = Arc::make_mut(&mut chunk.ranges);
        ranges.insert(ranges.partition_point(|own| own.low <= low), range);
        if ranges.len() > PER_CHUNK {
            let upper = ranges.split_off(PER_CHUNK / 2);
            chunks.insert(place + 1, Chunk { least: 0, most: 0, ranges: Arc::new(upper) });
        }
        for chunk in chunks.iter_mut().skip(place).take(2) {
            chunk.measure();
        }
    }

    pub(crate) fn remove(&mut self, low: Option<Code>, high: Option<Code>, rule: u32) {
        let (low, _) = ends(low, high);
        let chunks = Arc::make_mut(&mut self.chunks);
        let first = chunks.partition_point(|chunk| chunk.least < low).saturating_sub(1);
        let found = chunks.iter().enumerate().skip(first).take_while(|(_, chunk)| chunk.least <= low);
        let found = found.filter(|(_, chunk)| {
            chunk.ranges.iter().any(|range| range.entry.rule == rule && range.low == low)
        });
        let Some(place) = found.map(|(place, _)| place).next() else { return };
        if let Some(chunk) = chunks.get_mut(place) {
            Arc::make_mut(&mut chunk.ranges).retain(|range| range.entry.rule != rule || range.low != low);
            chunk.measure();
            if chunk.ranges.is_empty() {
                chunks.remove(place);
            }
        }
    }

    /// Calls back with the rules of all ranges that a code lies in, ends included, and whether it lies between the ends,
    /// where it does not matter how near the values are to each other that have a code.
    #[inline]
    pub(crate) fn visit(&self, code: i64, visit: &mut impl FnMut(&Entry, bool)) {
        for chunk in
            self.chunks.iter().take_while(|chunk| chunk.least <= code).filter(|chunk| chunk.most >= code)
        {
            for range in chunk.ranges.iter().take_while(|range| range.low <= code) {
                if range.high >= code {
                    visit(&range.entry, range.low < code && code < range.high);
                }
            }
        }
    }
}

impl Chunk {
    fn measure(&mut self) {
        self.least = self.ranges.first().map_or(i64::MAX, |range| range.low);
        self.most = self.ranges.iter().map(|range| range.high).max().unwrap_or(i64::MIN);
    }
}

fn ends(low: Option<Code>, high: Option<Code>) -> (i64, i64) {
    (low.map_or(i64::MIN, |low| low.code), high.map_or(i64::MAX, |high| high.code))
}

/// Rules filed under parts of texts: how they begin, end, or what is inside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    starts: Ends,
    ends: Ends,
    inside: Inside,
}

/// Literals that stand at one end of a text, looked up once for every length that one of them has.
#[derive(Debug, Clone, Default)]
struct Ends {
    literals: Table<Text, Posting>,
    /// Each length, and how many literals have it.
    lengths: Arc<Vec<(usize, u32)>>,
}

/// Literals that stand anywhere in a text. Each is known by a few bytes in a row somewhere in it, its anchor; while a
/// text is gone through once, a filter says of every place whether it may be somebody's anchor.
#[derive(Debug, Clone, Default)]
struct Inside {
    anchors: Table<Anchor, Arc<Vec<Literal>>>,
    /// How many literals have an anchor of each of the [`SIZES`].
    sizes: [u32; SIZES.len()],
    /// A bit for each hash of an anchor. Bits of literals that are gone stay: they cost time and no answer.
    filter: Arc<Vec<u64>>,
}

#[derive(Debug, Clone)]
struct Literal {
    text: Text,
    /// Where in it the anchor stands.
    offset: usize,
    posting: Posting,
}

/// How long an anchor is, and its bytes as a number.
type Anchor = (u32, u64);

/// How many bytes an anchor may have. The longer, the fewer texts have it by chance.
const SIZES: [usize; 5] = [1, 2, 3, 4, 8];

/// How many bits the filter has.
const FILTER: usize = 1 << 13;

impl Parts {
    pub(crate) fn is_empty(&self) -> bool {
        self.starts.lengths.is_empty()
            && self.ends.lengths.is_empty()
            && self.inside.sizes.iter().all(|count| *count == 0)
    }

    pub(crate) fn add(&mut self, part: crate::condition::Part, text: &Text, entry: Entry) {
        match part {
            crate::condition::Part::Start => self.starts.add(text, entry),
            crate::condition::Part::End => self.ends.add(text, entry),
            crate::condition::Part::Inside => self.inside.add(text, entry),
        }
    }

    pub(crate) fn remove(&mut self, part: crate::condition::Part, text: &Text, rule: u32) {
        match part {
            crate::condition::Part::Start => self.starts.remove(text, rule),
            crate::condition::Part::End => self.ends.remove(text, rule),
            crate::condition::Part::Inside => self.inside.remove(text, rule),
        }
    }

    /// Calls back with the postings of all literals that a text has at their places, some of them more than once.
    pub(crate) fn visit<'p>(&'p self, text: &str, visit: &mut dyn FnMut(&'p Posting)) {
        for (length, _) in self.starts.lengths.iter() {
            if let Some(posting) = text.get(..*length).and_then(|start| self.starts.literals.get(start)) {
                visit(posting);
            }
        }
        for (length, _) in self.ends.lengths.iter() {
            let end = text.len().checked_sub(*length).and_then(|start| text.get(start..));
            if let Some(posting) = end.and_then(|end| self.ends.literals.get(end)) {
                visit(posting);
            }
        }
        self.inside.visit(text.as_bytes(), visit);
    }
}

impl Ends {
    fn add(&mut self, text: &Text, entry: Entry) {
        let is_new = self.literals.get(&**text).is_none();
        self.literals.change(text.clone(), |posting| posting.add(entry));
        if is_new {
            let lengths = Arc::make_mut(&mut self.lengths);
            match lengths.iter_mut().find(|(length, _)| *length == text.len()) {
                Some((_, count)) => *count += 1,
                None => lengths.push((text.len(), 1)),
            }
        }
    }

    fn remove(&mut self, text: &Text, rule: u32) {
        let Some(posting) = self.literals.get_mut(&**text) else { return };
        posting.remove(rule);
        if posting.is_empty() {
            self.literals.remove(&**text);
            let lengths = Arc::make_mut(&mut self.lengths);
            for (_, count) in lengths.iter_mut().filter(|(length, _)| *length == text.len()) {
                *count -= 1;
            }
            lengths.retain(|(_, count)| *count > 0);
        }
    }
}

impl Inside {
    fn add(&mut self, text: &Text, entry: Entry) {
        let known = anchors(text.as_bytes()).find_map(|(offset, key)| {
            let literals = self.anchors.get(&key)?;
            literals
                .iter()
                .any(|literal| literal.offset == offset && literal.text == *text)
                .then_some((offset, key))
        });
        // The anchor that fewest others have, so that what many texts share is nobody's.
        let rarest = || {
            anchors(text.as_bytes()).min_by_key(|(_, key)| self.anchors.get(key).map_or(0, |own| own.len()))
        };
        let Some((offset, key)) = known.or_else(rarest) else { return };
        if known.is_none()
            && let Some(count) = self.count_of(key)
        {
            *count += 1;
        }
        self.anchors.change(key, |literals| {
            let literals = Arc::make_mut(literals);
            match literals.iter_mut().find(|literal| literal.text == *text) {
                Some(literal) => literal.posting.add(entry),
                None => literals.push(Literal { text: text.clone(), offset, posting: Posting::One(entry) }),
            }
        });
        let filter = Arc::make_mut(&mut self.filter);
        filter.resize(FILTER / 64, 0);
        let bit = bit_of(key);
        if let Some(word) = filter.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    fn remove(&mut self, text: &Text, rule: u32) {
        let known = anchors(text.as_bytes()).map(|(_, key)| key).find(|key| {
            self.anchors.get(key).is_some_and(|literals| literals.iter().any(|literal| literal.text == *text))
        });
        let Some(key) = known else { return };
        let Some(literals) = self.anchors.get_mut(&key).map(Arc::make_mut) else { return };
        for literal in literals.iter_mut().filter(|literal| literal.text == *text) {
            literal.posting.remove(rule);
        }
        let before = literals.len();
        literals.retain(|literal| !literal.posting.is_empty());
        let (gone, is_empty) = (before - literals.len(), literals.is_empty());
        if let Some(count) = self.count_of(key) {
            *count -= gone as u32;
        }
        if is_empty {
            self.anchors.remove(&key);
        }
    }

    /// How many literals have an anchor of this size.
    fn count_of(&mut self, (size, _): Anchor) -> Option<&mut u32> {
        let place = SIZES.iter().position(|own| *own == size as usize)?;
        self.sizes.get_mut(place)
    }

    fn visit<'p>(&'p self, text: &[u8], visit: &mut dyn FnMut(&'p Posting)) {
        for (size, _) in SIZES.into_iter().zip(&self.sizes).filter(|(_, count)| **count > 0) {
            let kept = u64::MAX >> (64 - 8 * size);
            let mut bytes = 0;
            for (end, byte) in (1..).zip(text) {
                bytes = (bytes << 8 | u64::from(*byte)) & kept;
                let key = (size as u32, bytes);
                let bit = bit_of(key);
                if end >= size && self.filter.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1) {
                    self.visit_anchor(text, end - size, key, visit);
                }
            }
        }
    }

    /// Calls back with the postings of the literals that have an anchor, if they stand around its place.
    fn visit_anchor<'p>(
        &'p self,
        text: &[u8],
        place: usize,
        key: Anchor,
        visit: &mut dyn FnMut(&'p Posting),
    ) {
        for literal in self.anchors.get(&key).into_iter().flat_map(|literals| literals.iter()) {
            let start = place.checked_sub(literal.offset).and_then(|start| text.get(start..));
            if start.is_some_and(|start| start.starts_with(literal.text.as_bytes())) {
                visit(&literal.posting);
            }
        }
    }
}

/// The bytes by which a literal may be known, with their places: as many in a row as it has, up to the longest anchor.
fn anchors(text: &[u8]) -> impl Iterator<Item = (usize, Anchor)> {
    const MOST: usize = 64;
    let size = SIZES.into_iter().filter(|size| *size <= text.len()).max().unwrap_or(1);
    text.windows(size).take(MOST).map(anchor).enumerate()
}

fn anchor(window: &[u8]) -> Anchor {
    let bytes = window.iter().fold(0, |bytes, byte| bytes << 8 | u64::from(*byte));
    (window.len() as u32, bytes)
}

#[inline]
fn bit_of((size, bytes): Anchor) -> usize {
    (bytes.wrapping_add(u64::from(size)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51) as usize % FILTER
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules_of(posting: &Posting) -> Vec<u32> {
        let mut rules = Vec::new();
        posting.visit(&mut |entry| rules.push(entry.rule));
        rules
    }

    proptest! {
        #[test]
        fn a_posting_has_what_was_added_in_order(
            start in prop_oneof![Just(0_u32), Just(1), Just(300), Just(1000)],
            changes in prop::collection::vec((0_u32..1100, 0_u8..4), 0..900),
        ) {
            let mut posting = Posting::default();
            let mut expected: Vec<u32> = (0..start).map(|number| number * 7 % start).collect();
            expected.iter().for_each(|rule| posting.add(Entry::new(*rule, &[], false)));
            for (rule, kind) in changes {
                let before = posting.clone();
                let had = rules_of(&before);
                if kind == 0 {
                    posting.add(Entry::new(rule, &[], false));
                    expected.push(rule);
                } else if let Some(place) = expected.iter().position(|own| *own == rule) {
                    // Of a rule that is there more than once some may stay for the other places it is filed at.
                    posting.remove(rule);
                    let left = rules_of(&posting).iter().filter(|own| **own == rule).count();
                    prop_assert!(left < had.iter().filter(|own| **own == rule).count());
                    expected.remove(place);
                    expected.retain(|own| *own != rule);
                    expected.extend(std::iter::repeat_n(rule, left));
                }
                prop_assert_eq!(rules_of(&before), had);
            }
            expected.sort_unstable();
            prop_assert_eq!(rules_of(&posting), &expected[..]);
            prop_assert_eq!(posting.len(), expected.len());
            while let Some(rule) = expected.pop() {
                posting.remove(rule);
            }
            prop_assert!(posting.is_empty());
            posting.add(Entry::new(5, &[], false));
            prop_assert_eq!(rules_of(&posting), vec![5]);
        }
    }
}
