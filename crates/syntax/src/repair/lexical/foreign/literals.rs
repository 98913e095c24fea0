//! Literals and comments of other languages: `f"order {number}"`, `# comment`, `2h30m`, `3 dasy`, `01.02.2026`, and
//! names with `-` in them.

use hence_diagnostics::{Applicability, Code, Diagnostic, Edit, Fix, Span, nearest};

use super::{Habits, counted, length};
use crate::literal::{Unit, unit};
use crate::token::{Token, TokenKind};

impl Habits<'_> {
    /// `# comment`
    pub(super) fn comments(&mut self) {
        let (mut places, mut edits) = (Vec::new(), Vec::new());
        let mut at = 0;
        while at < self.tokens.len() {
            let Some(token) = self.tokens.get(at).copied() else { return };
            let rest = self.text.get(token.span.start as usize..).unwrap_or_default();
            let apart = rest.trim_start_matches('#').starts_with([' ', '\t']) || self.starts_line(at);
            let begins = token.kind == TokenKind::Unknown && rest.starts_with('#') && apart;
            if !begins {
                at += 1;
                continue;
            }
            let hashes = self.written(at).bytes().take_while(|byte| *byte == b'#').count() as u32;
            let span = Span { end: token.span.start + hashes, ..token.span };
            places.push(span);
            edits.push(Edit { span, text: "//".to_owned() });
            let end = token.span.start as usize + rest.find('\n').unwrap_or(rest.len());
            let inside =
                self.tokens.iter().skip(at).take_while(|token| (token.span.start as usize) < end).count();
            self.tokens.drain(at..at + inside);
        }
        self.tell("a comment begins with `//`", "begins no comment", &places, "write `//`", edits);
    }

    /// `f"order {number}"`
    pub(super) fn prefixes_of_texts(&mut self) {
        let is_prefix = |at: &usize| {
            let (Some(word), Some(text)) = (self.tokens.get(*at), self.tokens.get(at + 1)) else {
                return false;
            };
            word.span.end == text.span.start
                && matches!(text.kind, TokenKind::Text | TokenKind::UnclosedText | TokenKind::ForeignText)
                && matches!(self.written(*at), "f" | "F" | "$")
        };
        let found: Vec<usize> = (0..self.tokens.len()).filter(is_prefix).collect();
        let places: Vec<Span> =
            found.iter().filter_map(|at| self.tokens.get(*at)).map(|token| token.span).collect();
        let edits = places.iter().map(|span| Edit { span: *span, text: String::new() }).collect();
        self.tell("values stand in braces in every text", "not needed", &places, "remove it", edits);
        for at in found.into_iter().rev() {
            self.tokens.remove(at);
        }
    }

    /// `rule my-rule`
    pub(super) fn hyphens(&mut self) {
        let items = [TokenKind::Rule, TokenKind::Fn, TokenKind::Const, TokenKind::Group, TokenKind::Table];
        if !self.kind(0).is_some_and(|kind| items.contains(&kind)) || self.kind(1) != Some(TokenKind::Word) {
            return;
        }
        let tight = |at: usize| {
            let (Some(before), Some(token)) = (self.tokens.get(at - 1), self.tokens.get(at)) else {
                return false;
            };
            before.span.end == token.span.start
        };
        let is_part = |at: usize| {
            let part = self.kind(at + 1).is_some_and(|kind| kind.is_word() || kind == TokenKind::Number);
            self.kind(at) == Some(TokenKind::Minus) && part && tight(at) && tight(at + 1)
        };
        let mut end = 1;
        while is_part(end + 1) {
            end += 2;
        }
        let (Some(first), Some(last)) = (self.tokens.get(1), self.tokens.get(end)) else { return };
        if end == 1 {
            return;
        }
        let span = first.span.to(last.span);
        let right = self.text.get(span.range()).unwrap_or_default().replace('-', "_");
        self.diagnostics.push(
            Diagnostic::new(Code::SyntaxError, span, "a name has no `-`")
                .label("letters, digits and `_`")
                .fix(Fix::replace(Applicability::Likely, span, right.clone(), format!("write `{right}`"))),
        );
        self.tokens.splice(1..=end, [Token { kind: TokenKind::Word, span }]);
    }

    /// `2h30m`, `2 hours 30 minutes`, `3 dasy`, `01.02.2026`; whether there were any.
    pub(super) fn units_and_dates(&mut self) -> bool {
        let mut found = false;
        let mut at = 0;
        while at + 1 < self.tokens.len() {
            if self.kind(at) == Some(TokenKind::Number) {
                found |= self.date(at) || self.two_units(at) || self.unknown_unit(at);
            }
            at += 1;
        }
        found
    }

    /// Whether tokens stand on one line.
    fn on_one_line(&self, first: usize, last: usize) -> bool {
        (first + 1..=last).all(|at| !self.starts_line(at))
    }

    /// `01.02.2026`
    fn date(&mut self, at: usize) -> bool {
        let (Some(first), Some(dot), Some(last)) =
            (self.tokens.get(at), self.tokens.get(at + 1), self.tokens.get(at + 2))
        else {
            return false;
        };
        let tight = first.span.end == dot.span.start && dot.span.end == last.span.start;
        if !tight || dot.kind != TokenKind::Dot || last.kind != TokenKind::Number {
            return false;
        }
        let span = first.span.to(last.span);
        let written = self.text.get(span.range()).unwrap_or_default();
        let parts: Vec<&str> = written.split('.').collect();
        let [day, month, year] = parts.as_slice() else { return false };
        let number =
            |part: &str, most: u32| part.parse::<u32>().ok().filter(|part| (1..=most).contains(part));
        let (Some(day), Some(month), 4) = (number(day, 31), number(month, 12), year.len()) else {
            return false;
        };
        let right = format!("{year}-{month:02}-{day:02}");
        self.diagnostics.push(
            Diagnostic::new(Code::SyntaxError, span, format!("a date is written year first: `{right}`"))
                .label("not a date")
                .fix(Fix::replace(Applicability::Likely, span, right.clone(), format!("write `{right}`"))),
        );
        self.tokens.splice(at..=at + 2, [Token { kind: TokenKind::Date, span }]);
        true
    }

    /// `2h30m`, `2 hours 30 minutes`
    fn two_units(&mut self, at: usize) -> bool {
        let (Some(number), Some(word)) = (self.tokens.get(at).copied(), self.tokens.get(at + 1).copied())
        else {
            return false;
        };
        if !self.on_one_line(at, at + 1) {
            return false;
        }
        let more = [self.kind(at + 2), self.kind(at + 3)] == [Some(TokenKind::Number), Some(TokenKind::Unit)];
        let last = if word.kind == TokenKind::Unit && more && self.on_one_line(at, at + 3) {
            at + 3
        } else if word.kind == TokenKind::Word && number.span.end == word.span.start {
            at + 1
        } else {
            return false;
        };
        let Some(span) = self.tokens.get(last).map(|last| number.span.to(last.span)) else { return false };
        let written = self.text.get(span.range()).unwrap_or_default();
        let Some(parts) = lengths(written).filter(|parts| parts.len() > 1) else { return false };
        let diagnostic =
            Diagnostic::new(Code::SyntaxError, span, "a length of time has one unit").label("two units");
        let diagnostic = match sum(&parts) {
            Some(right) => diagnostic.fix(Fix::replace(
                Applicability::Likely,
                span,
                right.clone(),
                format!("write `{right}`"),
            )),
            None => diagnostic.help("say it in one of the units, such as `36 hours`"),
        };
        self.diagnostics.push(diagnostic);
        self.set_kind(at + 1, TokenKind::Unit);
        self.tokens.drain(at + 2..=last.max(at + 1));
        true
    }

    /// `wait 3 dasy`
    fn unknown_unit(&mut self, at: usize) -> bool {
        let Some(word) = self.tokens.get(at + 1).copied().filter(|word| word.kind == TokenKind::Word) else {
            return false;
        };
        let goes_on = [TokenKind::Dot, TokenKind::OptionalDot, TokenKind::LeftParen, TokenKind::Colon];
        let other =
            self.kind(at + 2).is_some_and(|next| goes_on.contains(&next)) && self.on_one_line(at, at + 2);
        if !self.on_one_line(at, at + 1) || other {
            return false;
        }
        let digits = self.written(at).to_owned();
        let names = Unit::ALL.iter().flat_map(|(_, [_, singular, plural])| [*plural, *singular]);
        let written = self.written(at + 1).to_owned();
        let meant = length(&written).or_else(|| nearest(&written, names));
        let lengths = [TokenKind::Wait, TokenKind::Within, TokenKind::Debounce, TokenKind::Timeout].map(Some);
        let expected = at.checked_sub(1).is_some_and(|before| lengths.contains(&self.kind(before)));
        if meant.is_none() && !expected {
            return false;
        }
        let diagnostic =
            Diagnostic::new(Code::SyntaxError, word.span, format!("there is no unit of time `{written}`"))
                .label("no unit of time");
        let diagnostic = match meant {
            Some(meant) => {
                let right = counted(&digits, meant.strip_suffix('s').unwrap_or(meant));
                let title = format!("write `{right}`");
                diagnostic.fix(Fix::replace(Applicability::Likely, word.span, right, title))
            }
            None => diagnostic.help("the units are seconds, minutes, hours, days, weeks, months and years"),
        };
        self.diagnostics.push(diagnostic);
        self.set_kind(at + 1, TokenKind::Unit);
        true
    }
}

