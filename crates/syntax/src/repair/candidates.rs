//! The changes worth trying where the grammar stops, cheap ones first.

use hence_diagnostics::{Applicability, distance, nearest};

use super::lexical::foreign::operators::QUANTIFIERS;
use super::words::is_operator;
use super::{Change, Stop, closing, dropped, open_before, surplus};
use crate::token::{Class, Token, TokenKind, of_terminal};

/// No keyword has more letters.
const LONGEST_KEYWORD: usize = 16;

/// How far back an opening bracket may be missing.
const BACK: usize = 12;

/// Marks and keywords that may be missing, with what it costs to insert them where the grammar does not ask for
/// them by name.
const INSERTABLE: &[(TokenKind, u32)] = &[
    (TokenKind::Comma, 3),
    (TokenKind::Colon, 4),
    (TokenKind::Then, 4),
    (TokenKind::When, 4),
    (TokenKind::Assign, 4),
    (TokenKind::If, 5),
    (TokenKind::Is, 7),
    (TokenKind::In, 7),
    (TokenKind::Else, 5),
    (TokenKind::Let, 6),
    (TokenKind::Priority, 5),
    (TokenKind::Case, 5),
    (TokenKind::Ignoring, 5),
    (TokenKind::With, 5),
    (TokenKind::Arrow, 5),
    (TokenKind::Less, 7),
    (TokenKind::Greater, 7),
    (TokenKind::LeftParen, 7),
    (TokenKind::LeftBrace, 7),
    (TokenKind::LeftBracket, 7),
    (TokenKind::RightParen, 6),
    (TokenKind::RightBracket, 6),
    (TokenKind::RightBrace, 6),
];

const OPENERS: &[TokenKind] = &[TokenKind::LeftParen, TokenKind::LeftBracket, TokenKind::LeftBrace];

/// Returns all candidates near a stop with their costs, cheap ones first.
pub(super) fn near(text: &str, tokens: &[Token], stop: &Stop) -> Vec<(u32, Change)> {
    let mut near = Near { text, tokens, stop, all: Vec::new() };
    near.replacements();
    near.duplicates();
    near.closers();
    near.openers();
    near.insertions();
    near.words();
    near.dots();
    near.names();
    near.values();
    near.colons();
    near.swaps();
    near.all.extend(dropped::near(text, tokens, stop));
    near.all.push((5, Change::InsertValue(stop.at)));
    near.all.push((5, Change::InsertStep(stop.at)));
    near.all.push((4, Change::InsertOperator(stop.at)));
    if stop.at > 0 && stop.at < tokens.len() {
        near.all.push((8, Change::Delete(stop.at)));
    }
    if stop.at > 1 {
        near.all.push((9, Change::Delete(stop.at - 1)));
    }
    let mut all = near.all;
    // A header that has the clause has it before: `once per customer.id per 30 days`.
    let is_once = |token: &Token| token.kind == TokenKind::Once;
    if tokens.iter().take(stop.at).any(is_once) {
        all.retain(|(_, change)| !matches!(change, Change::Insert(_, TokenKind::Once)));
    }
    all.sort_by_key(|(cost, _)| *cost);
    all
}

struct Near<'a> {
    text: &'a str,
    tokens: &'a [Token],
    stop: &'a Stop,
    all: Vec<(u32, Change)>,
}

