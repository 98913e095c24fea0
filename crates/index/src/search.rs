//! The search: from an event to the rules that it concerns.

use hence_vm::Decoded;

use crate::attribute::Item;
use crate::column::{Column, MISSING, NO_SYMBOL};
use crate::event::Event;
use crate::index::{Index, pair};
use crate::posting::{Entry, Posting};
use crate::residual::{Check, Facts, Outcome, run};

/// What the condition of a rule comes to, in the two lowest bits of what is found.
pub(crate) const HOLDS: u64 = 0;
pub(crate) const FAILS: u64 = 1;
pub(crate) const OPEN: u64 = 2;

/// A search for the rules that one event concerns.
pub(crate) struct Search<'e, 'd> {
    index: &'e Index,
    event: Event<'e, 'd>,
    /// The rules that keys have led to, some of them more than once.
    candidates: Vec<u32>,
}

impl<'e, 'd> Search<'e, 'd> {
    /// Returns the rules with what their conditions come to, each once and in order.
    pub(crate) fn run(index: &'e Index, decoded: &'e Decoded<'d>) -> Vec<u64> {
        let event = Event::new(decoded, &index.columns);
        let mut search = Search { index, event, candidates: Vec::with_capacity(64) };
        search.posting(&index.always);
        for attribute in index.asked.iter() {
            match index.columns.get(*attribute as usize) {
                Some(column) if column.is_many => search.many(column, decoded),
                Some(column) => search.one(*attribute, column),
                None => {}
            }
        }
        // In the order of their numbers each is looked at once, and memory is gone through in one direction.
        let mut candidates = std::mem::take(&mut search.candidates);
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().filter_map(|rule| search.decide(rule)).collect()
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
                self.parts(column, text);
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
        if !column.parts.is_empty() {
            let mut postings = Vec::new();
            if let Some(text) = self.event.text(attribute) {
                column.parts.visit(&text, &mut |posting| postings.push(posting));
            }
            postings.into_iter().for_each(|posting| self.posting(posting));
        }
    }

    fn ranges(&mut self, column: &'e Column, code: i64) {
        for ranges in column.ranges.iter().filter(|ranges| !ranges.is_empty()) {
            ranges.visit(code, &mut |entry| self.entry(entry));
        }
    }

    fn parts(&mut self, column: &'e Column, text: &str) {
        column.parts.visit(text, &mut |posting| self.posting(posting));
    }

    fn posting(&mut self, posting: &'e Posting) {
        posting.visit(&mut |entry| self.entry(entry));
    }

    #[inline]
    fn entry(&mut self, entry: &Entry) {
        if entry.check != Check::Nothing {
            let outcome =
                self.event.ask(entry.attribute, entry.check, entry.operand, entry.wanted.missing(), &[]);
            if !entry.wanted.allows(outcome) {
                return;
            }
        }
        self.candidates.push(entry.rule);
    }

    /// Runs the code of a rule.
    #[inline]
    fn decide(&mut self, rule: u32) -> Option<u64> {
        let index = self.index;
        let record = || index.rules.get(rule as usize).and_then(Option::as_deref);
        let extras = || record().map_or(&[][..], |record| &record.extras);
        let decision = match run(index.code.get(rule as usize), &mut self.event, extras) {
            Outcome::True => HOLDS,
            Outcome::False if index.otherwise.get(&rule).is_some() => FAILS,
            Outcome::False => return None,
            Outcome::Unknown => OPEN,
        };
        Some(u64::from(rule) << 2 | decision)
    }
}
