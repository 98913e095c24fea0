//! Clauses of a rule where they do not stand: after its `when`, or no `when` at all; commas between steps.

use hence_diagnostics::{Applicability, Code, Diagnostic, Edit, Fix, Span};

use super::super::super::open_before;
use super::Habits;
use crate::token::{Token, TokenKind};

impl Habits<'_> {
    /// `step(),` and a step on the next line.
    pub(super) fn commas_between_steps(&mut self) {
        let steps = (0..self.tokens.len()).find(|at| self.kind(*at) == Some(TokenKind::Then));
        let Some(steps) = steps else { return };
        let found: Vec<usize> = (steps + 1..self.tokens.len())
            .filter(|at| {
                let ends = self.kind(at - 1) == Some(TokenKind::RightParen);
                let open = open_before(self.tokens, *at);
                let of_steps = open.is_none_or(|(_, opener)| opener.kind == TokenKind::LeftBrace);
                self.kind(*at) == Some(TokenKind::Comma) && ends && of_steps && self.begins_step(at + 1)
            })
            .collect();
        let places: Vec<Span> =
            found.iter().filter_map(|at| self.tokens.get(*at)).map(|token| token.span).collect();
        let edits = places.iter().map(|span| Edit { span: *span, text: String::new() }).collect();
        self.tell("steps follow each other without commas", "not needed", &places, "remove every `,`", edits);
        for at in found.into_iter().rev() {
            self.tokens.remove(at);
        }
    }

    /// Whether a step begins with the line that begins at a token.
    fn begins_step(&self, at: usize) -> bool {
        let words = [
            TokenKind::Stop,
            TokenKind::Let,
            TokenKind::Wait,
            TokenKind::Set,
            TokenKind::If,
            TokenKind::For,
            TokenKind::Otherwise,
            TokenKind::RightBrace,
        ];
        let Some(kind) = self.kind(at) else { return true };
        let dot = self.kind(at + 1) == Some(TokenKind::Dot);
        let called = dot && self.kind(at + 3) == Some(TokenKind::LeftParen);
        self.starts_line(at) && (words.contains(&kind) || kind == TokenKind::Word && called)
    }

    /// `when shop.order.created` and `limit 1 per 1 day` below it.
    pub(super) fn clauses_after_the_event(&mut self) -> bool {
        if self.kind(0) != Some(TokenKind::Rule) {
            return false;
        }
        let Some(mut when) = (0..self.tokens.len()).find(|at| self.kind(*at) == Some(TokenKind::When)) else {
            return false;
        };
        let mut found = false;
        let mut at = when + 1;
        while at < self.tokens.len() && self.kind(at) != Some(TokenKind::Then) {
            let ends = [TokenKind::Or, TokenKind::And, TokenKind::By, TokenKind::Missed, TokenKind::Dot];
            let goes_on = self.kind(at - 1).is_none_or(|before| ends.contains(&before));
            if !self.starts_line(at) || goes_on || !self.is_clause(at) {
                at += 1;
                continue;
            }
            let next = (at + 1..self.tokens.len()).find(|next| self.starts_line(*next));
            let next = next.unwrap_or(self.tokens.len());
            self.tell_above(when, at, next);
            let clause: Vec<Token> = self.tokens.drain(at..next).collect();
            self.tokens.splice(when..when, clause);
            when += next - at;
            at = next;
            found = true;
        }
        found
    }

    /// Tells that the tokens from `at` up to `next` stand above the event.
    fn tell_above(&mut self, when: usize, at: usize, next: usize) {
        let (Some(before), Some(first), Some(last), Some(event)) =
            (self.tokens.get(at - 1), self.tokens.get(at), self.tokens.get(next - 1), self.tokens.get(when))
        else {
            return;
        };
        let (word, clause, event) = (first.span, first.span.to(last.span), event.span);
        let gap = self.text.get(before.span.end as usize..word.start as usize).unwrap_or_default();
        // With the end of the line before, unless a comment stands there.
        let blank = !gap.is_empty() && gap.trim().is_empty();
        let start = if blank { before.span.end } else { word.start };
        let above = self.text.get(..event.start as usize).unwrap_or_default();
        let indent: String = above.chars().rev().take_while(|c| *c == ' ' || *c == '\t').collect();
        let moved = format!("{}\n{indent}", self.text.get(clause.range()).unwrap_or_default());
        let message = format!("`{}` stands before `when`", self.written(at));
        let mut fix = Fix::replace(Applicability::Likely, event.before(), moved, "write it above `when`");
        fix.edits.push(Edit { span: Span { start, ..clause }, text: String::new() });
        self.diagnostics.push(
            Diagnostic::new(Code::SyntaxError, word, message)
                .label("a clause of the rule's head")
                .secondary(event, "above this")
                .fix(fix),
        );
    }

    /// Whether a clause of the head begins at a token.
    fn is_clause(&self, at: usize) -> bool {
        let next = self.kind(at + 1);
        match self.kind(at) {
            Some(TokenKind::Priority | TokenKind::Limit | TokenKind::Debounce) => {
                next == Some(TokenKind::Number)
            }
            Some(TokenKind::Owner | TokenKind::Timezone) => next == Some(TokenKind::Text),
            Some(TokenKind::Tags) => next == Some(TokenKind::LeftBracket),
            Some(TokenKind::Until | TokenKind::Group | TokenKind::Variant) => next == Some(TokenKind::Word),
            Some(TokenKind::Once) => next == Some(TokenKind::Per),
            Some(TokenKind::Rollout) => next == Some(TokenKind::Percent),
            Some(TokenKind::Active) => matches!(next, Some(TokenKind::From | TokenKind::Until)),
            Some(TokenKind::Overlap) => {
                matches!(next, Some(TokenKind::Queue | TokenKind::Skip | TokenKind::Restart))
            }
            Some(TokenKind::Disabled) => self.starts_line(at + 1),
            Some(_) | None => false,
        }
    }

    /// A rule that goes from its name on to `if` or `then`.
    pub(super) fn no_event(&mut self) -> bool {
        let when = self.tokens.iter().any(|token| token.kind == TokenKind::When);
        if when || self.kind(0) != Some(TokenKind::Rule) || self.kind(1) != Some(TokenKind::Word) {
            return false;
        }
        let mut at = if self.kind(2) == Some(TokenKind::Text) { 3 } else { 2 };
        while self.is_clause(at) {
            let next = (at + 1..self.tokens.len()).find(|next| self.starts_line(*next));
            at = next.unwrap_or(self.tokens.len());
        }
        let Some(token) = self.tokens.get(at).copied() else { return false };
        if !matches!(token.kind, TokenKind::If | TokenKind::Then) {
            return false;
        }
        let message = format!("`when` is missing before `{}`", token.kind.text());
        self.diagnostics.push(
            Diagnostic::new(Code::SyntaxError, token.span, message)
                .label("expected `when` and an event, such as `when shop.order.created`, above this"),
        );
        let place = token.span.before();
        let event = [TokenKind::When, TokenKind::Word].map(|kind| Token { kind, span: place });
        self.tokens.splice(at..at, event);
        true
    }
}
