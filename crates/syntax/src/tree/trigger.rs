//! The printed form of triggers.

use super::Node;
use crate::ast::{Trigger, TriggerKind};

pub(super) fn node(trigger: &Trigger) -> Node {
    let node = match &trigger.kind {
        TriggerKind::Event(path) => Node::new("when").path(path),
    };
    match &trigger.alias {
        Some(alias) => node.word("as").word(&alias.text),
        None => node,
    }
}
