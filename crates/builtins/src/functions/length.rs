//! `length`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "length";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "How many characters a text has, elements a list, or entries a map.",
    details: "Characters are Unicode code points. An element that is missing counts.",
    examples: &[
        Example { expression: "length(\"naïve\")", result: "5" },
        Example { expression: "length([1, 2, 3])", result: "3" },
    ],
    parameters: &[Parameter { name: "value", takes: "text, list or map", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::takes(types, 0, |ty| ty.is_text() || matches!(ty, Type::List(_) | Type::Map(_)))?;
    Ok(Type::Int)
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let value = arguments::any(values, 0, NAME)?;
    let length = if let Some(text) = value.as_text() {
        text.chars().count()
    } else if let Some(list) = value.as_list() {
        list.len()
    } else {
        // A record may stand for a map.
        arguments::entries(values, 0, NAME)?.len()
    };
    i64::try_from(length).map(Value::Int).map_err(|_| Fault::Overflow { operation: NAME })
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn characters_elements_and_entries_are_counted() {
        gives("length(\"日本\")", "2");
        gives("length([])", "0");
        gives("length(map({ a: 1 }))", "1");
    }

    #[test]
    fn it_takes_texts_lists_and_maps() {
        call_type("length", &["map<int>"], "int");
        call_type("length", &["int"], "argument 0");
    }
}
