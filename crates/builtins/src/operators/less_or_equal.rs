//! `<=`

use hence_types::{Type, Value};

use super::kinds::{order, orderable};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "<=",
    name: "less-or-equal",
    summary: "Whether the left value is smaller than the right one or equal to it.",
    details: "Takes the same operands as `<`.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "5 <= 5.0", result: "true" },
        Example { expression: "60 s <= 1 m", result: "true" },
        Example { expression: "10 EUR <= 9.99 EUR", result: "false" },
    ],
    operands: "two numbers, texts, dates, times, datetimes, durations, periods, percentages, or amounts of one currency",
    takes_missing: false,
    takes_case: false,
    result: |left, right| orderable(left, right).then_some(Type::Bool),
    apply,
};

fn apply(left: &Value, right: &Value, _case: Case, _context: &Context) -> Result<Value, Fault> {
    order(left, right, "<=").map(|order| Value::Bool(order.is_le()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{fails, gives};

    #[test]
    fn equal_values_count() {
        gives("1 <= 1.0", "true");
        gives("2 <= 1", "false");
        fails("1 <= missing", "a value is missing that the schema promises");
    }
}
