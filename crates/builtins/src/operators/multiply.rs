//! `*`

use hence_types::jiff::SignedDuration;
use hence_types::{Type, Value};

use super::kinds::{Numbers, arithmetic_type, finite, numbers, room, share, tidy, unexpected};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

const SYMBOL: &str = "*";

pub(super) static DEFINITION: Operator = Operator {
    symbol: SYMBOL,
    name: "multiply",
    summary: "The product of two numbers; an amount, or a length of time, so many times; a share of something.",
    details: "| operands, in either order | result |\n|---|---|\n\
              | numbers | `int` for two of them, `decimal` else; `float` if one is |\n\
              | money * number | money, not rounded: see `round` |\n\
              | money * percentage, number * percentage | that share: money, `decimal` |\n\
              | duration * int, period * int | the same |\n\n\
              A result without room in its type is an error of the evaluation.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "3 * 1.5", result: "4.5" },
        Example { expression: "200 EUR * 15%", result: "30 EUR" },
        Example { expression: "3 * 9.90 EUR", result: "29.70 EUR" },
        Example { expression: "2 * 90 s", result: "3 m" },
    ],
    operands: "two numbers, money and a number or percentage, a number and a percentage, \
               or a duration or period and a whole number",
    takes_missing: false,
    takes_case: false,
    result,
    apply,
};

fn result(left: &Type, right: &Type) -> Option<Type> {
    one_way(left, right).or_else(|| one_way(right, left)).or_else(|| arithmetic_type(left, right))
}

fn one_way(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (Type::Money(currency), Type::Int | Type::Decimal | Type::Percent) => Some(Type::Money(*currency)),
        (Type::Int | Type::Decimal, Type::Percent) => Some(Type::Decimal),
        (Type::Duration, Type::Int) => Some(Type::Duration),
        (Type::Period, Type::Int) => Some(Type::Period),
        _ => None,
    }
}

fn apply(left: &Value, right: &Value, _case: Case, _context: &Context) -> Result<Value, Fault> {
    if let Some(result) = apply_one_way(left, right).or_else(|| apply_one_way(right, left)) {
        return result;
    }
    match numbers(left, right).ok_or_else(|| unexpected(left, right, SYMBOL))? {
        Numbers::Ints(left, right) => room(left.checked_mul(right), SYMBOL).map(Value::Int),
        Numbers::Decimals(left, right) => {
            room(left.checked_mul(right), SYMBOL).map(|product| Value::Decimal(product.normalize()))
        }
        Numbers::Floats(left, right) => finite(left * right, SYMBOL),
    }
}

fn apply_one_way(left: &Value, right: &Value) -> Option<Result<Value, Fault>> {
    match (left, right) {
        (Value::Money(money), Value::Percent(percent)) => {
            Some(share(money.amount, *percent, SYMBOL).map(|amount| tidy(amount, money.currency)))
        }
        (Value::Int(_) | Value::Decimal(_), Value::Percent(percent)) => {
            Some(share(left.as_decimal()?, *percent, SYMBOL).map(Value::Decimal))
        }
        (Value::Money(money), Value::Int(_) | Value::Decimal(_)) => {
            let amount = money.amount.checked_mul(right.as_decimal()?);
            Some(room(amount, SYMBOL).map(|amount| tidy(amount, money.currency)))
        }
        (Value::Duration(duration), Value::Int(factor)) => {
            let nanoseconds = duration.as_nanos().checked_mul(i128::from(*factor));
            let product = nanoseconds.and_then(SignedDuration::try_from_nanos_i128);
            Some(room(product, SYMBOL).map(Value::Duration))
        }
        (Value::Period(period), Value::Int(factor)) => {
            Some(room(period.checked_mul(*factor), SYMBOL).map(Value::Period))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::Multiply;
    use crate::testing::{fails, gives, operator_type};

    #[test]
    fn the_order_of_the_operands_does_not_matter() {
        gives("15% * 9.90 EUR", "1.485 EUR");
        gives("2 * 3 days", "6 days");
        gives("10% * 50", "5");
        gives("1.50 * 2.00", "3");
        operator_type("percent", Multiply, "EUR", "money (EUR)");
        operator_type("int", Multiply, "period", "period");
        operator_type("percent", Multiply, "int", "decimal");
    }

    #[test]
    fn what_has_no_meaning_is_not_taken() {
        operator_type("EUR", Multiply, "EUR", "none");
        operator_type("EUR", Multiply, "float", "none");
        operator_type("duration", Multiply, "decimal", "none");
        operator_type("percent", Multiply, "percent", "none");
        operator_type("string", Multiply, "int", "none");
    }

    #[test]
    fn a_product_without_room_is_a_fault() {
        fails("9223372036854775807 * 2", "the result of `*` is too large");
        fails("9223372036854775807 * 1 h", "the result of `*` is too large");
        fails("9223372036854775807 * 1 day", "the result of `*` is too large");
        let huge = format!("float(1{}.0) * 10", "0".repeat(308));
        fails(&huge, "the result of `*` is too large");
    }
}
