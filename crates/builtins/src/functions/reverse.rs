//! `reverse`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "reverse";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The elements of a list, the last first.",
    details: "To sort downwards write `sort(list, \"descending\")`.",
    examples: &[
        Example { expression: "reverse([1, 2, 3])", result: "[3, 2, 1]" },
        Example { expression: "reverse([\"a\"])", result: "[\"a\"]" },
    ],
    parameters: &[Parameter { name: "list", takes: "list", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::element(types, 0).map(arguments::list_of)
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    Ok(Value::List(arguments::list(values, 0, NAME)?.iter().rev().cloned().collect()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn the_order_turns_round() {
        gives("reverse([])", "[]");
        call_type("reverse", &["list<int>"], "list<int>");
        call_type("reverse", &["string"], "argument 0");
    }
}
