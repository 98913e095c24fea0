//! Samples of payloads.

use hence_import::{Options, infer};
use serde_json::{Value as Json, json};

use crate::support::{Made, folder};

#[track_caller]
fn inferred(files: &[(&str, &str)]) -> Made {
    let folder = folder(files);
    let paths: Vec<_> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    let options = Options { id: Some("desk".to_owned()), ..Options::default() };
    Made::of(infer(&paths, "ticket.opened", &options).unwrap())
}

#[test]
fn fields_that_are_not_in_all_samples_or_null_may_be_missing() {
    let made = inferred(&[
        (
            "1.json",
            r#"{ "id": 1, "by": { "email": "a@example.com", "age": 3 }, "note": null, "score": 1, "tags": ["x"] }"#,
        ),
        (
            "2.json",
            r#"{ "id": 2, "by": { "email": "b@example.com" }, "note": "late", "score": 1.5, "tags": [], "at": "2026-01-31T09:00:00Z" }"#,
        ),
    ]);
    assert_eq!(made.errors, Vec::<String>::new());
    assert_eq!(
        made.at("/types/TicketOpened"),
        &json!({ "type": "object", "required": ["id", "by", "score", "tags"], "properties": {
            "id": { "type": "integer" },
            "by": { "type": "object", "required": ["email"], "properties": {
                "email": { "type": "string", "format": "email" }, "age": { "type": "integer" } } },
            "note": { "type": ["string", "null"] },
            "score": { "type": "number" },
            "tags": { "type": "array", "items": { "type": "string" } },
            "at": { "type": "string", "format": "date-time" } } })
    );
    assert_eq!(made.at("/events/ticket.opened/examples/0/id"), 1);
}

#[test]
fn samples_stand_in_lists_and_lines_as_well() {
    let lines: String = (0..12)
        .map(|n| format!("{{ \"state\": \"{}\", \"created\": 17000000{n:02} }}\n", ["open", "closed"][n % 2]))
        .collect();
    let made = inferred(&[
        ("many.jsonl", &lines),
        ("list.json", r#"[{ "state": "open" }, { "state": "closed", "created": 1700000099 }]"#),
    ]);
    assert_eq!(made.errors, Vec::<String>::new());
    let properties = made.at("/types/TicketOpened/properties");
    assert_eq!(properties["state"], json!({ "type": "string", "enum": ["open", "closed"] }));
    assert_eq!(properties["created"], json!({ "type": "integer", "format": "epoch-seconds" }));
    assert_eq!(made.at("/types/TicketOpened/required"), &json!(["state"]));
    assert!(
        made.guessed.iter().any(|guess| guess == "that `state` is one of 2 words: 14 samples have no other")
    );
    assert!(made.guessed.iter().any(|guess| guess.starts_with("that `created` is a time")));
}

#[test]
fn one_sample_and_several_kinds_are_told() {
    let made = inferred(&[("1.json", r#"{ "a": 1 }"#)]);
    assert!(made.guessed[0].contains("there is one sample alone"));
    let made = inferred(&[("1.json", r#"{ "a": 1 }"#), ("2.json", r#"{ "a": "x" }"#)]);
    assert_eq!(made.at("/types/TicketOpened/properties/a"), &json!({}));
    made.says_lost("which of several kinds `a` is");
}

#[test]
fn objects_of_many_names_are_maps() {
    let files: Vec<(String, String)> = (0..8)
        .map(|sample| {
            let stock: Json = (0..6)
                .map(|n| (format!("sku{sample}{n}"), json!(n)))
                .collect::<serde_json::Map<_, _>>()
                .into();
            (format!("{sample}.json"), json!({ "stock": stock }).to_string())
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let made = inferred(&files);
    assert_eq!(
        made.at("/types/TicketOpened/properties/stock"),
        &json!({ "type": "object", "additionalProperties": { "type": "integer" } })
    );
}

#[test]
fn what_is_no_payload_is_told() {
    assert_eq!(inferred(&[("1.json", "7")]).errors, ["H0206 7: a payload is an object, not a number"]);
    assert!(inferred(&[("1.json", "{ \"a\": }")]).errors[0].starts_with("H0201 "));
}
