//! The identity of a value as bytes: the same for values that are equal, different for all others. What is looked up
//! by a value, as what happened before for the same customer, is looked up by these.

use crate::compare::present;
use crate::number::Number;
use crate::{Value, wire};

/// Returns the bytes of a value's identity. Equal values have equal bytes, whatever their types: `5` and `5.0` too.
///
/// INVARIANT: stores hold hashes of these bytes, so they never change.
pub fn identity(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(value, &mut bytes);
    bytes
}

fn write(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Missing => bytes.push(b'0'),
        Value::Bool(truth) => bytes.extend([b'b', u8::from(*truth)]),
        Value::Int(int) => number(&Number::of_decimal(&(*int).into()), bytes),
        Value::Decimal(decimal) => number(&Number::of_decimal(decimal), bytes),
        Value::Float(float) => match Number::of_float(*float) {
            Some(digits) => number(&digits, bytes),
            None => sized(b'f', &float.to_bits().to_le_bytes(), bytes),
        },
        Value::String(text) => sized(b's', text.as_bytes(), bytes),
        Value::Date(date) => sized(b'd', date.to_string().as_bytes(), bytes),
        Value::Time(time) => sized(b't', time.to_string().as_bytes(), bytes),
        Value::DateTime(instant) => sized(b'i', &instant.as_nanosecond().to_le_bytes(), bytes),
        Value::Duration(length) => sized(b'l', &length.as_nanos().to_le_bytes(), bytes),
        Value::Period(period) => {
            bytes.push(b'p');
            bytes.extend(period.months.to_le_bytes());
            bytes.extend(period.days.to_le_bytes());
        }
        Value::Percent(percent) => {
            bytes.push(b'%');
            number(&Number::of_decimal(percent), bytes);
        }
        Value::Money(money) => {
            sized(b'c', money.currency.as_str().as_bytes(), bytes);
            number(&Number::of_decimal(&money.amount), bytes);
        }
        Value::List(elements) => {
            count(b'[', elements.len(), bytes);
            elements.iter().for_each(|element| write(element, bytes));
        }
        Value::Map(_) | Value::Record(_) => {
            let mut members = present(value);
            members.sort_by_key(|(name, _)| *name);
            count(b'{', members.len(), bytes);
            for (name, value) in members {
                sized(b's', name.as_bytes(), bytes);
                write(value, bytes);
            }
        }
        Value::Json(text) => {
            bytes.push(b'j');
            write(&wire::read_any(text), bytes);
        }
    }
}

fn number(number: &Number<'_>, bytes: &mut Vec<u8>) {
    let (negative, digits, exponent) = number.significant();
    bytes.extend([b'n', u8::from(negative)]);
    bytes.extend(exponent.to_le_bytes());
    sized(b's', digits.as_bytes(), bytes);
}

fn sized(tag: u8, content: &[u8], bytes: &mut Vec<u8>) {
    count(tag, content.len(), bytes);
    bytes.extend(content);
}

fn count(tag: u8, count: usize, bytes: &mut Vec<u8>) {
    bytes.push(tag);
    bytes.extend((count as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Currency, Field, Money, Period, Record, RecordValue, Type, equal};

    fn map(members: &[(&str, Value)]) -> Value {
        let members = members.iter().map(|(name, value)| (Arc::from(*name), value.clone()));
        Value::Map(Arc::new(members.collect()))
    }

    fn samples() -> Vec<Value> {
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        let money = |amount: &str, currency| {
            let amount = amount.parse().unwrap();
            Value::Money(Money { amount, currency: Currency::parse(currency).unwrap() })
        };
        let mut shape = Record::default();
        shape.fields.insert("a".into(), Field::plain(Type::Int));
        shape.fields.insert("b".into(), Field::plain(Type::Int.optional()));
        let fields = [Value::Int(1), Value::Missing].into();
        let record = Value::Record(Arc::new(RecordValue { shape: Arc::new(shape), fields }));
        vec![
            Value::Missing,
            Value::Bool(false),
            Value::Bool(true),
            Value::Int(5),
            Value::Int(-5),
            Value::Int(0),
            Value::Int(50),
            Value::Int(i64::MAX),
            decimal("5.0"),
            decimal("5.00"),
            decimal("0.5"),
            decimal("-0.0"),
            Value::Float(5.0),
            Value::Float(0.5),
            Value::Float(-0.0),
            Value::Float(f64::NAN),
            Value::text(""),
            Value::text("5"),
            Value::text("1a"),
            Value::Date("2026-11-27".parse().unwrap()),
            Value::Time("09:00".parse().unwrap()),
            Value::DateTime("2026-11-27T09:00Z".parse().unwrap()),
            Value::Duration(jiff::SignedDuration::from_secs(5)),
            Value::Period(Period::days(5)),
            Value::Period(Period::months(5)),
            Value::Percent("5".parse().unwrap()),
            money("5", "EUR"),
            money("5.00", "EUR"),
            money("5", "USD"),
            Value::List([].into()),
            Value::List([Value::Int(5)].into()),
            Value::List([Value::Int(5), Value::Int(5)].into()),
            Value::List([Value::List([Value::Int(5)].into()), Value::Int(5)].into()),
            map(&[]),
            map(&[("a", Value::Int(1))]),
            map(&[("a", decimal("1.0")), ("b", Value::Missing)]),
            map(&[("a", Value::Int(1)), ("b", Value::Int(2))]),
            map(&[("b", Value::Int(2)), ("a", Value::Int(1))]),
            record,
            Value::Json("[1, 2]".into()),
            Value::Json("[1,2.0]".into()),
            Value::Json("5".into()),
        ]
    }

    #[test]
    fn values_have_one_identity_exactly_if_they_are_equal() {
        for left in samples() {
            for right in samples() {
                let same = identity(&left) == identity(&right);
                assert_eq!(same, equal(&left, &right), "{left:?} and {right:?}");
            }
        }
    }

    /// INVARIANT: stores hold what is made of it.
    #[test]
    fn an_identity_never_changes() {
        let value = Value::List([Value::text("c1"), Value::Int(50), Value::Missing].into());
        let hex: String = identity(&value).iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = "5b030000000000000073020000000000000063316e0001000000000000007301000000000000003530";
        assert_eq!(hex, expected);
    }
}
