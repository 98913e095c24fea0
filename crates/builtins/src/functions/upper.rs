//! `upper`

use hence_types::Value;

use super::{Context, Function, Parameter, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "upper";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The text in capital letters.",
    details: "By the rules of Unicode, in no particular language; `ß` becomes `SS`.",
    examples: &[
        Example { expression: "upper(\"de\")", result: "\"DE\"" },
        Example { expression: "upper(\"straße\")", result: "\"STRASSE\"" },
    ],
    parameters: &[Parameter { name: "text", takes: "text", optional: false }],
    result: signature::text_to_text,
    apply,
};

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let text = arguments::text(values, 0, NAME)?;
    Ok(Value::text(text.to_uppercase()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn letters_of_every_script_become_capital() {
        gives("upper(\"éa1\")", "\"ÉA1\"");
        call_type("upper", &["string", "string"], "count");
    }
}
