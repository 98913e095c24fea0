//! Whole integration files: what they become, and what is wrong with them.

use hence_types::Type;

use super::*;
use crate::{Call, EventName, Signature};

mod database;
mod problems;

/// Loads a text as `<id>.json` and returns what is said of it, one `code text under the place: message` each.
fn said(text: &str) -> (Option<Integration>, Vec<String>) {
    let mut sources = Sources::new();
    let file = sources.add("a.json", text);
    let loaded = load(&sources, file);
    (loaded.integration, shown(&sources, &loaded.diagnostics))
}

fn shown(sources: &Sources, diagnostics: &[Diagnostic]) -> Vec<String> {
    let line = |found: &Diagnostic| {
        let help = found.helps.first().map(|help| format!(" ({help})")).unwrap_or_default();
        let text = sources.slice(found.primary.span);
        format!("{} {text}: {}{help}", found.code, found.message)
    };
    diagnostics.iter().map(line).collect()
}

#[test]
fn the_shipped_integrations_load_without_a_diagnostic() {
    for (id, text) in SHIPPED {
        let mut sources = Sources::new();
        let file = sources.add(format!("{id}.json"), *text);
        let (catalog, diagnostics) = catalog(&mut sources, &[file]);
        let places: Vec<String> = diagnostics
            .iter()
            .map(|found| {
                let source = sources.get(found.primary.span.file).unwrap();
                let place = source.line_column(found.primary.span.start);
                format!("{}:{}: {} {:?}", source.name(), place.line, found.message, found.helps)
            })
            .collect();
        assert_eq!(places, Vec::<String>::new());
        assert_eq!(catalog.integrations.len(), SHIPPED.len());
        for event in catalog.integrations[*id].events.values() {
            let sample = crate::sample(event).to_string();
            assert_eq!(crate::check_payload(&event.payload, &sample), [], "{}", event.full_name);
            let made = crate::sample(&crate::Event { examples: Vec::new(), ..event.clone() }).to_string();
            assert_eq!(crate::check_payload(&event.payload, &made), [], "{}", event.full_name);
        }
    }
}

#[test]
fn the_list_of_shipped_integrations_is_what_is_in_their_folder() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/integrations");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut files: Vec<String> = names.map(|name| name.to_str().unwrap().to_owned()).collect();
    files.sort();
    let listed: Vec<String> = SHIPPED.iter().map(|(id, _)| format!("{id}.json")).collect();
    assert_eq!(files, listed);
}

const WHOLE: &str = r##"{
  "hence": 1, "id": "a", "title": "A", "version": "2.0", "description": "About A.",
  "types": {
    "Status": { "enum": ["open", "closed"] },
    "Item": { "type": "object", "required": ["id"], "properties": {
      "id": { "type": "integer", "description": "The id." },
      "status": { "$ref": "#/types/Status" },
      "token": { "type": "string", "sensitive": true } } }
  },
  "events": {
    "item.made": { "description": "Made.", "payload": { "$ref": "#/types/Item" }, "examples": [{ "id": 1 }] },
    "item.moved": { "payload": { "type": "object", "required": ["to"], "properties": {
      "item": { "$ref": "#/types/Item" },
      "from": { "type": "string" }, "to": { "type": "string" }, "by": { "type": "string" } } } },
    "ping": { "payload": { "type": "object" } }
  },
  "entities": {
    "item": { "description": "An item.", "key": "id", "carried_by": [
      { "event": "item.made" },
      { "event": "item.moved", "fields": { "id": "/item/id", "place": "/to" }, "old": { "place": "/from" },
        "actor": "/by" } ] }
  },
  "actions": {
    "close": {
      "class": "queryable", "causes": ["a.item.made"],
      "params": { "type": "object", "required": ["id"], "properties": {
        "id": { "type": "integer" }, "at": { "type": "integer", "format": "epoch-millis" } } },
      "result": { "$ref": "#/types/Item" },
      "call": { "kind": "http", "method": "POST", "url": "/items/{id}", "headers": { "X-Token": "{connection.token}" },
                "body": { "at": "{ at }", "text": "{{}}", "key": "{call.key}" } },
      "lookup": { "call": { "kind": "http", "method": "GET", "url": "/closed?key={call.key}", "missing": [404] }, "done": "/item" }
    },
    "move": {
      "class": "idempotent",
      "params": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } },
      "call": { "kind": "sql", "statements": ["UPDATE items SET place = 'there' WHERE id = {id}"], "unchanged": "no item {id}" }
    }
  },
  "feeds": {
    "moves": { "description": "Moves.", "every": "PT1M30S", "event": "item.moved", "select": "SELECT * FROM moves LIMIT {limit}",
               "acknowledge": "DELETE FROM moves WHERE id = {id}" }
  },
  "connection": { "settings": {
    "base_url": { "default": "http://localhost" }, "token": { "secret": true }, "webhook_secret": {}, "database": {} } },
  "webhook": {
    "event": { "header": "X-Topic", "body": "/action" },
    "mappings": [{ "provider": "items/*", "when": { "/kind": 1 }, "event": "item.made" }],
    "delivery": { "body": "/id" }, "payload": "/data", "batch": "/all", "challenge": "challenge",
    "signature": { "scheme": "hmac-base64", "header": "X-Signature" }
  }
}"##;

