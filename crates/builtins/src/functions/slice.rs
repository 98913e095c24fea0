//! `slice`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "slice";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "A part of a text or list, from one place up to another.",
    details: "Places count from 0; the part begins with `from` and ends before `to`, or with the end if `to` is not \
               given. Negative places count from the end: `slice(text, -3)` is the last three characters. Places \
               beyond the ends are the ends.",
    examples: &[
        Example { expression: "slice(\"invoice\", 0, 2)", result: "\"in\"" },
        Example { expression: "slice(\"invoice\", -3)", result: "\"ice\"" },
        Example { expression: "slice([1, 2, 3], 1)", result: "[2, 3]" },
    ],
    parameters: &[
        Parameter { name: "value", takes: "text or list", optional: false },
        Parameter { name: "from", takes: "whole number", optional: false },
        Parameter { name: "to", takes: "whole number", optional: true },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=3)?;
    signature::takes(types, 0, |ty| ty.is_text() || matches!(ty, Type::List(_)))?;
    signature::takes(types, 1, |ty| *ty == Type::Int)?;
    signature::takes(types, 2, |ty| *ty == Type::Int)?;
    let ty = types.first().ok_or(SignatureError::Count)?;
    Ok(if ty.is_text() { Type::String } else { ty.clone() })
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let from = arguments::int(values, 1, NAME)?;
    let to = if arguments::given(values, 2) { arguments::int(values, 2, NAME)? } else { i64::MAX };
    if let Some(text) = arguments::any(values, 0, NAME)?.as_text() {
        let (start, length) = part(text.chars().count(), from, to);
        return Ok(Value::text(text.chars().skip(start).take(length).collect::<String>()));
    }
    let list = arguments::list(values, 0, NAME)?;
    let (start, length) = part(list.len(), from, to);
    Ok(Value::List(list.iter().skip(start).take(length).cloned().collect()))
}

/// Where a part begins and how long it is.
fn part(length: usize, from: i64, to: i64) -> (usize, usize) {
    let start = place(length, from);
    (start, place(length, to).saturating_sub(start))
}

fn place(length: usize, place: i64) -> usize {
    let distance = usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX);
    if place < 0 { length.saturating_sub(distance) } else { distance.min(length) }
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn places_beyond_the_ends_are_the_ends() {
        gives("slice(\"äbc\", -9, 9)", "\"äbc\"");
        gives("slice(\"abc\", 2, 1)", "\"\"");
        gives("slice([1, 2, 3], -2, -1)", "[2]");
    }

    #[test]
    fn it_gives_what_it_takes() {
        call_type("slice", &["list<int>", "int"], "list<int>");
        call_type("slice", &["a|b", "int", "int"], "string");
        call_type("slice", &["string", "int", "string"], "argument 2");
    }
}
