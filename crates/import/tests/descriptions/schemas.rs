//! What JSON Schemas become, keyword by keyword.

use hence_import::{Kind, Options, import};
use serde_json::{Value as Json, json};

use crate::support::{Made, folder, made_of};

/// Imports a schema as the field `f` of an object.
#[track_caller]
fn field(schema: Json) -> (Json, Vec<String>) {
    let text = json!({ "type": "object", "required": ["f"], "properties": { "f": schema } }).to_string();
    let made = made_of(Kind::JsonSchema, &[("a.json", &text)]);
    assert_eq!(made.errors, Vec::<String>::new(), "{text}");
    (made.at("/types/A/properties/f").clone(), made.lost)
}

#[track_caller]
fn carried(schema: Json, expected: Json) {
    assert_eq!(field(schema.clone()), (expected, Vec::new()), "{schema}");
}

#[track_caller]
fn lost(schema: Json, expected: Json, message: &str) {
    let (json, messages) = field(schema.clone());
    assert_eq!(json, expected, "{schema}");
    assert!(messages.iter().any(|one| one.contains(message)), "{message}: {messages:#?}");
}

#[test]
fn single_values_keep_what_can_be_kept() {
    carried(
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": "string", "format": "date-time" }),
    );
    carried(json!({ "type": ["integer", "null"] }), json!({ "type": ["integer", "null"] }));
    carried(json!({ "type": ["integer", "number"] }), json!({ "type": "number" }));
    carried(json!({ "type": "number", "format": "float" }), json!({ "type": "number", "format": "double" }));
    carried(
        json!({ "type": "integer", "format": "unix-time" }),
        json!({ "type": "integer", "format": "epoch-seconds" }),
    );
    carried(json!({ "const": "a" }), json!({ "type": "string", "const": "a" }));
    carried(
        json!({ "enum": ["a", "b", "a", null] }),
        json!({ "type": ["string", "null"], "enum": ["a", "b"] }),
    );
    carried(json!({ "type": "string", "writeOnly": true }), json!({ "type": "string", "sensitive": true }));
    carried(json!({ "minLength": 2 }), json!({ "type": "string", "minLength": 2 }));
    carried(json!(true), json!({}));
    lost(
        json!({ "type": "string", "format": "isbn" }),
        json!({ "type": "string" }),
        "the format `isbn` of texts",
    );
    lost(
        json!({ "type": "string", "format": "duration" }),
        json!({ "type": "string" }),
        "the format `duration`",
    );
    lost(json!({ "enum": [1, 2] }), json!({ "type": "integer" }), "which numbers");
    lost(json!({ "enum": ["a", 2] }), json!({}), "which values of several kinds");
    lost(json!({ "type": ["string", "integer"] }), json!({}), "that a value is one of `string`, `integer`");
    lost(json!(false), json!({}), "that no value is allowed here");
    lost(
        json!({ "type": "integer", "multipleOf": 5 }),
        json!({ "type": "integer" }),
        "the keyword `multipleOf`",
    );
    lost(json!({ "x-unit": "cm" }), json!({}), "the extension `x-unit`");
}

#[test]
fn lists_and_maps_have_one_type_of_elements() {
    carried(
        json!({ "type": "array", "items": { "type": ["string", "null"] } }),
        json!({ "type": "array", "items": { "type": ["string", "null"] } }),
    );
    carried(
        json!({ "patternProperties": { "^x": { "type": "integer" } } }),
        json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
    );
    lost(
        json!({ "type": "array", "prefixItems": [{ "type": "integer" }, { "type": "number" }] }),
        json!({ "type": "array", "items": { "type": "number" } }),
        "each place of the list",
    );
    lost(
        json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": { "type": "integer" } }),
        json!({ "type": "object", "properties": { "a": {} } }),
        "fields whose names are not known",
    );
}

