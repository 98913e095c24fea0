//! Where a bracket that is never closed was rather to be closed: told by the layout and by what stands in it.

use super::words::is_operator;
use crate::token::{Class, Token, TokenKind};

/// Returns the indexes of tokens before which the bracket at `open` may be closed, likely ones first. The parser
/// stopped at `stop`.
pub(super) fn places(text: &str, tokens: &[Token], open: usize, stop: usize) -> Vec<usize> {
    let bracket = Bracket { text, tokens, open };
    let outdented = bracket.outdented();
    let end = outdented.unwrap_or(stop).max(stop).min(tokens.len());
    let mut places = Vec::new();
    places.extend(bracket.by_content(outdented.map_or(end, |line| line.min(end))));
    places.extend(outdented);
    places.retain(|place| *place > open + 1);
    places
}

struct Bracket<'a> {
    text: &'a str,
    tokens: &'a [Token],
    open: usize,
}

impl Bracket<'_> {
    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// The first line after that of the bracket that starts no further right: what is in a bracket is indented.
    fn outdented(&self) -> Option<usize> {
        let opener = self.tokens.get(self.open)?;
        let margin = self.indent(opener.span.start);
        let rest = self.tokens.iter().enumerate().skip(self.open + 1);
        let mut starts = rest.filter(|(_, token)| self.starts_line(token));
        let (at, _) = starts.find(|(_, token)| self.indent(token.span.start) <= margin)?;
        // One bracket may close what another opened on the same line.
        Some(at)
    }

    /// How far the line of a place is indented; a clause's word at its start does not count.
    fn indent(&self, place: u32) -> usize {
        let before = self.text.get(..place as usize).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let blank = line.len() - line.trim_start().len();
        let clause = ["then", "otherwise", "if", "and", "or"].iter().find(|word| {
            let rest = line.trim_start().strip_prefix(**word);
            blank < 2 && rest.is_some_and(|rest| rest.starts_with(' '))
        });
        clause.map_or(blank, |_| blank + 5)
    }

    fn starts_line(&self, token: &Token) -> bool {
        let before = self.text.get(..token.span.start as usize).unwrap_or_default();
        before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty())
    }

    /// A place that what is in parentheses speaks for: a function's argument is no comparison, and parentheses are
    /// there to part a default or an `and` from what follows.
    fn by_content(&self, end: usize) -> Option<usize> {
        if self.kind(self.open) != Some(TokenKind::LeftParen) {
            return None;
        }
        let before = self.open.checked_sub(1).and_then(|before| self.kind(before));
        let called = before.is_some_and(|kind| matches!(kind.class(), Class::Name | Class::Contextual))
            && before != Some(TokenKind::In);
        let of_action =
            called && self.open.checked_sub(2).and_then(|dot| self.kind(dot)) == Some(TokenKind::Dot);
        let binds = self.kind(self.open + 2) == Some(TokenKind::In);
        if of_action || called && binds {
            return None;
        }
        let (mut depth, mut has_default, mut joined) = (0usize, false, None);
        for at in self.open + 1..end {
            let kind = self.kind(at)?;
            if kind.closer().is_some() {
                depth += 1;
            } else if kind.is_closer() {
                depth = depth.checked_sub(1)?;
            }
            if depth > 0 || at == self.open + 1 {
                continue;
            }
            let compares = is_operator(kind) && !is_arithmetic(kind) && kind != TokenKind::Else;
            let logic = kind == TokenKind::And || kind == TokenKind::Or;
            if compares && (called || has_default) {
                return Some(at);
            }
            if logic && joined.is_some_and(|first| first != kind) {
                return Some(at);
            }
            has_default |= kind == TokenKind::Else;
            joined = if logic { Some(kind) } else { joined };
        }
        None
    }
}

fn is_arithmetic(kind: TokenKind) -> bool {
    let marks = [TokenKind::Plus, TokenKind::Minus, TokenKind::Star, TokenKind::Slash, TokenKind::Modulo];
    marks.contains(&kind)
}
