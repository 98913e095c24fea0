//! `next_business_time`

use hence_types::jiff::civil::{Date, Time, Weekday};
use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{Span, Timestamp};
use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "next_business_time";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The first instant from a given one that lies in business hours, from Monday to Friday.",
    details: "An instant within business hours is given back as it is; the end of the hours is no longer part of them. \
              Days and hours are those of the rule's time zone or of the one that is given. Hours that end before they \
              begin, such as 22:00 to 06:00, are an error of the evaluation.",
    examples: &[
        Example {
            expression: "next_business_time(2026-11-27T17:30Z, 09:00, 17:00)",
            result: "2026-11-30T09:00Z",
        },
        Example {
            expression: "next_business_time(2026-11-27T10:15Z, 09:00, 17:00)",
            result: "2026-11-27T10:15Z",
        },
        Example {
            expression: "next_business_time(2026-11-27T10:15Z, 09:00, 17:00, \"America/New_York\")",
            result: "2026-11-27T14:00Z",
        },
    ],
    parameters: &[
        Parameter { name: "at", takes: "datetime", optional: false },
        Parameter { name: "from", takes: "time", optional: false },
        Parameter { name: "until", takes: "time", optional: false },
        Parameter { name: "zone", takes: "text", optional: true },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 3..=4)?;
    signature::takes(types, 0, |ty| *ty == Type::DateTime)?;
    signature::takes(types, 1, |ty| *ty == Type::Time)?;
    signature::takes(types, 2, |ty| *ty == Type::Time)?;
    if types.len() > 3 {
        signature::takes(types, 3, Type::is_text)?;
    }
    Ok(Type::DateTime)
}

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let (Value::DateTime(at), Value::Time(from), Value::Time(until)) = (
        arguments::any(values, 0, NAME)?,
        arguments::any(values, 1, NAME)?,
        arguments::any(values, 2, NAME)?,
    ) else {
        return Err(Fault::Internal { operation: NAME });
    };
    if from >= until {
        let reason = format!("business hours that begin at {} cannot end at {}", shown(*from), shown(*until));
        return Err(Fault::Argument { function: NAME, reason });
    }
    let zone = if values.len() > 3 { arguments::zone(values, 3, NAME)? } else { context.zone.clone() };
    first(*at, *from, *until, &zone).map(Value::DateTime).ok_or(Fault::Overflow { operation: NAME })
}

fn shown(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

fn first(at: Timestamp, from: Time, until: Time, zone: &TimeZone) -> Option<Timestamp> {
    let mut day = zone.to_datetime(at).date();
    // A weekend is two days, and a day whose hours clocks skip altogether can follow it.
    for _ in 0..7 {
        if !is_weekend(day) {
            let begin = zone.to_timestamp(day.to_datetime(from)).ok()?;
            let end = zone.to_timestamp(day.to_datetime(until)).ok()?;
            let within = at.max(begin);
            if within < end {
                return Some(within);
            }
        }
        day = day.checked_add(Span::new().days(1)).ok()?;
    }
    None
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives, gives_in};

    #[test]
    fn early_is_later_that_day_and_late_or_the_weekend_is_the_next_day_of_work() {
        gives("next_business_time(2026-11-27T06:00Z, 09:00, 17:00)", "2026-11-27T09:00Z");
        gives("next_business_time(2026-11-26T17:00Z, 09:00, 17:00)", "2026-11-27T09:00Z");
        gives("next_business_time(2026-11-28T12:00Z, 09:00, 17:00)", "2026-11-30T09:00Z");
        gives("next_business_time(2026-11-29T23:59Z, 09:00, 17:00)", "2026-11-30T09:00Z");
    }

    #[test]
    fn the_zone_decides_which_day_and_hour_it_is() {
        gives_in("Asia/Tokyo", "next_business_time(2026-11-27T15:30Z, 09:00, 17:00)", "2026-11-30T00:00Z");
        gives("next_business_time(2026-03-27T17:00Z, 09:00, 17:00, \"Europe/Berlin\")", "2026-03-30T07:00Z");
    }

    #[test]
    fn hours_have_to_end_after_they_begin() {
        fails(
            "next_business_time(2026-11-27T10:00Z, 22:00, 06:00)",
            "`next_business_time`: business hours that begin at 22:00 cannot end at 06:00",
        );
        call_type("next_business_time", &["datetime", "time", "time"], "datetime");
        call_type("next_business_time", &["date", "time", "time"], "argument 0");
        call_type("next_business_time", &["datetime", "time", "time", "int"], "argument 3");
    }
}
