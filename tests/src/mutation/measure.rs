//! One mutant, judged: whether it was found, where, whether the fix undoes it, and what was said beside.

use std::ops::Range;

use hence_diagnostics::{Diagnostic, apply};
use hence_syntax::Token;

use super::mutants::{Kind, Mutant, significant};
use super::seeds::Seed;

/// How many tokens a construct may have whose place counts as that of a token in it.
const CONSTRUCT: usize = 12;

/// What came of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It says what the valid text says.
    Same,
    /// It says something else that is just as valid, as `if paid` is for `if not paid`.
    Valid(&'static str),
    /// Nothing is said of it, and that is wrong.
    Missed,
    /// It is found.
    Found(Found),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Whether the first diagnostic is at the token or its construct.
    pub(super) placed: bool,
    /// Whether the first diagnostic has a fix.
    pub(super) fixable: bool,
    /// Whether the top fixes give what the valid text says.
    pub(super) restored: bool,
    /// How many diagnostics there are beside the first.
    pub(super) spurious: usize,
}

/// A judged mutant.
pub(super) struct Judged {
    pub(super) kind: Kind,
    pub(super) outcome: Outcome,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Judges a mutant of a file.
pub(super) fn judge(seed: &Seed, mutant: &Mutant) -> Judged {
    let verdict = seed.judge(&mutant.text);
    let outcome = match verdict.diagnostics.first() {
        None if verdict.tree == seed.tree => Outcome::Same,
        None => super::valid::reason(&seed.text, mutant).map_or(Outcome::Missed, Outcome::Valid),
        Some(first) => Outcome::Found(Found {
            placed: is_placed(seed, mutant, first),
            fixable: !first.fixes.is_empty(),
            restored: restores(seed, mutant, &verdict.diagnostics),
            spurious: verdict.diagnostics.len() - 1,
        }),
    };
    Judged { kind: mutant.kind, outcome, diagnostics: verdict.diagnostics }
}

/// Whether a text with the top fix of each diagnostic says what the valid one says.
fn restores(seed: &Seed, mutant: &Mutant, diagnostics: &[Diagnostic]) -> bool {
    let fixes = diagnostics.iter().filter_map(|diagnostic| diagnostic.fixes.first());
    let fixed = apply(&mutant.text, fixes);
    fixed == seed.text || seed.judge(&fixed).tree == seed.tree
}

/// Whether a label of a diagnostic is on the wrong token, next to the gap of one that is not there, on a small
/// construct around it, or on the bracket that belongs to it.
fn is_placed(seed: &Seed, mutant: &Mutant, diagnostic: &Diagnostic) -> bool {
    let tokens = significant(&mutant.text);
    let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
    let mut places = labels.filter(|label| seed.is_of(label.span.file)).map(|label| label.span.range());
    let window = window(&tokens, mutant);
    let partner = partner(&seed.text, mutant);
    places.any(|place| {
        let within = tokens.iter().filter(|token| place.contains(&(token.span.start as usize))).count();
        let around = place.start <= mutant.place.start && place.end >= mutant.place.end;
        let touches = place.start < window.end && window.start < place.end
            || place.is_empty() && window.start <= place.start && place.start <= window.end;
        let on_partner = partner.is_some_and(|partner| {
            tokens.get(partner).is_some_and(|token| token.span.start as usize == place.start)
        });
        within <= CONSTRUCT && (around || touches) || on_partner
    })
}

/// The place that counts as that of the mistake: the wrong tokens, and where one is gone or two changed places,
/// those next to it.
fn window(tokens: &[Token], mutant: &Mutant) -> Range<usize> {
    let wide = match mutant.kind {
        Kind::DropKeyword
        | Kind::DropName
        | Kind::DropLiteral
        | Kind::DropMark
        | Kind::DropComma
        | Kind::DropOpener
        | Kind::DropCloser
        | Kind::Duplicate
        | Kind::Swap => true,
        Kind::MisspellKeyword
        | Kind::MisspellName
        | Kind::Foreign
        | Kind::WrongType
        | Kind::WrongUnit
        | Kind::WrongCurrency => false,
    };
    if !wide {
        return mutant.place.clone();
    }
    let before = tokens.iter().rev().find(|token| token.span.end as usize <= mutant.place.start);
    let after = tokens.iter().find(|token| token.span.start as usize >= mutant.place.end);
    let start = before.map_or(mutant.place.start, |token| token.span.start as usize);
    start..after.map_or(mutant.place.end, |token| token.span.end as usize)
}

/// The index, among the mutant's tokens, of the bracket that belongs to one that was dropped.
fn partner(text: &str, mutant: &Mutant) -> Option<usize> {
    let tokens = significant(text);
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.kind.closer().is_some() {
            open.push(index);
        } else if token.kind.is_closer() {
            let opener = open.pop()?;
            if mutant.kind == Kind::DropCloser && index == mutant.at {
                return Some(opener);
            }
            if mutant.kind == Kind::DropOpener && opener == mutant.at {
                return Some(index - 1);
            }
        }
    }
    None
}