#[test]
fn a_whole_file_becomes_an_integration() {
    let (integration, said) = said(WHOLE);
    assert_eq!(said, Vec::<String>::new());
    let integration = integration.unwrap();
    assert_eq!((&*integration.title, &*integration.version, &*integration.doc), ("A", "2.0", "About A."));

    let event = &integration.events["item.made"];
    assert_eq!(&*event.full_name, "a.item.made");
    assert_eq!(event.payload.name.as_deref(), Some("a.Item"));
    assert_eq!(event.payload.fields["id"].ty, Type::Int);
    assert_eq!(event.payload.fields["id"].doc, "The id.");
    assert!(event.payload.fields["token"].sensitive);
    assert_eq!(event.examples, [serde_json::json!({ "id": 1 })]);
    assert!(integration.events["ping"].payload.fields.is_empty());

    let action = &integration.actions["close"];
    assert_eq!(action.params["at"].ty, Type::DateTime.optional());
    assert_eq!(action.params["at"].wire, hence_types::Wire::EpochMillis);
    assert_eq!(action.result.as_ref(), Some(&integration.types["Item"]));
    assert_eq!(action.class.as_str(), "queryable");
    let Call::Http(call) = &action.call else { panic!("{:?}", action.call) };
    assert_eq!(call.headers["x-token"], "{connection.token}");
    let lookup = action.lookup.as_ref().unwrap();
    assert_eq!(lookup.done, "/item");
    let Call::Http(asked) = &lookup.call else { panic!("{:?}", lookup.call) };
    assert_eq!(asked.missing, [404]);
    let Call::Sql(moved) = &integration.actions["move"].call else { panic!("no statements") };
    assert_eq!(moved.statements.len(), 1);
    assert_eq!(moved.unchanged.as_deref(), Some("no item {id}"));
    let feed = &integration.feeds["moves"];
    assert_eq!(feed.every, hence_types::jiff::SignedDuration::from_secs(90));
    assert_eq!(feed.event.as_deref(), Some("item.moved"));

    assert!(integration.connection.settings["token"].secret);
    assert_eq!(integration.connection.settings["token"].default, None);
    let webhook = integration.webhook.unwrap();
    assert_eq!(webhook.event, EventName::HeaderAndBody("x-topic".into(), "/action".into()));
    assert_eq!(webhook.mappings[0].when["/kind"], serde_json::json!(1));
    assert_eq!(webhook.delivery_pointers, ["/id"]);
    assert_eq!((&*webhook.payload_pointer, webhook.batch_pointer.as_deref()), ("/data", Some("/all")));
    assert_eq!(webhook.signature, Signature::HmacBase64("x-signature".into()));
}