impl<'a> Near<'a> {
    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn written(&self, at: usize) -> &'a str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    /// Foreign and misspelt words, at the stop and before it.
    fn replacements(&mut self) {
        let stop = self.stop.at;
        let mut places = vec![stop];
        places.extend(stop.checked_sub(1));
        // A step may have begun in the middle of a value, as in `let x = fi order.total > 5`.
        places.extend(self.path_start(stop).checked_sub(1).filter(|before| before + 1 < stop));
        for at in places {
            let Some(token) = self.tokens.get(at) else { continue };
            let later = u32::from(at != stop);
            let written = self.written(at);
            if let Some(kind) = confusable(written).filter(|kind| *kind != token.kind) {
                self.all.push((later + 1, Change::Replace(at, kind)));
            }
            let text = [at.checked_sub(1).and_then(|before| self.kind(before)), self.kind(at + 1)]
                .contains(&Some(TokenKind::Text));
            if text && written == "&" {
                self.all.push((0, Change::Replace(at, TokenKind::Plus)));
            }
            if written == "=>" && self.expects(TokenKind::Arrow) {
                self.all.push((later, Change::Replace(at, TokenKind::Arrow)));
            }
            // `else` belongs to an `if` between steps; the rule itself goes on otherwise.
            let of_rule = token.kind == TokenKind::Else && open_before(self.tokens, at).is_none();
            if of_rule && self.starts_line(at) && self.expects(TokenKind::Otherwise) {
                self.all.push((0, Change::Replace(at, TokenKind::Otherwise)));
            }
            for (taken, meant) in [("per", TokenKind::By), ("by", TokenKind::Per)] {
                if written == taken && self.expects(meant) {
                    self.all.push((later, Change::Replace(at, meant)));
                }
            }
            let in_brackets = || {
                open_before(self.tokens, at).is_some_and(|(_, opener)| opener.kind != TokenKind::LeftBrace)
            };
            if token.kind == TokenKind::Assign
                && (self.wants_colon(at) || self.expects(TokenKind::Colon) && in_brackets())
            {
                self.all.push((later, Change::Replace(at, TokenKind::Colon)));
            }
            if token.kind == TokenKind::Word || token.kind.class() == Class::Contextual {
                let keywords = TokenKind::ALL.iter().filter(|kind| kind.is_keyword());
                let close = keywords.filter(|kind| nearest(written, [kind.text()]).is_some());
                let cost = 2 + later + if self.is_in_use(at) { 4 } else { 0 };
                let found: Vec<_> = close.map(|kind| (cost, Change::Replace(at, *kind))).collect();
                self.all.extend(found);
                if at == stop {
                    self.all.extend(self.asked_for(written).map(|kind| (3, Change::Replace(at, kind))));
                }
            }
            let open = open_before(self.tokens, at).and_then(|(_, opener)| opener.kind.closer());
            if let Some(closer) = open.filter(|closer| token.kind.is_closer() && *closer != token.kind) {
                self.all.push((2 + later, Change::Replace(at, closer)));
            }
        }
    }

    /// Whether a word is one that the item has elsewhere, or that means something everywhere.
    fn is_in_use(&self, at: usize) -> bool {
        let written = self.written(at);
        let known = ["now", "today", "any", "all", "count", "sum", "min", "max", "avg", "first", "event"];
        let same = |(index, _): &(usize, &Token)| *index != at && self.written(*index) == written;
        known.contains(&written) || self.tokens.iter().enumerate().any(|other| same(&other))
    }

    /// The keyword that the grammar asks for, if a word looks somewhat like it: `wenn`.
    fn asked_for(&self, written: &str) -> Option<TokenKind> {
        let word = written.to_lowercase();
        let limit = 2.min(word.len() / 2);
        if word.len() > LONGEST_KEYWORD + limit {
            return None;
        }
        let kinds = self.stop.expected.iter().filter_map(|rule| of_terminal(*rule));
        kinds.filter(|kind| kind.is_keyword()).find(|kind| distance(&word, kind.text()) <= limit)
    }

    /// Whether a name before an `=` is that of an argument or field.
    fn wants_colon(&self, at: usize) -> bool {
        let Some((open, opener)) = open_before(self.tokens, at) else { return false };
        let starts = at.checked_sub(2).and_then(|before| self.kind(before));
        if !starts.is_some_and(|kind| kind == TokenKind::Comma || kind == opener.kind) {
            return false;
        }
        let of_action = open.checked_sub(2).and_then(|dot| self.kind(dot)) == Some(TokenKind::Dot);
        opener.kind == TokenKind::LeftBrace || opener.kind == TokenKind::LeftParen && of_action
    }

