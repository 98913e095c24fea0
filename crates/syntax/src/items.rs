//! Tokens → items: where each item starts and ends, its documentation, and brackets that do not match.
//!
//! An item starts with its keyword at the beginning of a line, whatever is open before it, so one broken item
//! never hides the next.

use hence_diagnostics::{Code, Diagnostic, FileId, Span, nearest};

use crate::token::{Token, TokenKind};

/// How deep brackets may nest.
pub(crate) const MAX_NESTING: usize = 64;

/// An item's tokens.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    /// The keyword that starts it.
    pub(crate) keyword: TokenKind,
    /// The place, from its keyword to its last token.
    pub(crate) span: Span,
    /// The text of the documentation comment above it.
    pub(crate) doc: String,
    /// The tokens of the grammar, blanks and comments left out.
    pub(crate) tokens: Vec<Token>,
    /// The place of the last bracket that is not closed.
    pub(crate) unclosed: Option<Token>,
}

/// The keywords that start an item.
pub(crate) const ITEM_KEYWORDS: &[TokenKind] = &[TokenKind::Rule, TokenKind::Fn, TokenKind::Const];

/// Cuts tokens into items.
pub(crate) fn split(
    file: FileId,
    text: &str,
    tokens: &[Token],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Chunk> {
    let starts = item_starts(text, tokens);
    let first = starts.first().copied().unwrap_or(tokens.len());
    outside(file, text, tokens.get(..first).unwrap_or_default(), diagnostics);
    let mut chunks = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).copied().unwrap_or(tokens.len());
        let Some(keyword) = tokens.get(*start) else { continue };
        let significant: Vec<Token> = tokens
            .get(*start..end)
            .unwrap_or_default()
            .iter()
            .copied()
            .filter(|t| !t.kind.is_trivia())
            .collect();
        let span = significant.last().map_or(keyword.span, |last| keyword.span.to(last.span));
        let doc = doc(text, tokens.get(..*start).unwrap_or_default());
        let (significant, unclosed) = brackets(text, significant, diagnostics);
        chunks.push(Chunk { keyword: keyword.kind, span, doc, tokens: significant, unclosed });
    }
    chunks
}

/// Returns the indexes of the tokens that start an item.
fn item_starts(text: &str, tokens: &[Token]) -> Vec<usize> {
    let at_line_start = |token: &Token| {
        token.span.start == 0
            || text.as_bytes().get(token.span.start as usize - 1).is_some_and(|b| *b == b'\n')
    };
    let mut starts = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if ITEM_KEYWORDS.contains(&token.kind)
            && (at_line_start(token) || starts.is_empty() && only_blank(tokens, at))
        {
            starts.push(at);
        }
    }
    starts
}

/// Whether nothing but trivia stands before a token.
fn only_blank(tokens: &[Token], at: usize) -> bool {
    tokens.iter().take(at).all(|token| token.kind.is_trivia())
}

/// Reports text before the first item.
fn outside(file: FileId, text: &str, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    let significant: Vec<&Token> = tokens.iter().filter(|token| !token.kind.is_trivia()).collect();
    let (Some(first), Some(last)) = (significant.first(), significant.last()) else { return };
    let word = text.get(first.span.range()).unwrap_or_default();
    let span = Span::new(file, first.span.start, last.span.end);
    let names = ITEM_KEYWORDS.iter().map(|keyword| keyword.text());
    let mut diagnostic =
        Diagnostic::new(Code::OutsideItem, first.span, format!("`{}` starts no item", short(word)))
            .label("expected `rule`, `fn` or `const` at the beginning of a line");
    if let Some(keyword) = nearest(word, names) {
        diagnostic = diagnostic.fix(hence_diagnostics::Fix::replace(
            hence_diagnostics::Applicability::Likely,
            first.span,
            keyword,
            format!("did you mean `{keyword}`?"),
        ));
    }
    if span.len() > first.span.len() {
        diagnostic = diagnostic.note("everything before the next item is left out");
    }
    diagnostics.push(diagnostic);
}

/// Shortens a text for a message.
pub(crate) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= 24 {
        line.to_owned()
    } else {
        line.chars().take(23).collect::<String>() + "…"
    }
}

/// Returns the documentation comment that ends just before an item.
fn doc(text: &str, before: &[Token]) -> String {
    let mut lines = Vec::new();
    for token in before.iter().rev() {
        let slice = text.get(token.span.range()).unwrap_or_default();
        if token.kind == TokenKind::DocComment {
            let line = slice.strip_prefix("///").unwrap_or(slice);
            lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned());
        } else if token.kind != TokenKind::Blank || slice.matches('\n').count() > 1 {
            break;
        }
    }
    lines.reverse();
    lines.join("\n")
}

/// Checks the brackets of an item: leaves closers without opener out, finds the innermost bracket that is never
/// closed, and cuts what nests too deep.
fn brackets(
    text: &str,
    tokens: Vec<Token>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Token>, Option<Token>) {
    let mut open: Vec<Token> = Vec::new();
    let mut unclosed = None;
    let mut kept = Vec::with_capacity(tokens.len());
    let mut too_deep = false;
    for token in tokens {
        if token.kind.closer().is_some() {
            open.push(token);
            if open.len() == MAX_NESTING + 1 {
                diagnostics.push(
                    Diagnostic::new(
                        Code::NestingTooDeep,
                        token.span,
                        format!("brackets nest more than {MAX_NESTING} deep"),
                    )
                    .label("one too many")
                    .help("name a part with `let`, `const` or `fn`"),
                );
                too_deep = true;
            }
        } else if token.kind.is_closer() {
            let matching = open.iter().rposition(|opener| opener.kind.closer() == Some(token.kind));
            match matching {
                Some(at) => {
                    if at + 1 < open.len() {
                        unclosed = open.get(at + 1).copied();
                    }
                    open.truncate(at);
                }
                None => {
                    let written = text.get(token.span.range()).unwrap_or_default();
                    diagnostics.push(
                        Diagnostic::new(
                            Code::UnexpectedCloser,
                            token.span,
                            format!("this `{written}` closes nothing"),
                        )
                        .label("no bracket is open here")
                        .fix(hence_diagnostics::Fix::replace(
                            hence_diagnostics::Applicability::Likely,
                            token.span,
                            "",
                            format!("remove `{written}`"),
                        )),
                    );
                    continue;
                }
            }
        }
        kept.push(token);
    }
    if too_deep {
        // Parsing would only repeat what was said.
        return (Vec::new(), None);
    }
    (kept, unclosed.or(open.last().copied()))
}
