//! Exact numbers of one word: what most numbers, amounts and percentages of events are, and quick to compute with.
//!
//! A [`Short`] is exact or it is not there: what has no room in it is for the interpreter to compute.

use std::cmp::Ordering;

use hence_types::{Currency, Decimal, Value};

use super::Arithmetic;

/// How many decimals a number may have; so many entries, one more, has a table by scale.
pub const SCALES: usize = 29;

/// The powers of ten that have room in a word.
const POWERS: [i64; 19] = {
    let mut powers = [1; 19];
    let mut place = 1;
    while place < powers.len() {
        #[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would stop")]
        {
            powers[place] = powers[place - 1] * 10;
        }
        place += 1;
    }
    powers
};

/// What a number counts: 0 for a plain number, 1 for a percentage, the bytes of a currency's letters, the first one
/// lowest, for an amount of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit(pub u32);

impl Unit {
    /// A plain number.
    pub const NONE: Unit = Unit(0);
    /// A percentage.
    pub const PERCENT: Unit = Unit(1);

    /// Returns the unit of amounts of a currency.
    pub fn of(currency: Currency) -> Unit {
        Unit(currency.as_str().bytes().rev().fold(0, |unit, byte| unit << 8 | u32::from(byte)))
    }
}

/// A number of one word: `mantissa` / 10^`scale` of `unit`. The mantissa is never `i64::MIN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short {
    /// The digits.
    pub mantissa: i64,
    /// How many of them stand behind the point, at most 28.
    pub scale: u32,
    /// What it counts.
    pub unit: Unit,
}

impl Short {
    /// Returns a value as a number of one word, if it is an exact number that has room in one.
    #[inline]
    pub fn of(value: &Value) -> Option<Short> {
        Word::of(value).short()
    }

    fn checked(self) -> Option<Short> {
        (self.mantissa != i64::MIN && (self.scale as usize) < SCALES).then_some(self)
    }

    /// Returns the sum of two numbers of one unit, if it has room. Percentages are not added here.
    #[inline]
    pub fn plus(self, other: Short) -> Option<Short> {
        let (left, right, scale) = self.aligned(other)?;
        Short { mantissa: left.checked_add(right)?, scale, unit: self.unit }.checked()
    }

    /// Returns the difference of two numbers of one unit, if it has room. Percentages are not subtracted here.
    #[inline]
    pub fn minus(self, other: Short) -> Option<Short> {
        let (left, right, scale) = self.aligned(other)?;
        Short { mantissa: left.checked_sub(right)?, scale, unit: self.unit }.checked()
    }

    /// Returns the product of a number and another or an amount, if it has room.
    #[inline]
    pub fn times(self, other: Short) -> Option<Short> {
        let unit = match (self.unit, other.unit) {
            (Unit::PERCENT, _) | (_, Unit::PERCENT) => return None,
            (unit, Unit::NONE) | (Unit::NONE, unit) => unit,
            _ => return None,
        };
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Short { mantissa, scale: self.scale + other.scale, unit }.checked()
    }

    /// Returns the order of two numbers of one unit, if both have room at the scale of either.
    #[inline]
    pub fn compare(self, other: Short) -> Option<Ordering> {
        if self.unit != other.unit {
            return None;
        }
        let (left, right, _) = self.rescaled(other)?;
        Some(left.cmp(&right))
    }

    #[inline]
    fn aligned(self, other: Short) -> Option<(i64, i64, u32)> {
        if self.unit != other.unit || self.unit == Unit::PERCENT { None } else { self.rescaled(other) }
    }

    #[inline]
    fn rescaled(self, other: Short) -> Option<(i64, i64, u32)> {
        let scale = self.scale.max(other.scale);
        Some((self.at(scale)?, other.at(scale)?, scale))
    }

    #[inline]
    fn at(self, scale: u32) -> Option<i64> {
        match scale - self.scale {
            0 => Some(self.mantissa),
            more => self.mantissa.checked_mul(*POWERS.get(more as usize)?),
        }
    }
}

/// A number of one word, or why there is none, in two words that stay in registers: the mantissa, then unit and scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(i64, u64);

impl Word {
    /// There is no value.
    pub(super) const MISSING: Word = Word(0, 1 << 63);
    /// There is no number of one word.
    pub(super) const OPEN: Word = Word(0, 1 << 62);

