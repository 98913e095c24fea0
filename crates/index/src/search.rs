//! The search: from an event to the rules that it concerns.

use hence_vm::Decoded;

use crate::attribute::Item;
use crate::column::{Column, MISSING, NO_SYMBOL};
use crate::event::Event;
use crate::guard::Weight;
use crate::index::{Index, pair};
use crate::posting::{Entry, Posting};
use crate::residual::{Operation, Outcome, run};

/// What the condition of a rule comes to, in the two lowest bits of what is found.
pub(crate) const HOLDS: u64 = 0;
pub(crate) const FAILS: u64 = 1;
pub(crate) const OPEN: u64 = 2;

/// A search for the rules that one event concerns.
///
/// It goes in sweeps: first all postings, then all entries of them, then the code of all rules. What a sweep reads does
/// not depend on what it reads before, so that the processor waits for many places of memory at once.
pub(crate) struct Search<'e, 'd> {
    index: &'e Index,
    event: Event<'e, 'd>,
    /// The postings that the event leads to.
    postings: Vec<&'e Posting>,
    /// The rules that keys have led to, some of them more than once; in the lowest bit whether the entry decides that
    /// the condition holds.
    candidates: Vec<u64>,
}

impl<'e, 'd> Search<'e, 'd> {
    /// Returns the rules with what their conditions come to, each once and in order.
    pub(crate) fn run(index: &'e Index, decoded: &'e Decoded<'d>) -> Vec<u64> {
        let event = Event::new(decoded, &index.columns);
        let mut search =
            Search { index, event, postings: Vec::with_capacity(64), candidates: Vec::with_capacity(64) };
        search.posting(&index.always);
        for attribute in index.asked.iter() {
            match index.columns.get(*attribute as usize) {
                Some(column) if column.is_many => search.many(column, decoded),
                Some(column) => search.one(*attribute, column),
                None => {}
            }
        }
        let postings = std::mem::take(&mut search.postings);
        touch(postings.iter().map(|posting| posting.first()));
        for posting in postings {
            posting.visit(&mut |entry| search.entry(entry, true));
        }
        let mut candidates = std::mem::take(&mut search.candidates);
        candidates.sort_unstable();
        // An entry that does not decide stands before one that does, and counts.
        candidates.dedup_by_key(|candidate| *candidate >> 1);
        let open = candidates.iter().filter(|candidate| *candidate & 1 == 0);
        let code: Vec<&[Operation]> = open.map(|rule| index.code.get((rule >> 1) as usize)).collect();
        touch(code.iter().map(|code| code.first().map_or(0, Operation::word)));
        let mut code = code.into_iter();
        let decide = |candidate: u64| {
            if candidate & 1 == 1 {
                return Some(candidate >> 1 << 2 | HOLDS);
            }
            search.decide((candidate >> 1) as u32, code.next().unwrap_or_default())
        };
        candidates.into_iter().filter_map(decide).collect()
    }

    /// What is filed under the values of an attribute that has several.
    fn many(&mut self, column: &'e Column, decoded: &Decoded<'_>) {
        let mut is_missing = false;
        column.attribute.visit(decoded, &mut |item| {
            is_missing |= matches!(item, Item::Missing);
            if let Some(slot) = column.slot(&item) {
                self.posting(&slot.posting);
            }
            if let Some(code) = column.code(&item) {
                self.ranges(column, code.code);
            }
            if let Item::Text(text) = &item {
                column.parts.visit(text, &mut |posting| self.posting(posting));
            }
        });
        if is_missing {
            self.posting(&column.missing);
        }
        // Whether one of them is present is for the rule to say.
        self.posting(&column.present);
    }

    /// What is filed under the value of an attribute that has one.
    fn one(&mut self, attribute: u16, column: &'e Column) {
        let fact = self.event.fact(attribute);
        if fact.is_missing {
            self.posting(&column.missing);
            return;
        }
        self.posting(&column.present);
        if let Some(slot) = fact.slot {
            self.posting(&slot.posting);
            for second in slot.partners.iter().flat_map(|partners| partners.iter()) {
                let other = self.event.symbol(*second);
                if other != NO_SYMBOL && other != MISSING {
                    let key = pair((attribute, slot.symbol), (*second, other));
                    if let Some(posting) = self.index.pairs.get(&key) {
                        self.posting(posting);
                    }
                }
            }
        }
        if fact.exact.is_some() {
            self.ranges(column, fact.code);
        }
        if !column.parts.is_empty()
            && let Some(text) = self.event.text(attribute)
        {
            let postings = &mut self.postings;
            column.parts.visit(&text, &mut |posting| postings.push(posting));
        }
    }

    fn ranges(&mut self, column: &'e Column, code: i64) {
        for ranges in column.ranges.iter().filter(|ranges| !ranges.is_empty()) {
            ranges.visit(code, &mut |entry, is_certain| self.entry(entry, is_certain));
        }
    }

    #[inline]
    fn posting(&mut self, posting: &'e Posting) {
        if !posting.is_none() {
            self.postings.push(posting);
        }
    }

    #[inline]
    fn entry(&mut self, entry: &Entry, is_certain: bool) {
        let [first, ..] = entry.guards;
        let mut is_decided = is_certain && first.decides();
        for guard in entry.guards {
            if guard.is_none() {
                break;
            }
            let weight = self.event.weigh(guard);
            if weight == Weight::OUT {
                return;
            }
            is_decided &= weight == Weight::PASSES;
            if weight == Weight::FAILS {
                break;
            }
        }
        self.candidates.push(u64::from(entry.rule) << 1 | u64::from(is_decided));
    }

    /// Runs the code of a rule.
    #[inline]
    fn decide(&mut self, rule: u32, code: &[Operation]) -> Option<u64> {
        let index = self.index;
        let record = || index.rules.get(rule as usize).and_then(Option::as_deref);
        let extras = || record().map_or(&[][..], |record| &record.extras);
        let decision = match run(code, &mut self.event, extras) {
            Outcome::True => HOLDS,
            Outcome::False if index.otherwise.get(&rule).is_some() => FAILS,
            Outcome::False => return None,
            Outcome::Unknown => OPEN,
        };
        Some(u64::from(rule) << 2 | decision)
    }
}

/// Reads words that will be needed, so that the memory they stand in is at hand then.
#[inline]
fn touch(words: impl Iterator<Item = u32>) {
    std::hint::black_box(words.fold(0, u32::wrapping_add));
}
