//! Examples that are not as described: what they lack is taken from a sample of their type.

use hence_schema::{Event, check_payload, sample};
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::Part;
use crate::findings::Findings;

/// Completes the examples of events, and takes out those that do not fit even then.
pub(super) fn mend(
    events: &mut IndexMap<String, Part>,
    loaded: &IndexMap<String, Event>,
    found: &mut Findings,
) {
    for (name, (json, place)) in events {
        let Some(event) = loaded.get(name) else { continue };
        let Some(Json::Array(examples)) = json.get_mut("examples") else { continue };
        let whole = sample(&Event { examples: Vec::new(), ..event.clone() });
        let before = examples.len();
        examples.retain_mut(|example| {
            if check_payload(&event.payload, &example.to_string()).is_empty() {
                return true;
            }
            complete(example, &whole);
            check_payload(&event.payload, &example.to_string()).is_empty()
        });
        let (left, is_empty) = (examples.len(), examples.is_empty());
        if left < before {
            found.lost(*place, format!("examples of `{name}` that are not as described"));
        }
        if let Some(json) = json.as_object_mut().filter(|_| is_empty) {
            json.remove("examples");
        }
    }
}

/// Adds to a value what a whole one has beside; what it has itself stays.
fn complete(example: &mut Json, whole: &Json) {
    match (example, whole) {
        (Json::Object(example), Json::Object(whole)) => {
            for (name, value) in whole {
                match example.get_mut(name) {
                    Some(own) => complete(own, value),
                    None => drop(example.insert(name.clone(), value.clone())),
                }
            }
        }
        (Json::Array(items), Json::Array(whole)) => {
            if let Some(each) = whole.first() {
                items.iter_mut().for_each(|item| complete(item, each));
            }
        }
        _ => {}
    }
}