    #[inline]
    fn new(mantissa: i64, scale: u32, unit: Unit) -> Word {
        if mantissa == i64::MIN || scale as usize >= SCALES {
            return Word::OPEN;
        }
        Word(mantissa, u64::from(scale) << 32 | u64::from(unit.0))
    }

    /// Returns a value as a number.
    #[inline]
    pub(super) fn of(value: &Value) -> Word {
        let (decimal, unit) = if let Value::Decimal(decimal) = value {
            (decimal, Unit::NONE)
        } else if let Value::Int(int) = value {
            return Word::new(*int, 0, Unit::NONE);
        } else if let Value::Money(money) = value {
            (&money.amount, Unit::of(money.currency))
        } else if let Value::Percent(percent) = value {
            (percent, Unit::PERCENT)
        } else {
            return if value.is_missing() { Word::MISSING } else { Word::OPEN };
        };
        let parts = decimal.unpack();
        if parts.hi != 0 || parts.mid > u32::MAX >> 1 {
            // A mantissa of more than a word, or that of `i64::MIN`.
            return Word::OPEN;
        }
        let digits = i64::from(parts.mid) << 32 | i64::from(parts.lo);
        Word::new(if parts.negative { -digits } else { digits }, parts.scale, unit)
    }

    #[inline]
    pub(super) fn of_short(short: Option<Short>) -> Word {
        short.map_or(Word::OPEN, |short| Word::new(short.mantissa, short.scale, short.unit))
    }

    /// Returns the number, if there is one.
    #[inline]
    pub(super) fn short(self) -> Option<Short> {
        let Word(mantissa, rest) = self;
        let number = Short { mantissa, scale: (rest >> 32) as u32, unit: Unit(rest as u32) };
        (rest < Word::OPEN.1).then_some(number)
    }

    /// Returns the sum or difference of two numbers of one unit and scale, which most are that stand in one sum, if it
    /// has room.
    #[inline]
    pub(super) fn alike(self, other: Word, arithmetic: Arithmetic) -> Option<Word> {
        let (Word(left, rest), Word(right, other_rest)) = (self, other);
        if rest != other_rest || rest >= Word::OPEN.1 || rest as u32 == Unit::PERCENT.0 {
            return None;
        }
        let result = match arithmetic {
            Arithmetic::Add => left.checked_add(right)?,
            Arithmetic::Subtract => left.checked_sub(right)?,
            Arithmetic::Multiply => return None,
        };
        (result != i64::MIN).then_some(Word(result, rest))
    }

    #[inline]
    pub(super) fn is_missing(self) -> bool {
        self == Word::MISSING
    }
}

/// A constant to compare numbers of one word with, worked out for every scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// What it counts.
    pub unit: Unit,
    /// By scale: the greatest mantissa of numbers that are at most the constant.
    pub at_most: [i64; SCALES],
    /// By scale: the greatest mantissa of numbers that are less than it.
    pub less: [i64; SCALES],
}

impl Bound {
    /// Returns the bound that a value is, if it is an exact number.
    pub fn of(value: &Value) -> Option<Bound> {
        let (decimal, unit) = if let Value::Money(money) = value {
            (money.amount, Unit::of(money.currency))
        } else if let Value::Percent(percent) = value {
            (*percent, Unit::PERCENT)
        } else {
            (value.as_decimal()?, Unit::NONE)
        };
        let (mut at_most, mut less) = ([0; SCALES], [0; SCALES]);
        let scales = (0_u32..).zip(at_most.iter_mut().zip(less.iter_mut()));
        for (scale, (at_most, less)) in scales {
            (*at_most, *less) = bound(decimal, scale);
        }
        Some(Bound { unit, at_most, less })
    }

    /// Returns the order of a number and the constant, if they are of one unit.
    #[inline]
    pub fn compare(&self, number: Short) -> Option<Ordering> {
        if number.unit != self.unit {
            return None;
        }
        let (at_most, less) =
            (*self.at_most.get(number.scale as usize)?, *self.less.get(number.scale as usize)?);
        Some(if number.mantissa > at_most {
            Ordering::Greater
        } else if number.mantissa > less {
            Ordering::Equal
        } else {
            Ordering::Less
        })
    }
}

