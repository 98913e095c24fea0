//! The format of integration files, and the words for what breaks it.

use super::*;

#[test]
fn the_format_is_a_valid_json_schema_with_a_description_of_everything() {
    let schema: Json = serde_json::from_str(FORMAT).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    assert!(CHECKER.validator.is_some());
    describe(&schema, "");
}

/// Every property and definition says what it is, by itself or by what it refers to.
fn describe(schema: &Json, path: &str) {
    let Some(members) = schema.as_object() else { return };
    for group in ["properties", "$defs"] {
        // What stands under `then` and `else` restricts properties that are described elsewhere.
        for (name, property) in schema.get(group).and_then(Json::as_object).into_iter().flatten() {
            let described = ["description", "$ref"].iter().any(|member| property.get(member).is_some());
            assert!(described, "{path}/{group}/{name} has no description");
            describe(property, &format!("{path}/{group}/{name}"));
        }
    }
    for part in ["items", "additionalProperties"] {
        if let Some(part_schema) = members.get(part) {
            describe(part_schema, &format!("{path}/{part}"));
        }
    }
}
