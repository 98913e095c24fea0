//! `distinct`

use hence_types::{Type, Value};

use super::value_set::ValueSet;
use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "distinct";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The elements of a list, each once.",
    details: "Elements are compared as `==` compares; of equal ones the first stays. Their order stays.",
    examples: &[
        Example { expression: "distinct([\"b\", \"a\", \"b\"])", result: "[\"b\", \"a\"]" },
        Example { expression: "distinct([1, 1.0, 2])", result: "[1, 2]" },
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
    let mut seen = ValueSet::default();
    let list = arguments::list(values, 0, NAME)?;
    Ok(Value::List(list.iter().filter(|element| seen.insert(element)).cloned().collect()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn equal_values_of_every_kind_are_one() {
        gives("distinct([float(0.1), 0.1, 0.10])", "[0.1]");
        gives("distinct([0.1, float(0.1)])", "[0.1]");
        gives("distinct([{ a: 1 }, { a: 1.0 }, { a: 2 }])", "[{ a: 1 }, { a: 2 }]");
        gives("distinct([1 EUR, 1 USD, 1.00 EUR])", "[1.00 EUR, 1.00 USD]");
        gives("distinct([missing, missing])", "[missing]");
        call_type("distinct", &["list<string>"], "list<string>");
    }
}
