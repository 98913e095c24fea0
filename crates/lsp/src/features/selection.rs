//! Selections that grow: from the word at a place to all that holds it.

use hence_diagnostics::Span;

use crate::nodes::Node;
use crate::view::View;

/// Returns the parts that hold a place, the smallest first.
pub fn ranges(view: View<'_>, offset: u32) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    spans.extend(view.token_at(offset).filter(|token| !token.kind.is_trivia()).map(|token| token.span));
    if let Some(item) = view.item_at(offset) {
        spans.extend(Node::Item(item.item).at(offset).into_iter().rev().map(Node::span));
    }
    spans.push(Span::new(view.file, 0, view.text().len() as u32));
    let mut grown: Vec<Span> = Vec::new();
    for span in spans {
        let grows = grown.last().is_none_or(|last| {
            span.start <= last.start
                && last.end <= span.end
                && (span.start, span.end) != (last.start, last.end)
        });
        if grows {
            grown.push(span);
        }
    }
    grown
}
