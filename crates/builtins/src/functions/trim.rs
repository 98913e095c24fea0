//! `trim`

use hence_types::Value;

use super::{Context, Function, Parameter, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "trim";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The text without blanks at its ends.",
    details: "Blanks are spaces, tabs, line ends and what else Unicode counts as white space. Blanks inside the \
               text stay.",
    examples: &[
        Example { expression: "trim(\"  a b \")", result: "\"a b\"" },
        Example { expression: "trim(\"   \")", result: "\"\"" },
    ],
    parameters: &[Parameter { name: "text", takes: "text", optional: false }],
    result: signature::text_to_text,
    apply,
};

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let text = arguments::text(values, 0, NAME)?;
    Ok(Value::text(text.trim()))
}

#[cfg(test)]
mod tests {
    use crate::testing::gives;

    #[test]
    fn blanks_of_every_kind_go() {
        gives("trim(\"\\n\u{a0} x\u{2003}\")", "\"x\"");
    }
}
