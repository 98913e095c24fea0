//! `first`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "first";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The first element of a list.",
    details: "Missing where the list is empty, so give a default with `else` or test `is present`.",
    examples: &[
        Example { expression: "first([7, 8])", result: "7" },
        Example { expression: "first(split(\"ann@example.com\", \"@\"))", result: "\"ann\"" },
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
    Ok(arguments::list(values, 0, NAME)?.first().cloned().unwrap_or(Value::Missing))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn an_empty_list_has_no_first_element() {
        gives("first([])", "missing");
        call_type("first", &["list<int>"], "int?");
        call_type("first", &["list<int?>"], "int?");
        call_type("first", &["string"], "argument 0");
    }
}