    /// A token written twice. The parser may stop much later, as after `if if`.
    fn duplicates(&mut self) {
        let last = self.stop.at.min(self.tokens.len().saturating_sub(1));
        for at in 1..=last {
            let (Some(before), Some(kind)) = (self.kind(at - 1), self.kind(at)) else { continue };
            let alike = before == kind || before.class() != Class::Mark;
            if !alike || self.written(at) != self.written(at - 1) {
                continue;
            }
            let opener =
                OPENERS.iter().copied().find(|opener| *opener == kind || opener.closer() == Some(kind));
            let balanced = opener.is_some_and(|opener| surplus(self.tokens, opener) == 0);
            if !balanced {
                self.all.push((if at == self.stop.at { 1 } else { 2 }, Change::Delete(at)));
            }
        }
    }

    /// The closer of the innermost open bracket, and what may be missing before that bracket.
    fn closers(&mut self) {
        let at = self.stop.at;
        let Some((open, opener)) = open_before(self.tokens, at) else { return };
        let Some(closer) = opener.kind.closer() else { return };
        if surplus(self.tokens, opener.kind) > 0 {
            // A bracket opened on a line that ends in a comma was rather to be closed before that comma.
            let comma = at.checked_sub(1).filter(|before| self.kind(*before) == Some(TokenKind::Comma));
            if let Some(comma) = comma
                && self.starts_line(at)
                && !(open + 1..at).any(|inside| self.starts_line(inside))
            {
                self.all.push((0, Change::Insert(comma, closer)));
            }
            for place in closing::places(self.text, self.tokens, open, at) {
                self.all.push((0, Change::Insert(place, closer)));
            }
            for back in 0..=3.min(at - open - 1) {
                self.all.push((1 + back as u32, Change::Insert(at - back, closer)));
            }
        }
        let before = open.checked_sub(1).and_then(|before| self.kind(before));
        if opener.kind != TokenKind::LeftParen && before == Some(TokenKind::Word) {
            self.all.push((4, Change::Insert(open, TokenKind::Colon)));
        }
        if opener.kind == TokenKind::LeftBrace
            && before.is_some_and(|kind| {
                kind.class() == Class::Mark || [TokenKind::Match, TokenKind::If].contains(&kind)
            })
        {
            self.all.push((4, Change::InsertValue(open)));
        }
    }

    /// The openers of brackets that are only closed: where a value starts rather than within a list.
    fn openers(&mut self) {
        for opener in OPENERS.iter().copied().filter(|opener| surplus(self.tokens, *opener) < 0) {
            if self.kind(self.stop.at) != opener.closer() {
                self.all.push((2, Change::Insert(self.stop.at, opener)));
            }
            for back in 1..=BACK.min(self.stop.at.saturating_sub(1)) {
                let at = self.stop.at - back;
                let Some(before) = self.kind(at - 1) else { continue };
                // Parentheses around one operand are more likely a `)` too many.
                let inside = self.tokens.get(at..self.stop.at).unwrap_or_default();
                let single = !inside.iter().any(|token| {
                    token.kind.class() == Class::Reserved
                        || token.kind.class() == Class::Mark && token.kind != TokenKind::Dot
                });
                let value = [TokenKind::If, TokenKind::Assign, TokenKind::Colon].contains(&before);
                let redundant = value && !self.kind(self.stop.at + 1).is_some_and(is_operator);
                let cost = if (single || redundant) && opener == TokenKind::LeftParen {
                    9
                } else if before == TokenKind::Comma || before == opener {
                    6
                } else if before.class() == Class::Mark || before.class() == Class::Reserved {
                    3
                } else if before == TokenKind::Word && opener == TokenKind::LeftParen {
                    5
                } else {
                    7
                };
                self.all.push((cost, Change::Insert(at, opener)));
            }
        }
    }

