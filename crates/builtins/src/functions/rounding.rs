//! What `round`, `floor` and `ceil` share.

use hence_types::{Decimal, Money, Type, Value, decimal_of_float};
use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::ToPrimitive;

use super::{SignatureError, arguments, signature};
use crate::Fault;
use crate::operators::{numeric, tidy};

/// The type of a number in whole steps: `int`; money and percentages stay what they are.
pub(super) fn whole_type(ty: &Type) -> Type {
    if numeric(ty) { Type::Int } else { ty.clone() }
}

/// Checks that the first argument is something to round.
pub(super) fn takes_roundable(types: &[Type]) -> Result<&Type, SignatureError> {
    signature::takes(types, 0, |ty| numeric(ty) || matches!(ty, Type::Money(_) | Type::Percent))?;
    types.first().ok_or(SignatureError::Count)
}

/// The signature of `floor` and `ceil`.
pub(super) fn whole_signature(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    takes_roundable(types).map(whole_type)
}

/// Rounds the first argument to whole steps.
pub(super) fn to_whole(
    values: &[Value],
    strategy: RoundingStrategy,
    function: &'static str,
) -> Result<Value, Fault> {
    let value = arguments::any(values, 0, function)?;
    if let Value::Int(int) = value {
        Ok(Value::Int(*int))
    } else if let Value::Money(Money { amount, currency }) = value {
        Ok(tidy(amount.round_dp_with_strategy(0, strategy), *currency))
    } else if let Value::Percent(percent) = value {
        Ok(Value::Percent(percent.round_dp_with_strategy(0, strategy)))
    } else {
        let rounded = number(value, function)?.round_dp_with_strategy(0, strategy);
        rounded.to_i64().map(Value::Int).ok_or(Fault::Overflow { operation: function })
    }
}

/// A number as a decimal; a float by the shortest digits that mean it.
pub(super) fn number(value: &Value, function: &'static str) -> Result<Decimal, Fault> {
    if let Value::Float(float) = value {
        return decimal_of_float(*float).ok_or(Fault::Overflow { operation: function });
    }
    value.as_decimal().ok_or(Fault::Internal { operation: function })
}
