//! `sort`

use std::cmp::Ordering;

use hence_types::{Type, Value, compare};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const ORDERS: &[&str] = &["ascending", "descending"];

const NAME: &str = "sort";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The elements of a list in order.",
    details: "Takes elements that `<` compares, periods excepted; amounts have to be of one currency. `order` is \
               `ascending` (the default) or `descending`. Equal elements keep their order. A missing element is an \
               error of the evaluation.",
    examples: &[
        Example { expression: "sort([3, 1.5, 2])", result: "[1.5, 2, 3]" },
        Example { expression: "sort([\"b\", \"a\"], \"descending\")", result: "[\"b\", \"a\"]" },
    ],
    parameters: &[
        Parameter { name: "list", takes: "list of values that `<` compares", optional: false },
        Parameter { name: "order", takes: "`ascending` or `descending`", optional: true },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=2)?;
    let element = signature::element(types, 0)?;
    signature::takes(types, 0, |_| signature::sortable(&element))?;
    signature::takes_word(types, 1, ORDERS)?;
    Ok(arguments::list_of(element))
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let mut list = arguments::list(values, 0, NAME)?.to_vec();
    let order = if arguments::given(values, 1) { arguments::text(values, 1, NAME)? } else { "ascending" };
    if !ORDERS.contains(&order) {
        return Err(arguments::unknown_word(NAME, order, ORDERS));
    }
    // If all compare with the first, all compare with each other, and sorting meets a total order.
    if let Some(first) = list.first() {
        for element in &list {
            arguments::compare(first, element, NAME)?;
        }
    }
    let ascending = |left: &Value, right: &Value| compare(left, right).unwrap_or(Ordering::Equal);
    if order == "descending" {
        list.sort_by(|left, right| ascending(right, left));
    } else {
        list.sort_by(ascending);
    }
    Ok(Value::List(list.into()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn equal_elements_keep_their_order() {
        gives("sort([2, 1.0, 1])", "[1.0, 1, 2]");
        gives("sort([1.0, 2, 1], \"descending\")", "[2, 1.0, 1]");
        gives("sort([])", "[]");
    }

    #[test]
    fn what_has_no_order_is_a_fault() {
        fails("sort([1 EUR, 1 USD])", "EUR and USD are different currencies");
        fails("sort([1, missing])", "a value is missing that the schema promises");
        fails("sort([1 month, 30 days])", "internal error: `sort` got values the checker rejects");
        fails("sort([1], \"up\")", "`sort`: `up` is none of `ascending`, `descending`");
        call_type("sort", &["list<EUR>"], "list<money (EUR)>");
        call_type("sort", &["list<period>"], "argument 0");
        call_type("sort", &["list<bool>"], "argument 0");
        call_type("sort", &["list<int>", "up|down"], "argument 1");
    }
}