    fn insertions(&mut self) {
        let at = self.stop.at;
        let expected: Vec<TokenKind> =
            self.stop.expected.iter().filter_map(|rule| of_terminal(*rule)).collect();
        // After a dot and before a colon any keyword is a name.
        let dots = [Some(TokenKind::Dot), Some(TokenKind::OptionalDot)];
        let after_dot = dots.contains(&at.checked_sub(1).and_then(|before| self.kind(before)));
        let names = self.kind(at) == Some(TokenKind::Colon) || after_dot;
        for (kind, cost) in INSERTABLE.iter().copied() {
            let asked = u32::from(expected.contains(&kind));
            let empties = kind.closer().is_some() && kind.closer() == self.kind(at);
            if empties || names && kind.is_keyword() {
                continue;
            }
            // Where any name can stand, a keyword that may be a name says nothing.
            if kind.class() == Class::Contextual && (asked == 0 || expected.contains(&TokenKind::QuotedName))
            {
                continue;
            }
            self.all.push((cost - asked, Change::Insert(at, kind)));
        }
        // A path was read as the start of a call: `if` or `let` is missing before it.
        let start = self.path_start(at);
        if start < at && start > 0 {
            for kind in [TokenKind::If, TokenKind::Let, TokenKind::LeftBrace] {
                self.all.push((6, Change::Insert(start, kind)));
            }
        }
    }

    /// Words that belong to a word next to them.
    fn words(&mut self) {
        let at = self.stop.at;
        let next = self.kind(at);
        let before = |back: usize| at.checked_sub(back).and_then(|at| self.kind(at));
        let mut found = Vec::new();
        if matches!(next, Some(TokenKind::Missing | TokenKind::Present | TokenKind::Empty)) {
            found.push((2, Change::Insert(at, TokenKind::Is)));
        }
        if next == Some(TokenKind::Case) {
            found.push((2, Change::Insert(at, TokenKind::Ignoring)));
        }
        if next == Some(TokenKind::With) {
            found.push((2, Change::Insert(at, TokenKind::Starts)));
        }
        if matches!(next, Some(TokenKind::Slash | TokenKind::Pattern)) {
            found.push((2, Change::Insert(at, TokenKind::Matches)));
        }
        if before(1) == Some(TokenKind::Not) {
            found.push((3, Change::Insert(at, TokenKind::In)));
            let cost = if self.starts_line(at - 1) { 2 } else { 5 };
            found.push((cost, Change::InsertOperator(at - 1)));
        }
        // `any(line lines, …)`, but not `shop.order(line lines)`.
        if next == Some(TokenKind::Than) {
            found.push((1, Change::Insert(at, TokenKind::Older)));
        }
        if matches!(next, Some(TokenKind::Next | TokenKind::Last)) {
            found.push((2, Change::Insert(at, TokenKind::Within)));
        }
        if next == Some(TokenKind::LeftBrace) && self.expects(TokenKind::Let) {
            found.push((2, Change::Insert(at, TokenKind::Attempt)));
        }
        let quantifier = at.checked_sub(3).is_some_and(|word| QUANTIFIERS.contains(&self.written(word)));
        let called = before(2) == Some(TokenKind::LeftParen) && quantifier;
        if called && before(1) == Some(TokenKind::Word) && before(4) != Some(TokenKind::Dot) {
            found.push((1, Change::Insert(at, TokenKind::In)));
        }
        let between = (2..=4).find(|back| before(*back) == Some(TokenKind::Between));
        if between.is_some_and(|between| (1..between).all(|back| before(back) != Some(TokenKind::And))) {
            found.push((1, Change::Insert(at, TokenKind::And)));
        }
        let names = (at - self.path_start(at)).div_ceil(2);
        if self.expects(TokenKind::Or) && self.kind(at + 1) == Some(TokenKind::Dot) && names >= 3 {
            found.push((2, Change::Insert(at, TokenKind::Or)));
        }
        if next == Some(TokenKind::Then) {
            let starts = [TokenKind::Assign, TokenKind::Colon, TokenKind::LeftParen, TokenKind::Comma];
            let start = (1..at).rev().find(|start| self.kind(start - 1).is_some_and(|k| starts.contains(&k)));
            found.extend(start.map(|start| (3, Change::Insert(start, TokenKind::If))));
        }
        self.all.extend(found);
    }

