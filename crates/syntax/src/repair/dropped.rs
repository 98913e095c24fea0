//! Changes for what was left out some tokens before the grammar stops: until there, the rest meant something else.

use super::{Change, Stop, open_before, starts_line};
use crate::token::{Class, Token, TokenKind, of_terminal};

/// How far back something may have been left out.
const BACK: usize = 12;

/// Of words that can all stand in a place, those that stand there most often.
const COMMON: &[TokenKind] =
    &[TokenKind::Ran, TokenKind::Present, TokenKind::To, TokenKind::Nothing, TokenKind::Group];

/// Words that are a value or a step by themselves, or begin one of their own: what stands before them was meant for
/// something else.
const ALONE: &[TokenKind] = &[
    TokenKind::True,
    TokenKind::False,
    TokenKind::Match,
    TokenKind::Stop,
    TokenKind::Attempt,
    TokenKind::Parallel,
    TokenKind::Disabled,
];

/// Returns the candidates with their costs.
pub(super) fn near(text: &str, tokens: &[Token], stop: &Stop) -> Vec<(u32, Change)> {
    let mut dropped = Dropped { text, tokens, at: stop.at, all: Vec::new() };
    dropped.asked_for(stop);
    dropped.named();
    dropped.assigned();
    dropped.in_arguments();
    for at in stop.at.saturating_sub(BACK).max(1)..=stop.at {
        dropped.between_names(at);
        dropped.before_keyword(at);
        dropped.waited_for(at);
        dropped.before_last_words(at);
    }
    dropped.all
}

struct Dropped<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    all: Vec<(u32, Change)>,
}

