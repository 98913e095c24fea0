//! Tokens of bad kinds: texts that are not closed, foreign quotes, unknown characters.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, nearest};

use crate::items::short;
use crate::lexer;
use crate::token::{Token, TokenKind};

/// Reports tokens of bad kinds and gives them the kind they were meant to have.
pub(super) fn mend(text: &str, tokens: &mut Vec<Token>, diagnostics: &mut Vec<Diagnostic>) {
    read_patterns(text, tokens);
    for token in tokens.iter_mut() {
        let written = text.get(token.span.range()).unwrap_or_default();
        if token.kind == TokenKind::UnclosedText {
            diagnostics.push(
                Diagnostic::new(Code::UnclosedText, token.span, "this text is never closed")
                    .label("the line ends before a closing `\"`")
                    .fix(Fix::replace(
                        Applicability::Likely,
                        token.span.after(),
                        "\"",
                        "close the text at the end of the line",
                    )),
            );
            token.kind = TokenKind::Text;
        } else if token.kind == TokenKind::ForeignText {
            let inner: String =
                written.chars().skip(1).take(written.chars().count().saturating_sub(2)).collect();
            diagnostics.push(
                Diagnostic::new(Code::SyntaxError, token.span, "a text stands in straight double quotes")
                    .label("other quotes")
                    .fix(Fix::replace(
                        Applicability::Safe,
                        token.span,
                        format!("\"{}\"", inner.replace('"', "\\\"")),
                        "use `\"`",
                    )),
            );
            token.kind = TokenKind::Text;
        } else if token.kind == TokenKind::Unknown {
            diagnostics.push(
                Diagnostic::new(
                    Code::UnknownCharacter,
                    token.span,
                    format!("unknown character `{}`", short(written)),
                )
                .label("no part of the language")
                .help("names of other letters stand in backticks, such as `` event.`größe` ``"),
            );
        }
    }
    tokens.retain(|token| token.kind != TokenKind::Unknown);
}

/// Reads a pattern after a word that was meant to be `matches`, so that its characters are not taken for tokens.
fn read_patterns(text: &str, tokens: &mut Vec<Token>) {
    let mut at = 1;
    while at < tokens.len() {
        let word = at.checked_sub(1).and_then(|before| tokens.get(before));
        let written = word.and_then(|word| text.get(word.span.range())).unwrap_or_default().to_lowercase();
        let meant = word.is_some_and(|word| word.kind == TokenKind::Word)
            && (written == "match" || nearest(&written, ["matches"]).is_some());
        if meant {
            lexer::read_pattern(text, tokens, at);
        }
        at += 1;
    }
}