    /// A dot between two names on one line. Events have three names, so a fourth is rather an alias.
    fn dots(&mut self) {
        let at = self.stop.at;
        let Some(before) = at.checked_sub(1).and_then(|before| self.kind(before)) else { return };
        let name = |kind: TokenKind| matches!(kind.class(), Class::Name | Class::Contextual);
        if !(name(before) && self.kind(at).is_some_and(name)) || self.starts_line(at) {
            return;
        }
        let of_event = self.expects(TokenKind::As);
        let names = (at - self.path_start(at)).div_ceil(2);
        if of_event && names >= 3 {
            self.all.push((3, Change::Insert(at, TokenKind::As)));
        }
        // An event has three names, and what is called in a step has two.
        let event = of_event && names < 3;
        let call = self.kind(at + 1) == Some(TokenKind::LeftParen) && self.expects(TokenKind::Colon);
        let cost = if event || call { 1 } else { 5 - u32::from(of_event) };
        self.all.push((cost, Change::Insert(at, TokenKind::Dot)));
    }

    /// A name after a dot at the end of a line: the keyword that starts the next was read as one.
    fn names(&mut self) {
        let at = self.stop.at;
        for keyword in [at.checked_sub(1), Some(at)].into_iter().flatten() {
            let dot = keyword.checked_sub(1).and_then(|before| self.kind(before)) == Some(TokenKind::Dot);
            let reserved = self.kind(keyword).is_some_and(|kind| kind.class() == Class::Reserved);
            if dot && reserved && self.starts_line(keyword) {
                self.all.push((0, Change::InsertValue(keyword)));
            }
        }
    }

    /// A value between two tokens neither of which can be next to the other.
    fn values(&mut self) {
        let at = self.stop.at;
        let Some(before) = at.checked_sub(1).and_then(|before| self.kind(before)) else { return };
        let next = self.kind(at);
        let name = |kind: TokenKind| matches!(kind.class(), Class::Name | Class::Contextual);
        if [TokenKind::Dot, TokenKind::OptionalDot].contains(&before) && !next.is_some_and(name) {
            self.all.push((2, Change::InsertValue(at)));
        }
        let starts = [TokenKind::If, TokenKind::Assign, TokenKind::Colon, TokenKind::Because];
        let waits = is_operator(before) && before != TokenKind::Ignoring || starts.contains(&before);
        let ends = next.is_none_or(|next| {
            is_operator(next) && next != TokenKind::Minus && next != TokenKind::Not
                || next.is_closer()
                || matches!(next, TokenKind::Comma | TokenKind::Then | TokenKind::Pipe)
        });
        if waits && ends && next != Some(before) {
            self.all.push((2, Change::InsertValue(at)));
        }
    }

    /// The colon between the name of an argument or field and its value.
    fn colons(&mut self) {
        let at = self.stop.at;
        let Some((open, opener)) = open_before(self.tokens, at) else { return };
        let name = at.checked_sub(1).filter(|name| self.kind(*name).is_some_and(TokenKind::is_word));
        let before = name.and_then(|name| name.checked_sub(1)).and_then(|before| self.kind(before));
        let of_action = open.checked_sub(2).and_then(|dot| self.kind(dot)) == Some(TokenKind::Dot);
        let named = opener.kind == TokenKind::LeftBrace || opener.kind == TokenKind::LeftParen && of_action;
        let value = self.kind(at).is_some_and(|kind| {
            matches!(kind.class(), Class::Literal | Class::Name | Class::Contextual)
                || matches!(
                    kind,
                    TokenKind::LeftBracket | TokenKind::LeftBrace | TokenKind::If | TokenKind::Match
                )
        });
        if named && value && (before == Some(TokenKind::Comma) || before == Some(opener.kind)) {
            self.all.push((1, Change::Insert(at, TokenKind::Colon)));
        }
    }