impl Dropped<'_> {
    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn before(&self, at: usize, back: usize) -> Option<TokenKind> {
        at.checked_sub(back).and_then(|at| self.kind(at))
    }

    fn written(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    fn starts_line(&self, at: usize) -> bool {
        starts_line(self.text, self.tokens, at)
    }

    /// A keyword that the grammar names where it stops. Where any name can stand, that says nothing.
    fn asked_for(&mut self, stop: &Stop) {
        let asked: Vec<TokenKind> = stop.expected.iter().filter_map(|rule| of_terminal(*rule)).collect();
        if asked.contains(&TokenKind::QuotedName) {
            return;
        }
        let opener = (self.at..self.tokens.len()).map_while(|at| self.kind(at)).find(|kind| {
            !(matches!(kind.class(), Class::Name | Class::Contextual) || *kind == TokenKind::Dot)
        });
        if asked.contains(&TokenKind::Pipe) {
            self.all.push((2, Change::Insert(self.at, TokenKind::Pipe)));
        }
        // Before a dot a name is missing.
        if matches!(self.kind(self.at), Some(TokenKind::Dot | TokenKind::OptionalDot)) {
            self.all.push((1, Change::InsertValue(self.at)));
            return;
        }
        for kind in asked.into_iter().filter(|kind| kind.is_keyword() && !ALONE.contains(kind)) {
            let begins = self.starts_line(self.at);
            let payload = opener == Some(TokenKind::LeftBrace);
            let likely = COMMON.contains(&kind)
                || kind == TokenKind::Given && payload
                || kind == TokenKind::Expect && !payload && begins
                || kind == TokenKind::After && self.kind(self.at + 2) == Some(TokenKind::Given)
                || kind == TokenKind::Because && !begins;
            self.all.push((if likely { 2 } else { 5 }, Change::Insert(self.at, kind)));
        }
    }

    /// The name of an item, where the next line was read as one.
    fn named(&mut self) {
        if (1..=2).contains(&self.at) && self.starts_line(1) {
            self.all.push((0, Change::InsertValue(1)));
        }
    }

    /// `let` before a name and `set` before a field at the beginning of a step, before an `=`.
    fn assigned(&mut self) {
        let at = self.at;
        if self.kind(at) != Some(TokenKind::Assign) {
            return;
        }
        let in_steps =
            open_before(self.tokens, at).is_none_or(|(_, opener)| opener.kind == TokenKind::LeftBrace);
        let mut start = at;
        while start > 0
            && self.before(start, 1).is_some_and(|kind| {
                let name = matches!(kind.class(), Class::Name | Class::Contextual);
                name && (start == at || self.kind(start) == Some(TokenKind::Dot)) || kind == TokenKind::Dot
            })
        {
            start -= 1;
            if self.starts_line(start) {
                break;
            }
        }
        let opens = [TokenKind::Then, TokenKind::Otherwise, TokenKind::LeftBrace];
        let begins =
            self.starts_line(start) || self.before(start, 1).is_some_and(|kind| opens.contains(&kind));
        if in_steps && begins && start < at {
            let kind = if start + 1 == at { TokenKind::Let } else { TokenKind::Set };
            self.all.push((0, Change::Insert(start, kind)));
        }
    }

    /// The dot between two names on a line, left out or swapped with the second.
    fn between_names(&mut self, at: usize) {
        let name = |kind: Option<TokenKind>| kind == Some(TokenKind::Word);
        if !name(self.before(at, 1)) || self.starts_line(at) {
            return;
        }
        let twice = self.written(at) == self.written(at - 1);
        if self.kind(at).is_some_and(TokenKind::is_word) && self.names_event(at) && !twice {
            self.all.push((1, Change::Insert(at, TokenKind::Dot)));
        }
        if !name(self.kind(at)) {
            return;
        }
        if at < self.at {
            self.all.push((4, Change::InsertOperator(at)));
        }
        if self.kind(at + 1) == Some(TokenKind::Dot) && !name(self.kind(at + 2)) {
            self.all.push((1, Change::Swap(at)));
        }
    }

    /// Whether the names and dots before a token follow a word after which an event or an action is named.
    fn names_event(&self, at: usize) -> bool {
        let mut start = at - 1;
        while self.before(start, 1) == Some(TokenKind::Dot) && self.before(start, 2) == Some(TokenKind::Word)
        {
            start -= 2;
        }
        let words = [
            TokenKind::Given,
            TokenKind::With,
            TokenKind::Expect,
            TokenKind::Emit,
            TokenKind::For,
            TokenKind::Without,
            TokenKind::By,
        ];
        self.before(start, 1).is_some_and(|kind| words.contains(&kind))
    }

    /// Within parentheses: the dot between two names where another argument cannot follow, and the operator in the
    /// body of a quantifier, which has one comma.
    fn in_arguments(&mut self) {
        let at = self.at;
        let Some((open, opener)) = open_before(self.tokens, at) else { return };
        if opener.kind == TokenKind::LeftBracket {
            return;
        }
        let named = self.kind(open + 2) == Some(TokenKind::Colon);
        let binds = opener.kind == TokenKind::LeftParen && self.kind(open + 2) == Some(TokenKind::In);
        let (mut depth, mut commas) = (0usize, 0usize);
        for token in self.tokens.get(open + 1..at).unwrap_or_default() {
            if token.kind.closer().is_some() {
                depth += 1;
            } else if token.kind.is_closer() {
                depth = depth.saturating_sub(1);
            }
            commas += usize::from(depth == 0 && token.kind == TokenKind::Comma);
        }
        let full = named && self.kind(at + 1) != Some(TokenKind::Colon) || binds && commas > 0;
        if !full {
            return;
        }
        let names = [self.before(at, 1), self.kind(at)] == [Some(TokenKind::Word); 2];
        let of_key = self.before(at, 2) == Some(TokenKind::Colon) || binds;
        if names && of_key && !self.starts_line(at) {
            self.all.push((1, Change::Insert(at, TokenKind::Dot)));
        } else if binds {
            self.all.push((1, Change::InsertOperator(at)));
        }
    }

    /// The last name of a path, before a keyword that was read as that name; the first name of a path, after one.
    fn before_keyword(&mut self, at: usize) {
        if self.kind(at).is_none_or(|kind| kind.class() != Class::Contextual) {
            return;
        }
        if self.before(at, 1) == Some(TokenKind::Dot) && self.kind(at + 1) != Some(TokenKind::Dot) {
            self.all.push((2, Change::InsertValue(at)));
        }
        if self.before(at, 1) != Some(TokenKind::Dot) && self.kind(at + 1) == Some(TokenKind::Dot) {
            self.all.push((3, Change::InsertValue(at + 1)));
        }
    }

    /// The comma before `up to 3 days` of a wait, `5 at a time` of a loop, `then stop` after attempts.
    fn before_last_words(&mut self, at: usize) {
        let up_to = self.kind(at) == Some(TokenKind::Up) && self.kind(at + 1) == Some(TokenKind::To);
        let batch = self.kind(at) == Some(TokenKind::Number) && self.kind(at + 1) == Some(TokenKind::At);
        let ends = [Some(TokenKind::Stop), Some(TokenKind::Continue)];
        let then = self.kind(at) == Some(TokenKind::Then) && ends.contains(&self.kind(at + 1));
        if (up_to || batch || then) && self.before(at, 1) != Some(TokenKind::Comma) {
            self.all.push((0, Change::Insert(at, TokenKind::Comma)));
        }
    }

    /// `for` between `wait` and an event.
    fn waited_for(&mut self, at: usize) {
        let waits = self.before(at, 1) == Some(TokenKind::Wait);
        let event = self.kind(at) == Some(TokenKind::Word) && self.kind(at + 1) == Some(TokenKind::Dot);
        if waits && event && at < self.at {
            self.all.push((2, Change::Insert(at, TokenKind::For)));
        }
    }
}
