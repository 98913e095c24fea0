//! `business_days_between`

use hence_types::jiff::Span;
use hence_types::jiff::civil::Date;
use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, calendar, signature};
use crate::{Example, Fault};

const NAME: &str = "business_days_between";

/// Whole weeks are not walked through.
const WEEK: i64 = 7;

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "How many business days lie after one day, up to another one.",
    details: "Business days are those from Monday to Friday that are no holidays; holidays are a list of dates, which may be \
              left out. The first day does not count, the last one does; negative if the last is earlier. So it is what \
              `add_business_days` takes to come from the one to the other, where the last is a business day. The days of \
              datetimes are those in the rule's time zone.",
    examples: &[
        Example { expression: "business_days_between(2026-11-27, 2026-11-30)", result: "1" },
        Example { expression: "business_days_between(2026-11-30, 2026-11-27)", result: "-1" },
        Example { expression: "business_days_between(2026-12-23, 2026-12-28, [2026-12-25])", result: "2" },
    ],
    parameters: &[
        Parameter { name: "from", takes: "date or datetime", optional: false },
        Parameter { name: "to", takes: "date or datetime", optional: false },
        Parameter { name: "holidays", takes: "list of dates", optional: true },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=3)?;
    signature::takes(types, 0, signature::is_day)?;
    signature::takes(types, 1, signature::is_day)?;
    calendar::takes_holidays(types, 2)?;
    Ok(Type::Int)
}

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let holidays = calendar::holidays(values, 2, NAME)?;
    let from = arguments::day(values, 0, context, NAME)?;
    let to = arguments::day(values, 1, context, NAME)?;
    let count =
        if from <= to { after(from, to, &holidays) } else { until(to, from, &holidays).map(|days| -days) };
    count.map(Value::Int).ok_or(Fault::Overflow { operation: NAME })
}

/// Counts the business days after `first`, up to `last`.
fn after(first: Date, last: Date, holidays: &[Date]) -> Option<i64> {
    count(first, last, holidays, |first, day, last| first < day && day <= last)
}

/// Counts the business days from `first` on, before `last`.
fn until(first: Date, last: Date, holidays: &[Date]) -> Option<i64> {
    count(first, last, holidays, |first, day, last| first <= day && day < last)
}

/// Counts the business days between two days, of which one counts itself as `is_between` says.
fn count(
    first: Date,
    last: Date,
    holidays: &[Date],
    is_between: fn(Date, Date, Date) -> bool,
) -> Option<i64> {
    // Any seven days that follow each other have five business days.
    let weeks = last.duration_since(first).as_hours() / 24 / WEEK;
    let start = first.checked_add(Span::new().days(weeks * WEEK)).ok()?;
    let mut business = weeks * 5;
    let mut day = start;
    while day < last {
        business += i64::from(is_between(start, day, last) && calendar::is_business_day(day, &[]));
        day = day.checked_add(Span::new().days(1)).ok()?;
    }
    business += i64::from(is_between(start, last, last) && calendar::is_business_day(last, &[]));
    let mut free: Vec<&Date> = holidays.iter().filter(|day| is_between(first, **day, last)).collect();
    free.retain(|day| calendar::is_business_day(**day, &[]));
    free.sort();
    free.dedup();
    business.checked_sub(i64::try_from(free.len()).ok()?)
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives, gives_in};

    #[test]
    fn it_is_what_adding_them_takes() {
        gives("business_days_between(2026-11-27, 2026-12-11)", "10");
        gives("business_days_between(2026-11-28, 2026-11-29)", "0");
        gives("business_days_between(2026-11-28, 2026-11-30)", "1");
        gives("business_days_between(2026-11-30, 2026-11-28)", "0");
        gives("business_days_between(2026-11-30, 2026-11-26)", "-2");
        gives("business_days_between(2026-11-30, 2026-11-30)", "0");
        gives("business_days_between(2026-01-01, 2027-01-01)", "261");
        gives("business_days_between(2027-01-01, 2026-01-01)", "-261");
        gives("business_days_between(2026-12-28, 2026-12-22, [2026-12-25, 2026-12-24, 2026-12-24])", "-2");
    }

    #[test]
    fn a_change_of_the_clock_does_not_matter() {
        gives_in("Europe/Berlin", "business_days_between(2026-03-27T12:00Z, 2026-03-30T22:30Z)", "2");
        gives_in("America/New_York", "business_days_between(2026-10-30T12:00Z, 2026-11-02T12:00Z)", "1");
        call_type("business_days_between", &["date", "datetime", "list<date>"], "int");
        call_type("business_days_between", &["date", "int"], "argument 1");
    }
}
