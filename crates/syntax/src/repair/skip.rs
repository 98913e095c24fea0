//! Leaves out the rest of a clause or step in which no change is to be believed.
//!
//! What begins a line is likely to begin a clause, a step or an argument, so the parser goes on at the beginning of
//! one: what stood before it, from where it still made sense, is left out, or stands for any value or step.

use super::{FAR, Found, MAX_TOKENS, Stop, starts_line, stop};
use crate::grammar::Rule;
use crate::token::{Token, TokenKind};

/// How many lines may be left out.
const MAX_LINES: usize = 4;

/// What may stand in the place of tokens that are left out.
const STAND_INS: &[&[TokenKind]] = &[
    &[],
    &[TokenKind::Stop],
    &[TokenKind::Word],
    &[TokenKind::If, TokenKind::Word, TokenKind::LeftBrace],
    &[TokenKind::Word, TokenKind::LeftBrace],
];

/// Returns the tokens without those that cannot be understood, if the parser goes on behind them and comes further
/// than with the best change there is.
pub(super) fn rest(
    rule: Rule,
    text: &str,
    tokens: &[Token],
    at: &Stop,
    best: Option<Found>,
) -> Option<Vec<Token>> {
    // What is not written to its end is told as it stands, to an editor most of all.
    if at.at >= tokens.len() || tokens.len() > MAX_TOKENS {
        return None;
    }
    let line = |at: usize| (0..=at.min(tokens.len())).rev().find(|at| starts_line(text, tokens, *at));
    let first = line(at.at)?;
    // A stop at the beginning of a line is often about the end of the line before.
    let before = if at.at == first { first.checked_sub(1).and_then(line) } else { None };
    let reached = best.and_then(|best| best.next).unwrap_or(at.at);
    let ends: Vec<usize> = (at.at.min(first) + 1..=tokens.len())
        .filter(|end| *end == tokens.len() || starts_line(text, tokens, *end))
        .take(MAX_LINES)
        .collect();
    // No more lines than must be: what is wrong in the others is another mistake.
    for end in ends {
        let mut found: Option<(usize, Vec<Token>)> = None;
        for first in [Some(first), before].into_iter().flatten().filter(|first| *first < end) {
            // With the word at its beginning, such as `then`, and without.
            for from in [first, first + 1] {
                for stand_in in STAND_INS {
                    let kept = replaced(tokens, from, end, stand_in);
                    let Some(next) = stop(rule, &kept) else { return Some(kept) };
                    let next = (next.at + (end - from)).saturating_sub(stand_in.len());
                    let further = next >= end + FAR && next > reached;
                    if further && found.as_ref().is_none_or(|(most, _)| next > *most) {
                        found = Some((next, kept));
                    }
                }
            }
        }
        if let Some((_, kept)) = found {
            return Some(kept);
        }
    }
    None
}

/// Returns the tokens with stand-ins for those from `from` up to `end`.
fn replaced(tokens: &[Token], from: usize, end: usize, stand_in: &[TokenKind]) -> Vec<Token> {
    let before = tokens.get(..from).unwrap_or_default();
    let after = tokens.get(end..).unwrap_or_default();
    let place = tokens.get(from).or(tokens.last()).map_or_else(Default::default, |token| token.span.before());
    let stand_in = stand_in.iter().map(|kind| Token { kind: *kind, span: place });
    before.iter().copied().chain(stand_in).chain(after.iter().copied()).collect()
}