/// The greatest mantissas of a scale whose numbers are at most, and less than, a decimal. Where there is no room they
/// are the ends of what has room.
fn bound(decimal: Decimal, scale: u32) -> (i64, i64) {
    let (mantissa, own) = (decimal.mantissa(), decimal.scale());
    let (floor, is_exact) = if own > scale {
        let step = 10_i128.pow(own - scale);
        (mantissa.div_euclid(step), mantissa.rem_euclid(step) == 0)
    } else {
        match mantissa.checked_mul(10_i128.pow(scale - own)) {
            Some(units) => (units, true),
            None if mantissa < 0 => (i128::MIN, false),
            None => (i128::MAX, false),
        }
    };
    let ends = |units: i128| i64::try_from(units).unwrap_or(if units < 0 { i64::MIN } else { i64::MAX });
    // What lies beyond the greatest mantissa is more than every number.
    let less = if is_exact && floor <= i128::from(i64::MAX) { floor.saturating_sub(1) } else { floor };
    (ends(floor), ends(less))
}

#[cfg(test)]
mod tests {
    use hence_types::Money;
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let units = prop_oneof![
            any::<i64>(),
            -1000_i64..1000,
            Just(i64::MAX),
            Just(i64::MIN),
            Just(i64::MIN + 1),
            Just(10_i64.pow(18))
        ];
        let decimal = prop_oneof![
            4 => (units.clone(), 0_u32..29).prop_map(|(units, scale)| Decimal::new(units, scale)),
            1 => (any::<i128>(), 0_u32..29)
                .prop_map(|(units, scale)| Decimal::from_i128_with_scale(units >> 33, scale)),
        ];
        let money = |amount: Decimal, letters: &str| {
            Value::Money(Money { amount, currency: Currency::parse(letters).unwrap() })
        };
        prop_oneof![
            units.prop_map(Value::Int),
            decimal.clone().prop_map(Value::Decimal),
            decimal.clone().prop_map(Value::Percent),
            (decimal.clone(), prop::sample::select(vec!["EUR", "USD"]))
                .prop_map(move |(amount, letters)| money(amount, letters)),
        ]
    }

    fn result(value: &Value) -> Option<Decimal> {
        if let Value::Money(money) = value {
            Some(money.amount)
        } else if let Value::Percent(percent) = value {
            Some(*percent)
        } else {
            value.as_decimal()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn short_numbers_have_the_order_of_the_values(left in value(), right in value()) {
            let expected = hence_types::compare(&left, &right).ok();
            if let Some(short) = Short::of(&left) {
                let bound = Bound::of(&right).unwrap();
                prop_assert_eq!(bound.compare(short), expected);
                if let Some(order) = Short::of(&right).and_then(|right| short.compare(right)) {
                    prop_assert_eq!(Some(order), expected);
                }
            }
        }

        #[test]
        fn short_numbers_are_computed_with_as_the_operators_do(left in value(), right in value(), which in 0_usize..3) {
            use hence_builtins::{BinaryOperator, Case};
            let operator = [BinaryOperator::Add, BinaryOperator::Subtract, BinaryOperator::Multiply][which];
            let compute = [Short::plus, Short::minus, Short::times][which];
            let arithmetic = [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply][which];
            if let Some(alike) = Word::of(&left).alike(Word::of(&right), arithmetic) {
                let both = Short::of(&left).zip(Short::of(&right));
                prop_assert_eq!(alike, Word::of_short(both.and_then(|(first, second)| compute(first, second))));
            }
            if let (Some(first), Some(second)) = (Short::of(&left), Short::of(&right))
                && let Some(short) = compute(first, second)
            {
                let context = crate::sample::context();
                let value = (operator.definition().apply)(&left, &right, Case::Sensitive, &context).unwrap();
                let currency = if let Value::Money(money) = &value { Some(money.currency) } else { None };
                let unit = currency.map_or(Unit::NONE, Unit::of);
                prop_assert_eq!(short.unit, unit);
                let own = Decimal::from_i128_with_scale(i128::from(short.mantissa), short.scale);
                prop_assert_eq!(Some(own), result(&value));
            }
        }
    }
}
