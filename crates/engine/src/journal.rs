//! The stored form of an execution's variables: that of values (`hence_types::journal`), as one list, as text.

pub(crate) mod strands;

use hence_types::{Value, journal};

/// Returns the text that stands for variables.
pub(crate) fn encode(locals: &[Value]) -> String {
    journal::encode(&Value::List(locals.into())).to_string()
}

/// Returns the variables that a text stands for, or what is wrong with it; that shows nothing of the text, as
/// variables may hold secrets.
pub(crate) fn decode(text: &str) -> Result<Vec<Value>, String> {
    let json = serde_json::from_str(text).map_err(|error| format!("the stored value is damaged: {error}"))?;
    let value = journal::decode(&json).map_err(|error| error.to_string())?;
    let locals = value.as_list().ok_or("the stored value is damaged: it is no list")?;
    Ok(locals.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_as_written() {
        let locals = [Value::Missing, Value::text("a"), Value::Int(i64::MAX)];
        let text = encode(&locals);
        assert_eq!(format!("{:?}", decode(&text).unwrap()), format!("{locals:?}"));
    }

    /// INVARIANT: stores hold this text, so it is read for ever.
    #[test]
    fn the_first_version_is_read() {
        let text = r#"{"version":1,"shapes":[],"value":[null,"a",{"decimal":"9.90"}]}"#;
        assert_eq!(decode(text).unwrap().len(), 3);
    }

    #[test]
    fn a_damaged_text_is_an_error_that_shows_nothing_of_it() {
        for text in ["", "geheim", r#"{"version":1,"shapes":[],"value":"geheim"}"#, r#"{"version":9}"#] {
            let error = decode(text).unwrap_err();
            assert!(!error.contains("geheim"), "{error}");
        }
    }
}
