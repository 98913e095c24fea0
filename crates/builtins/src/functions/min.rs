//! `min`

use std::cmp::Ordering;

use hence_types::Value;

use super::{Context, Function, Parameter, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "min";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The smallest of some values, or of the elements of a list.",
    details: "Takes numbers, texts, dates, times, datetimes, durations, percentages, or amounts of one currency. Of \
               a list the result may be missing, as the list may be empty; missing elements are left out. Of two or \
               more values the result is never missing.",
    examples: &[
        Example { expression: "min(3, 1.5)", result: "1.5" },
        Example { expression: "min([9 EUR, 7 EUR, 8 EUR])", result: "7 EUR" },
    ],
    parameters: &[
        Parameter {
            name: "values",
            takes: "a list, or two or more values that `<` compares",
            optional: false,
        },
        Parameter { name: "more", takes: "as many values as wanted", optional: true },
    ],
    result: signature::extreme,
    apply,
};

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    arguments::extreme(values, Ordering::Less, NAME)
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn the_first_of_equal_values_is_taken() {
        gives("min(1.0, 1)", "1.0");
        gives("min(3, 2, 1)", "1");
        gives("min([missing, 2])", "2");
        gives("min([])", "missing");
        fails("min(1 EUR, 2 USD)", "EUR and USD are different currencies");
        fails("min(1, missing)", "a value is missing that the schema promises");
    }

    #[test]
    fn several_values_have_a_common_type_and_a_list_may_be_empty() {
        call_type("min", &["int", "decimal"], "decimal");
        call_type("min", &["date", "date", "date"], "date");
        call_type("min", &["list<int?>"], "int?");
        call_type("min", &["int", "string"], "argument 1");
        call_type("min", &["int"], "argument 0");
        call_type("min", &["list<period>"], "argument 0");
        call_type("min", &["EUR", "USD"], "argument 1");
        call_type("min", &[], "count");
    }
}
