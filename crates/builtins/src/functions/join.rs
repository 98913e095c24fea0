//! `join`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "join";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The elements of a list as one text, with a separator between them.",
    details: "Elements that are not text are written as they are inside a text: numbers with their digits, money as \
               `9.90 EUR`. A missing element is left out.",
    examples: &[
        Example { expression: "join([\"a\", \"b\"], \", \")", result: "\"a, b\"" },
        Example { expression: "join([1, 2], \"-\")", result: "\"1-2\"" },
    ],
    parameters: &[
        Parameter { name: "list", takes: "list of texts or other simple values", optional: false },
        Parameter { name: "separator", takes: "text", optional: false },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=2)?;
    let element = signature::element(types, 0)?;
    let compound = matches!(element.required(), Type::List(_) | Type::Map(_) | Type::Record(_) | Type::Json);
    signature::takes(types, 0, |_| !compound)?;
    signature::takes(types, 1, Type::is_text)?;
    Ok(Type::String)
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let (list, separator) = (arguments::list(values, 0, NAME)?, arguments::text(values, 1, NAME)?);
    let parts: Vec<String> = list.iter().filter(|part| !part.is_missing()).map(Value::to_text).collect();
    Ok(Value::text(parts.join(separator)))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn missing_elements_leave_no_separator() {
        gives("join([\"a\", missing, \"b\"], \"/\")", "\"a/b\"");
        gives("join([], \"/\")", "\"\"");
        gives("join([9.9 EUR], \"/\")", "\"9.90 EUR\"");
    }

    #[test]
    fn it_takes_a_list_of_simple_values() {
        call_type("join", &["list<string?>", "string"], "string");
        call_type("join", &["list<list<int>>", "string"], "argument 0");
        call_type("join", &["string", "string"], "argument 0");
    }
}
