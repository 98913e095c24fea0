//! `contains_any`

use hence_types::Value;

use super::value_set::ValueSet;
use super::{Context, Function, Parameter, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "contains_any";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "Whether a list has at least one element of another.",
    details: "Elements are compared as `==` compares. No list has an element of the empty list.",
    examples: &[
        Example { expression: "contains_any([\"a\", \"b\"], [\"x\", \"b\"])", result: "true" },
        Example { expression: "contains_any([\"a\"], [])", result: "false" },
    ],
    parameters: &[
        Parameter { name: "list", takes: "list", optional: false },
        Parameter { name: "elements", takes: "list of such elements", optional: false },
    ],
    result: signature::two_lists,
    apply,
};

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let elements = arguments::list(values, 1, NAME)?;
    let set = ValueSet::of(arguments::list(values, 0, NAME)?);
    Ok(Value::Bool(elements.iter().any(|element| set.contains(element))))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn elements_are_compared_by_value() {
        gives("contains_any([1, 2], [3, 2.0])", "true");
        gives("contains_any([float(0.5)], [0.5])", "true");
        call_type("contains_any", &["list<int>", "list<decimal>"], "bool");
        call_type("contains_any", &["string", "list<int>"], "argument 0");
    }
}
