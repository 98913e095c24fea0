//! What the index knows of values: which are equal, by a key, and which is greater, by a code.
//!
//! A *word* stands for a value that is no text: two values are equal if and only if their words are, `5` and `5.00`
//! included. A *code* is a whole number that never falls when the value rises. Where two codes are the same, the
//! values are too if both codes are exact; otherwise the codes do not tell. Nothing here rounds through a float.

use hence_types::{Currency, Decimal, Type, Value};

/// How many decimals of a number its code keeps.
const KEPT: u32 = 4;

/// What values of an attribute are, as far as the index tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Text,
    Bool,
    Int,
    Decimal,
    Percent,
    /// Amounts of one currency, so that any two have an order.
    Money(Currency),
    /// Amounts of any currency: they have equality and no order without a fault.
    AnyMoney,
    Date,
    Time,
    DateTime,
    Duration,
    /// Values of which only the presence is known.
    Other,
}

/// A value that is no text, such that equal values have equal words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Word {
    tag: u32,
    bits: [u64; 2],
}

/// The place of a value in the order of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) code: i64,
    /// Whether no other value has this code.
    pub(crate) exact: bool,
}

impl Kind {
    /// Returns the kind of values of a type.
    pub(crate) fn of(ty: &Type) -> Kind {
        match ty.required() {
            Type::String | Type::Enum(_) => Kind::Text,
            Type::Bool => Kind::Bool,
            Type::Int => Kind::Int,
            Type::Decimal => Kind::Decimal,
            Type::Percent => Kind::Percent,
            Type::Money(Some(currency)) => Kind::Money(*currency),
            Type::Money(None) => Kind::AnyMoney,
            Type::Date => Kind::Date,
            Type::Time => Kind::Time,
            Type::DateTime => Kind::DateTime,
            Type::Duration => Kind::Duration,
            // A float equals the shortest digits that mean it: the interpreter compares.
            Type::Float
            | Type::Error
            | Type::Period
            | Type::List(_)
            | Type::Map(_)
            | Type::Record(_)
            | Type::Optional(_)
            | Type::Json
            | Type::Nothing => Kind::Other,
        }
    }

    /// Returns whether a constant is of this kind, so that equality with it is decided by its key.
    pub(crate) fn takes(self, value: &Value) -> bool {
        match value {
            Value::String(_) => self == Kind::Text,
            Value::Bool(_) => self == Kind::Bool,
            Value::Int(_) | Value::Decimal(_) => matches!(self, Kind::Int | Kind::Decimal),
            Value::Percent(_) => self == Kind::Percent,
            Value::Money(money) => self == Kind::AnyMoney || self == Kind::Money(money.currency),
            Value::Date(_) => self == Kind::Date,
            Value::Time(_) => self == Kind::Time,
            Value::DateTime(_) => self == Kind::DateTime,
            Value::Duration(_) => self == Kind::Duration,
            Value::Missing
            | Value::Float(_)
            | Value::Period(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Record(_)
            | Value::Json(_) => false,
        }
    }

    /// Returns whether any two values of this kind have an order.
    pub(crate) fn is_ordered(self) -> bool {
        match self {
            Kind::Text
            | Kind::Int
            | Kind::Decimal
            | Kind::Percent
            | Kind::Money(_)
            | Kind::Date
            | Kind::Time
            | Kind::DateTime
            | Kind::Duration => true,
            Kind::Bool | Kind::AnyMoney | Kind::Other => false,
        }
    }
}

impl Word {
    /// Returns the word of a value; nothing for texts and what the index does not tell apart.
    pub(crate) fn of(value: &Value) -> Option<Word> {
        let word = |tag: u32, bits: i128| {
            let bits = bits.cast_unsigned();
            let (high, low) = ((bits >> 64) as u64, bits as u64);
            Some(Word { tag, bits: [high, low] })
        };
        match value {
            Value::Bool(truth) => word(1, i128::from(*truth)),
            Value::Int(int) => word(2, i128::from(*int)),
            Value::Decimal(decimal) => Some(number(*decimal, 0)),
            Value::Percent(percent) => Some(number(*percent, 1)),
            Value::Money(money) => {
                let letters = money.currency.as_str().bytes();
                let tag = letters.fold(0, |tag, letter| tag << 8 | u32::from(letter));
                Some(number(money.amount, tag))
            }
            Value::Date(date) => word(
                3,
                i128::from(date.year()) * 10_000 + i128::from(date.month()) * 100 + i128::from(date.day()),
            ),
            Value::Time(time) => word(4, nanosecond_of_day(*time)),
            Value::DateTime(instant) => word(5, instant.as_nanosecond()),
            Value::Duration(duration) => word(6, duration.as_nanos()),
            Value::Missing
            | Value::String(_)
            | Value::Float(_)
            | Value::Period(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Record(_)
            | Value::Json(_) => None,
        }
    }
}

/// The word of a number: that of an integer, if it is one.
fn number(decimal: Decimal, tag: u32) -> Word {
    let decimal = if decimal.scale() == 0 { decimal } else { decimal.normalize() };
    let bits = decimal.mantissa().cast_unsigned();
    Word { tag: tag << 8 | decimal.scale() << 3 | 2, bits: [(bits >> 64) as u64, bits as u64] }
}

fn nanosecond_of_day(time: hence_types::jiff::civil::Time) -> i128 {
    let seconds = i128::from(time.hour()) * 3600 + i128::from(time.minute()) * 60 + i128::from(time.second());
    seconds * 1_000_000_000 + i128::from(time.subsec_nanosecond())
}

impl Code {
    /// Returns the code of a value among those of a kind.
    #[inline]
    pub(crate) fn of(value: &Value, kind: Kind) -> Option<Code> {
        match (value, kind) {
            (Value::Int(int), Kind::Int) => Some(Code { code: *int, exact: true }),
            (Value::Int(int), Kind::Decimal) => Some(match int.checked_mul(10_i64.pow(KEPT)) {
                Some(code) => Code { code, exact: true },
                None => saturated(i128::from(*int)),
            }),
            (Value::Decimal(decimal), Kind::Int) => Some(floor(*decimal, 0)),
            (Value::Decimal(decimal), Kind::Decimal) | (Value::Percent(decimal), Kind::Percent) => {
                Some(floor(*decimal, KEPT))
            }
            (Value::Money(money), Kind::Money(currency)) if money.currency == currency => {
                Some(floor(money.amount, KEPT))
            }
            (Value::Date(date), Kind::Date) => {
                let day =
                    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day());
                Some(Code { code: day, exact: true })
            }
            (Value::Time(time), Kind::Time) => Some(whole(nanosecond_of_day(*time), 1)),
            (Value::DateTime(instant), Kind::DateTime) => Some(whole(instant.as_nanosecond(), 1000)),
            (Value::Duration(duration), Kind::Duration) => Some(whole(duration.as_nanos(), 1000)),
            (Value::String(text), Kind::Text) => Some(Code::of_text(text)),
            _ => None,
        }
    }

