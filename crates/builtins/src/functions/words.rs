//! `words`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "words";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The words of a text: what stands between blanks.",
    details: "Punctuation stays with its word. A text of blanks has no words.",
    examples: &[
        Example { expression: "words(\" big  sale \")", result: "[\"big\", \"sale\"]" },
        Example { expression: "length(words(\"one two three\"))", result: "3" },
    ],
    parameters: &[Parameter { name: "text", takes: "text", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::text_to_text(types)?;
    Ok(arguments::list_of(Type::String))
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let text = arguments::text(values, 0, NAME)?;
    Ok(Value::List(text.split_whitespace().map(Value::text).collect()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn blanks_of_every_kind_separate() {
        gives("words(\"a\\nb, c\")", "[\"a\", \"b,\", \"c\"]");
        gives("words(\"  \")", "[]");
        call_type("words", &["string"], "list<string>");
    }
}
