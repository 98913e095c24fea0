//! `url_encode`

use hence_types::Value;

use super::{Context, Function, Parameter, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "url_encode";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The text as a part of a web address.",
    details: "Letters and digits of ASCII and `-`, `_`, `.`, `~` stay; every other byte of the text's UTF-8 becomes \
               `%` and two hexadecimal digits, a blank `%20`.",
    examples: &[
        Example { expression: "url_encode(\"a b&c\")", result: "\"a%20b%26c\"" },
        Example { expression: "url_encode(\"ü\")", result: "\"%C3%BC\"" },
    ],
    parameters: &[Parameter { name: "text", takes: "text", optional: false }],
    result: signature::text_to_text,
    apply,
};

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let text = arguments::text(values, 0, NAME)?;
    Ok(Value::text(encoded(text)))
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use crate::testing::gives;

    #[test]
    fn nothing_that_has_a_meaning_in_addresses_is_left() {
        gives("url_encode(\"-_.~/?#+%\")", "\"-_.~%2F%3F%23%2B%25\"");
    }
}
