//! `values`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "values";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The values of a map.",
    details: "In the order of the map. Of a record: the values of the fields that are not missing; they need a \
               common type.",
    examples: &[
        Example { expression: "values({ a: 1, b: 2 })", result: "[1, 2]" },
        Example { expression: "sort(values({ a: 2, b: 1 }))", result: "[1, 2]" },
    ],
    parameters: &[Parameter { name: "map", takes: "map or record", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::takes(types, 0, |ty| matches!(ty, Type::Map(_) | Type::Record(_)))?;
    signature::value_of_map(types, 0).map(arguments::list_of)
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let entries = arguments::entries(values, 0, NAME)?.into_iter();
    Ok(Value::List(entries.map(|(_, value)| value.clone()).collect()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn values_come_in_order() {
        gives("values(map({ b: 1, a: 2 }))", "[1, 2]");
        call_type("values", &["map<EUR>"], "list<money (EUR)>");
        call_type("values", &["{a: int, b: decimal?}"], "list<decimal>");
        call_type("values", &["{a: int, b: string}"], "argument 0");
        call_type("values", &["list<int>"], "argument 0");
    }
}
