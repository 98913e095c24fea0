//! `hash`

use hence_types::{Type, Value, Wire, wire};
use sha2::{Digest, Sha256};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "hash";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The SHA-256 of a value, as 64 hexadecimal digits in small letters.",
    details: "Of a text: of its UTF-8, so that `hash(lower(trim(email)))` is what advertising platforms ask for. Of \
               anything else: of its `to_json`.",
    examples: &[
        Example {
            expression: "hash(\"abc\")",
            result: "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
        },
        Example { expression: "hash(1) == hash(\"1\")", result: "true" },
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
    let value = arguments::any(values, 0, NAME)?;
    let digest = if let Some(text) = value.as_text() {
        Sha256::digest(text.as_bytes())
    } else {
        let mut json = String::new();
        wire::write_raw(value, &Wire::Plain, &mut json);
        Sha256::digest(json.as_bytes())
    };
    Ok(Value::text(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives};

    #[test]
    fn the_hash_is_that_of_other_tools() {
        gives("hash(\"\")", "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"");
        call_type("hash", &["int"], "string");
    }
}
