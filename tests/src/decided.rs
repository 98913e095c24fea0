//! `decide/`: what the caller of an entry point is answered for each context.

use std::path::Path;

use hence_engine::{Question, decide};
use hence_schema::check_payload;

use crate::case::{Failed, Mode};
use crate::events::NOW;
use crate::{expected, stages};

/// Asks the entry points that rules have, in the order of their names, for each line of `name.contexts.jsonl`; a
/// context that is none of an entry point's is not asked there.
pub(crate) fn decided(rule: &Path, mode: Mode) -> Result<(), Failed> {
    let project = stages::runnable(rule)?;
    let text = std::fs::read_to_string(rule.with_extension("contexts.jsonl"))
        .map_err(|error| format!("the contexts cannot be read: {error}"))?;
    let at = NOW.parse().map_err(|error| format!("{error}"))?;
    let mut out = String::new();
    for (number, context) in text.lines().enumerate() {
        let mut asked = false;
        for event in &project.program().events {
            let Some(entry_point) = project.catalog.entry_point(&event.name) else { continue };
            if !check_payload(&entry_point.context, context).is_empty() {
                continue;
            }
            asked = true;
            let id = format!("e{}", number + 1);
            let question = Question { entry_point: &event.name, context, id: &id, at };
            let mut json = decide(project.program(), &question, &project.manifest.zone).to_shown_json();
            // Versions change with every rule, and tell nothing here.
            if let Some(members) = json.as_object_mut() {
                members.shift_remove("version");
                for matched in
                    members.get_mut("matched").and_then(|list| list.as_array_mut()).into_iter().flatten()
                {
                    matched.as_object_mut().map(|matched| matched.shift_remove("version"));
                }
            }
            let shown = serde_json::to_string_pretty(&json).map_err(|error| error.to_string())?;
            out.push_str(&format!("== {id} {}\n{shown}\n", event.name));
        }
        if !asked {
            return Err(format!("line {} is a context of no entry point of the rules", number + 1));
        }
    }
    expected::compare(rule, &out, mode)
}