    /// Whether the grammar asks for a token of this kind.
    fn expects(&self, kind: TokenKind) -> bool {
        self.stop.expected.iter().any(|rule| of_terminal(*rule) == Some(kind))
    }

    /// Whether a token is the first of its line.
    fn starts_line(&self, at: usize) -> bool {
        super::starts_line(self.text, self.tokens, at)
    }

    /// Returns where the names and dots before a token start.
    fn path_start(&self, at: usize) -> usize {
        let mut start = at;
        while let Some(before) = start.checked_sub(1) {
            let Some(kind) = self.kind(before) else { break };
            let dotted = start == at || self.kind(start) == Some(TokenKind::Dot);
            let name = dotted && matches!(kind.class(), Class::Name | Class::Contextual);
            if !(name || kind == TokenKind::Dot) {
                break;
            }
            start = before;
        }
        start
    }

    fn swaps(&mut self) {
        let at = self.stop.at;
        for (back, cost) in [(0, 5), (1, 5), (2, 6)] {
            let Some(first) = at.checked_sub(back).filter(|first| *first > 0) else { continue };
            let (Some(left), Some(right)) = (self.kind(first), self.kind(first + 1)) else { continue };
            // A closer belongs after what stands before it rather than after the name that follows.
            let cost = if left.is_closer() && self.kind(first - 1).is_some_and(|k| k.closer().is_some()) {
                3
            } else if right.is_closer() {
                cost - 1
            } else {
                cost + u32::from(left.is_closer())
            };
            if left != right {
                self.all.push((cost, Change::Swap(first)));
            }
        }
    }
}

/// What foreign marks and words are called here, in whatever case.
fn confusable(written: &str) -> Option<TokenKind> {
    Some(match written.to_ascii_lowercase().as_str() {
        "=" | "===" | "eq" | "equals" => TokenKind::Equal,
        "==" | ":=" => TokenKind::Assign,
        "!==" | "<>" | "ne" => TokenKind::NotEqual,
        "&&" | "&" | "and" => TokenKind::And,
        "||" | "or" => TokenKind::Or,
        "!" | "not" => TokenKind::Not,
        "=>" => TokenKind::GreaterOrEqual,
        "has" | "includes" => TokenKind::Contains,
        "like" | "match" => TokenKind::Matches,
        "null" | "nil" | "none" | "undefined" => TokenKind::Missing,
        "set" | "exists" => TokenKind::Present,
        "elif" | "elsif" => TokenKind::Else,
        "true" | "yes" => TokenKind::True,
        "false" | "no" => TokenKind::False,
        "var" | "val" | "const" => TokenKind::Let,
        "return" | "exit" | "break" => TokenKind::Stop,
        "schedule" => TokenKind::Cron,
        "assert" | "should" => TokenKind::Expect,
        "function" | "def" => TokenKind::Fn,
        ";" => TokenKind::Comma,
        "on" => TokenKind::When,
        "do" => TokenKind::Then,
        "where" => TokenKind::If,
        _ => return None,
    })
}

/// How certain it is what a word was meant for: what has no counterpart of the same meaning here is a guess.
pub(super) fn certainty(written: &str, kind: TokenKind) -> Applicability {
    let guesses = ["like", "exists", "set", "null", "nil", "none", "undefined", "else"];
    let arrow = written == "=>" && kind != TokenKind::Arrow;
    if arrow || guesses.contains(&written.to_ascii_lowercase().as_str()) {
        Applicability::Likely
    } else {
        Applicability::Safe
    }
}
