//! Mends tokens until the grammar takes them, and tells what was wrong.
//!
//! Where the grammar stops, small changes near that place are tried: insert, replace, delete or swap tokens. Each
//! candidate is parsed before it is believed. One after which the whole item parses is best; otherwise the one
//! that carries the parser on furthest for its cost is reported as the fix, and the search goes on behind it, so
//! that several mistakes in one item are all found in one run. Where no change carries on past the clause or step
//! it is made in, the rest of that clause is left out: what else it seems to say wrong is the same mistake.

mod candidates;
mod closing;
mod describe;
mod dropped;
mod lexical;
mod skip;
mod words;

use hence_diagnostics::{Diagnostic, Span};
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

use crate::grammar::{Grammar, Rule};
use crate::lexer;
use crate::parse::characters;
use crate::token::{Token, TokenKind};

/// How many mistakes are mended in one item.
const MAX_REPAIRS: usize = 8;

/// Larger items are not mended: every candidate is a parse of the whole item.
const MAX_TOKENS: usize = 5000;

/// How many tokens a candidate must carry the parser on to count as much as any other.
const FAR: usize = 8;

/// What changes cost at most that are evident.
const EVIDENT: u32 = 2;

/// A stop this many tokens behind a change belongs to the mistake that the change was to mend.
const SAME_MISTAKE: usize = 2;

/// Tokens after repair.
pub(crate) struct Repaired {
    pub(crate) tokens: Vec<Token>,
    /// Whether the grammar takes them.
    pub(crate) parses: bool,
    /// Whether other than one word or mark was taken for another: then nothing is certain of what was meant.
    pub(crate) guessed: bool,
}

/// Where the grammar stops: the index of the token it cannot take, and what it would take instead.
struct Stop {
    at: usize,
    expected: Vec<Rule>,
}

/// A change of one or two tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    /// A mark or keyword before the token at this index.
    Insert(usize, TokenKind),
    /// A stand-in for a missing value.
    InsertValue(usize),
    /// A stand-in for a missing step.
    InsertStep(usize),
    /// A stand-in for a missing operator.
    InsertOperator(usize),
    /// A foreign or misspelt word by the right one.
    Replace(usize, TokenKind),
    /// Nothing for a token.
    Delete(usize),
    /// A token and the one after it.
    Swap(usize),
}

impl Change {
    fn at(self) -> usize {
        match self {
            Change::Insert(at, _)
            | Change::InsertValue(at)
            | Change::InsertStep(at)
            | Change::InsertOperator(at)
            | Change::Replace(at, _)
            | Change::Delete(at)
            | Change::Swap(at) => at,
        }
    }

    /// Returns a place after the change counted in the tokens before it.
    fn before(self, at: usize) -> usize {
        match self {
            Change::Insert(place, _)
            | Change::InsertValue(place)
            | Change::InsertStep(place)
            | Change::InsertOperator(place) => {
                if at > place {
                    at - 1
                } else {
                    at
                }
            }
            Change::Replace(..) | Change::Swap(_) => at,
            Change::Delete(place) => {
                if at >= place {
                    at + 1
                } else {
                    at
                }
            }
        }
    }

    fn apply(self, text: &str, tokens: &[Token]) -> Vec<Token> {
        let mut changed = tokens.to_vec();
        let place = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before));
            before.or(tokens.first()).map_or(Span::default(), |token| token.span.after())
        };
        let mut insert =
            |at: usize, kind| changed.insert(at.min(tokens.len()), Token { kind, span: place(at) });
        match self {
            Change::Insert(at, kind) => insert(at, kind),
            Change::InsertValue(at) => insert(at, TokenKind::Word),
            Change::InsertStep(at) => insert(at, TokenKind::Stop),
            Change::InsertOperator(at) => insert(at, TokenKind::Equal),
            Change::Replace(at, kind) => {
                if let Some(token) = changed.get_mut(at) {
                    token.kind = kind;
                }
            }
            Change::Delete(at) => {
                if at < changed.len() {
                    changed.remove(at);
                }
            }
            Change::Swap(at) => {
                if at + 1 < changed.len() {
                    changed.swap(at, at + 1);
                }
            }
        }
        match self {
            Change::Delete(_) | Change::Swap(_) => lexer::reclassify(text, &mut changed),
            Change::Insert(at, TokenKind::Matches) | Change::Replace(at, TokenKind::Matches) => {
                lexer::read_pattern(text, &mut changed, at + 1);
            }
            Change::Insert(..)
            | Change::InsertValue(_)
            | Change::InsertStep(_)
            | Change::InsertOperator(_)
            | Change::Replace(..) => {}
        }
        changed
    }
}

