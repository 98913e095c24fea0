//! `%`

use hence_types::{Type, Value};

use super::kinds::{Numbers, numbers, room, unexpected};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

const SYMBOL: &str = "%";

pub(super) static DEFINITION: Operator = Operator {
    symbol: SYMBOL,
    name: "remainder",
    summary: "What a division in whole parts leaves.",
    details: "The result is an `int` for two of them, else a `decimal`. It has the sign of the left operand: `-7 % 3` is `-1`. \
              Between a number and `%` for a remainder stands a blank: `15 % 4`; without it, `15%` is a percentage. \
              Division by zero is an error of the evaluation.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "15 % 4", result: "3" },
        Example { expression: "-7 % 3", result: "-1" },
        Example { expression: "7.5 % 2", result: "1.5" },
    ],
    operands: "two numbers, neither a float",
    takes_missing: false,
    takes_case: false,
    result,
    apply,
};

fn result(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (Type::Int, Type::Int) => Some(Type::Int),
        _ => (left.is_number() && right.is_number()).then_some(Type::Decimal),
    }
}

fn apply(left: &Value, right: &Value, _case: Case, _context: &Context) -> Result<Value, Fault> {
    match numbers(left, right).ok_or_else(|| unexpected(left, right, SYMBOL))? {
        Numbers::Ints(_, 0) => Err(Fault::DivisionByZero),
        // The smallest integer divided by -1 has no room, but its remainder is 0.
        Numbers::Ints(left, right) => Ok(Value::Int(left.wrapping_rem(right))),
        Numbers::Decimals(_, right) if right.is_zero() => Err(Fault::DivisionByZero),
        Numbers::Decimals(left, right) => room(left.checked_rem(right), SYMBOL).map(Value::Decimal),
        Numbers::Floats(..) => Err(Fault::Internal { operation: SYMBOL }),
    }
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::Remainder;
    use crate::testing::{fails, gives, operator_type};

    #[test]
    fn the_sign_is_that_of_the_left_operand() {
        gives("7 % -3", "1");
        gives("-7.5 % 2", "-1.5");
        gives("(-9223372036854775807 - 1) % -1", "0");
        fails("7 % 0", "division by zero");
        fails("7 % 0.0", "division by zero");
        operator_type("int", Remainder, "decimal", "decimal");
        operator_type("int", Remainder, "int", "int");
        operator_type("float", Remainder, "int", "none");
    }
}
