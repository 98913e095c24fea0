//! `max`

use std::cmp::Ordering;

use hence_types::Value;

use super::{Context, Function, Parameter, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "max";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The largest of some values, or of the elements of a list.",
    details: "Takes numbers, texts, dates, times, datetimes, durations, percentages, or amounts of one currency. Of \
               a list the result may be missing, as the list may be empty; missing elements are left out. Of two or \
               more values the result is never missing.",
    examples: &[
        Example { expression: "max(3, 1.5)", result: "3" },
        Example { expression: "max([2026-11-27, 2026-12-24])", result: "2026-12-24" },
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
    arguments::extreme(values, Ordering::Greater, NAME)
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn the_first_of_equal_values_is_taken() {
        gives("max(1.0, 1)", "1.0");
        gives("max(\"a\", \"b\")", "\"b\"");
        gives("max([])", "missing");
    }

    #[test]
    fn several_values_have_a_common_type_and_a_list_may_be_empty() {
        call_type("max", &["EUR", "money"], "money");
        call_type("max", &["list<string>"], "string?");
        call_type("max", &["duration", "duration"], "duration");
    }
}
