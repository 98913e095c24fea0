//! `==`

use hence_types::{Type, Value};

use super::kinds::{equatable, same};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "==",
    name: "equal",
    summary: "Whether two values are the same.",
    details: "Numbers are compared by value, so `5 == 5.0`. A `float` counts as the shortest digits that mean it: \
              a `double` that reads `0.1` equals `0.1`. Two amounts of money are equal only in one currency; \
              amounts whose currencies are known to differ cannot be compared at all. Lists are equal if they have \
              equal elements in the same order, records if they have the same fields with the same values.\n\n\
              A text never equals a number: `\"5\" == 5` is a type error. With `ignoring case` capital and small \
              letters are the same.\n\n\
              **Missing values** are taken as they are: a missing value equals another missing one and nothing else.",
    examples: &[
        Example { expression: "5 == 5.0", result: "true" },
        Example { expression: "0.1 + 0.2 == 0.3", result: "true" },
        Example { expression: "\"Berlin\" == \"berlin\"", result: "false" },
        Example { expression: "\"Berlin\" == \"berlin\" ignoring case", result: "true" },
    ],
    operands: "two values of one kind",
    takes_missing: true,
    takes_case: true,
    result: |left, right| equatable(left, right).then_some(Type::Bool),
    apply,
};

fn apply(left: &Value, right: &Value, case: Case, _context: &Context) -> Result<Value, Fault> {
    Ok(Value::Bool(same(left, right, case)))
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::Equal;
    use crate::testing::{gives, operator_type};

    #[test]
    fn numbers_are_equal_by_value_and_never_equal_texts() {
        gives("float(0.1) == 0.1", "true");
        gives("9.90 == 9.9", "true");
        operator_type("int", Equal, "decimal", "bool");
        operator_type("float", Equal, "int", "bool");
        operator_type("int", Equal, "string", "none");
        operator_type("date", Equal, "datetime", "none");
        operator_type("bool", Equal, "bool", "bool");
    }

    #[test]
    fn currencies_known_to_differ_cannot_be_compared() {
        gives("5 EUR == 5 USD", "false");
        operator_type("EUR", Equal, "USD", "none");
        operator_type("EUR", Equal, "money", "bool");
        operator_type("list<EUR>", Equal, "list<USD>", "none");
    }

    #[test]
    fn a_missing_value_equals_only_another() {
        gives("missing == missing", "true");
        gives("missing == 0", "false");
        gives("\"\" == missing", "false");
    }

    #[test]
    fn letters_are_the_same_without_their_case() {
        gives("\"STRASSE\" == \"straße\" ignoring case", "true");
        gives("\"ΟΔΟΣ\" == \"οδος\" ignoring case", "true");
    }

    #[test]
    fn lists_and_records_are_equal_part_by_part() {
        gives("[1, 2] == [1.0, 2.0]", "true");
        gives("{ a: 1, b: 2 } == { b: 2, a: 1 }", "true");
        operator_type("list<int>", Equal, "list<decimal>", "bool");
        operator_type("list<int>", Equal, "list<string>", "none");
        operator_type("{a: int}", Equal, "{a: decimal, b: string}", "bool");
        operator_type("{a: int}", Equal, "{b: int}", "none");
        operator_type("json", Equal, "string", "none");
        operator_type("a|b", Equal, "string", "bool");
    }
}
