//! `contains_all`

use hence_types::Value;

use super::value_set::ValueSet;
use super::{Context, Function, Parameter, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "contains_all";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "Whether a list has every element of another.",
    details: "Elements are compared as `==` compares. How often they stand there does not matter. Every list has \
               all elements of the empty list.",
    examples: &[
        Example { expression: "contains_all([\"a\", \"b\", \"c\"], [\"c\", \"a\"])", result: "true" },
        Example { expression: "contains_all([\"a\"], [\"a\", \"b\"])", result: "false" },
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
    Ok(Value::Bool(elements.iter().all(|element| set.contains(element))))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn elements_are_compared_by_value() {
        gives("contains_all([1, 2], [2.0, 2, 1])", "true");
        gives("contains_all([], [])", "true");
        gives("contains_all([[1]], [[1.0]])", "true");
        call_type("contains_all", &["list<string>", "list<a|b>"], "bool");
        call_type("contains_all", &["list<string>", "list<int>"], "argument 1");
    }
}
