//! `value as type`: JSON of unknown shape read as a value of a type.

use hence_types::{Type, Value, Wire, wire};

/// Returns whether values of this type can be read as another one: only JSON does not say what it holds.
pub fn takes_cast(ty: &Type) -> bool {
    matches!(ty.required(), Type::Json | Type::Error)
}

/// Reads JSON as a value of a type. It is missing unless every part of it is as the type says: a required field
/// that is absent, or a number where a text is declared, however deep, make the whole missing. Fields that the type
/// does not have are ignored. A named type is spelt as its integration says, every other one as JSON spells it.
pub fn cast(value: &Value, ty: &Type) -> Value {
    let mut written = String::new();
    let json = if let Value::Json(json) = value {
        json
    } else if value.is_missing() {
        return Value::Missing;
    } else {
        // Any value may stand where JSON is asked for.
        wire::write_raw(value, &Wire::Plain, &mut written);
        written.as_str()
    };
    let mut mismatches = Vec::new();
    let read = wire::read(Some(json), ty.required(), &Wire::Plain, wire::Place::default(), &mut mismatches);
    if mismatches.is_empty() { read } else { Value::Missing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ty;

    fn read(json: &str, wanted: &str) -> String {
        let value = cast(&Value::Json(json.into()), &ty(wanted));
        if value.is_missing() { "missing".to_owned() } else { value.to_string() }
    }

    #[test]
    fn what_has_the_shape_is_read_digit_for_digit() {
        assert_eq!(read("[1, 2]", "list<int>"), "[1, 2]");
        assert_eq!(read("9007199254740993", "int"), "9007199254740993");
        assert_eq!(read("\"2026-11-27\"", "date"), "2026-11-27");
        assert_eq!(read(r#"{"amount":"9.90","currency":"EUR"}"#, "EUR"), "9.90 EUR");
        assert_eq!(read(r#"{"a":1,"more":true}"#, "{a:int,b:string?}"), "{ a: 1 }");
        assert_eq!(read(r#"{"a":null}"#, "map<int?>"), "{ }");
    }

    #[test]
    fn what_has_another_shape_is_missing_as_a_whole() {
        assert_eq!(read("1", "string"), "missing");
        assert_eq!(read("[1, \"2\"]", "list<int>"), "missing");
        assert_eq!(read("{}", "{a:int}"), "missing");
        assert_eq!(read(r#"{"a":1,"b":5}"#, "{a:int,b:string?}"), "missing");
        assert_eq!(read(r#""gold""#, "silver|bronze"), "missing");
        assert!(cast(&Value::Missing, &ty("int")).is_missing());
        assert_eq!(cast(&Value::Int(5), &ty("decimal")).to_string(), "5");
    }
}