#[test]
fn choices_become_what_they_have_in_common() {
    carried(
        json!({ "oneOf": [{ "type": "string" }, { "type": "null" }] }),
        json!({ "type": ["string", "null"] }),
    );
    carried(
        json!({ "anyOf": [{ "const": "a" }, { "enum": ["b"] }] }),
        json!({ "type": "string", "enum": ["a", "b"] }),
    );
    carried(json!({ "anyOf": [{ "type": "integer" }, { "type": "number" }] }), json!({ "type": "number" }));
    carried(
        json!({ "anyOf": [{ "type": "string", "format": "uuid" }, { "enum": ["me"] }] }),
        json!({ "type": "string" }),
    );
    lost(
        json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] }),
        json!({}),
        "which of several types a value has: it is any JSON",
    );
    lost(
        json!({ "properties": { "a": {}, "b": {} }, "anyOf": [{ "required": ["a"] }, { "required": ["b"] }] }),
        json!({ "type": "object", "properties": { "a": {}, "b": {} } }),
        "which fields are there together",
    );
}

#[test]
fn objects_that_a_field_tells_apart_become_a_union() {
    let variant = |value: &str, more: &str| json!({ "type": "object", "required": ["kind", more], "properties": { "kind": { "const": value }, more: { "type": "string" } } });
    let schema = json!({ "type": "object", "properties": { "pay": { "oneOf": [variant("card", "number"), variant("bank", "iban")] } } });
    let made = made_of(Kind::JsonSchema, &[("a.json", &schema.to_string())]);
    assert_eq!(made.at("/types/A/properties/pay"), &json!({ "$ref": "#/types/APay" }));
    assert_eq!(
        made.at("/types/APay"),
        &json!({
            "oneOf": [{ "$ref": "#/types/APayCard" }, { "$ref": "#/types/APayBank" }],
            "discriminator": { "propertyName": "kind", "mapping": { "card": "#/types/APayCard", "bank": "#/types/APayBank" } },
        })
    );
}

#[test]
fn unions_whose_fields_differ_have_the_fields_of_all() {
    let text = r##"{ "$defs": {
        "One": { "type": "object", "required": ["t", "v"], "properties": { "t": { "const": "one" }, "v": { "type": "string" } } },
        "Two": { "type": "object", "required": ["t"], "properties": { "t": { "const": "two" }, "v": { "type": "integer" }, "w": { "type": "string" } } } },
        "type": "object", "properties": { "f": { "oneOf": [{ "$ref": "#/$defs/One" }, { "$ref": "#/$defs/Two" }] } } }"##;
    let made = made_of(Kind::JsonSchema, &[("a.json", text)]);
    assert_eq!(
        made.at("/types/AF"),
        &json!({ "type": "object", "required": ["t"], "properties": {
            "t": { "type": "string", "enum": ["one", "two"] }, "v": {}, "w": { "type": "string" } } })
    );
    made.says_lost("it has the fields of all of its types: `v` is");
}

#[test]
fn objects_put_together_have_all_fields_and_what_narrows_them_is_told() {
    let text = r##"{ "$defs": {
        "Base": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" }, "state": { "type": "string" } } },
        "Whole": { "allOf": [{ "$ref": "#/$defs/Base" }, { "required": ["state", "extra"], "properties": { "state": { "enum": ["open"] }, "extra": { "type": "string" } } }] } },
        "type": "object", "properties": {
          "whole": { "$ref": "#/$defs/Whole" },
          "narrowed": { "allOf": [{ "$ref": "#/$defs/Base" }, { "properties": { "state": { "const": "open" } } }] },
          "described": { "description": "Its base.", "allOf": [{ "$ref": "#/$defs/Base" }] } } }"##;
    let made = made_of(Kind::JsonSchema, &[("a.json", text)]);
    assert_eq!(made.errors, Vec::<String>::new());
    assert_eq!(made.at("/types/Whole/required"), &json!(["id", "state", "extra"]));
    assert_eq!(made.at("/types/Whole/properties/state"), &json!({ "type": "string", "enum": ["open"] }));
    let properties = made.at("/types/A/properties");
    assert_eq!(properties["narrowed"], json!({ "$ref": "#/types/Base" }));
    assert_eq!(properties["described"], json!({ "$ref": "#/types/Base", "description": "Its base." }));
    made.says_lost("what more is said of fields of `Base` here");
}

