//! `-` between two operands

use hence_types::{Period, Type, Value};

use super::kinds::{Numbers, arithmetic_type, finite, joined, numbers, one_currency, room, tidy, unexpected};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

const SYMBOL: &str = "-";

pub(super) static DEFINITION: Operator = Operator {
    symbol: SYMBOL,
    name: "subtract",
    summary: "The difference of two numbers, amounts or times; a time moved back.",
    details: "| operands | result |\n|---|---|\n\
              | numbers | `int` for two of them, `decimal` else; `float` if one is |\n\
              | money of one currency, percentages, durations, periods | the same |\n\
              | date - period | date; a day that the month does not have becomes its last |\n\
              | datetime - duration, datetime - period | datetime |\n\
              | date - date | period in days |\n\
              | datetime - datetime | duration |\n\n\
              A discount is `total - total * 15%`: a percentage of what is never guessed. A result without room in its type \
              is an error of the evaluation.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "10 - 2.5", result: "7.5" },
        Example { expression: "2026-03-31 - 1 month", result: "2026-02-28" },
        Example { expression: "2026-12-24 - 2026-11-27", result: "27 days" },
        Example { expression: "2026-11-27T10:30Z - 2026-11-27T09:00Z", result: "90 m" },
    ],
    operands: "two numbers, amounts of one currency, percentages, durations, periods, dates or datetimes, \
               a date and a period, or a datetime and a duration or period",
    takes_missing: false,
    takes_case: false,
    result,
    apply,
};

fn result(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (Type::Money(left), Type::Money(right)) => joined(*left, *right).map(Type::Money),
        (Type::Percent, Type::Percent) => Some(Type::Percent),
        (Type::Duration, Type::Duration) => Some(Type::Duration),
        (Type::Period, Type::Period) | (Type::Date, Type::Date) => Some(Type::Period),
        (Type::DateTime, Type::DateTime) => Some(Type::Duration),
        (Type::Date, Type::Period) => Some(Type::Date),
        (Type::DateTime, Type::Duration | Type::Period) => Some(Type::DateTime),
        _ => arithmetic_type(left, right),
    }
}

fn apply(left: &Value, right: &Value, _case: Case, context: &Context) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Money(left), Value::Money(right)) => {
            let currency = one_currency(left, right)?;
            room(left.amount.checked_sub(right.amount), SYMBOL).map(|amount| tidy(amount, currency))
        }
        (Value::Percent(left), Value::Percent(right)) => {
            room(left.checked_sub(*right), SYMBOL).map(Value::Percent)
        }
        (Value::Duration(left), Value::Duration(right)) => {
            room(left.checked_sub(*right), SYMBOL).map(Value::Duration)
        }
        (Value::Period(left), Value::Period(right)) => {
            room(left.checked_sub(*right), SYMBOL).map(Value::Period)
        }
        (Value::Date(left), Value::Date(right)) => {
            let days = i32::try_from(left.duration_since(*right).as_hours() / 24).ok();
            room(days, SYMBOL).map(|days| Value::Period(Period::days(days)))
        }
        (Value::DateTime(left), Value::DateTime(right)) => Ok(Value::Duration(left.duration_since(*right))),
        (Value::Date(date), Value::Period(period)) => {
            let period = room(period.checked_neg(), SYMBOL)?;
            room(period.add_to_date(*date), SYMBOL).map(Value::Date)
        }
        (Value::DateTime(instant), Value::Duration(duration)) => {
            room(instant.checked_sub(*duration).ok(), SYMBOL).map(Value::DateTime)
        }
        (Value::DateTime(instant), Value::Period(period)) => {
            let period = room(period.checked_neg(), SYMBOL)?;
            room(period.add_to_instant(*instant, &context.zone), SYMBOL).map(Value::DateTime)
        }
        _ => match numbers(left, right).ok_or_else(|| unexpected(left, right, SYMBOL))? {
            Numbers::Ints(left, right) => room(left.checked_sub(right), SYMBOL).map(Value::Int),
            Numbers::Decimals(left, right) => room(left.checked_sub(right), SYMBOL).map(Value::Decimal),
            Numbers::Floats(left, right) => finite(left - right, SYMBOL),
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::Subtract;
    use crate::testing::{fails, gives, gives_in, operator_type};

    #[test]
    fn times_have_differences() {
        gives("2026-11-27 - 2026-12-24", "-27 days");
        gives("1 day - 1 month", "-1 month + 1 day");
        gives_in("Europe/Berlin", "2026-03-29T07:00Z - 1 day", "2026-03-28T08:00Z");
        gives("2026-11-27T10:00Z - 90 s", "2026-11-27T09:58:30Z");
        operator_type("date", Subtract, "date", "period");
        operator_type("datetime", Subtract, "datetime", "duration");
        operator_type("datetime", Subtract, "date", "none");
        operator_type("period", Subtract, "date", "none");
        operator_type("date", Subtract, "duration", "none");
    }

    #[test]
    fn numbers_and_amounts_have_differences() {
        gives("15% - 5%", "10%");
        gives("0.3 - 0.1", "0.2");
        gives("9.90 EUR - 10 EUR", "-0.10 EUR");
        gives("float(0.5) - 1", "-0.5");
        fails("-9223372036854775807 - 2", "the result of `-` is too large");
        operator_type("EUR", Subtract, "percent", "none");
    }
}
