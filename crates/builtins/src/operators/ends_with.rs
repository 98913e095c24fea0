//! `ends with`

use hence_types::{Type, Value};

use super::kinds::text_test;
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "ends with",
    name: "ends-with",
    summary: "Whether a text ends with another.",
    details: "Every text ends with the empty one. With `ignoring case` capital and small letters are the same.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "\"ann@example.com\" ends with \"@example.com\"", result: "true" },
        Example { expression: "\"report.PDF\" ends with \".pdf\"", result: "false" },
        Example { expression: "\"report.PDF\" ends with \".pdf\" ignoring case", result: "true" },
    ],
    operands: "two texts",
    takes_missing: false,
    takes_case: true,
    result: |left, right| (left.is_text() && right.is_text()).then_some(Type::Bool),
    apply,
};

fn apply(left: &Value, right: &Value, case: Case, _context: &Context) -> Result<Value, Fault> {
    text_test(left, right, case, "ends with", |text, end| text.ends_with(end))
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::EndsWith;
    use crate::testing::{gives, operator_type};

    #[test]
    fn texts_have_ends() {
        gives("\"abc\" ends with \"bc\"", "true");
        gives("\"ABC\" ends with \"bc\"", "false");
        operator_type("string", EndsWith, "int", "none");
    }
}