/// Mends the tokens of an item.
pub(crate) fn repair(
    rule: Rule,
    text: &str,
    mut tokens: Vec<Token>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Repaired {
    if tokens.is_empty() {
        return Repaired { tokens, parses: false, guessed: true };
    }
    let first = diagnostics.len();
    let guessed = lexical::mend(text, &mut tokens, diagnostics);
    let mut repaired = mend(rule, text, tokens, diagnostics);
    repaired.guessed |= guessed;
    lexical::same_line(text, diagnostics, first);
    repaired
}

/// Mends tokens of good kinds.
fn mend(rule: Rule, text: &str, mut tokens: Vec<Token>, diagnostics: &mut Vec<Diagnostic>) -> Repaired {
    // Where the last change was made, and which diagnostic tells of it.
    let mut last: Option<(usize, usize)> = None;
    let mut guessed = false;
    for _ in 0..MAX_REPAIRS {
        let Some(stop) = stop(rule, &tokens) else { return Repaired { tokens, parses: true, guessed } };
        let found = if tokens.len() > MAX_TOKENS { None } else { best(rule, text, &tokens, &stop) };
        let found = match found {
            Some(found) if found.is_sound(&tokens, &stop) => Some(found),
            found => match skip::rest(rule, text, &tokens, &stop, found) {
                Some(kept) => {
                    let told = last.is_some_and(|(at, _)| stop.at <= at + SAME_MISTAKE);
                    match (told, found) {
                        (true, _) => {}
                        (false, Some(found)) => {
                            let mut diagnostic = describe::change(text, &tokens, &stop, found.change);
                            diagnostic.fixes.clear();
                            diagnostics.push(diagnostic);
                        }
                        (false, None) => diagnostics.push(describe::unexpected(text, &tokens, &stop)),
                    }
                    tokens = kept;
                    guessed = true;
                    last = None;
                    continue;
                }
                None => found,
            },
        };
        let change = found.map(|found| found.change);
        let same = last.filter(|(at, _)| {
            let replaces = matches!(change, Some(Change::Replace(..)));
            !replaces && stop.at <= at + SAME_MISTAKE
        });
        match (same, change) {
            // What was offered was not enough; saying more would be about the same mistake.
            (Some((_, number)), _) => {
                if let Some(diagnostic) = diagnostics.get_mut(number) {
                    diagnostic.fixes.clear();
                }
            }
            (None, Some(change)) => diagnostics.push(describe::change(text, &tokens, &stop, change)),
            (None, None) => diagnostics.push(describe::unexpected(text, &tokens, &stop)),
        }
        let Some(change) = change else { return Repaired { tokens, parses: false, guessed: true } };
        tokens = change.apply(text, &tokens);
        let joins = matches!(change, Change::Replace(_, TokenKind::Plus));
        guessed |= joins || !matches!(change, Change::Replace(at, _) if at == stop.at);
        let number = same.map_or(diagnostics.len() - 1, |(_, number)| number);
        last = Some((change.at(), number));
    }
    let parses = stop(rule, &tokens).is_none();
    Repaired { tokens, parses, guessed }
}

/// Parses and returns where the grammar stops, if it does.
fn stop(rule: Rule, tokens: &[Token]) -> Option<Stop> {
    let input = characters(tokens);
    let error = Grammar::parse(rule, &input).err()?;
    let offset = match error.location {
        InputLocation::Pos(at) => at,
        InputLocation::Span((start, _)) => start,
    };
    let expected = match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    Some(Stop { at: offset / 2, expected })
}

/// A change and how far the parser comes with it.
#[derive(Debug, Clone, Copy)]
struct Found {
    change: Change,
    /// The token where it stops next, counted as before the change; none if it takes the whole item.
    next: Option<usize>,
    /// How many tokens further that is than without the change.
    gain: usize,
    cost: u32,
}

impl Found {
    /// Whether the parser comes far enough to believe in the change: another mark for a foreign one, another word for
    /// one that is nearly it, or a comma within brackets, needs little more to be believed.
    fn is_sound(&self, tokens: &[Token], stop: &Stop) -> bool {
        let Some(next) = self.next else { return true };
        let foreign = [TokenKind::Word, TokenKind::Foreign, TokenKind::Assign];
        let evident = match self.change {
            Change::Replace(at, _) if at == stop.at => {
                tokens.get(at).is_some_and(|token| foreign.contains(&token.kind))
            }
            Change::Insert(at, TokenKind::Comma) => at == stop.at && open_before(tokens, at).is_some(),
            Change::Insert(..)
            | Change::InsertValue(_)
            | Change::InsertStep(_)
            | Change::InsertOperator(_)
            | Change::Replace(..)
            | Change::Delete(_)
            | Change::Swap(_) => false,
        };
        let evident = evident && self.cost <= EVIDENT;
        self.gain >= FAR || next >= tokens.len() || evident && self.gain > 1
    }
}

/// Returns the best candidate that carries the parser on.
fn best(rule: Rule, text: &str, tokens: &[Token], at: &Stop) -> Option<Found> {
    let mut best: Option<(i64, Found)> = None;
    for (cost, change) in candidates::near(text, tokens, at) {
        let changed = change.apply(text, tokens);
        let Some(next) = stop(rule, &changed) else {
            return Some(Found { change, next: None, gain: FAR, cost });
        };
        let next = change.before(next.at);
        let gain = next.saturating_sub(at.at).min(FAR);
        let score = gain as i64 * 2 - i64::from(cost);
        if gain > 0 && best.is_none_or(|(most, _)| score > most) {
            best = Some((score, Found { change, next: Some(next), gain, cost }));
        }
    }
    best.map(|(_, found)| found)
}

/// Whether a token is the first of its line.
fn starts_line(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|before| tokens.get(before)) else { return true };
    let Some(token) = tokens.get(at) else { return false };
    let gap = text.get(before.span.end as usize..token.span.start as usize);
    gap.is_some_and(|gap| gap.contains('\n'))
}

/// Returns the innermost bracket that is open before a token, and its index.
fn open_before(tokens: &[Token], at: usize) -> Option<(usize, Token)> {
    let mut open: Vec<(usize, Token)> = Vec::new();
    for (index, token) in tokens.iter().enumerate().take(at) {
        if token.kind.closer().is_some() {
            open.push((index, *token));
        } else if token.kind.is_closer()
            && open.last().is_some_and(|(_, last)| last.kind.closer() == Some(token.kind))
        {
            open.pop();
        }
    }
    open.pop()
}

/// Returns how many more brackets of a kind are opened than closed.
fn surplus(tokens: &[Token], opener: TokenKind) -> i64 {
    let count = |kind| tokens.iter().filter(|token| Some(token.kind) == kind).count() as i64;
    count(Some(opener)) - count(opener.closer())
}
