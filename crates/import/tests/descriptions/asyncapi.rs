//! AsyncAPI 2 and 3.

use hence_import::Kind;
use serde_json::json;

use crate::support::made_of;

#[test]
fn messages_of_version_2_become_events() {
    let text = r##"
asyncapi: 2.6.0
info: { title: Street lights, version: 1.0.0 }
servers: { production: { url: "mqtt://example.com", protocol: mqtt } }
channels:
  light/measured:
    subscribe:
      message:
        payload: { $ref: "#/components/schemas/Measured" }
        traits: [{ summary: A light was measured., headers: { type: object, properties: { kind: { const: measured } } } }]
        bindings: { mqtt: {} }
  light/turned:
    publish:
      message:
        oneOf:
          - { $ref: "#/components/messages/turnedOn" }
          - { name: turned.off, headers: { type: object, properties: { kind: { const: off } } }, payload: { type: object, properties: { by: { type: string } } } }
          - { name: raw, schemaFormat: "application/vnd.apache.avro;version=1.9.0", payload: {} }
          - { name: number, payload: { type: integer } }
components:
  messages:
    turnedOn:
      headers: { type: object, properties: { kind: { const: on }, trace: { type: string } } }
      payload: { type: object, required: [by], properties: { by: { type: string } } }
  schemas:
    Measured: { type: object, required: [lumens], properties: { lumens: { type: integer } } }
"##;
    let made = made_of(Kind::AsyncApi, &[("lights.yaml", text)]);
    assert_eq!(made.errors, Vec::<String>::new());
    let events: Vec<&String> = made.at("/events").as_object().unwrap().keys().collect();
    assert_eq!(events, ["light.measured", "turned_on", "turned.off"]);
    assert_eq!(made.at("/events/light.measured/payload"), &json!({ "$ref": "#/types/Measured" }));
    assert_eq!(made.at("/events/light.measured/description"), "A light was measured.");
    assert_eq!(made.at("/webhook/event"), &json!({ "header": "kind" }));
    assert_eq!(made.at("/webhook/mappings/1"), &json!({ "provider": "on", "event": "turned_on" }));
    made.says_lost(
        "the message `raw`, whose payload is described in `application/vnd.apache.avro;version=1.9.0`",
    );
    made.says_lost("the message `number`, whose payload is no object");
    made.says_lost("`bindings` of channels");
    made.says_lost("the headers of messages");
    made.says_lost("the servers of the description");
    assert!(made.guessed.iter().any(|guess| guess.contains("may be meant the other way")));
}

#[test]
fn messages_of_version_3_go_by_operations() {
    let text = r##"{
      "asyncapi": "3.0.0", "info": { "title": "Accounts", "version": "1" },
      "channels": {
        "userEvents": { "address": "users", "messages": {
          "signedUp": { "$ref": "#/components/messages/signedUp" },
          "left": { "payload": { "type": "object", "properties": { "why": { "type": "string" } } } } } },
        "lonely": { "messages": { "other": { "payload": { "schemaFormat": "application/schema+json;version=draft-07",
          "schema": { "type": "object", "properties": { "n": { "type": "integer" } } } } } } }
      },
      "operations": { "onUsers": { "action": "send", "channel": { "$ref": "#/channels/userEvents" },
        "messages": [{ "$ref": "#/channels/userEvents/messages/signedUp" }] } },
      "components": { "messages": { "signedUp": { "name": "UserSignedUp", "payload": { "type": "object",
        "properties": { "email": { "type": "string", "format": "email" } } },
        "examples": [{ "payload": { "email": "robin@example.com" } }] } } }
    }"##;
    let made = made_of(Kind::AsyncApi, &[("accounts.json", text)]);
    assert_eq!(made.errors, Vec::<String>::new());
    let events: Vec<&String> = made.at("/events").as_object().unwrap().keys().collect();
    assert_eq!(events, ["user_signed_up", "other"]);
    assert_eq!(made.at("/events/user_signed_up/examples/0/email"), "robin@example.com");
    assert!(made.json.get("webhook").is_none());
    assert!(made.guessed.iter().any(|guess| guess.contains("how a delivery tells which event it is")));
}

#[test]
fn what_is_no_asyncapi_is_told() {
    let made = made_of(Kind::AsyncApi, &[("a.yaml", "openapi: 3.0.0\n")]);
    assert!(made.errors[0].contains("this is no description of AsyncAPI"));
    let made = made_of(Kind::AsyncApi, &[("a.yaml", "asyncapi: 1.2.0\n")]);
    assert_eq!(made.errors, ["H0206 1.2.0: the version `1.2.0` is not known: 2 and 3 are"]);
}
