//! Tokens → items: where each item starts and ends, its documentation, and brackets that nest too deep.
//!
//! An item starts with its keyword at the beginning of a line, whatever is open before it, so one broken item
//! never hides the next. Which tokens start one is said in [`starts`].

mod starts;

use hence_diagnostics::{Applicability, Code, Diagnostic, FileId, Fix, Span, nearest};

use crate::token::{Token, TokenKind};
use starts::What;

/// How deep brackets may nest.
pub(crate) const MAX_NESTING: usize = 64;

/// How deep `if` and types may nest beside that.
const MAX_INNER: usize = 150;

/// An item's tokens.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    /// The keyword that starts it.
    pub(crate) keyword: TokenKind,
    /// The place, from its keyword to its last token.
    pub(crate) span: Span,
    /// The text of the documentation comment above it.
    pub(crate) doc: String,
    /// The tokens of the grammar, blanks and comments left out; none if brackets nest too deep.
    pub(crate) tokens: Vec<Token>,
}

/// Cuts tokens into items.
pub(crate) fn split(
    file: FileId,
    text: &str,
    tokens: &[Token],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Chunk> {
    let starts = starts::find(text, tokens);
    let first = starts.first().map_or(tokens.len(), |start| start.at);
    outside(text, &significant(tokens, 0, first), diagnostics);
    let mut chunks = Vec::new();
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).map_or(tokens.len(), |next| next.at);
        let mut significant = significant(tokens, start.at, end);
        let Some(first) = significant.first_mut() else { continue };
        let written = text.get(first.span.range()).unwrap_or_default();
        let span = first.span;
        let keyword = match start.what {
            What::Item(keyword) => keyword,
            What::Misspelt(keyword) => {
                first.kind = keyword;
                diagnostics.push(misspelt(written, span, keyword));
                keyword
            }
            What::Missing(keyword) => {
                significant.insert(0, Token { kind: keyword, span: span.before() });
                diagnostics.push(missing(written, span, keyword));
                keyword
            }
            What::Swapped(keyword) => {
                if let [name, word, ..] = significant.as_mut_slice() {
                    diagnostics.push(swapped(text, *name, *word));
                    word.kind = keyword;
                    std::mem::swap(name, word);
                }
                keyword
            }
            What::Import => {
                diagnostics.push(import(text, written, &significant));
                continue;
            }
        };
        let span = significant.last().map_or(span, |last| span.to(last.span));
        let doc = doc(text, tokens.get(..start.at).unwrap_or_default());
        let span = Span { file, ..span };
        // Parsing what nests too deep would only repeat what was said.
        let tokens = if too_deep(&significant, diagnostics) { Vec::new() } else { significant };
        chunks.push(Chunk { keyword, span, doc, tokens });
    }
    chunks
}

/// Returns the tokens between two indexes, blanks and comments left out.
fn significant(tokens: &[Token], start: usize, end: usize) -> Vec<Token> {
    let tokens = tokens.get(start..end).unwrap_or_default();
    tokens.iter().copied().filter(|token| !token.kind.is_trivia()).collect()
}

fn misspelt(written: &str, span: Span, keyword: TokenKind) -> Diagnostic {
    let right = keyword.text();
    Diagnostic::new(
        Code::SyntaxError,
        span,
        format!("unexpected `{}`; did you mean `{right}`?", short(written)),
    )
    .label("expected `rule`, `fn`, `const` or `test` at the beginning of an item")
    .fix(Fix::replace(Applicability::Safe, span, right, format!("write `{right}`")))
}

fn swapped(text: &str, name: Token, keyword: Token) -> Diagnostic {
    let written = |token: Token| text.get(token.span.range()).unwrap_or_default();
    let (first, second) = (written(name), written(keyword));
    let mut fix =
        Fix::replace(Applicability::Likely, name.span, second, format!("write `{second} {}`", short(first)));
    fix.edits.push(hence_diagnostics::Edit { span: keyword.span, text: first.to_owned() });
    Diagnostic::new(
        Code::SyntaxError,
        name.span.to(keyword.span),
        format!("`{}` and `{second}` are swapped", short(first)),
    )
    .label("an item starts with its keyword")
    .fix(fix)
}

