//! `to_json`

use hence_types::{Type, Value, Wire, wire};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "to_json";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The value as JSON text.",
    details: "Numbers keep all their digits. Dates and times are written as RFC 3339, durations and periods as ISO \
               8601, money as `{\"amount\":\"9.90\",\"currency\":\"EUR\"}`; fields of a record as their schema \
               spells them. Missing fields are left out.",
    examples: &[
        Example { expression: "to_json([1, 2.50])", result: "\"[1,2.50]\"" },
        Example { expression: "to_json(2026-11-27T10:00Z)", result: r#""\"2026-11-27T10:00:00Z\"""# },
    ],
    parameters: &[Parameter { name: "value", takes: "anything", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::takes(types, 0, |ty| *ty != Type::Nothing)?;
    Ok(Type::String)
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let mut json = String::new();
    wire::write_raw(arguments::any(values, 0, NAME)?, &Wire::Plain, &mut json);
    Ok(Value::text(json))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn values_are_written_as_json() {
        gives(
            "to_json({ a: missing, b: 9.9 EUR })",
            r#""{{\"b\":{{\"amount\":\"9.90\",\"currency\":\"EUR\"}}}}""#,
        );
        call_type("to_json", &["json"], "string");
    }
}
