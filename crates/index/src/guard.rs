//! Guards: tests that stand in the entries of postings, so that most rules are decided where they are found.
//!
//! A guard is one comparison of a number of the event with a number of its own, and says for every way in which that
//! may come out what becomes of the rule, so that weighing one hardly depends on what it asks.
//!
//! ```text
//! operand   32 bits  a symbol, or a bound's code, of which only the upper bits are kept if it is long
//! attribute 16 bits
//! bits      16 bits  15: the entry decides, 14: the operand is a mask, 13-12: view, 11-0: a weight for each order
//! ```

use crate::condition::{Answer, Part, Test, TestKind};
use crate::cover::Also;
use crate::event::Fact;
use crate::residual::{Outcome, Symbols};
use crate::value::Code;

/// So many guards stand in an entry.
pub(crate) const GUARDS: usize = 3;

/// Lists of more values are no guard: of the bits of a mask too many would be set.
const LONGEST_LIST: usize = 16;

/// A test in an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard {
    operand: i32,
    pub(crate) attribute: u16,
    bits: u16,
}

/// What a guard says of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weight(u16);

impl Weight {
    /// The rule is out.
    pub(crate) const OUT: Weight = Weight(0b00);
    /// It is for the rule's code to say.
    const UNSURE: Weight = Weight(0b01);
    /// The test may fail: so may the condition, whatever the guards behind this one say.
    pub(crate) const FAILS: Weight = Weight(0b10);
    /// The test does not stand against the rule.
    pub(crate) const PASSES: Weight = Weight(0b11);

    fn of(outcome: Outcome, wanted: bool) -> Weight {
        match outcome {
            Outcome::Unknown => Weight::UNSURE,
            Outcome::True if wanted => Weight::PASSES,
            Outcome::False if !wanted => Weight::PASSES,
            Outcome::True | Outcome::False => Weight::OUT,
        }
    }
}

/// How a number of the event and the operand compare, as far as it is known.
const LESS: u16 = 0;
const EQUAL: u16 = 1;
const GREATER: u16 = 2;
const MISSING: u16 = 3;
const NEAR: u16 = 4;
const OPEN: u16 = 5;

const VIEW: u32 = 12;
const MASK: u16 = 1 << 14;
const DECIDES: u16 = 1 << 15;

impl Guard {
    /// A guard that every event passes.
    pub(crate) const NONE: Guard = Guard { operand: 0, attribute: u16::MAX, bits: 0xfff };

    /// Returns the guard that a test is, if it is one comparison.
    pub(crate) fn new(also: &Also<'_>, symbols: &dyn Symbols) -> Option<Guard> {
        let Also { test, answer: wanted } = also;
        let weight = |outcome| Weight::of(outcome, *wanted);
        let sides = |less: bool, equal: Outcome, greater: bool| {
            [weight(Outcome::of(less)), weight(equal), weight(Outcome::of(greater))]
        };
        let missing = match test.missing {
            Answer::True => Outcome::True,
            Answer::False => Outcome::False,
            Answer::Fault => Outcome::Unknown,
        };
        let (operand, view, orders, missing) = match &test.kind {
            _ if !is_guard(test) => return None,
            TestKind::Present => (0, 0, sides(true, Outcome::True, true), Outcome::False),
            TestKind::Equal(values) => {
                let symbols = values.iter().map(|value| symbols.symbol(test.attribute, value));
                let symbols: Vec<u32> = symbols.collect::<Option<_>>()?;
                if let [symbol] = symbols.as_slice() {
                    let orders = sides(false, Outcome::True, false);
                    (i32::try_from(*symbol).ok()?, 0, orders, missing)
                } else {
                    // A bit for each symbol: one that is not set says no, one that is may be another symbol's.
                    let mask = symbols.iter().fold(0_u32, |mask, symbol| mask | 1 << (symbol % 32));
                    let orders = sides(false, Outcome::Unknown, false);
                    (mask.cast_signed(), MASK >> VIEW, orders, missing)
                }
            }
            TestKind::Above { bound, included } | TestKind::Below { bound, included } => {
                let above = matches!(test.kind, TestKind::Above { .. });
                let Code { code, exact } = Code::of(bound, symbols.kind(test.attribute))?;
                // Of a long code the upper bits are compared, which tell all but what is near to the bound.
                let shortened = (1_u16..).zip([0, 16, 32]).find_map(|(view, bits)| {
                    i32::try_from(code >> bits).ok().map(|operand| (operand, view, exact && bits == 0))
                });
                let (operand, view, exact) = shortened?;
                let equal = if exact { Outcome::of(*included) } else { Outcome::Unknown };
                (operand, view, sides(!above, equal, above), missing)
            }
            TestKind::Text(_, text) => {
                // The first four bytes, which a text must have that begins with these.
                let Code { code, exact: _ } = Code::of_text(text);
                ((code >> 32) as i32, 3, sides(false, Outcome::Unknown, false), missing)
            }
        };
        let [less, equal, greater] = orders;
        let missing = if missing == Outcome::Unknown { Weight::FAILS } else { weight(missing) };
        let orders = [
            (LESS, less),
            (EQUAL, equal),
            (GREATER, greater),
            (MISSING, missing),
            (NEAR, Weight::UNSURE),
            (OPEN, Weight::FAILS),
        ];
        let bits = orders
            .into_iter()
            .fold(view << VIEW, |bits, (order, Weight(weight))| bits | weight << (2 * order));
        Some(Guard { operand, attribute: u16::try_from(test.attribute.0).ok()?, bits })
    }

    /// Returns whether there is nothing to weigh.
    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self.attribute == u16::MAX
    }

    /// Marks that the entry whose first guard it is decides.
    pub(crate) fn deciding(self) -> Guard {
        Guard { bits: self.bits | DECIDES, ..self }
    }

    #[inline]
    pub(crate) fn decides(self) -> bool {
        self.bits & DECIDES != 0
    }

    /// Returns what the guard says, from what is known of its attribute.
    #[inline]
    pub(crate) fn weigh(self, fact: &Fact<'_>) -> Weight {
        let view = self.bits >> VIEW & 3;
        let (number, state) = if view == 0 {
            (i64::from(fact.symbol()), fact.symbol_state())
        } else {
            (fact.code, fact.code_state())
        };
        let operand = i64::from(self.operand);
        let number = number >> (16 * view.saturating_sub(1));
        let mut order = u16::from(number >= operand) + u16::from(number > operand);
        if self.bits & MASK != 0 {
            order = (self.operand.cast_unsigned() >> (number & 31)) as u16 & 1;
        }
        let order = match state {
            State::Exact => order,
            State::Near if order == EQUAL => NEAR,
            State::Near => order,
            State::Missing => MISSING,
            State::Open => OPEN,
        };
        Weight(self.bits >> (2 * order) & 3)
    }
}

/// Whether the number of a fact tells all of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// No other value has the number.
    Exact,
    /// Others that are near have it too.
    Near,
    /// There is no value.
    Missing,
    /// There is no number.
    Open,
}

/// Returns whether a test of one value can stand in an entry.
pub(crate) fn is_guard(test: &Test) -> bool {
    match &test.kind {
        TestKind::Equal(values) => !values.is_empty() && values.len() <= LONGEST_LIST,
        TestKind::Above { .. } | TestKind::Below { .. } | TestKind::Present => true,
        TestKind::Text(part, text) => *part == Part::Start && text.len() >= 4,
    }
}
