//! `starts with`

use hence_types::{Type, Value};

use super::kinds::text_test;
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "starts with",
    name: "starts-with",
    summary: "Whether a text begins with another.",
    details: "Every text starts with the empty one. With `ignoring case` capital and small letters are the same.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "\"invoice-17\" starts with \"invoice\"", result: "true" },
        Example { expression: "\"Invoice-17\" starts with \"invoice\"", result: "false" },
        Example { expression: "\"Invoice-17\" starts with \"invoice\" ignoring case", result: "true" },
    ],
    operands: "two texts",
    takes_missing: false,
    takes_case: true,
    result: |left, right| (left.is_text() && right.is_text()).then_some(Type::Bool),
    apply,
};

fn apply(left: &Value, right: &Value, case: Case, _context: &Context) -> Result<Value, Fault> {
    text_test(left, right, case, "starts with", |text, start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::StartsWith;
    use crate::testing::{fails, gives, operator_type};

    #[test]
    fn texts_have_starts() {
        gives("\"abc\" starts with \"\"", "true");
        gives("\"ΟΔΟΣΑ\" starts with \"οδος\" ignoring case", "true");
        gives("\"abc\" not starts with \"b\"", "true");
        fails("missing starts with \"a\"", "a value is missing that the schema promises");
        operator_type("a|b", StartsWith, "string", "bool");
        operator_type("list<string>", StartsWith, "string", "none");
    }
}
