//! Unary `-`

use hence_types::{Decimal, Money, Type, Value};

use super::kinds::room;
use crate::Fault;

const SYMBOL: &str = "-";

/// Returns the type of `-x` for the type of `x`, given without `?`, where there is one.
pub fn negated_type(ty: &Type) -> Option<Type> {
    let takes = ty.is_error()
        || ty.is_number()
        || matches!(ty, Type::Float | Type::Duration | Type::Period | Type::Percent | Type::Money(_));
    takes.then(|| ty.clone())
}

/// Returns `-x`.
pub fn negate(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Missing => Err(Fault::Missing),
        Value::Int(int) => room(int.checked_neg(), SYMBOL).map(Value::Int),
        Value::Decimal(decimal) => negated(*decimal).map(Value::Decimal),
        Value::Float(float) => Ok(Value::Float(-float)),
        Value::Percent(percent) => negated(*percent).map(Value::Percent),
        Value::Money(money) => {
            negated(money.amount).map(|amount| Value::Money(Money { amount, currency: money.currency }))
        }
        Value::Duration(duration) => room(duration.checked_neg(), SYMBOL).map(Value::Duration),
        Value::Period(period) => room(period.checked_neg(), SYMBOL).map(Value::Period),
        Value::Bool(_)
        | Value::String(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::DateTime(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Record(_)
        | Value::Json(_) => Err(Fault::Internal { operation: SYMBOL }),
    }
}

/// Through a subtraction, as the library's negation of zero is a negative zero.
fn negated(decimal: Decimal) -> Result<Decimal, Fault> {
    room(Decimal::ZERO.checked_sub(decimal), SYMBOL)
}

#[cfg(test)]
mod tests {
    use crate::testing::{fails, gives, ty};

    use super::negated_type;

    #[test]
    fn numbers_amounts_and_lengths_of_time_turn_round() {
        gives("-0.0", "0.0");
        gives("-(9.90 EUR)", "-9.90 EUR");
        gives("-(15%)", "-15%");
        gives("-(90 s)", "-90 s");
        gives("-(1 month)", "-1 month");
        fails("-missing", "a value is missing that the schema promises");
        fails("-(-9223372036854775807 - 1)", "the result of `-` is too large");
        assert_eq!(negated_type(&ty("EUR")), Some(ty("EUR")));
        assert_eq!(negated_type(&ty("string")), None);
        assert_eq!(negated_type(&ty("unknown")), Some(ty("unknown")));
    }
}
