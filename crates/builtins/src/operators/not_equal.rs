//! `!=`

use hence_types::{Type, Value};

use super::kinds::{equatable, same};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "!=",
    name: "not-equal",
    summary: "Whether two values differ.",
    details: "The opposite of `==` in every case, so it takes the same operands.\n\n\
              **Missing values** are taken as they are: `note != \"x\"` holds where `note` is missing.",
    examples: &[
        Example { expression: "1 != 2", result: "true" },
        Example { expression: "9.90 EUR != 9.9 EUR", result: "false" },
        Example { expression: "\"DE\" != \"de\" ignoring case", result: "false" },
    ],
    operands: "two values of one kind",
    takes_missing: true,
    takes_case: true,
    result: |left, right| equatable(left, right).then_some(Type::Bool),
    apply,
};

fn apply(left: &Value, right: &Value, case: Case, _context: &Context) -> Result<Value, Fault> {
    Ok(Value::Bool(!same(left, right, case)))
}

#[cfg(test)]
mod tests {
    use crate::testing::gives;

    #[test]
    fn it_is_the_opposite_of_equal() {
        gives("missing != \"x\"", "true");
        gives("missing != missing", "false");
        gives("5 EUR != 5 USD", "true");
    }
}
