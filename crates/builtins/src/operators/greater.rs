//! `>`

use hence_types::{Type, Value};

use super::kinds::{order, orderable};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: ">",
    name: "greater",
    summary: "Whether the left value is larger, later or longer.",
    details: "Takes the same operands as `<`. Amounts are compared within one currency: `10 EUR > 10 USD` is a type error, and where \
              only the event tells the currency, an error of the evaluation.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "1200 EUR > 1000 EUR", result: "true" },
        Example { expression: "09:00 > 17:30", result: "false" },
        Example { expression: "15% > 10%", result: "true" },
    ],
    operands: "two numbers, texts, dates, times, datetimes, durations, periods, percentages, or amounts of one currency",
    takes_missing: false,
    takes_case: false,
    result: |left, right| orderable(left, right).then_some(Type::Bool),
    apply,
};

fn apply(left: &Value, right: &Value, _case: Case, _context: &Context) -> Result<Value, Fault> {
    order(left, right, ">").map(|order| Value::Bool(order.is_gt()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{fails, gives};

    #[test]
    fn equal_values_do_not_count() {
        gives("1 > 1.0", "false");
        gives("2 > 1", "true");
        fails("10 EUR > 9 USD", "EUR and USD are different currencies");
    }
}