/// The counts and units that `2h30m` is made of.
fn lengths(written: &str) -> Option<Vec<(u64, Unit)>> {
    let mut rest = written.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (count, after) = rest.split_at_checked(digits)?;
        let after = after.trim_start();
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (name, after) = after.split_at_checked(letters)?;
        let unit = unit(name).or_else(|| length(name).and_then(unit))?;
        parts.push((count.parse().ok()?, unit));
        rest = after.trim_start();
    }
    Some(parts)
}

/// Lengths in the smallest of their units; nothing where that depends on the day.
fn sum(parts: &[(u64, Unit)]) -> Option<String> {
    let seconds = |unit: Unit| match unit {
        Unit::Second => Some((1, "second")),
        Unit::Minute => Some((60, "minute")),
        Unit::Hour => Some((3600, "hour")),
        Unit::Day | Unit::Week | Unit::Month | Unit::Year => None,
    };
    let units: Option<Vec<(u64, &str)>> = parts.iter().map(|(_, unit)| seconds(*unit)).collect();
    let (smallest, name) = units?.into_iter().min()?;
    let mut total = 0u64;
    for (count, unit) in parts {
        total = total.checked_add(count.checked_mul(seconds(*unit)?.0)?)?;
    }
    let count = (total / smallest).to_string();
    Some(format!("{count} {}", counted(&count, name)))
}
