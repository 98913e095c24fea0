//! `+`

use hence_types::{Type, Value};

use super::kinds::{Numbers, arithmetic_type, finite, joined, numbers, one_currency, room, tidy, unexpected};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

const SYMBOL: &str = "+";

pub(super) static DEFINITION: Operator = Operator {
    symbol: SYMBOL,
    name: "add",
    summary: "The sum of two numbers, amounts or lengths of time; a time moved forward.",
    details: "| operands | result |\n|---|---|\n\
              | numbers | `int` for two of them, `decimal` else; `float` if one is |\n\
              | money of one currency, percentages, durations, periods | the same |\n\
              | date + period | date; a day that the month does not have becomes its last |\n\
              | datetime + duration | datetime, so many hours, minutes and seconds later |\n\
              | datetime + period | datetime, by the calendar and wall clock of the rule's time zone |\n\n\
              `1 day` keeps the wall clock when it changes to or from summer time, `24 h` does not. A duration cannot be \
              added to a date, which has no time of day. Texts are not added: write `\"{first} {last}\"`. A result without \
              room in its type is an error of the evaluation, never a wrong number.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "0.1 + 0.2", result: "0.3" },
        Example { expression: "9.90 EUR + 0.10 EUR", result: "10 EUR" },
        Example { expression: "2026-01-31 + 1 month", result: "2026-02-28" },
        Example { expression: "2026-11-27T09:00Z + 90 m", result: "2026-11-27T10:30Z" },
    ],
    operands: "two numbers, amounts of one currency, percentages, durations or periods, a date and a period, \
               or a datetime and a duration or period",
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
        (Type::Period, Type::Period) => Some(Type::Period),
        (Type::Date, Type::Period) | (Type::Period, Type::Date) => Some(Type::Date),
        (Type::DateTime, Type::Duration | Type::Period) | (Type::Duration | Type::Period, Type::DateTime) => {
            Some(Type::DateTime)
        }
        _ => arithmetic_type(left, right),
    }
}

fn apply(left: &Value, right: &Value, _case: Case, context: &Context) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Money(left), Value::Money(right)) => {
            let currency = one_currency(left, right)?;
            room(left.amount.checked_add(right.amount), SYMBOL).map(|amount| tidy(amount, currency))
        }
        (Value::Percent(left), Value::Percent(right)) => {
            room(left.checked_add(*right), SYMBOL).map(Value::Percent)
        }
        (Value::Duration(left), Value::Duration(right)) => {
            room(left.checked_add(*right), SYMBOL).map(Value::Duration)
        }
        (Value::Period(left), Value::Period(right)) => {
            room(left.checked_add(*right), SYMBOL).map(Value::Period)
        }
        (Value::Date(date), Value::Period(period)) | (Value::Period(period), Value::Date(date)) => {
            room(period.add_to_date(*date), SYMBOL).map(Value::Date)
        }
        (Value::DateTime(instant), Value::Duration(duration))
        | (Value::Duration(duration), Value::DateTime(instant)) => {
            room(instant.checked_add(*duration).ok(), SYMBOL).map(Value::DateTime)
        }
        (Value::DateTime(instant), Value::Period(period))
        | (Value::Period(period), Value::DateTime(instant)) => {
            room(period.add_to_instant(*instant, &context.zone), SYMBOL).map(Value::DateTime)
        }
        _ => match numbers(left, right).ok_or_else(|| unexpected(left, right, SYMBOL))? {
            Numbers::Ints(left, right) => room(left.checked_add(right), SYMBOL).map(Value::Int),
            Numbers::Decimals(left, right) => room(left.checked_add(right), SYMBOL).map(Value::Decimal),
            Numbers::Floats(left, right) => finite(left + right, SYMBOL),
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::Add;
    use crate::testing::{fails, gives, gives_in, operator_type};

    #[test]
    fn a_sum_without_room_is_a_fault() {
        gives("9223372036854775806 + 1", "9223372036854775807");
        fails("9223372036854775807 + 1", "the result of `+` is too large");
        fails("9999-12-31 + 1 day", "the result of `+` is too large");
        fails("9999-12-30T21:59Z + 1 h", "the result of `+` is too large");
    }

    #[test]
    fn a_day_keeps_the_wall_clock_and_24_hours_do_not() {
        gives_in("Europe/Berlin", "2026-03-28T08:00Z + 1 day", "2026-03-29T07:00Z");
        gives_in("Europe/Berlin", "2026-03-28T08:00Z + 24 h", "2026-03-29T08:00Z");
        gives("1 day + 2026-11-30", "2026-12-01");
        gives("1 month + 3 days", "1 month + 3 days");
    }

    #[test]
    fn floats_stay_floats() {
        gives("float(0.5) + 1", "1.5");
        operator_type("float", Add, "int", "float");
        operator_type("int", Add, "decimal", "decimal");
        operator_type("int", Add, "int", "int");
    }

    #[test]
    fn money_is_added_in_one_currency() {
        fails("1 EUR + 1 USD", "EUR and USD are different currencies");
        operator_type("EUR", Add, "USD", "none");
        operator_type("EUR", Add, "money", "money (EUR)");
        operator_type("money", Add, "money", "money");
        operator_type("EUR", Add, "int", "none");
        operator_type("EUR", Add, "percent", "none");
    }

    #[test]
    fn texts_and_dates_with_hours_are_not_added() {
        operator_type("string", Add, "string", "none");
        operator_type("date", Add, "duration", "none");
        operator_type("datetime", Add, "period", "datetime");
        operator_type("duration", Add, "period", "none");
        operator_type("list<int>", Add, "list<int>", "none");
        fails("missing + 1", "a value is missing that the schema promises");
    }
}
