//! `split`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "split";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The parts of a text between separators.",
    details: "Parts may be empty: `split(\"a,,b\", \",\")` has three. An empty separator is an error of the \
               evaluation; for the words of a text write `words(text)`.",
    examples: &[
        Example { expression: "split(\"a, b\", \", \")", result: "[\"a\", \"b\"]" },
        Example { expression: "split(\"a\", \",\")", result: "[\"a\"]" },
    ],
    parameters: &[
        Parameter { name: "text", takes: "text", optional: false },
        Parameter { name: "separator", takes: "text", optional: false },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=2)?;
    signature::takes(types, 0, Type::is_text)?;
    signature::takes(types, 1, Type::is_text)?;
    Ok(arguments::list_of(Type::String))
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let (text, separator) = (arguments::text(values, 0, NAME)?, arguments::text(values, 1, NAME)?);
    if separator.is_empty() {
        return Err(arguments::refused(NAME, "the separator is empty"));
    }
    Ok(Value::List(text.split(separator).map(Value::text).collect()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn empty_parts_are_kept() {
        gives("split(\",a,\", \",\")", "[\"\", \"a\", \"\"]");
        gives("split(\"\", \",\")", "[\"\"]");
    }

    #[test]
    fn an_empty_separator_is_refused() {
        fails("split(\"a\", \"\")", "`split`: the separator is empty");
    }

    #[test]
    fn it_takes_two_texts() {
        call_type("split", &["string", "string"], "list<string>");
        call_type("split", &["string", "int"], "argument 1");
    }
}
