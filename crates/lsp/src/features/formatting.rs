//! The canonical layout: of a file, of a part of it, and of the line that is being written.

use hence_diagnostics::Span;
use hence_syntax::TokenKind;

use crate::view::View;

/// Replaces the text under a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What to replace.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// Returns the edits that bring a file into the one layout; none where it has it.
pub fn whole(view: View<'_>) -> Vec<Edit> {
    if view.parsed().is_none() {
        return Vec::new();
    }
    let formatted = hence_syntax::format(&view.project().sources, view.file);
    difference(view, view.text(), &formatted.text)
}

/// Returns those of the edits that touch a range.
pub fn range(view: View<'_>, range: Span) -> Vec<Edit> {
    let mut edits = whole(view);
    edits.retain(|edit| edit.span.start <= range.end && range.start <= edit.span.end);
    edits
}

/// Returns the edit that gives the line of a place its indentation, after `typed` was written there.
pub fn on_type(view: View<'_>, offset: u32, typed: char) -> Vec<Edit> {
    let text = view.text();
    let Some(before) = text.get(..offset as usize) else { return Vec::new() };
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let written = line.len() - line.trim_start_matches([' ', '\t']).len();
    let wanted = match typed {
        '}' if line.trim() == "}" => match opener(view, offset) {
            Some(opener) => indentation(text, opener),
            None => return Vec::new(),
        },
        '\n' if line.trim().is_empty() || line.trim_start().starts_with('}') => {
            let closes = line.trim_start().starts_with('}');
            next_line(text.get(..start).unwrap_or_default()).saturating_sub(if closes { 2 } else { 0 })
        }
        _ => return Vec::new(),
    };
    if written == wanted {
        return Vec::new();
    }
    let span = Span::new(view.file, start as u32, (start + written) as u32);
    vec![Edit { span, text: " ".repeat(wanted) }]
}

/// How far the line after `before` is to be indented.
fn next_line(before: &str) -> usize {
    let Some(last) = before.lines().rev().find(|line| !line.trim().is_empty()) else { return 0 };
    if before.ends_with("\n\n") {
        return 0;
    }
    let indented = last.len() - last.trim_start().len();
    let code = last.split("//").next().unwrap_or_default().trim_end();
    let first = code.split_whitespace().next().unwrap_or_default();
    if code.ends_with(['{', '(', '[']) {
        return indented + 2;
    }
    match TokenKind::of_word(first) {
        TokenKind::Then | TokenKind::Otherwise => 5,
        TokenKind::Rule | TokenKind::Test => 2,
        _ => indented,
    }
}

/// Returns the place of the brace that the one before `offset` closes.
fn opener(view: View<'_>, offset: u32) -> Option<u32> {
    let mut depth = 0usize;
    for token in view.tokens().iter().rev().filter(|token| token.span.end <= offset) {
        if token.kind.is_closer() {
            depth += 1;
        } else if token.kind.closer().is_some() {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(token.span.start);
            }
        }
    }
    None
}

fn indentation(text: &str, offset: u32) -> usize {
    let before = text.get(..offset as usize).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or_default();
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// How many pairs of lines are compared for the smallest edits; beyond, the whole differing part is one edit.
const PAIRS: usize = 4_000_000;

/// Returns edits of whole lines that turn `old`, the text of the view's file, into `new`.
pub fn difference(view: View<'_>, old: &str, new: &str) -> Vec<Edit> {
    let a: Vec<&str> = old.split_inclusive('\n').collect();
    let b: Vec<&str> = new.split_inclusive('\n').collect();
    let head = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let (middle_a, middle_b) =
        (a.get(head..a.len() - tail).unwrap_or_default(), b.get(head..b.len() - tail).unwrap_or_default());
    let mut at: usize = a.iter().take(head).map(|line| line.len()).sum();
    let mut edits = Vec::new();
    for (old, new) in hunks(middle_a, middle_b) {
        let length: usize = old.iter().map(|line| line.len()).sum();
        if old != new {
            let span = Span::new(view.file, at as u32, (at + length) as u32);
            edits.push(Edit { span, text: new.concat() });
        }
        at += length;
    }
    edits
}

type Hunk<'a, 'b> = (&'b [&'a str], &'b [&'a str]);

/// Cuts two lists of lines into parts that are the same and parts that differ, in turn.
fn hunks<'a, 'b>(a: &'b [&'a str], b: &'b [&'a str]) -> Vec<Hunk<'a, 'b>> {
    if a.len() * b.len() > PAIRS {
        return vec![(a, b)];
    }
    let width = b.len() + 1;
    // How many lines the rests from (i, j) on have in common.
    let mut common = vec![0u32; (a.len() + 1) * width];
    let get = |common: &[u32], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or(0);
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let value = if a.get(i) == b.get(j) {
                get(&common, i + 1, j + 1) + 1
            } else {
                get(&common, i + 1, j).max(get(&common, i, j + 1))
            };
            if let Some(slot) = common.get_mut(i * width + j) {
                *slot = value;
            }
        }
    }
    let mut found: Vec<Hunk<'a, 'b>> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let (from_i, from_j) = (i, j);
        while i < a.len() && j < b.len() && a.get(i) == b.get(j) {
            (i, j) = (i + 1, j + 1);
        }
        if i > from_i {
            found.push((a.get(from_i..i).unwrap_or_default(), b.get(from_j..j).unwrap_or_default()));
            continue;
        }
        while i < a.len() || j < b.len() {
            if i < a.len() && j < b.len() && a.get(i) == b.get(j) {
                break;
            }
            if j < b.len() && (i == a.len() || get(&common, i, j + 1) >= get(&common, i + 1, j)) {
                j += 1;
            } else {
                i += 1;
            }
        }
        found.push((a.get(from_i..i).unwrap_or_default(), b.get(from_j..j).unwrap_or_default()));
    }
    found
}
