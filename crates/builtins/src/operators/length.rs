//! What `within next`, `within last` and `older than` share: today or now, moved by a length of time.

use std::cmp::Ordering;

use hence_types::jiff::Zoned;
use hence_types::{Type, Value};

use super::kinds::unexpected;
use super::{BinaryOperator, Case, negate};
use crate::{Context, Fault};

pub(super) const OPERANDS: &str = "a date and a period, or a datetime and a duration or period";

pub(super) fn result(left: &Type, right: &Type) -> Option<Type> {
    let takes =
        matches!((left, right), (Type::Date, Type::Period) | (Type::DateTime, Type::Period | Type::Duration));
    takes.then_some(Type::Bool)
}

/// Which way the length goes from the present.
#[derive(Clone, Copy)]
pub(super) enum Way {
    Back,
    On,
}

/// How a moment lies to the present, and to the present moved by a length: today for a date, now for a datetime.
pub(super) fn orders(
    moment: &Value,
    length: &Value,
    way: Way,
    context: &Context,
    operation: &'static str,
) -> Result<(Ordering, Ordering), Fault> {
    let present = if let Value::Date(_) = moment {
        Value::Date(Zoned::new(context.now, context.zone.clone()).date())
    } else if let Value::DateTime(_) = moment {
        Value::DateTime(context.now)
    } else {
        return Err(unexpected(moment, length, operation));
    };
    if length.is_missing() {
        return Err(Fault::Missing);
    }
    let length = match way {
        Way::On => length.clone(),
        Way::Back => negate(length)?,
    };
    let moved = (BinaryOperator::Add.definition().apply)(&present, &length, Case::Sensitive, context)?;
    let order = |end: &Value| super::kinds::order(moment, end, operation);
    Ok((order(&present)?, order(&moved)?))
}
