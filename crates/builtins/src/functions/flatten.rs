//! `flatten`

use std::sync::Arc;

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "flatten";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The elements of the lists in a list, as one list.",
    details: "One level only: lists inside those lists stay. A missing list is left out.",
    examples: &[
        Example { expression: "flatten([[1, 2], [3]])", result: "[1, 2, 3]" },
        Example { expression: "flatten([[\"a\"], []])", result: "[\"a\"]" },
    ],
    parameters: &[Parameter { name: "lists", takes: "list of lists", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    let inner = signature::element(types, 0)?;
    if let Type::List(element) = inner.required() {
        Ok(Type::List(Arc::clone(element)))
    } else if inner.is_error() {
        Ok(arguments::list_of(Type::Error))
    } else {
        Err(SignatureError::Argument(0))
    }
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let lists = arguments::list(values, 0, NAME)?;
    let present = lists.iter().filter(|list| !list.is_missing());
    let elements: Option<Vec<&[Value]>> = present.map(Value::as_list).collect();
    let elements = elements.ok_or(Fault::Internal { operation: NAME })?;
    Ok(Value::List(elements.concat().into()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn one_level_goes() {
        gives("flatten([[[1]], missing])", "[[1]]");
        call_type("flatten", &["list<list<int>>"], "list<int>");
        call_type("flatten", &["list<int>"], "argument 0");
        call_type("flatten", &["list<unknown>"], "list<unknown>");
    }
}
