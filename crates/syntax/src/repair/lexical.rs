//! Tokens of bad kinds, and what is written in the way of other languages: texts that are not closed, foreign quotes,
//! unknown characters, signs of currencies.

pub(super) mod foreign;
mod money;

use std::collections::BTreeSet;

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Label, nearest};

use super::MAX_TOKENS;
use crate::items::short;
use crate::lexer;
use crate::token::{Token, TokenKind};

/// How many other places of unknown characters on a line are shown.
const MOST_LABELS: usize = 2;

/// Reports tokens of bad kinds and gives them the kind they were meant to have. Returns whether what they say is
/// a guess.
pub(super) fn mend(text: &str, tokens: &mut Vec<Token>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let mut guessed = money::mend(text, tokens, diagnostics);
    // Each of these moves all tokens behind it.
    if tokens.len() <= MAX_TOKENS {
        read_patterns(text, tokens);
        guessed |= foreign::mend(text, tokens, diagnostics);
    }
    let mut unknown: Vec<Diagnostic> = Vec::new();
    let mut last_unknown = 0;
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
            // Of one line, that is one mistake.
            let between = text.get(last_unknown..token.span.start as usize);
            last_unknown = token.span.end as usize;
            let same = unknown.last_mut().filter(|_| between.is_some_and(|between| !between.contains('\n')));
            if let Some(same) = same {
                if same.secondary.len() < MOST_LABELS {
                    same.secondary.push(Label { span: token.span, text: "neither is this".to_owned() });
                }
                continue;
            }
            unknown.push(
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
    diagnostics.append(&mut unknown);
    tokens.retain(|token| token.kind != TokenKind::Unknown);
    guessed
}

/// Takes back what is said of a line because of a character in it that is no part of the language.
pub(super) fn same_line(text: &str, diagnostics: &mut Vec<Diagnostic>, first: usize) {
    let (unknown, rest): (Vec<Diagnostic>, Vec<Diagnostic>) =
        diagnostics.drain(first..).partition(|one| one.code == Code::UnknownCharacter);
    if unknown.is_empty() {
        diagnostics.extend(rest);
        return;
    }
    let start = |one: &Diagnostic| one.primary.span.start as usize;
    let from = unknown.iter().chain(&rest).map(start).min().unwrap_or_default();
    let to = unknown.iter().chain(&rest).map(start).max().unwrap_or_default();
    let part = text.get(from..to).unwrap_or_default();
    let ends: Vec<usize> = part.match_indices('\n').map(|(at, _)| from + at).collect();
    let line = |one: &Diagnostic| ends.partition_point(|end| *end < start(one));
    let lines: BTreeSet<usize> = unknown.iter().map(line).collect();
    let told = |one: &Diagnostic| lines.contains(&line(one));
    let rest: Vec<Diagnostic> =
        rest.into_iter().filter(|one| one.code == Code::UnclosedText || !told(one)).collect();
    diagnostics.extend(unknown);
    diagnostics.extend(rest);
}

/// Reads a pattern after a word that was meant to be `matches`, or where no division can be meant, so that its
/// characters are not taken for tokens.
fn read_patterns(text: &str, tokens: &mut Vec<Token>) {
    let mut at = 1;
    while at < tokens.len() {
        let word = at.checked_sub(1).and_then(|before| tokens.get(before));
        let written = word.and_then(|word| text.get(word.span.range())).unwrap_or_default().to_lowercase();
        let slash = tokens.get(at).filter(|token| token.kind == TokenKind::Slash);
        let follows = slash.and_then(|slash| text.get(slash.span.end as usize..)).unwrap_or_default();
        let pattern = ["^", "\\"].iter().any(|start| follows.starts_with(start));
        let meant = pattern
            || word.is_some_and(|word| word.kind == TokenKind::Word)
                && (written == "match" || nearest(&written, ["matches"]).is_some());
        if meant {
            lexer::read_pattern(text, tokens, at);
        }
        at += 1;
    }
}
