//! `in`

use hence_types::{Type, Value};

use super::kinds::{equatable, same, same_text, unexpected};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "in",
    name: "in",
    summary: "Whether a list has an element, or a map a key.",
    details: "Elements are compared as `==` compares. For a text inside a text write `contains`. With `ignoring case` capital \
              and small letters are the same.\n\n\
              **Missing values** are taken as they are: nothing is in a missing list, and a missing value is in a list \
              only if one of the elements is missing.",
    examples: &[
        Example { expression: "\"vip\" in [\"new\", \"vip\"]", result: "true" },
        Example { expression: "5 in [1.0, 5.0]", result: "true" },
        Example { expression: "\"at\" not in [\"DE\", \"AT\"]", result: "true" },
        Example { expression: "\"at\" in [\"DE\", \"AT\"] ignoring case", result: "true" },
    ],
    operands: "a value and a list of such values, or a text and a map",
    takes_missing: true,
    takes_case: true,
    result,
    apply,
};

fn result(left: &Type, right: &Type) -> Option<Type> {
    let takes = if let Type::List(element) = right {
        equatable(left, element)
    } else {
        matches!(right, Type::Map(_)) && left.is_text()
    };
    takes.then_some(Type::Bool)
}

fn apply(left: &Value, right: &Value, case: Case, _context: &Context) -> Result<Value, Fault> {
    match (left, right) {
        (_, Value::Missing) => Ok(Value::Bool(false)),
        (_, Value::List(list)) => Ok(Value::Bool(list.iter().any(|element| same(left, element, case)))),
        (Value::Missing, Value::Map(_) | Value::Record(_)) => Ok(Value::Bool(false)),
        (Value::String(key), Value::Map(map)) => Ok(Value::Bool(match case {
            Case::Sensitive => map.contains_key(&**key),
            Case::Ignored => map.keys().any(|own| same_text(own, key, case)),
        })),
        // A record may stand for a map.
        (Value::String(key), Value::Record(record)) => {
            let mut fields = record.shape.fields.keys().zip(record.fields.iter());
            Ok(Value::Bool(fields.any(|(name, value)| !value.is_missing() && same_text(name, key, case))))
        }
        _ => Err(unexpected(left, right, "in")),
    }
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::In;
    use crate::testing::{gives, operator_type};

    #[test]
    fn a_missing_value_is_in_a_list_only_if_an_element_is_missing() {
        gives("missing in [1, missing]", "true");
        gives("missing in [1]", "false");
        gives("1 in missing", "false");
    }

    #[test]
    fn keys_are_in_a_map() {
        gives("\"a\" in map({ a: 1 })", "true");
        gives("\"A\" in map({ a: 1 })", "false");
        gives("\"A\" in map({ a: 1 }) ignoring case", "true");
        gives("\"a\" in { a: missing }", "false");
    }

    #[test]
    fn elements_are_of_the_kind_of_the_value() {
        operator_type("string", In, "list<a|b>", "bool");
        operator_type("int", In, "list<decimal?>", "bool");
        operator_type("int", In, "list<string>", "none");
        operator_type("string", In, "string", "none");
        operator_type("string", In, "map<int>", "bool");
        operator_type("int", In, "map<int>", "none");
        operator_type("list<int>", In, "list<list<int>>", "bool");
    }
}
