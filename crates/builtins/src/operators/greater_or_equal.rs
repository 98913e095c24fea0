//! `>=`

use hence_types::{Type, Value};

use super::kinds::{order, orderable};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: ">=",
    name: "greater-or-equal",
    summary: "Whether the left value is larger than the right one or equal to it.",
    details: "Takes the same operands as `<`.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "5.0 >= 5", result: "true" },
        Example { expression: "2 weeks >= 14 days", result: "true" },
        Example { expression: "2026-11-27T09:00Z >= 2026-11-27T10:00Z", result: "false" },
    ],
    operands: "two numbers, texts, dates, times, datetimes, durations, periods, percentages, or amounts of one currency",
    takes_missing: false,
    takes_case: false,
    result: |left, right| orderable(left, right).then_some(Type::Bool),
    apply,
};

fn apply(left: &Value, right: &Value, _case: Case, _context: &Context) -> Result<Value, Fault> {
    order(left, right, ">=").map(|order| Value::Bool(order.is_ge()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{fails, gives};

    #[test]
    fn equal_values_count() {
        gives("1 >= 1.0", "true");
        gives("1 >= 2", "false");
        fails("\"1\" >= 1", "internal error: `>=` got values the checker rejects");
    }
}
