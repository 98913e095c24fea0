//! `<`

use hence_types::{Type, Value};

use super::kinds::{order, orderable};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "<",
    name: "less",
    summary: "Whether the left value is smaller, earlier or shorter.",
    details: "Numbers are ordered by value, texts by their Unicode code points (all capital letters before all small ones), \
              dates, times and instants by time, durations and periods by length, money by amount within one currency.\n\n\
              A date and a datetime are no pair, for a date is a whole day; neither are a text and a number. The values of \
              an enumeration have no order. Two periods are compared if the answer does not depend on the day they are \
              counted from: `27 days < 1 month` holds, `30 days < 1 month` is an error of the evaluation.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "1 < 1.5", result: "true" },
        Example { expression: "2026-11-27 < 2026-12-01", result: "true" },
        Example { expression: "90 s < 1 m", result: "false" },
        Example { expression: "\"apple\" < \"banana\"", result: "true" },
    ],
    operands: "two numbers, texts, dates, times, datetimes, durations, periods, percentages, or amounts of one currency",
    takes_missing: false,
    takes_case: false,
    result: |left, right| orderable(left, right).then_some(Type::Bool),
    apply,
};

fn apply(left: &Value, right: &Value, _case: Case, _context: &Context) -> Result<Value, Fault> {
    order(left, right, "<").map(|order| Value::Bool(order.is_lt()))
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::Less;
    use crate::testing::{fails, gives, operator_type};

    #[test]
    fn values_of_one_kind_have_an_order() {
        gives("1 < float(1.5)", "true");
        gives("9007199254740992 < 9007199254740993", "true");
        gives("\"Z\" < \"a\"", "true");
        gives("27 days < 1 month", "true");
        operator_type("date", Less, "date", "bool");
        operator_type("int", Less, "float", "bool");
    }

    #[test]
    fn values_of_two_kinds_have_none() {
        operator_type("date", Less, "datetime", "none");
        operator_type("int", Less, "string", "none");
        operator_type("duration", Less, "period", "none");
        operator_type("bool", Less, "bool", "none");
        operator_type("a|b", Less, "a|b", "none");
        operator_type("EUR", Less, "USD", "none");
    }

    #[test]
    fn what_has_no_order_is_a_fault() {
        fails("missing < 1", "a value is missing that the schema promises");
        fails("1 EUR < 1 USD", "EUR and USD are different currencies");
        fails(
            "30 days < 1 month",
            "`<`: whether `30 days` or `1 month` is longer depends on the day they are counted from",
        );
    }
}
