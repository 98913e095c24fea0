//! Operators of other languages whose words stand for several here: `like "%A"`, `note exists`, `any(items, line => …)`,
//! `x !in list`.

use hence_diagnostics::{Applicability, Code, Diagnostic, Edit, Fix, Span};

use super::Habits;
use crate::token::{Class, Token, TokenKind};

/// The words that go through a list: `any(line in lines, …)`.
pub(in super::super::super) const QUANTIFIERS: &[&str] =
    &["any", "all", "none", "count", "sum", "min", "max", "avg", "first", "filter", "map"];

impl Habits<'_> {
    /// Reads such operators; whether there were any that are a guess.
    pub(super) fn operators(&mut self) -> bool {
        self.negations();
        let mut guessed = false;
        let mut at = 1;
        while at < self.tokens.len() {
            guessed |= self.like(at) | self.exists(at) | self.closure(at);
            at += 1;
        }
        guessed
    }

    /// Whether a value may end with a token.
    fn ends_value(&self, at: usize) -> bool {
        let Some(kind) = self.kind(at) else { return false };
        let of_path = at > 0 && matches!(self.kind(at - 1), Some(TokenKind::Dot | TokenKind::OptionalDot));
        matches!(kind, TokenKind::Word | TokenKind::QuotedName) || kind.is_closer() || of_path
    }

    fn guess(&mut self, place: Span, message: String, label: &str, right: &str, edits: Vec<Edit>) {
        let mut fix = Fix::replace(Applicability::Likely, place, "", format!("write `{right}`"));
        fix.edits = edits;
        self.diagnostics.push(Diagnostic::new(Code::SyntaxError, place, message).label(label).fix(fix));
    }

    /// `"vip" !in tags`
    fn negations(&mut self) {
        for at in 1..self.tokens.len() {
            let words =
                [TokenKind::In, TokenKind::Contains, TokenKind::Starts, TokenKind::Ends, TokenKind::Matches];
            let negates =
                self.written(at) == "!" && self.kind(at + 1).is_some_and(|kind| words.contains(&kind));
            let (Some(mark), Some(word)) = (self.tokens.get(at).copied(), self.tokens.get(at + 1).copied())
            else {
                continue;
            };
            if !negates {
                continue;
            }
            let written = self.written(at + 1);
            let (message, title) = (
                format!("unexpected `!{written}`; did you mean `not {written}`?"),
                format!("write `not {written}`"),
            );
            let edits = vec![Edit { span: mark.span.to(word.span.before()), text: "not ".to_owned() }];
            self.tell(&message, "two words here", &[mark.span.to(word.span)], &title, edits);
            self.set_kind(at, TokenKind::Not);
        }
    }

    /// `number like "%A%"`
    fn like(&mut self, at: usize) -> bool {
        let texts = [TokenKind::Text, TokenKind::RawText, TokenKind::ForeignText];
        let negated = self.kind(at - 1) == Some(TokenKind::Not);
        let follows = self.ends_value(at - 1) || negated && at > 1 && self.ends_value(at - 2);
        let is_like = self.written(at).eq_ignore_ascii_case("like") && self.kind(at) == Some(TokenKind::Word);
        let (Some(word), Some(text)) = (self.tokens.get(at).copied(), self.tokens.get(at + 1).copied())
        else {
            return false;
        };
        if !is_like || !follows || !texts.contains(&text.kind) {
            return false;
        }
        let pattern = self.written(at + 1).trim_start_matches('r').trim_matches(['"', '\'']).to_owned();
        let (before, after) = (pattern.starts_with('%'), pattern.ends_with('%'));
        let searched = pattern.strip_prefix('%').unwrap_or(&pattern);
        let searched = searched.strip_suffix('%').unwrap_or(searched);
        let plain = !searched.is_empty() && !searched.contains(['%', '_', '\\', '"', '{']);
        let operator = match (before, after) {
            (true, false) => "ends with",
            (false, true) => "starts with",
            _ => "contains",
        };
        let message = format!("unexpected `{}`; parts of texts are told by words", self.written(at));
        if plain && (before || after) {
            let right = format!("{operator} \"{searched}\"");
            let edits = vec![Edit { span: word.span.to(text.span), text: right.clone() }];
            self.guess(word.span, message, "no operator", &right, edits);
        } else {
            self.diagnostics.push(
                Diagnostic::new(Code::SyntaxError, word.span, message).label("no operator").help(
                    "write `contains \"A\"`, `starts with \"A\"`, `ends with \"A\"`, `== \"A\"`, or a pattern such as \
                     `matches /A.*B/`",
                ),
            );
        }
        let with = Token { kind: TokenKind::With, span: word.span.after() };
        match operator {
            "contains" => self.set_kind(at, TokenKind::Contains),
            _ => {
                let first = if operator == "ends with" { TokenKind::Ends } else { TokenKind::Starts };
                self.set_kind(at, first);
                self.tokens.insert(at + 1, with);
            }
        }
        true
    }

    /// `note exists`
    fn exists(&mut self, at: usize) -> bool {
        let ends = self.kind(at + 1).is_none_or(|next| {
            let after =
                [TokenKind::And, TokenKind::Or, TokenKind::Then, TokenKind::RightParen, TokenKind::LeftBrace];
            after.contains(&next) || self.starts_line(at + 1)
        });
        let negated = self.kind(at - 1) == Some(TokenKind::Not);
        let last = if negated { at.saturating_sub(2) } else { at - 1 };
        let Some(word) = self.tokens.get(at).copied().filter(|word| word.kind == TokenKind::Word) else {
            return false;
        };
        let follows = last > 0 && self.ends_value(last) && !self.starts_line(at);
        if self.written(at) != "exists" || !ends || !follows {
            return false;
        }
        let (right, kind) =
            if negated { ("is missing", TokenKind::Missing) } else { ("is present", TokenKind::Present) };
        let place = if negated {
            self.tokens.get(at - 1).map_or(word.span, |not| not.span.to(word.span))
        } else {
            word.span
        };
        let edits = vec![Edit { span: place, text: right.to_owned() }];
        self.guess(
            place,
            format!("unexpected `exists`; did you mean `{right}`?"),
            "no operator",
            right,
            edits,
        );
        self.set_kind(at, kind);
        if negated {
            self.set_kind(at - 1, TokenKind::Is);
        } else {
            self.tokens.insert(at, Token { kind: TokenKind::Is, span: word.span.before() });
        }
        true
    }

    /// `any(items, line => …)`
    fn closure(&mut self, at: usize) -> bool {
        let arrow = self.written(at) == "=>" || self.kind(at) == Some(TokenKind::Arrow);
        let comma = at.checked_sub(2).filter(|comma| self.kind(*comma) == Some(TokenKind::Comma));
        let Some(comma) = comma.filter(|_| arrow && self.kind(at - 1) == Some(TokenKind::Word)) else {
            return false;
        };
        let of_path = |part: &usize| {
            self.kind(*part).is_some_and(|kind| {
                matches!(kind.class(), Class::Name | Class::Contextual)
                    || matches!(kind, TokenKind::Dot | TokenKind::OptionalDot)
            })
        };
        let start = (0..comma).rev().take_while(of_path).last();
        let Some(start) =
            start.filter(|start| *start >= 2 && self.kind(start - 1) == Some(TokenKind::LeftParen))
        else {
            return false;
        };
        let (Some(first), Some(last), Some(end)) =
            (self.tokens.get(start), self.tokens.get(comma - 1), self.tokens.get(at))
        else {
            return false;
        };
        if !QUANTIFIERS.contains(&self.written(start - 2)) {
            return false;
        }
        let (list, place) = (first.span.to(last.span), first.span.to(end.span));
        let mark = end.span;
        let list = self.text.get(list.range()).unwrap_or_default();
        let right = format!("{} in {list},", self.written(at - 1));
        let shown = format!("{}({right} …)", self.written(start - 2));
        let message = format!("a list is gone through by `{shown}`");
        let edits = vec![Edit { span: place, text: right }];
        self.guess(mark, message, "not with an arrow", &shown, edits);
        let Some(mut part) = self.tokens.get(start..=at).map(<[Token]>::to_vec) else { return true };
        // `items , line =>` is read as `line in items ,`.
        let path = comma - start;
        if let Some(comma) = part.get_mut(path) {
            comma.kind = TokenKind::In;
        }
        if let Some(arrow) = part.last_mut() {
            arrow.kind = TokenKind::Comma;
        }
        part.swap(path, path + 1);
        let (paths, rest) = part.split_at(path);
        let [name, within, comma] = rest else { return true };
        let mut read = vec![*name, *within];
        read.extend_from_slice(paths);
        read.push(*comma);
        self.tokens.splice(start..=at, read);
        true
    }
}