#[test]
fn an_integration_that_is_made_anew_keeps_what_people_wrote() {
    let before = json!({
        "hence": 1, "id": "desk", "title": "Help desk", "version": "3.0.0", "description": "By hand.",
        "events": { "ticket": { "description": "A ticket came in.", "payload": { "type": "object" }, "examples": [{ "subject": "Help" }] },
                    "gone": { "payload": { "type": "object" } } },
        "actions": { "close": { "class": "idempotent", "params": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } },
                     "call": { "kind": "http", "method": "POST", "url": "/tickets/{id}/close" } } },
        "connection": { "settings": { "base_url": { "default": "https://desk.example.com" }, "webhook_secret": { "secret": true } } },
        "webhook": { "event": { "body": "/type" }, "mappings": [{ "provider": "t", "event": "ticket" }], "signature": { "scheme": "github" } },
    });
    let schema = r##"{ "type": "object", "required": ["subject", "urgent"], "properties": { "subject": { "type": "string" }, "urgent": { "type": "boolean" } } }"##;
    let folder = folder(&[("ticket.json", schema), ("desk.json", &before.to_string())]);
    let options = Options { onto: Some(folder.path().join("desk.json")), ..Options::default() };
    let made = Made::of(import(Kind::JsonSchema, &folder.path().join("ticket.json"), &options).unwrap());
    assert_eq!(made.errors, Vec::<String>::new());
    assert_eq!(
        (made.at("/id"), made.at("/version"), made.at("/title")),
        (&json!("desk"), &json!("3.0.0"), &json!("Help desk"))
    );
    assert_eq!(made.at("/actions"), &before["actions"]);
    assert_eq!(made.at("/webhook"), &before["webhook"]);
    let event = made.at("/events/ticket");
    assert_eq!(event["description"], "A ticket came in.");
    // What the example lacks is taken from a sample of the type.
    assert_eq!(event["examples"], json!([{ "subject": "Help", "urgent": true }]));
    assert_eq!(event["payload"], json!({ "$ref": "#/types/Ticket" }));
    made.says_lost("the event `gone`");
}

#[test]
fn githubs_definitions_are_events_by_name_and_action() {
    let text = r##"{ "definitions": {
        "issues$opened": { "type": "object", "title": "issues opened event", "properties": { "action": { "const": "opened" }, "issue": { "$ref": "#/definitions/issue" } } },
        "push$event": { "type": "object", "properties": { "ref": { "type": "string" } } },
        "repository_dispatch$event": { "type": "object", "properties": { "action": { "type": "string" } } },
        "issue": { "type": "object", "properties": { "number": { "type": "integer" } } } } }"##;
    let made = made_of(Kind::Github, &[("schema.json", text)]);
    let events: Vec<&String> = made.at("/events").as_object().unwrap().keys().collect();
    assert_eq!(events, ["issues.opened", "push", "repository_dispatch"]);
    assert_eq!(
        made.at("/events/issues.opened/description"),
        "The action `opened` of GitHub's event `issues`."
    );
    assert_eq!(made.at("/types/IssuesOpened/properties/issue"), &json!({ "$ref": "#/types/Issue" }));
    assert_eq!(
        made.at("/webhook/mappings/3"),
        &json!({ "provider": "repository_dispatch.*", "event": "repository_dispatch" })
    );
    assert!(made_of(Kind::Github, &[("schema.json", "{}")]).errors[0].contains("no member `definitions`"));
}
