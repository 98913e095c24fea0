//! Tree and tokens → the one canonical text. There are no options.
//!
//! An item that did not parse, or has anything to report, is left as it is; so is one whose new text would not
//! have the same tokens and comments. Start with [`format`]; `document` lays out, `writer` hands out the tokens
//! with their comments, the other modules say what the layout of each construct is.

mod document;
mod expression;
mod item;
mod matching;
mod step;
mod table;
mod test;
mod trigger;
mod writer;

use hence_diagnostics::{Diagnostic, FileId, Sources, Span};

use crate::ast::{Item, ItemKind};
use crate::lexer;
use crate::parse::parse;
use crate::token::{Token, TokenKind};
use writer::Writer;

/// How many columns a line may have.
const WIDTH: usize = 100;

/// A formatted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The canonical text.
    pub text: String,
    /// What is wrong with the items that were left as they are.
    pub problems: Vec<Diagnostic>,
}

/// Formats a file. A file that is not there gives an empty text.
pub fn format(sources: &Sources, file: FileId) -> Formatted {
    let text = sources.get(file).map(|source| source.text().clone()).unwrap_or_default();
    let parsed = parse(sources, file);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut end = 0;
    let mut before = None;
    for item in &parsed.items {
        let reported = parsed.diagnostics.iter().any(|diagnostic| within(item.span, diagnostic.primary.span));
        let formatted = if reported { None } else { formatted(file, &text, parsed.tokens(), item) };
        let gap = Gap::new(file, &text, end, item.span.start);
        gap.write(&mut out, before, formatted.is_none());
        before = Some(Before { indent: indent_after(item), formatted: formatted.is_some() });
        match formatted {
            Some(formatted) => out.push_str(&formatted),
            None => out.push_str(&text.get(item.span.range()).unwrap_or_default().replace("\r\n", "\n")),
        }
        end = item.span.end;
    }
    Gap::new(file, &text, end, text.len() as u32).write(&mut out, before, false);
    let length = out.trim_end().len();
    out.truncate(length);
    if !out.is_empty() {
        out.push('\n');
    }
    Formatted { text: out, problems: parsed.diagnostics }
}

fn within(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Returns the new text of an item, if it is sure to say the same.
fn formatted(file: FileId, text: &str, tokens: &[Token], item: &Item) -> Option<String> {
    let mut writer = Writer::new(text, tokens, item);
    let document = writer.item(item);
    if !writer.succeeded() {
        return None;
    }
    let new = document.print(WIDTH);
    let old = text.get(item.span.range())?;
    (essence(file, old) == essence(file, &new) && is_one_item(file, &new)).then_some(new)
}

/// Returns what formatting must not change: the tokens without commas before a closing bracket, and the comments.
fn essence(file: FileId, text: &str) -> (Vec<&str>, Vec<&str>) {
    let mut words: Vec<&str> = Vec::new();
    let mut comments = Vec::new();
    for token in lexer::lex(file, text) {
        let slice = text.get(token.span.range()).unwrap_or_default();
        if token.kind == TokenKind::Blank {
            continue;
        }
        if token.kind.is_trivia() {
            comments.push(slice.trim_end());
            continue;
        }
        if token.kind.is_closer() && words.last() == Some(&",") {
            words.pop();
        }
        words.push(slice);
    }
    (words, comments)
}

/// Whether no line within the text starts another item.
fn is_one_item(file: FileId, text: &str) -> bool {
    crate::items::split(file, text, &lexer::lex(file, text), &mut Vec::new()).len() == 1
}

/// Where a comment directly below an item that is indented stands: with its steps, or with its value.
fn indent_after(item: &Item) -> usize {
    match &item.kind {
        ItemKind::Rule(_) => 5,
        ItemKind::Fn(_)
        | ItemKind::Extern(_)
        | ItemKind::Const(_)
        | ItemKind::Group(_)
        | ItemKind::Table(_)
        | ItemKind::Test(_)
        | ItemKind::Broken(_) => 2,
    }
}

/// The item before a gap.
#[derive(Clone, Copy)]
struct Before {
    indent: usize,
    formatted: bool,
}

/// The text between two items, before the first or after the last.
struct Gap<'a> {
    text: &'a str,
    /// Whether it has nothing but blanks and comments.
    trivial: bool,
}

impl<'a> Gap<'a> {
    fn new(file: FileId, text: &'a str, start: u32, end: u32) -> Self {
        let text = text.get(start as usize..end as usize).unwrap_or_default();
        let trivial = lexer::lex(file, text).iter().all(|token| token.kind.is_trivia());
        Self { text, trivial }
    }

    /// Writes the gap: comments on lines of their own, at most one blank line in a row.
    fn write(&self, out: &mut String, before: Option<Before>, keep_indentation: bool) {
        if !self.trivial {
            out.push_str(&self.text.replace("\r\n", "\n"));
            return;
        }
        let mut lines: Vec<&str> = self.text.split('\n').collect();
        let last = lines.pop().unwrap_or_default();
        let mut attached = before.is_some();
        for (at, line) in lines.iter().enumerate() {
            let comment = line.trim_matches(blank);
            if comment.is_empty() {
                attached = attached && at == 0;
                if !(out.is_empty() || out.ends_with("\n\n")) {
                    out.push('\n');
                }
                continue;
            }
            if at == 0 && before.is_some() {
                out.push(' ');
            } else if let Some(before) = before.filter(|_| attached && line.starts_with([' ', '\t'])) {
                let written = line.len() - line.trim_start_matches(blank).len();
                let indent = if before.formatted { before.indent } else { written };
                out.extend(std::iter::repeat_n(' ', indent));
            }
            out.push_str(comment);
            out.push('\n');
        }
        let rest = last.trim_matches(blank);
        if !rest.is_empty() {
            out.push_str(if lines.is_empty() && before.is_some() { " " } else { "" });
            out.push_str(rest);
        } else if keep_indentation {
            out.push_str(last.trim_start_matches('\u{feff}'));
        }
    }
}

/// Whether the lexer takes a character for a blank.
fn blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{c}' | '\u{feff}' | '\u{a0}')
}

#[cfg(test)]
mod tests;
