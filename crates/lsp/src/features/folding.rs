//! What can be folded: items, blocks, calls and other brackets over several lines, and runs of comments.

use hence_diagnostics::Span;
use hence_syntax::TokenKind;

use crate::view::View;

/// A part that can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// The part.
    pub span: Span,
    /// Whether it is of comments.
    pub comment: bool,
}

/// Returns the parts of a file that can be folded, in order.
pub fn folds(view: View<'_>) -> Vec<Fold> {
    let mut found: Vec<Fold> =
        view.items().into_iter().map(|item| Fold { span: item.item.span, comment: false }).collect();
    let mut open: Vec<Span> = Vec::new();
    let mut comments: Option<Span> = None;
    for token in view.tokens() {
        let text = view.slice(token.span);
        match token.kind {
            TokenKind::Comment | TokenKind::DocComment => {
                comments = Some(comments.map_or(token.span, |before| before.to(token.span)));
            }
            TokenKind::Blank if text.matches('\n').count() < 2 => {}
            _ => found.extend(comments.take().map(|span| Fold { span, comment: true })),
        }
        if token.kind.closer().is_some() {
            open.push(token.span);
        } else if token.kind.is_closer()
            && let Some(opener) = open.pop()
        {
            found.push(Fold { span: opener.to(token.span), comment: false });
        }
    }
    found.extend(comments.map(|span| Fold { span, comment: true }));
    found.retain(|fold| view.slice(fold.span).contains('\n'));
    found.sort_by_key(|fold| (fold.span.start, std::cmp::Reverse(fold.span.end)));
    found
}
