//! `last`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "last";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The last element of a list.",
    details: "Missing where the list is empty, so give a default with `else` or test `is present`.",
    examples: &[
        Example { expression: "last([7, 8])", result: "8" },
        Example { expression: "last(split(\"a/b/c\", \"/\"))", result: "\"c\"" },
    ],
    parameters: &[Parameter { name: "list", takes: "list", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::element(types, 0).map(Type::optional)
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    Ok(arguments::list(values, 0, NAME)?.last().cloned().unwrap_or(Value::Missing))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn an_empty_list_has_no_last_element() {
        gives("last([])", "missing");
        call_type("last", &["list<EUR>"], "money (EUR)?");
    }
}
