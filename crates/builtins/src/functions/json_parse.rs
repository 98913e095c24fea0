//! `json_parse`

use hence_types::{Type, Value, Wire, wire};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "json_parse";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The JSON that a text holds.",
    details: "Missing where the text is not JSON, is `null` or nests deeper than 64. What the JSON holds is known after `as`: \
               `json_parse(text) as list<int>`.",
    examples: &[
        Example { expression: "to_json(json_parse(\"[1, 2.50]\") else 0)", result: "\"[1, 2.50]\"" },
        Example { expression: "to_json(json_parse(\"[1, 2\") else 0)", result: "\"0\"" },
    ],
    parameters: &[Parameter { name: "text", takes: "text", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::takes(types, 0, Type::is_text)?;
    Ok(Type::Json.optional())
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let text = arguments::text(values, 0, NAME)?;
    let place = wire::Place::default();
    Ok(wire::read(Some(text), &Type::Json, &Wire::Plain, place, &mut Vec::new()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, evaluate};

    #[test]
    fn what_is_not_json_is_missing() {
        for text in ["null", "", "{{", "[1,]", "nope"] {
            assert!(evaluate(&format!("json_parse(\"{text}\")")).unwrap().is_missing(), "{text}");
        }
        let deep = format!("json_parse(\"{}{}\")", "[".repeat(65), "]".repeat(65));
        assert!(evaluate(&deep).unwrap().is_missing());
        call_type("json_parse", &["string"], "json?");
        call_type("json_parse", &["json"], "argument 0");
    }
}
