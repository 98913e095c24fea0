//! GitHub's webhook schemas, as the npm package `@octokit/webhooks-schemas` publishes them: one file, whose definitions
//! `issues$opened` and `push$event` are payloads.

use hence_schema::json::Node;
use serde_json::{Value as Json, json};

use crate::files::Files;
use crate::findings::Findings;
use crate::names::dotted;
use crate::types::Types;
use crate::write::Draft;

pub(crate) fn read(files: &Files, draft: &mut Draft, found: &mut Findings) {
    let Some(root) = files.roots().next() else { return };
    let Some(definitions) = root.get("definitions") else {
        found.wrong(root.span, "these are no schemas of GitHub's webhooks: there is no member `definitions`");
        return;
    };
    let mut types = Types::new(files);
    let (mut exact, mut any_action): (Vec<Json>, Vec<Json>) = (Vec::new(), Vec::new());
    for (name, member) in definitions.members() {
        let Some((event, action)) = name.split_once('$') else { continue };
        let whole = action == "event";
        let our_name = dotted(if whole { event } else { name });
        let payload = types.named(&member.value, &our_name.replace('.', "_"));
        let description = match member.value.get("description").and_then(Node::as_text) {
            Some(description) => description.to_owned(),
            None if whole => format!("GitHub's event `{event}`."),
            None => format!("The action `{action}` of GitHub's event `{event}`."),
        };
        let our_name = draft.add_event(
            &our_name,
            json!({ "description": description, "payload": payload }),
            member.name_span,
        );
        let provider = if whole { event.to_owned() } else { format!("{event}.{action}") };
        exact.push(json!({ "provider": provider, "event": our_name }));
        if whole && member.value.pointer("/properties/action").is_some() {
            any_action.push(json!({ "provider": format!("{event}.*"), "event": our_name }));
        }
    }
    if exact.is_empty() {
        found.wrong(
            root.span,
            "these are no schemas of GitHub's webhooks: no definition is named as `issues$opened`",
        );
        return;
    }
    exact.append(&mut any_action);
    draft.id = Some("github".to_owned());
    draft.title = "GitHub".to_owned();
    let doc = "The secret that webhooks are signed with.";
    draft.add_setting("webhook_secret", json!({ "description": doc, "secret": true, "default": "" }));
    draft.webhook = Some(json!({
        "event": { "header": "x-github-event", "body": "/action" },
        "mappings": exact,
        "delivery": { "header": "x-github-delivery" },
        "signature": { "scheme": "github" },
    }));
    types.hand_over(draft, found);
}