fn missing(written: &str, span: Span, keyword: TokenKind) -> Diagnostic {
    let word = keyword.text();
    Diagnostic::new(Code::SyntaxError, span, format!("`{word}` is missing before `{}`", short(written)))
        .label("expected `rule`, `fn`, `const` or `test` at the beginning of an item")
        .fix(Fix::replace(
            Applicability::Likely,
            span.before(),
            format!("{word} "),
            format!("insert `{word}`"),
        ))
}

/// Tells that `import` and the like are not needed; the fix takes the line away.
fn import(text: &str, written: &str, tokens: &[Token]) -> Diagnostic {
    let span = tokens.first().map_or(Span::default(), |token| token.span);
    let rest = text.get(span.start as usize..).unwrap_or_default();
    let length = rest.lines().next().map_or(0, str::len) as u32;
    let newline = u32::from(rest.get(length as usize..).is_some_and(|rest| rest.starts_with('\n')));
    let line = Span { end: span.start + length + newline, ..span };
    let one_line = tokens.last().is_some_and(|last| last.span.end <= line.end);
    let diagnostic = Diagnostic::new(Code::OutsideItem, span, format!("there is no `{written}`"))
        .label("no item starts with this word")
        .help("all items of a project and all its integrations can be used by name everywhere");
    if one_line {
        diagnostic.fix(Fix::replace(Applicability::Safe, line, "", "remove the line"))
    } else {
        diagnostic.note("everything up to the next item is left out")
    }
}

/// Reports text before the first item.
fn outside(text: &str, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    let Some(first) = tokens.first() else { return };
    let word = text.get(first.span.range()).unwrap_or_default();
    let mut diagnostic = if first.kind == TokenKind::When {
        Diagnostic::new(Code::OutsideItem, first.span, "`rule` and a name are missing before `when`")
            .label("expected `rule`, such as `rule big_order`, above this")
    } else {
        Diagnostic::new(Code::OutsideItem, first.span, format!("`{}` starts no item", short(word)))
            .label("expected `rule`, `fn`, `const` or `test` at the beginning of a line")
    };
    if let Some(keyword) = nearest(word, ["rule", "const", "test"]) {
        diagnostic = diagnostic.fix(Fix::replace(
            Applicability::Likely,
            first.span,
            keyword,
            format!("did you mean `{keyword}`?"),
        ));
    }
    if tokens.len() > 1 {
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

/// Returns how deep brackets nest.
pub(crate) fn depth(tokens: &[Token]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for token in tokens {
        if token.kind.closer().is_some() {
            depth += 1;
        } else if token.kind.is_closer() {
            depth = depth.saturating_sub(1);
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Whether an item nests deeper than the parser can follow, which is reported: by brackets, or by `if` within `if`,
/// `else if` after `else if` and lists of lists, which no bracket ends.
fn too_deep(tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) -> bool {
    // For each open bracket, how deep that nests which stands in it.
    let mut open: Vec<usize> = vec![0];
    let mut all = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map(|token| token.kind);
        if token.kind.closer().is_some() {
            open.push(0);
        } else if token.kind.is_closer() && open.len() > 1 {
            all -= open.pop().unwrap_or_default();
        }
        let Some(inner) = open.last_mut() else { return false };
        let typed = matches!(token.kind, TokenKind::List | TokenKind::Map) && next == Some(TokenKind::Less);
        if token.kind == TokenKind::If || typed {
            *inner += 1;
            all += 1;
        } else if ends_nesting(token.kind, next) {
            all -= std::mem::take(inner);
        }
        let brackets = open.len() - 1;
        if brackets > MAX_NESTING || all > MAX_INNER {
            let what = if brackets > MAX_NESTING {
                format!("brackets nest more than {MAX_NESTING} deep")
            } else {
                format!("this nests more than {MAX_INNER} deep")
            };
            diagnostics.push(
                Diagnostic::new(Code::NestingTooDeep, token.span, what)
                    .label("one too many")
                    .help("name a part with `let`, `const` or `fn`"),
            );
            return true;
        }
    }
    false
}

/// Whether what stands before a token and is in no bracket is over with it.
fn ends_nesting(kind: TokenKind, next: Option<TokenKind>) -> bool {
    let starts = [
        TokenKind::Comma,
        TokenKind::Let,
        TokenKind::Stop,
        TokenKind::Wait,
        TokenKind::For,
        TokenKind::When,
        TokenKind::Otherwise,
        TokenKind::Pipe,
    ];
    starts.contains(&kind) || kind == TokenKind::RightBrace && next != Some(TokenKind::Else)
}

#[cfg(test)]
mod tests;
