//! `abs`

use std::cmp::Ordering;

use hence_types::{Type, Value, compare};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::operators::numeric;
use crate::{Example, Fault, negate};

const NAME: &str = "abs";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The value without its sign.",
    details: "Takes a number, an amount of money, a percentage or a duration, and gives the same.",
    examples: &[
        Example { expression: "abs(-5)", result: "5" },
        Example { expression: "abs(9.90 EUR - 12 EUR)", result: "2.10 EUR" },
    ],
    parameters: &[Parameter {
        name: "value",
        takes: "number, money, percentage or duration",
        optional: false,
    }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::takes(types, 0, |ty| {
        numeric(ty) || matches!(ty, Type::Money(_) | Type::Percent | Type::Duration)
    })?;
    types.first().cloned().ok_or(SignatureError::Count)
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let value = arguments::any(values, 0, NAME)?;
    let negated = negate(value).map_err(|fault| match fault {
        Fault::Overflow { .. } => Fault::Overflow { operation: NAME },
        Fault::Missing
        | Fault::DivisionByZero
        | Fault::Currencies { .. }
        | Fault::Argument { .. }
        | Fault::NoSandbox { .. }
        | Fault::Internal { .. } => Fault::Internal { operation: NAME },
    })?;
    match compare(&negated, value) {
        Ok(Ordering::Greater) => Ok(negated),
        Ok(Ordering::Less | Ordering::Equal) => Ok(value.clone()),
        Err(_) => Err(Fault::Internal { operation: NAME }),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn the_sign_goes() {
        gives("abs(-1.50)", "1.50");
        gives("abs(-15%)", "15%");
        gives("abs(-90 s)", "90 s");
        gives("abs(-float(1.5))", "1.5");
        fails("abs(-9223372036854775807 - 1)", "the result of `abs` is too large");
    }

    #[test]
    fn it_gives_what_it_takes() {
        call_type("abs", &["EUR"], "money (EUR)");
        call_type("abs", &["string"], "argument 0");
    }
}
