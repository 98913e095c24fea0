//! `replace`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "replace";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The text with every occurrence of one text replaced by another.",
    details: "Occurrences are found from the left and do not overlap; case matters. An empty text to replace is an \
               error of the evaluation.",
    examples: &[
        Example { expression: "replace(\"a-b-c\", \"-\", \"\")", result: "\"abc\"" },
        Example { expression: "replace(\"+49 170\", \"+\", \"00\")", result: "\"0049 170\"" },
    ],
    parameters: &[
        Parameter { name: "text", takes: "text", optional: false },
        Parameter { name: "old", takes: "text", optional: false },
        Parameter { name: "new", takes: "text", optional: false },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 3..=3)?;
    for place in 0..3 {
        signature::takes(types, place, Type::is_text)?;
    }
    Ok(Type::String)
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let text = arguments::text(values, 0, NAME)?;
    let (old, new) = (arguments::text(values, 1, NAME)?, arguments::text(values, 2, NAME)?);
    if old.is_empty() {
        return Err(arguments::refused(NAME, "the text to replace is empty"));
    }
    Ok(Value::text(text.replace(old, new)))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn every_occurrence_is_replaced() {
        gives("replace(\"aaa\", \"aa\", \"b\")", "\"ba\"");
        fails("replace(\"a\", \"\", \"b\")", "`replace`: the text to replace is empty");
    }

    #[test]
    fn it_takes_three_texts() {
        call_type("replace", &["string", "string", "string"], "string");
        call_type("replace", &["string", "string", "int"], "argument 2");
        call_type("replace", &["string", "string"], "count");
    }
}