    /// Returns the code of a text: its first bytes.
    pub(crate) fn of_text(text: &str) -> Code {
        let bytes = text.as_bytes().iter().copied().chain(std::iter::repeat(0)).take(8);
        let code = bytes.fold(0_u64, |code, byte| code << 8 | u64::from(byte));
        Code { code: (code ^ 1 << 63).cast_signed(), exact: false }
    }
}

/// The code of a number of which so many decimals are kept.
fn floor(decimal: Decimal, kept: u32) -> Code {
    let (mantissa, scale) = (decimal.mantissa(), decimal.scale());
    if let (Ok(short), Some(more)) = (i64::try_from(mantissa), kept.checked_sub(scale))
        && let Some(code) = short.checked_mul(10_i64.pow(more))
    {
        return Code { code, exact: true };
    }
    match kept.checked_sub(scale) {
        // A mantissa has 96 bits, so that this has room.
        Some(more) => whole(mantissa * 10_i128.pow(more), 1),
        None => whole(mantissa, 10_i128.pow(scale - kept)),
    }
}

/// The code of a whole number of units, of which so many make one of the code.
fn whole(units: i128, step: i128) -> Code {
    let code = units.div_euclid(step);
    match i64::try_from(code) {
        Ok(exact) if code * step == units && exact != i64::MAX && exact != i64::MIN => {
            Code { code: exact, exact: true }
        }
        Ok(code) => Code { code, exact: false },
        Err(_) => saturated(code),
    }
}

fn saturated(code: i128) -> Code {
    Code { code: if code < 0 { i64::MIN } else { i64::MAX }, exact: false }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<i64>().prop_map(Value::Int),
            (-20_i64..20).prop_map(Value::Int),
            (-2_000_000_i64..2_000_000, 0_u32..8)
                .prop_map(|(units, scale)| Value::Decimal(Decimal::new(units, scale))),
            (any::<i64>(), 0_u32..28).prop_map(|(units, scale)| Value::Decimal(Decimal::new(units, scale))),
            Just(Value::Decimal(Decimal::MAX)),
            Just(Value::Decimal(Decimal::MIN)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn numbers_are_equal_if_their_words_are(left in number(), right in number()) {
            prop_assert_eq!(Word::of(&left) == Word::of(&right), hence_types::equal(&left, &right));
        }

        #[test]
        fn a_code_rises_with_the_number(left in number(), right in number()) {
            for kind in [Kind::Int, Kind::Decimal] {
                let (first, second) = (Code::of(&left, kind).unwrap(), Code::of(&right, kind).unwrap());
                let order = hence_types::compare(&left, &right).unwrap();
                match first.code.cmp(&second.code) {
                    Ordering::Equal if first.exact && second.exact => prop_assert_eq!(order, Ordering::Equal),
                    Ordering::Equal => {}
                    certain @ (Ordering::Less | Ordering::Greater) => prop_assert_eq!(order, certain),
                }
            }
        }

        #[test]
        fn a_code_rises_with_the_text(left in "[a-cé\u{0}]{0,10}", right in "[a-cé\u{0}]{0,10}") {
            let (first, second) = (Code::of_text(&left), Code::of_text(&right));
            if first.code != second.code {
                prop_assert_eq!(left.cmp(&right), first.code.cmp(&second.code));
            }
        }
    }
}
