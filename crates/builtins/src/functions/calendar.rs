//! What functions of dates share: units of the calendar, where they start and end.

use hence_types::Period;
use hence_types::jiff::civil::{Date, Weekday};
use hence_types::jiff::{SignedDuration, Timestamp};
use hence_types::{Type, Value};

use super::arguments::{any, day, text, unknown_word};
use super::{Context, SignatureError, signature};
use crate::Fault;

/// The units of the calendar, smallest first.
pub(super) const UNITS: &[&str] = &["hour", "day", "week", "month", "quarter", "year"];

/// Those that a date has; `hour` only a datetime has.
const UNITS_OF_DATES: &[&str] = &["day", "week", "month", "quarter", "year"];

/// The signature of `start_of` and `end_of`.
pub(super) fn signature(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=2)?;
    signature::takes(types, 0, signature::is_day)?;
    let ty = types.first().ok_or(SignatureError::Count)?;
    signature::takes_word(types, 1, if *ty == Type::Date { UNITS_OF_DATES } else { UNITS })?;
    Ok(ty.clone())
}

/// The signature of a function of one date or datetime.
pub(super) fn day_signature(types: &[Type], result: Type) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::takes(types, 0, signature::is_day)?;
    Ok(result)
}

/// Which end of a unit.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// The first day or instant.
    First,
    /// The last day or instant.
    Last,
}

/// Applies `start_of` or `end_of`.
pub(super) fn end_of_unit(
    values: &[Value],
    context: &Context,
    end: End,
    function: &'static str,
) -> Result<Value, Fault> {
    let unit = text(values, 1, function)?;
    let value = any(values, 0, function)?;
    let overflow = Fault::Overflow { operation: function };
    if let Value::DateTime(instant) = value
        && unit == "hour"
    {
        return hour(*instant, context, end).map(Value::DateTime).ok_or(overflow);
    }
    let known = if let Value::Date(_) = value { UNITS_OF_DATES } else { UNITS };
    if !known.contains(&unit) {
        return Err(unknown_word(function, unit, known));
    }
    let first = first_day(day(values, 0, context, function)?, unit).ok_or(overflow.clone())?;
    let next = || length(unit).add_to_date(first).ok_or(overflow.clone());
    match (value, end) {
        (Value::Date(_), End::First) => Ok(Value::Date(first)),
        (Value::Date(_), End::Last) => {
            let last = next()?.yesterday().ok();
            last.map(Value::Date).ok_or(overflow.clone())
        }
        (_, End::First) => midnight(first, context).map(Value::DateTime).ok_or(overflow.clone()),
        (_, End::Last) => {
            let last = midnight(next()?, context).and_then(before);
            last.map(Value::DateTime).ok_or(overflow.clone())
        }
    }
}

fn first_day(date: Date, unit: &str) -> Option<Date> {
    match unit {
        "week" => {
            let days = i32::from(date.weekday().to_monday_zero_offset());
            Period::days(-days).add_to_date(date)
        }
        "month" => Some(date.first_of_month()),
        "quarter" => {
            let months = i32::from((date.month() - 1) % 3);
            Period::months(-months).add_to_date(date.first_of_month())
        }
        "year" => Some(date.first_of_year()),
        _ => Some(date),
    }
}

fn length(unit: &str) -> Period {
    match unit {
        "week" => Period::days(7),
        "month" => Period::months(1),
        "quarter" => Period::months(3),
        "year" => Period::months(12),
        _ => Period::days(1),
    }
}

/// The first instant of a day in the rule's zone; where the clock skips midnight, the instant after.
fn midnight(date: Date, context: &Context) -> Option<Timestamp> {
    context.zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().ok()
}

/// The last instant before another.
fn before(instant: Timestamp) -> Option<Timestamp> {
    instant.checked_sub(SignedDuration::from_nanos(1)).ok()
}

fn hour(instant: Timestamp, context: &Context, end: End) -> Option<Timestamp> {
    let wall = context.zone.to_datetime(instant);
    let past = SignedDuration::from_mins(wall.minute().into())
        .checked_add(SignedDuration::from_secs(wall.second().into()))?
        .checked_add(SignedDuration::from_nanos(wall.subsec_nanosecond().into()))?;
    let first = instant.checked_sub(past).ok()?;
    match end {
        End::First => Some(first),
        End::Last => before(first.checked_add(SignedDuration::from_hours(1)).ok()?),
    }
}

/// Returns whether a day is none of a weekend, and none of the holidays that the argument at a place lists, if it does.
pub(super) fn is_business_day(day: Date, holidays: &[Date]) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.contains(&day)
}

/// Returns the holidays that the argument at a place lists; none where it is left out.
pub(super) fn holidays(values: &[Value], place: usize, function: &'static str) -> Result<Vec<Date>, Fault> {
    let Some(list) = values.get(place) else { return Ok(Vec::new()) };
    let internal = Fault::Internal { operation: function };
    let days = list
        .as_list()
        .ok_or(internal.clone())?
        .iter()
        .map(|day| if let Value::Date(day) = day { Ok(*day) } else { Err(internal.clone()) });
    days.collect()
}

/// The signature of the holidays at a place, which may be left out.
pub(super) fn takes_holidays(types: &[Type], place: usize) -> Result<(), SignatureError> {
    if types.len() <= place {
        return Ok(());
    }
    signature::takes(types, place, |ty| {
        if let Type::List(day) = ty { matches!(&**day, Type::Date | Type::Error) } else { false }
    })
}
