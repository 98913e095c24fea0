//! Two versions of a small integration, and what is said of the step between them.

use hence_diagnostics::Sources;
use serde_json::{Value as Json, json};

use super::*;
use crate::load;

fn base() -> Json {
    json!({
        "hence": 1, "id": "desk", "title": "Desk", "version": "1",
        "types": {
            "State": { "type": "string", "enum": ["open", "closed"] },
            "Person": { "type": "object", "required": ["email"], "properties": { "email": { "type": "string" }, "age": { "type": "integer" } } },
            "Ticket": { "type": "object", "required": ["id", "state", "by"], "properties": {
                "id": { "type": "integer" }, "state": { "$ref": "#/types/State" }, "by": { "$ref": "#/types/Person" },
                "tags": { "type": "array", "items": { "type": "string" } } } }
        },
        "events": { "opened": { "payload": { "$ref": "#/types/Ticket" } } },
        "actions": { "close": {
            "class": "idempotent",
            "params": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" }, "why": { "type": "string" } } },
            "result": { "type": "object", "required": ["ok"], "properties": { "ok": { "type": "boolean" } } },
            "call": { "kind": "http", "method": "POST", "url": "/close/{id}" } } },
        "connection": { "settings": { "base_url": { "default": "http://127.0.0.1" }, "webhook_secret": { "secret": true, "default": "" } } },
        "webhook": { "event": { "body": "/type" }, "mappings": [{ "provider": "t", "event": "opened" }], "signature": { "scheme": "github" } },
    })
}

#[track_caller]
fn read(json: &Json) -> Integration {
    let mut sources = Sources::new();
    let file = sources.add("desk.json", json.to_string());
    let loaded = load(&sources, file);
    assert_eq!(loaded.diagnostics, []);
    loaded.integration.unwrap()
}

/// What is said of a change at a pointer; `!` before what is breaking.
#[track_caller]
fn step(pointer: &str, to: Json) -> Vec<String> {
    let mut after = base();
    *after.pointer_mut(pointer).unwrap() = to;
    let changes = diff(&read(&base()), &read(&after));
    changes
        .iter()
        .map(|change| {
            let mark = if change.breaking { "!" } else { "" };
            format!("{mark}{}: {}", change.at, change.message)
        })
        .collect()
}

#[test]
fn the_same_is_no_change() {
    assert_eq!(diff(&read(&base()), &read(&base())), []);
}

#[test]
fn fields_that_rules_read_may_be_added_and_not_taken_away() {
    let person = |required: &[&str], properties: Json| json!({ "type": "object", "required": required, "properties": properties });
    let at = "/types/Person";
    assert_eq!(
        step(at, person(&["email"], json!({ "email": { "type": "string" } }))),
        ["!type Person.age: the field is not there any more"]
    );
    assert_eq!(
        step(at, person(&[], json!({ "email": { "type": "string" }, "age": { "type": "integer" } }))),
        ["!type Person.email: it may be missing now"]
    );
    assert_eq!(
        step(
            at,
            person(&["email", "age"], json!({ "email": { "type": "string" }, "age": { "type": "integer" } }))
        ),
        ["type Person.age: it is always there now"]
    );
    assert_eq!(
        step(at, person(&["email"], json!({ "email": { "type": "integer" }, "age": { "type": "integer" } }))),
        ["!type Person.email: it was `string` and is `int`"]
    );
    assert_eq!(
        step(
            at,
            person(
                &["email"],
                json!({ "email": { "type": "string" }, "age": { "type": "string", "format": "integer" }, "name": { "type": "string" } })
            )
        ),
        ["type Person.age: it is spelt otherwise in JSON", "type Person.name: the field is new"]
    );
    assert_eq!(
        step("/types/Ticket/properties/tags/items", json!({ "type": "integer" })),
        ["!type Ticket.tags[]: it was `string` and is `int`"]
    );
    assert_eq!(
        step("/types/Ticket/properties/by", json!({ "$ref": "#/types/State" })),
        ["!type Ticket.by: it was `desk.Person` and is `desk.State`"]
    );
}

#[test]
fn values_of_a_set_that_rules_read_are_breaking_both_ways() {
    assert_eq!(
        step("/types/State/enum", json!(["open", "done"])),
        ["!type State: it cannot be `closed` any more", "!type State: it can be `done` as well"]
    );
}

#[test]
fn parameters_may_be_added_where_they_may_be_left_out() {
    let params = |required: &[&str], properties: Json| json!({ "type": "object", "required": required, "properties": properties });
    let at = "/actions/close/params";
    let id = json!({ "type": "integer" });
    assert_eq!(
        step(at, params(&["id"], json!({ "id": id }))),
        ["!action close(why): the parameter is not there any more"]
    );
    assert_eq!(
        step(at, params(&["id", "why"], json!({ "id": id, "why": { "type": "string" } }))),
        ["!action close(why): it must be given now"]
    );
    assert_eq!(
        step(at, params(&[], json!({ "id": id, "why": { "type": "string" } }))),
        ["action close(id): it may be left out now"]
    );
    assert_eq!(
        step(at, params(&["id"], json!({ "id": { "type": "number" }, "why": { "type": "string" } }))),
        ["action close(id): it was `int` and is `decimal`"]
    );
    assert_eq!(
        step(at, params(&["id", "by"], json!({ "id": id, "why": { "type": "string" }, "by": id, "at": id }))),
        [
            "!action close(by): the parameter is new, and must be given",
            "action close(at): the parameter is new"
        ]
    );
    assert_eq!(
        step("/actions/close/class", json!("at_most_once")),
        ["action close: its class was `idempotent` and is `at_most_once`"]
    );
    assert_eq!(
        step("/actions/close/call/url", json!("/shut/{id}")),
        ["action close: it is called otherwise"]
    );
    assert_eq!(
        step("/actions/close/result/required", json!([])),
        ["!action close result.ok: it may be missing now"]
    );
}

#[test]
fn a_type_that_is_read_and_given_is_compared_both_ways() {
    let mut before = base();
    before["actions"]["close"]["params"]["properties"]["by"] = json!({ "$ref": "#/types/Person" });
    let mut after = before.clone();
    after["types"]["Person"]["required"] = json!(["email", "age"]);
    let changes = diff(&read(&before), &read(&after));
    assert_eq!(changes.len(), 1);
    assert!(changes[0].breaking, "{changes:?}");
}

#[test]
fn whole_parts_settings_and_webhooks_are_compared() {
    assert_eq!(
        step("/webhook/signature/scheme", json!("slack")),
        ["webhook: deliveries are signed otherwise"]
    );
    assert_eq!(
        step("/webhook/mappings/0/provider", json!("u")),
        ["!webhook: the system's event `t` is not taken any more"]
    );
    let settings = json!({ "base_url": {}, "webhook_secret": { "secret": true, "default": "" }, "key": {}, "spare": { "default": "" } });
    assert_eq!(
        step("/connection/settings", settings),
        [
            "!setting base_url: it must be given now",
            "!setting key: it is new, and must be given",
            "setting spare: it is new"
        ]
    );
    let mut after = base();
    after["events"]["shut"] = after["events"]["opened"].clone();
    after["actions"] = json!({});
    let changes = diff(&read(&base()), &read(&after));
    let said: Vec<(&str, bool)> =
        changes.iter().map(|change| (change.at.as_str(), change.breaking)).collect();
    assert_eq!(said, [("event shut", false), ("action close", true)]);
}
