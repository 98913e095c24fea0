//! Whether the examples of an event are what its payload's type says.

use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic, Sources};
use hence_types::Record;

use crate::check_payload;
use crate::dialect::Resolver;
use crate::json::Node;

/// Reports where an example is not of the payload's type.
pub(super) fn check(resolver: &mut Resolver<'_>, payload: &Arc<Record>, example: &Node, sources: &Sources) {
    for mismatch in check_payload(payload, sources.slice(example.span)) {
        let place = nearest_place(example, &mismatch.path);
        let path = mismatch.path.trim_start_matches('/').replace('/', ".");
        let message = if path.is_empty() {
            format!("the example is not what the payload declares: {}", mismatch.expected)
        } else {
            format!(
                "the example's `{path}` should be {}, found {}",
                mismatch.expected,
                shown(&mismatch.found)
            )
        };
        resolver.diagnostics.push(Diagnostic::new(Code::InvalidExample, place, message));
    }
}

/// Returns the place of the value at a pointer or, where it is absent, of the name of the object it belongs in.
fn nearest_place(example: &Node, pointer: &str) -> hence_diagnostics::Span {
    if let Some(node) = example.pointer(pointer) {
        return node.span;
    }
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    let owner = example.pointer(parent).unwrap_or(example);
    let brace = hence_diagnostics::Span { end: owner.span.end.min(owner.span.start + 1), ..owner.span };
    example.pointer_name(parent).unwrap_or(brace)
}

fn shown(found: &str) -> String {
    let is_value = found
        .starts_with(|first: char| first.is_ascii_digit() || matches!(first, '"' | '[' | '{' | '-'))
        || matches!(found, "true" | "false" | "null");
    if is_value { format!("`{found}`") } else { found.to_owned() }
}
