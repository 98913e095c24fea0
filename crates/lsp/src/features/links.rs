//! Links in a text: files that tables take their rows from, and addresses in comments and texts.

use std::path::PathBuf;

use hence_diagnostics::Span;
use hence_syntax::TokenKind;
use hence_syntax::ast::ItemKind;

use crate::view::View;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The text of the link.
    pub span: Span,
    /// Where it leads.
    pub target: Target,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a file.
    File(PathBuf),
    /// To an address.
    Address(String),
}

/// Returns the links of a file.
pub fn links(view: View<'_>) -> Vec<Link> {
    let mut links = Vec::new();
    for item in view.items() {
        if let ItemKind::Table(table) = &item.item.kind
            && let Some((path, span)) = &table.file
            && let Ok(root) = std::path::absolute(&view.project().root)
        {
            let inner = Span::new(span.file, span.start + 1, span.end.saturating_sub(1));
            links.push(Link { span: inner, target: Target::File(root.join(path)) });
        }
    }
    let holds = |kind| {
        matches!(kind, TokenKind::Comment | TokenKind::DocComment | TokenKind::Text | TokenKind::RawText)
    };
    for token in view.tokens().iter().filter(|token| holds(token.kind)) {
        links.extend(addresses(view.slice(token.span), token.span));
    }
    links.sort_by_key(|link| link.span);
    links
}

fn addresses(text: &str, place: Span) -> Vec<Link> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("http")).map(|at| from + at) {
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.find(|c: char| c.is_whitespace() || "\"'<>(){}`".contains(c)).unwrap_or(rest.len());
        let address = rest.get(..length).unwrap_or_default().trim_end_matches(['.', ',', ';', ':']);
        if address.starts_with("http://") || address.starts_with("https://") {
            let start = place.start + at as u32;
            let span = Span::new(place.file, start, start + address.len() as u32);
            found.push(Link { span, target: Target::Address(address.to_owned()) });
        }
        from = at + length.max(4);
    }
    found
}
