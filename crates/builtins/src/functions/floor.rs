//! `floor`

use hence_types::Value;
use rust_decimal::RoundingStrategy;

use super::{Context, Function, Parameter, rounding};
use crate::{Example, Fault};

const NAME: &str = "floor";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The largest whole number that is not larger.",
    details: "Gives an `int`; money is cut down to whole units of the currency, a percentage to whole percents. A \
               number too large for an `int` is an error of the evaluation.",
    examples: &[
        Example { expression: "floor(7.9)", result: "7" },
        Example { expression: "floor(-7.1)", result: "-8" },
        Example { expression: "floor(9.90 EUR)", result: "9 EUR" },
    ],
    parameters: &[Parameter { name: "number", takes: "number, money or percentage", optional: false }],
    result: rounding::whole_signature,
    apply,
};

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    rounding::to_whole(values, RoundingStrategy::ToNegativeInfinity, NAME)
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn numbers_go_down() {
        gives("floor(7 / 2)", "3");
        gives("floor(float(2.9))", "2");
        gives("floor(7.5%)", "7%");
        fails("floor(10000000000 * 10000000000.5)", "the result of `floor` is too large");
    }

    #[test]
    fn numbers_become_int() {
        call_type("floor", &["decimal"], "int");
        call_type("floor", &["float"], "int");
        call_type("floor", &["money"], "money");
        call_type("floor", &["date"], "argument 0");
    }
}
