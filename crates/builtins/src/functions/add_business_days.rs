//! `add_business_days`

use hence_types::jiff::Span;
use hence_types::jiff::civil::Date;
use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, calendar, signature};
use crate::{Example, Fault};

const NAME: &str = "add_business_days";

/// So many business days are the most that can be added or taken away.
const MOST: i64 = 10_000;

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The day that is so many business days after a given one, or before it where the number is negative.",
    details: "Business days are those from Monday to Friday that are no holidays; holidays are a list of dates, which may be \
              left out. With 0 the day itself is given back, also on a weekend. The day of a datetime is that in the rule's \
              time zone. More than 10,000 days are an error of the evaluation.",
    examples: &[
        Example { expression: "add_business_days(2026-11-27, 1)", result: "2026-11-30" },
        Example { expression: "add_business_days(2026-11-30, -1)", result: "2026-11-27" },
        Example { expression: "add_business_days(2026-12-23, 2, [2026-12-25])", result: "2026-12-28" },
    ],
    parameters: &[
        Parameter { name: "day", takes: "date or datetime", optional: false },
        Parameter { name: "days", takes: "whole number", optional: false },
        Parameter { name: "holidays", takes: "list of dates", optional: true },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=3)?;
    signature::takes(types, 0, signature::is_day)?;
    signature::takes(types, 1, |ty| *ty == Type::Int)?;
    calendar::takes_holidays(types, 2)?;
    Ok(Type::Date)
}

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let holidays = calendar::holidays(values, 2, NAME)?;
    let day = arguments::day(values, 0, context, NAME)?;
    let Value::Int(count) = arguments::any(values, 1, NAME)? else {
        return Err(Fault::Internal { operation: NAME });
    };
    if !(-MOST..=MOST).contains(count) {
        let reason = format!("{count} days are more than 10,000");
        return Err(Fault::Argument { function: NAME, reason });
    }
    add(day, *count, &holidays).map(Value::Date).ok_or(Fault::Overflow { operation: NAME })
}

fn add(day: Date, count: i64, holidays: &[Date]) -> Option<Date> {
    let step = Span::new().days(count.signum());
    let (mut day, mut left) = (day, count.abs());
    while left > 0 {
        day = day.checked_add(step).ok()?;
        if calendar::is_business_day(day, holidays) {
            left -= 1;
        }
    }
    Some(day)
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives, gives_in};

    #[test]
    fn weekends_and_holidays_are_passed_over_in_both_directions() {
        gives("add_business_days(2026-11-28, 0)", "2026-11-28");
        gives("add_business_days(2026-11-28, 1)", "2026-11-30");
        gives("add_business_days(2026-11-28, -1)", "2026-11-27");
        gives("add_business_days(2026-11-27, 10)", "2026-12-11");
        gives("add_business_days(2026-12-28, -2, [2026-12-25, 2026-12-24])", "2026-12-22");
    }

    #[test]
    fn a_change_of_the_clock_does_not_matter() {
        gives_in("Europe/Berlin", "add_business_days(2026-03-27T23:30Z, 1)", "2026-03-30");
        gives_in("America/New_York", "add_business_days(2026-10-31T03:30Z, 1)", "2026-11-02");
    }

    #[test]
    fn there_are_limits() {
        fails("add_business_days(2026-11-27, 10001)", "`add_business_days`: 10001 days are more than 10,000");
        fails("add_business_days(9999-12-30, 9)", "the result of `add_business_days` is too large");
        call_type("add_business_days", &["date", "int", "list<date>"], "date");
        call_type("add_business_days", &["date", "decimal"], "argument 1");
    }
}
