//! Which other integrations a file speaks of.

use std::collections::BTreeSet;

use hence_diagnostics::FileId;

use crate::json::{self, Node};

/// Returns the ids of the integrations whose types, events or actions the integration file `text` refers to, in their order.
pub fn mentions(text: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    if let Some(root) = json::parse(FileId::default(), text).root {
        visit(&root, &mut found);
    }
    found.into_iter().collect()
}

fn visit(node: &Node, found: &mut BTreeSet<String>) {
    for (name, member) in node.members() {
        let named: Vec<Option<&str>> = match name {
            "$ref" => vec![member.value.as_text().and_then(|text| Some(text.split_once("#/types/")?.0))],
            "causes" | "effects" => {
                let names = member.value.items().filter_map(Node::as_text);
                names.map(|name| Some(name.split_once('.')?.0)).collect()
            }
            _ => Vec::new(),
        };
        found.extend(named.into_iter().flatten().filter(|id| !id.is_empty()).map(str::to_owned));
        visit(&member.value, found);
    }
    node.items().for_each(|item| visit(item, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_causes_and_effects_are_found_wherever_they_stand() {
        let text = r##"{
            "types": { "A": { "allOf": [{ "$ref": "shop#/types/Order" }, { "$ref": "#/types/B" }] } },
            "actions": { "do": { "causes": ["crm.member.updated", "shop.order.created"] } },
            "entry_points": { "checkout": { "effects": ["ui.display_message"] } }
        }"##;
        assert_eq!(mentions(text), ["crm", "shop", "ui"]);
        assert!(mentions("{").is_empty());
    }
}
