//! `keys`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "keys";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The keys of a map.",
    details: "In the order of the map. Of a record: the names of the fields that are not missing.",
    examples: &[
        Example { expression: "keys({ a: 1, b: 2 })", result: "[\"a\", \"b\"]" },
        Example { expression: "length(keys({ a: 1 }))", result: "1" },
    ],
    parameters: &[Parameter { name: "map", takes: "map or record", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::takes(types, 0, |ty| matches!(ty, Type::Map(_) | Type::Record(_)))?;
    Ok(arguments::list_of(Type::String))
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let entries = arguments::entries(values, 0, NAME)?.into_iter();
    Ok(Value::List(entries.map(|(key, _)| Value::text(key)).collect()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn keys_come_in_order() {
        gives("keys(map({ b: 1, a: 2 }))", "[\"b\", \"a\"]");
        gives("keys({ a: missing, b: 1 })", "[\"b\"]");
        call_type("keys", &["map<int>"], "list<string>");
        call_type("keys", &["list<int>"], "argument 0");
    }
}
