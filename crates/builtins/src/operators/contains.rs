//! `contains`

use hence_types::{Type, Value};

use super::kinds::{equatable, same, text_test};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "contains",
    name: "contains",
    summary: "Whether a text has another inside, or a list an element.",
    details: "A text contains every text that stands in it as it is, and the empty text. A list contains a value if one of its \
              elements equals it; `tags contains \"vip\"` and `\"vip\" in tags` are the same. With `ignoring case` capital and \
              small letters are the same.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "\"big sale today\" contains \"sale\"", result: "true" },
        Example { expression: "\"Big Sale\" contains \"sale\" ignoring case", result: "true" },
        Example { expression: "[\"new\", \"vip\"] contains \"vip\"", result: "true" },
        Example { expression: "[1, 2] contains 3", result: "false" },
    ],
    operands: "two texts, or a list and a value such as its elements",
    takes_missing: false,
    takes_case: true,
    result,
    apply,
};

fn result(left: &Type, right: &Type) -> Option<Type> {
    let takes = if let Type::List(element) = left {
        equatable(element, right)
    } else {
        left.is_text() && right.is_text()
    };
    takes.then_some(Type::Bool)
}

fn apply(left: &Value, right: &Value, case: Case, _context: &Context) -> Result<Value, Fault> {
    match (left, right) {
        (Value::List(_), Value::Missing) => Err(Fault::Missing),
        (Value::List(list), element) => Ok(Value::Bool(list.iter().any(|own| same(own, element, case)))),
        _ => text_test(left, right, case, "contains", |text, part| text.contains(part)),
    }
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::Contains;
    use crate::testing::{fails, gives, operator_type};

    #[test]
    fn texts_and_lists_contain() {
        gives("\"abc\" contains \"\"", "true");
        gives("[\"VIP\"] contains \"vip\" ignoring case", "true");
        gives("[missing, 1] contains 1.0", "true");
        operator_type("list<string>", Contains, "a|b", "bool");
        operator_type("list<string>", Contains, "int", "none");
        operator_type("string", Contains, "string", "bool");
        operator_type("map<int>", Contains, "string", "none");
    }

    #[test]
    fn missing_values_are_a_fault() {
        fails("missing contains \"a\"", "a value is missing that the schema promises");
        fails("[missing] contains missing", "a value is missing that the schema promises");
    }
}
