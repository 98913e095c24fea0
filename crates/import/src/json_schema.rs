//! JSON Schemas: a file that describes an object is an event, named after the file; what it defines are types.

use hence_schema::json::Node;
use serde_json::json;

use crate::files::Files;
use crate::findings::Findings;
use crate::names::dotted;
use crate::types::Types;
use crate::write::{Draft, set};

pub(crate) fn read(files: &Files, draft: &mut Draft, found: &mut Findings) {
    let mut types = Types::new(files);
    for root in files.roots() {
        if root.as_object().is_none() {
            found.wrong(root.span, format!("a JSON Schema is an object, not {}", root.kind()));
            continue;
        }
        if root.get("openapi").or(root.get("swagger")).or(root.get("asyncapi")).is_some() {
            found.wrong(root.span, "this is a description of an API: import it as `openapi` or `asyncapi`");
            continue;
        }
        let title = root.get("title").and_then(Node::as_text).unwrap_or_default();
        let stem = files.stem_of(root.span.file);
        if draft.title.is_empty() {
            draft.title = if title.is_empty() { stem.to_owned() } else { title.to_owned() };
        }
        for definitions in ["$defs", "definitions"] {
            for (name, member) in root.get(definitions).into_iter().flat_map(Node::members) {
                types.named(&member.value, name);
            }
        }
        let describes = ["type", "properties", "allOf", "oneOf", "anyOf", "$ref"];
        if !describes.iter().any(|member| root.get(member).is_some()) {
            continue;
        }
        if types.slots(root, stem, &mut Findings::default()).is_none() {
            found.lost(root.span, format!("an event of `{stem}`: a payload is an object"));
            types.named(root, stem);
            continue;
        }
        let payload = types.named(root, if title.is_empty() { stem } else { title });
        let description = root.get("description").and_then(Node::as_text).unwrap_or_default();
        let mut event = json!({ "description": description, "payload": payload });
        if let Some(examples) = root.get("examples") {
            set(&mut event, "examples", examples.to_json());
        }
        draft.add_event(&dotted(stem), event, root.span);
        found.guessed(
            root.span,
            format!("that `{stem}` is an event: a schema says what a value is, and not what it is for"),
        );
    }
    types.hand_over(draft, found);
}
