//! References between files, to nothing, in circles; texts that cannot be read.

use hence_import::{Kind, Options, import};
use serde_json::json;

use crate::support::{folder, made_at, made_of};

#[test]
fn references_lead_through_files_folders_anchors_and_ids() {
    let files = [
        (
            "order.json",
            r##"{ "type": "object", "properties": {
            "customer": { "$ref": "parts/people.yaml#/customer" },
            "address": { "$ref": "parts/people.yaml#/customer/properties/address" },
            "parcel": { "$ref": "parts/a%20parcel.json" },
            "size": { "$ref": "parts/a%20parcel.json#size" },
            "money": { "$ref": "https://example.com/money" } } }"##,
        ),
        (
            "parts/people.yaml",
            "customer:\n  type: object\n  properties:\n    order: { $ref: ../order.json }\n    address: { type: object, properties: { city: { type: string } } }\n",
        ),
        (
            "parts/a parcel.json",
            r##"{ "$defs": { "m": { "$id": "https://example.com/money", "type": "object", "properties": { "cents": { "type": "integer" } } },
            "s": { "$anchor": "size", "type": "object", "properties": { "cm": { "type": "number" } } } },
            "type": "object", "properties": { "weight": { "type": "number" } } }"##,
        ),
    ];
    let made = made_of(Kind::JsonSchema, &files);
    assert_eq!(made.errors, Vec::<String>::new());
    let properties = made.at("/types/Order/properties");
    assert_eq!(properties["customer"], json!({ "$ref": "#/types/Customer" }));
    assert_eq!(made.at("/types/Customer/properties/order"), &json!({ "$ref": "#/types/Order" }));
    assert_eq!(made.at("/types/Address/properties/city/type"), "string");
    assert_eq!(made.at("/types/AParcel/properties/weight/type"), "number");
    assert_eq!(made.at("/types/M/properties/cents/type"), "integer");
    assert_eq!(made.at("/types/S/properties/cm/type"), "number");
}

#[test]
fn references_to_nothing_are_told_with_what_was_meant() {
    let text = r##"{ "type": "object", "$defs": { "Pet": {} }, "properties": {
        "a": { "$ref": "#/$defs/Pett" }, "b": { "$ref": "gone.json" }, "c": { "$ref": "#nothing" }, "d": { "$ref": 7 } } }"##;
    let errors = made_of(Kind::JsonSchema, &[("a.json", text)]).errors;
    assert_eq!(errors[0], "H0203 \"#/$defs/Pett\": there is nothing at `#/$defs/Pett` (did you mean `Pet`?)");
    assert!(errors[1].starts_with("H0203 \"gone.json\": cannot read `gone.json`: "), "{errors:?}");
    assert_eq!(errors[2], "H0203 \"#nothing\": nothing has the anchor `nothing`");
    assert_eq!(errors[3], "H0203 7: a reference is a text, not a number");
}

#[test]
fn addresses_are_not_fetched_and_stand_for_any_json() {
    let text = r##"{ "type": "object", "properties": { "a": { "$ref": "http://127.0.0.1:1/a.json" } } }"##;
    let made = made_of(Kind::JsonSchema, &[("a.json", text)]);
    made.says_lost("`http://127.0.0.1:1/a.json` is an address, which is not fetched: any JSON stands for it");
    assert_eq!(made.at("/types/A/properties/a"), &json!({}));
}

#[test]
fn references_in_a_circle_without_anything_else_are_wrong_and_types_in_a_circle_are_not() {
    let text = r##"{ "$defs": { "A": { "$ref": "#/$defs/B" }, "B": { "$ref": "#/$defs/A" } },
        "type": "object", "properties": { "a": { "$ref": "#/$defs/A" } } }"##;
    let errors = made_of(Kind::JsonSchema, &[("a.json", text)]).errors;
    assert!(errors.iter().any(|error| error.contains("leads back to itself")), "{errors:?}");
    let text = r##"{ "$defs": {
          "Node": { "type": "object", "properties": { "next": { "allOf": [{ "$ref": "#/$defs/Node" }, { "properties": { "more": { "$ref": "#/$defs/List" } } }] },
              "either": { "oneOf": [{ "$ref": "#/$defs/Node" }, { "$ref": "#/$defs/Leaf" }] } } },
          "Leaf": { "type": "object", "properties": { "either": { "anyOf": [{ "$ref": "#/$defs/Node" }, { "$ref": "#/$defs/Leaf" }] } } },
          "List": { "type": "array", "items": { "$ref": "#/$defs/List" } },
          "Self": { "allOf": [{ "$ref": "#/$defs/Self" }, { "type": "object", "properties": { "a": { "type": "string" } } }] } },
        "$ref": "#/$defs/Node" }"##;
    let made = made_of(Kind::JsonSchema, &[("node.json", text)]);
    assert_eq!(made.errors, Vec::<String>::new());
    assert_eq!(made.at("/types/List"), &json!({ "type": "array", "items": { "$ref": "#/types/List" } }));
    assert_eq!(made.at("/types/Self/properties/a/type"), "string");
    made.says_lost("an object that is put together from itself");
}

#[test]
fn texts_that_cannot_be_read_are_told_with_their_place() {
    let errors = |name: &str, text: &str| made_of(Kind::JsonSchema, &[(name, text)]).errors;
    assert!(errors("a.json", "{ \"a\": 1,, }")[0].starts_with("H0201 "));
    assert!(errors("a.yaml", "a: [1\n")[0].starts_with("H0205 "));
    assert!(errors("a.json", "[]")[0].contains("a JSON Schema is an object, not a list"));
    assert!(errors("a.json", "{ \"openapi\": \"3.0.0\" }")[0].contains("import it as `openapi`"));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(errors("a.json", &deep)[0].contains("deep"), "a hundred thousand lists");
    let many: String = (0..20_000).map(|number| format!("\"k{number}\": {number},")).collect();
    let wide = format!("{{ \"type\": \"object\", \"properties\": {{ \"a\": {{}} }}, {many} \"z\": 1 }}");
    let made = made_of(Kind::JsonSchema, &[("wide.json", &wide)]);
    assert_eq!((made.errors.len(), made.lost.len()), (0, 20_001));
}

#[test]
fn a_folder_is_all_its_files_and_an_empty_one_none() {
    let files = [
        ("order.created.json", r##"{ "type": "object", "properties": { "by": { "$ref": "user.json" } } }"##),
        (
            "user.json",
            r##"{ "$defs": { "Id": { "enum": ["a", "b"] } }, "type": "object", "properties": { "id": { "$ref": "#/$defs/Id" } } }"##,
        ),
        ("notes.txt", "nothing"),
    ];
    let made = made_at(Kind::JsonSchema, folder(&files).path());
    let events: Vec<&String> = made.at("/events").as_object().unwrap().keys().collect();
    assert_eq!(events, ["order.created", "user"]);
    let empty = folder(&[("notes.txt", "nothing")]);
    let error = import(Kind::JsonSchema, empty.path(), &Options::default()).unwrap_err();
    assert!(error.to_string().ends_with("has no file that ends in .json, .yaml or .yml"), "{error}");
    let gone = import(Kind::OpenApi, &empty.path().join("gone.json"), &Options::default()).unwrap_err();
    assert!(gone.to_string().starts_with("cannot read "), "{gone}");
}
