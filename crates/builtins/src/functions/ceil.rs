//! `ceil`

use hence_types::Value;
use rust_decimal::RoundingStrategy;

use super::{Context, Function, Parameter, rounding};
use crate::{Example, Fault};

const NAME: &str = "ceil";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The smallest whole number that is not smaller.",
    details: "Gives an `int`; money is raised to whole units of the currency, a percentage to whole percents. A \
               number too large for an `int` is an error of the evaluation.",
    examples: &[
        Example { expression: "ceil(7.1)", result: "8" },
        Example { expression: "ceil(-7.9)", result: "-7" },
        Example { expression: "ceil(9.10 EUR)", result: "10 EUR" },
    ],
    parameters: &[Parameter { name: "number", takes: "number, money or percentage", optional: false }],
    result: rounding::whole_signature,
    apply,
};

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    rounding::to_whole(values, RoundingStrategy::ToPositiveInfinity, NAME)
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn numbers_go_up() {
        gives("ceil(7 / 2)", "4");
        gives("ceil(5)", "5");
        gives("ceil(float(2.1))", "3");
        fails("ceil(10000000000 * 10000000000.5)", "the result of `ceil` is too large");
    }

    #[test]
    fn numbers_become_int() {
        call_type("ceil", &["decimal"], "int");
        call_type("ceil", &["EUR"], "money (EUR)");
    }
}
