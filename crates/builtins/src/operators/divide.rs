//! `/`

use hence_types::jiff::SignedDuration;
use hence_types::{Decimal, Type, Value};

use super::kinds::{Numbers, finite, joined, numbers, numeric, one_currency, room, tidy, unexpected};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

const SYMBOL: &str = "/";

pub(super) static DEFINITION: Operator = Operator {
    symbol: SYMBOL,
    name: "divide",
    summary: "The quotient of two numbers, amounts or durations; an amount or a duration in parts.",
    details: "| operands | result |\n|---|---|\n\
              | `int` or `decimal` | `decimal`, exact or to 28 digits: `7 / 2 == 3.5` |\n\
              | a `float` and a number | `float` |\n\
              | money / number | money, not rounded: see `round` |\n\
              | money / money of one currency, duration / duration | `decimal` |\n\
              | duration / int | duration, cut off after nanoseconds |\n\n\
              For whole parts write `floor(a / b)`. Division by zero is an error of the evaluation.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "7 / 2", result: "3.5" },
        Example { expression: "10 EUR / 4", result: "2.50 EUR" },
        Example { expression: "30 EUR / 120 EUR", result: "0.25" },
        Example { expression: "36 h / 24 h", result: "1.5" },
    ],
    operands: "two numbers, money and a number, two amounts of one currency, two durations, or a duration and a whole number",
    takes_missing: false,
    takes_case: false,
    result,
    apply,
};

fn result(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (Type::Money(currency), Type::Int | Type::Decimal) => Some(Type::Money(*currency)),
        (Type::Money(left), Type::Money(right)) => joined(*left, *right).map(|_| Type::Decimal),
        (Type::Duration, Type::Duration) => Some(Type::Decimal),
        (Type::Duration, Type::Int) => Some(Type::Duration),
        _ if left.is_number() && right.is_number() => Some(Type::Decimal),
        _ => (numeric(left) && numeric(right)).then_some(Type::Float),
    }
}

fn apply(left: &Value, right: &Value, _case: Case, _context: &Context) -> Result<Value, Fault> {
    match (left, right) {
        (Value::Money(left), Value::Money(right)) => {
            one_currency(left, right)?;
            quotient(left.amount, right.amount).map(Value::Decimal)
        }
        (Value::Money(money), Value::Int(_) | Value::Decimal(_)) => {
            let divisor = right.as_decimal().ok_or_else(|| unexpected(left, right, SYMBOL))?;
            quotient(money.amount, divisor).map(|amount| tidy(amount, money.currency))
        }
        (Value::Duration(left), Value::Duration(right)) => {
            quotient(seconds(left.as_nanos())?, seconds(right.as_nanos())?).map(Value::Decimal)
        }
        (Value::Duration(_), Value::Int(0)) => Err(Fault::DivisionByZero),
        (Value::Duration(duration), Value::Int(divisor)) => {
            let nanoseconds = duration.as_nanos().checked_div(i128::from(*divisor));
            room(nanoseconds.and_then(SignedDuration::try_from_nanos_i128), SYMBOL).map(Value::Duration)
        }
        _ => match numbers(left, right).ok_or_else(|| unexpected(left, right, SYMBOL))? {
            Numbers::Ints(left, right) => quotient(left.into(), right.into()).map(Value::Decimal),
            Numbers::Decimals(left, right) => quotient(left, right).map(Value::Decimal),
            Numbers::Floats(_, 0.0) => Err(Fault::DivisionByZero),
            Numbers::Floats(left, right) => finite(left / right, SYMBOL),
        },
    }
}

fn quotient(left: Decimal, right: Decimal) -> Result<Decimal, Fault> {
    if right.is_zero() {
        return Err(Fault::DivisionByZero);
    }
    room(left.checked_div(right), SYMBOL).map(|quotient| quotient.normalize())
}

fn seconds(nanoseconds: i128) -> Result<Decimal, Fault> {
    room(Decimal::try_from_i128_with_scale(nanoseconds, 9).ok(), SYMBOL)
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::Divide;
    use crate::testing::{fails, gives, operator_type};

    #[test]
    fn quotients_are_exact_or_of_28_digits() {
        gives("6 / 3", "2");
        gives("1 / 3", "0.3333333333333333333333333333");
        gives("10 EUR / 3", "3.3333333333333333333333333333 EUR");
        gives("float(1) / 4", "0.25");
        gives("1 h / 7", "514.285714285 s");
        operator_type("int", Divide, "int", "decimal");
        operator_type("float", Divide, "decimal", "float");
    }

    #[test]
    fn division_by_zero_is_a_fault() {
        for zero in
            ["1 / 0", "1.5 / 0.0", "1 EUR / 0", "1 EUR / 0 EUR", "1 h / 0", "1 h / 0 s", "float(1) / 0"]
        {
            fails(zero, "division by zero");
        }
    }

    #[test]
    fn amounts_are_divided_in_one_currency() {
        fails("1 EUR / 1 USD", "EUR and USD are different currencies");
        operator_type("EUR", Divide, "money", "decimal");
        operator_type("EUR", Divide, "USD", "none");
        operator_type("int", Divide, "EUR", "none");
        operator_type("EUR", Divide, "percent", "none");
        operator_type("period", Divide, "int", "none");
    }
}
