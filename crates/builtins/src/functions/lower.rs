//! `lower`

use hence_types::Value;

use super::{Context, Function, Parameter, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "lower";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The text in small letters.",
    details: "By the rules of Unicode, in no particular language. To compare without case, `ignoring case` reads \
               better than `lower` on both sides.",
    examples: &[
        Example { expression: "lower(\"Ann@Example.COM\")", result: "\"ann@example.com\"" },
        Example { expression: "lower(\"ÄRGER\")", result: "\"ärger\"" },
    ],
    parameters: &[Parameter { name: "text", takes: "text", optional: false }],
    result: signature::text_to_text,
    apply,
};

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let text = arguments::text(values, 0, NAME)?;
    Ok(Value::text(text.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn letters_of_every_script_become_small() {
        gives("lower(\"ÉΣA1\")", "\"éσa1\"");
        fails("lower(missing)", "a value is missing that the schema promises");
    }

    #[test]
    fn it_takes_a_text() {
        call_type("lower", &["a|b"], "string");
        call_type("lower", &["int"], "argument 0");
        call_type("lower", &[], "count");
        call_type("lower", &["unknown"], "string");
    }
}
