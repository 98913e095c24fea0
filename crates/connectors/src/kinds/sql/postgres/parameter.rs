//! Values of parameters, spelt as the database reads them: the text that stands for them in its own input syntax, so that
//! every type has its digits and none has to be known here.

use std::error::Error;

use bytes::BytesMut;
use hence_types::Decimal;
use serde_json::Value as Json;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type, to_sql_checked};

/// A value of a parameter.
#[derive(Debug)]
pub(super) struct Parameter(pub(super) Json);

impl ToSql for Parameter {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match text(&self.0, ty)? {
            None => Ok(IsNull::Yes),
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// The text of a value for a type; none for one that is missing.
fn text(json: &Json, ty: &Type) -> Result<Option<String>, String> {
    if let Kind::Domain(inner) = ty.kind() {
        return text(json, inner);
    }
    if *ty == Type::JSON || *ty == Type::JSONB {
        return Ok((!json.is_null()).then(|| json.to_string()));
    }
    if *ty == Type::BYTEA {
        return Err("a parameter is for the type `bytea`, which rules have no type for".to_owned());
    }
    let is_whole = [Type::INT2, Type::INT4, Type::INT8].contains(ty);
    Ok(Some(match json {
        Json::Null => return Ok(None),
        Json::Bool(truth) if is_whole => u8::from(*truth).to_string(),
        Json::Number(number) if is_whole => {
            let text = number.to_string();
            text.parse::<Decimal>().map_or(text, |exact| exact.normalize().to_string())
        }
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => json.to_string(),
        Json::String(text) => text.clone(),
        Json::Array(items) => {
            if let Kind::Array(element) = ty.kind() {
                array(items, element)?
            } else {
                json.to_string()
            }
        }
    }))
}

/// A list as the database spells it: `{"a","b"}`.
fn array(items: &[Json], element: &Type) -> Result<String, String> {
    let mut literal = String::from("{");
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            literal.push(',');
        }
        match text(item, element)? {
            None => literal.push_str("NULL"),
            Some(text) => {
                literal.push('"');
                for c in text.chars() {
                    if matches!(c, '"' | '\\') {
                        literal.push('\\');
                    }
                    literal.push(c);
                }
                literal.push('"');
            }
        }
    }
    literal.push('}');
    Ok(literal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_spelt_for_the_type_they_are_for() {
        let spelt = |json: Json, ty: Type| text(&json, &ty).unwrap();
        assert_eq!(spelt(json!(null), Type::INT4), None);
        assert_eq!(spelt(json!(true), Type::INT4).as_deref(), Some("1"));
        assert_eq!(spelt(json!(true), Type::BOOL).as_deref(), Some("true"));
        let five = serde_json::from_str("5.00").unwrap();
        assert_eq!(spelt(five, Type::INT8).as_deref(), Some("5"));
        assert_eq!(spelt(json!("x"), Type::JSONB).as_deref(), Some("\"x\""));
        assert_eq!(spelt(json!([1, 2]), Type::TEXT).as_deref(), Some("[1,2]"));
        assert_eq!(
            spelt(json!(["a\"b\\", null, "c,d", "NULL"]), Type::TEXT_ARRAY).as_deref(),
            Some(r#"{"a\"b\\",NULL,"c,d","NULL"}"#)
        );
        assert!(text(&json!("x"), &Type::BYTEA).is_err());
    }
}