#[test]
fn an_entity_has_the_fields_that_events_carry() {
    let entity = said(WHOLE).0.unwrap().entities.swap_remove("item").unwrap();
    assert_eq!((&*entity.full_name, &*entity.doc, &*entity.key), ("a.item", "An item.", &["id".into()][..]));
    let names: Vec<&str> = entity.fields.fields.keys().map(|name| &**name).collect();
    assert_eq!(names, ["id", "status", "token", "place"]);
    // One of its events may lack the id.
    assert_eq!(entity.fields.fields["id"].ty, Type::Int.optional());
    assert_eq!(entity.fields.fields["place"].ty, Type::String);
    let [made, moved] = &entity.carriers[..] else { panic!("{:?}", entity.carriers) };
    assert_eq!((&*made.event, made.fields.len()), ("a.item.made", 3));
    assert_eq!(moved.fields["id"], ["item".into(), "id".into()]);
    assert_eq!(moved.old["place"], ["from".into()]);
    assert_eq!(moved.actor.as_deref(), Some(&["by".into()][..]));
}

#[test]
fn names_and_fields_remember_their_places() {
    let mut sources = Sources::new();
    let file = sources.add("a.json", WHOLE);
    let integration = load(&sources, file).integration.unwrap();
    let event = &integration.events["item.made"];
    assert_eq!(sources.slice(integration.origin), "\"a\"");
    assert_eq!(sources.slice(event.origin), "\"item.made\"");
    assert_eq!(sources.slice(event.payload.origin.unwrap()), "\"Item\"");
    assert_eq!(sources.slice(event.payload.fields["id"].origin.unwrap()), "\"id\"");
    assert_eq!(sources.slice(integration.actions["close"].params["at"].origin), "\"at\"");
}

#[test]
fn an_own_file_takes_the_place_of_the_shipped_one_and_may_refer_to_others() {
    let mut sources = Sources::new();
    let log = sources.add(
        "integrations/log.json",
        r##"{ "hence": 1, "id": "log", "title": "L", "version": "1",
             "types": { "Line": { "type": "object", "properties": { "by": { "$ref": "own#/types/Who" } } } } }"##,
    );
    let own = sources.add(
        "integrations/own.json",
        r##"{ "hence": 1, "id": "own", "title": "O", "version": "1",
             "types": { "Who": { "type": "object", "properties": { "name": { "type": "string" } } } } }"##,
    );
    let (catalog, diagnostics) = catalog(&mut sources, &[log, own]);
    assert_eq!(shown(&sources, &diagnostics), Vec::<String>::new());
    assert!(catalog.integrations.keys().is_sorted());
    let Some(Type::Record(line)) = catalog.named_type("log", "Line") else { panic!() };
    assert_eq!(line.fields["by"].ty.required(), catalog.named_type("own", "Who").unwrap());
    assert!(catalog.integrations["log"].actions.is_empty());
}

#[test]
fn two_own_files_with_one_id_are_reported_at_the_second() {
    let mut sources = Sources::new();
    let text = r#"{ "hence": 1, "id": "own", "title": "O", "version": "1" }"#;
    let first = sources.add("a/own.json", text);
    let second = sources.add("b/own.json", text);
    let (_, diagnostics) = catalog(&mut sources, &[first, second]);
    assert_eq!(shown(&sources, &diagnostics), ["H0202 \"own\": two files have the id `own`"]);
    assert_eq!(diagnostics[0].primary.span.file, second);
    assert_eq!(diagnostics[0].secondary[0].span.file, first);
}

#[test]
fn the_examples_of_the_explanations_are_what_they_say() {
    for code in [Code::InvalidJson, Code::IntegrationFormat, Code::UnknownReference, Code::InvalidExample] {
        for (kind, expected) in [("wrong", vec![code]), ("right", vec![])] {
            let (_, block) = code.page().split_once(&format!("```json {kind}\n")).unwrap();
            let mut sources = Sources::new();
            let file = sources.add("desk.json", block.split_once("```").unwrap().0);
            let codes: Vec<Code> = load(&sources, file).diagnostics.iter().map(|found| found.code).collect();
            assert_eq!(codes, expected, "{code} {kind}");
        }
    }
}
