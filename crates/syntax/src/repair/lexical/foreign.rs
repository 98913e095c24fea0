//! Habits of other languages that take several tokens, or one that no other can stand for: `"key": value`, `;` at the
//! end of a step, `elif`, `foreach (x in xs) {`, `3d`, `9am`, `per day`, `once per key per 3 days`, the title of a test
//! without quotes, a dash before a step.

mod clauses;
mod literals;
pub(in super::super) mod operators;

use hence_diagnostics::{Applicability, Code, Diagnostic, Edit, Fix, Span};

use super::super::starts_line;
use crate::literal::Unit;
use crate::token::{Token, TokenKind};

/// Reports such habits and reads them as they were meant. Returns whether what was made of one says less than the text.
pub(super) fn mend(text: &str, tokens: &mut Vec<Token>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let mut habits = Habits { text, tokens, diagnostics };
    habits.comments();
    habits.prefixes_of_texts();
    habits.hyphens();
    let mut guessed = habits.clauses_after_the_event();
    guessed |= habits.no_event();
    habits.title_of_a_test();
    habits.roles();
    habits.blocks_by_colons();
    habits.quoted_keys();
    habits.ends_of_steps();
    habits.commas_between_steps();
    habits.words();
    guessed |= habits.operators();
    habits.dashes();
    habits.once_in_a_while();
    habits.units_alone();
    guessed |= habits.lengths_and_times();
    guessed | habits.units_and_dates()
}

struct Habits<'a> {
    text: &'a str,
    tokens: &'a mut Vec<Token>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Habits<'_> {
    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn written(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    fn starts_line(&self, at: usize) -> bool {
        starts_line(self.text, self.tokens, at)
    }

    fn set_kind(&mut self, at: usize, kind: TokenKind) {
        if let Some(token) = self.tokens.get_mut(at) {
            token.kind = kind;
        }
    }

    /// Tells of a habit once, however often it is in the item: the fix mends all places.
    fn tell(&mut self, message: &str, label: &str, places: &[Span], title: &str, edits: Vec<Edit>) {
        let Some(first) = places.first() else { return };
        let mut diagnostic = Diagnostic::new(Code::SyntaxError, *first, message).label(label);
        for other in places.iter().skip(1).take(2) {
            diagnostic = diagnostic.secondary(*other, "here too");
        }
        let mut fix = Fix::replace(Applicability::Safe, *first, "", title);
        fix.edits = edits;
        self.diagnostics.push(diagnostic.fix(fix));
    }

    /// `test some_name`
    fn title_of_a_test(&mut self) {
        let named = self.kind(0) == Some(TokenKind::Test) && self.kind(1) == Some(TokenKind::Word);
        let Some(name) = self.tokens.get(1).copied().filter(|_| named && !self.starts_line(1)) else {
            return;
        };
        let right = format!("\"{}\"", self.written(1));
        let edits = vec![Edit { span: name.span, text: right.clone() }];
        self.tell(
            "the title of a test is a text in quotes",
            "expected a title",
            &[name.span],
            &format!("write `{right}`"),
            edits,
        );
        self.set_kind(1, TokenKind::Text);
    }

    /// `ask manager "May we?"`
    fn roles(&mut self) {
        for at in 1..self.tokens.len() {
            let named = self.kind(at - 1) == Some(TokenKind::Ask) && self.kind(at) == Some(TokenKind::Word);
            let asked = self.kind(at + 1) == Some(TokenKind::Text);
            let Some(role) = self.tokens.get(at).copied().filter(|_| named && asked) else { continue };
            let right = format!("\"{}\"", self.written(at));
            let edits = vec![Edit { span: role.span, text: right.clone() }];
            let title = format!("write `{right}`");
            self.tell("a role is a text in quotes", "expected a role", &[role.span], &title, edits);
            self.set_kind(at, TokenKind::Text);
        }
    }

    /// `if total > 100 EUR:` and the lines that are indented below it, as in Python.
    fn blocks_by_colons(&mut self) {
        let (mut places, mut edits) = (Vec::new(), Vec::new());
        let mut at = 1;
        while at < self.tokens.len() {
            if let Some((colon, last)) = self.block_by_colon(at) {
                let indent = self.column(at);
                let (Some(opens), Some(ends)) =
                    (self.tokens.get(colon).copied(), self.tokens.get(last).copied())
                else {
                    return;
                };
                places.push(opens.span);
                edits.push(Edit { span: opens.span, text: " {".to_owned() });
                let closes = format!("\n{}}}", " ".repeat(indent));
                edits.push(Edit { span: ends.span.after(), text: closes });
                self.set_kind(colon, TokenKind::LeftBrace);
                let close = Token { kind: TokenKind::RightBrace, span: ends.span.after() };
                self.tokens.insert(last + 1, close);
            }
            at += 1;
        }
        edits.sort_by_key(|edit| edit.span.start);
        self.tell("a block stands in braces", "expected `{`", &places, "write the blocks in braces", edits);
    }

    /// The colon that ends the line of the `if`, `else` or `for` at a place, and the last token of the lines below that
    /// are indented more.
    fn block_by_colon(&self, at: usize) -> Option<(usize, usize)> {
        let opens = [TokenKind::If, TokenKind::Else, TokenKind::For];
        let begins = self.starts_line(at)
            || matches!(self.kind(at - 1), Some(TokenKind::Then | TokenKind::Otherwise | TokenKind::Else));
        if !begins || !self.kind(at).is_some_and(|kind| opens.contains(&kind)) {
            return None;
        }
        let end = (at + 1..self.tokens.len()).find(|next| self.starts_line(*next))?;
        let is_line = (at..end - 1).all(|part| self.kind(part) != Some(TokenKind::LeftBrace));
        let is_step = self.kind(end) != Some(TokenKind::Then);
        if self.kind(end - 1) != Some(TokenKind::Colon) || !is_line || !is_step {
            return None;
        }
        let column = self.column(at);
        let is_below = |next: &usize| !self.starts_line(*next) || self.column(*next) > column;
        let last = (end..self.tokens.len()).take_while(is_below).last()?;
        Some((end - 1, last))
    }

    /// How many characters stand before a token on its line.
    fn column(&self, at: usize) -> usize {
        let start = self.tokens.get(at).map_or(0, |token| token.span.start as usize);
        let before = self.text.get(..start).unwrap_or_default();
        before.chars().rev().take_while(|c| *c != '\n').count()
    }

    /// `{ "name": value }`
    fn quoted_keys(&mut self) {
        let is_key = |at: &usize| {
            let before = at.checked_sub(1).and_then(|before| self.kind(before));
            let begins = [Some(TokenKind::LeftBrace), Some(TokenKind::Comma)].contains(&before);
            let named = self.written(*at).trim_matches(['"', '\'']);
            let plain = named.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && named.starts_with(|c: char| !c.is_ascii_digit());
            begins
                && plain
                && matches!(self.kind(*at), Some(TokenKind::Text | TokenKind::ForeignText))
                && self.kind(at + 1) == Some(TokenKind::Colon)
        };
        let keys: Vec<usize> = (0..self.tokens.len()).filter(is_key).collect();
        let places: Vec<Span> =
            keys.iter().filter_map(|at| self.tokens.get(*at)).map(|token| token.span).collect();
        let unquoted = |span: &Span| {
            let written = self.text.get(span.range()).unwrap_or_default();
            Edit { span: *span, text: written.trim_matches(['"', '\'']).to_owned() }
        };
        let edits = places.iter().map(unquoted).collect();
        self.tell(
            "the names of fields stand without quotes",
            "a name, not a text",
            &places,
            "write the names without quotes",
            edits,
        );
        for at in keys {
            if let Some(token) = self.tokens.get_mut(at) {
                // The name alone, without its quotes of one byte each.
                let Span { file, start, end } = token.span;
                *token = Token { kind: TokenKind::Word, span: Span::new(file, start + 1, end - 1) };
            }
        }
    }

    /// `step();`
    fn ends_of_steps(&mut self) {
        let mut found: Vec<usize> = Vec::new();
        // For each open bracket, whether steps stand in it rather than arguments, elements or fields.
        let mut open: Vec<bool> = Vec::new();
        for at in 1..self.tokens.len() {
            let kind = self.kind(at);
            if kind.and_then(TokenKind::closer).is_some() {
                let field = self.kind(at + 2) == Some(TokenKind::Colon);
                open.push(kind == Some(TokenKind::LeftBrace) && !field);
            } else if kind.is_some_and(TokenKind::is_closer) {
                open.pop();
            }
            let closes = self.kind(at + 1) == Some(TokenKind::RightBrace);
            let last = at + 1 >= self.tokens.len() || self.starts_line(at + 1) || closes;
            if last && self.written(at) == ";" && open.last() != Some(&false) {
                found.push(at);
            }
        }
        let places: Vec<Span> =
            found.iter().filter_map(|at| self.tokens.get(*at)).map(|token| token.span).collect();
        let edits = places.iter().map(|span| Edit { span: *span, text: String::new() }).collect();
        self.tell("a step ends without `;`", "not needed", &places, "remove every `;`", edits);
        for at in found.into_iter().rev() {
            self.tokens.remove(at);
        }
    }

    /// `elif`, `foreach`, and the parentheses of `for (x in xs) {`.
    fn words(&mut self) {
        let mut at = 1;
        while at < self.tokens.len() {
            let begins = self.starts_line(at)
                || matches!(
                    self.kind(at - 1),
                    Some(
                        TokenKind::RightBrace | TokenKind::LeftBrace | TokenKind::Then | TokenKind::Otherwise
                    )
                );
            let Some(token) = self.tokens.get(at).copied().filter(|_| begins) else {
                at += 1;
                continue;
            };
            match self.written(at) {
                "elif" | "elsif" | "elseif" => {
                    let message = format!("unexpected `{}`; did you mean `else if`?", self.written(at));
                    let edits = vec![Edit { span: token.span, text: "else if".to_owned() }];
                    self.tell(&message, "two words here", &[token.span], "write `else if`", edits);
                    self.set_kind(at, TokenKind::Else);
                    self.tokens.insert(at + 1, Token { kind: TokenKind::If, span: token.span.after() });
                }
                "foreach" => {
                    let edits = vec![Edit { span: token.span, text: "for".to_owned() }];
                    let message = "unexpected `foreach`; did you mean `for`?";
                    self.tell(message, "expected a step", &[token.span], "write `for`", edits);
                    self.set_kind(at, TokenKind::For);
                }
                _ => {}
            }
            if self.kind(at) == Some(TokenKind::For) && self.kind(at + 1) == Some(TokenKind::LeftParen) {
                self.parentheses_of_a_loop(at + 1);
            }
            at += 1;
        }
    }

    fn parentheses_of_a_loop(&mut self, open: usize) {
        let mut depth = 0usize;
        let close = (open..self.tokens.len()).find(|at| {
            match self.kind(*at) {
                Some(TokenKind::LeftParen) => depth += 1,
                Some(TokenKind::RightParen) => depth = depth.saturating_sub(1),
                Some(_) | None => {}
            }
            depth == 0
        });
        let Some(close) = close.filter(|close| self.kind(close + 1) == Some(TokenKind::LeftBrace)) else {
            return;
        };
        if self.kind(open + 2) != Some(TokenKind::In) {
            return;
        }
        let places: Vec<Span> =
            [open, close].iter().filter_map(|at| self.tokens.get(*at)).map(|token| token.span).collect();
        let edits = places.iter().map(|span| Edit { span: *span, text: String::new() }).collect();
        self.tell("`for` takes no parentheses", "not needed", &places, "remove the parentheses", edits);
        self.tokens.remove(close);
        self.tokens.remove(open);
    }

    /// `- step()` in the manner of lists of YAML.
    fn dashes(&mut self) {
        let is_dash = |at: &usize| {
            let before = at.checked_sub(1).and_then(|before| self.kind(before));
            let ends = before.is_some_and(|kind| {
                kind == TokenKind::Then || kind == TokenKind::Otherwise || kind == TokenKind::RightParen
            });
            let name =
                self.kind(at + 1) == Some(TokenKind::Word) && self.kind(at + 2) == Some(TokenKind::Dot);
            self.kind(*at) == Some(TokenKind::Minus) && self.starts_line(*at) && ends && name
        };
        let found: Vec<usize> = (1..self.tokens.len()).filter(is_dash).collect();
        // A line that goes on with `- a.b` is a difference; a list begins right after its keyword.
        let list = found.first().and_then(|first| self.kind(first - 1));
        if !matches!(list, Some(TokenKind::Then | TokenKind::Otherwise)) {
            return;
        }
        let places: Vec<Span> =
            found.iter().filter_map(|at| self.tokens.get(*at)).map(|token| token.span).collect();
        // With the blanks behind it.
        let after = |at: &usize| self.tokens.get(at + 1).map(|token| token.span.before());
        let ends: Vec<Span> = found.iter().filter_map(after).collect();
        let edits = places.iter().zip(&ends);
        let edits = edits.map(|(span, end)| Edit { span: span.to(*end), text: String::new() }).collect();
        self.tell("steps follow each other without dashes", "not needed", &places, "remove every `-`", edits);
        for at in found.into_iter().rev() {
            self.tokens.remove(at);
        }
    }

    /// `once per customer.id per 30 days`, `once per customer.id within 30 days`: a limit of one.
    fn once_in_a_while(&mut self) {
        for at in 1..self.tokens.len() {
            let begins = self.kind(at - 1) == Some(TokenKind::Once) && self.kind(at) == Some(TokenKind::Per);
            let Some(once) = self.tokens.get(at - 1).copied().filter(|_| begins) else { continue };
            let key = [TokenKind::Word, TokenKind::Dot, TokenKind::OptionalDot, TokenKind::QuotedName];
            let is_key = |next: &usize| self.kind(*next).is_some_and(|kind| key.contains(&kind));
            let end = at + 1 + (at + 1..self.tokens.len()).take_while(is_key).count();
            let every = [TokenKind::Per, TokenKind::Within, TokenKind::Every].map(Some);
            let is_length =
                self.kind(end + 1) == Some(TokenKind::Number) && self.kind(end + 2) == Some(TokenKind::Unit);
            let (Some(first), Some(last)) = (self.tokens.get(at + 1), self.tokens.get(end - 1)) else {
                continue;
            };
            let (keys, Some(unit)) = (first.span.to(last.span), self.tokens.get(end + 2)) else { continue };
            if end == at + 1 || !every.contains(&self.kind(end)) || !is_length {
                continue;
            }
            let text = |span: Span| self.text.get(span.range()).unwrap_or_default();
            let length = self.tokens.get(end + 1).map(|number| text(number.span.to(unit.span)));
            let right = format!("limit 1 per {} by {}", length.unwrap_or_default(), text(keys));
            let span = once.span.to(unit.span);
            let place = self.tokens.get(end).map_or(span, |word| word.span.to(unit.span));
            let message = format!("`once` is for ever; once in a while is written `{right}`");
            let edits = vec![Edit { span, text: right.clone() }];
            self.tell(&message, "not with `once`", &[place], &format!("write `{right}`"), edits);
            self.tokens.drain(end..end + 3);
        }
    }

    /// `limit 2 per day`, `within hour`.
    fn units_alone(&mut self) {
        let mut at = 1;
        while at < self.tokens.len() {
            // Elsewhere `per` leads to a value that tells cases apart, which may be called `day`.
            let rate = self.kind(at - 1) == Some(TokenKind::Per)
                && at.checked_sub(3).and_then(|before| self.kind(before)) == Some(TokenKind::Limit);
            let length = [TokenKind::Within, TokenKind::Debounce, TokenKind::Timeout].map(Some);
            let expected = rate || length.contains(&self.kind(at - 1));
            let is_path = self.kind(at + 1) == Some(TokenKind::Dot);
            let singular = Unit::ALL.iter().any(|(_, [_, singular, _])| *singular == self.written(at));
            let word = self.tokens.get(at).copied().filter(|_| expected && singular && !is_path);
            if let Some(word) = word {
                let right = format!("1 {}", self.written(at));
                let edits = vec![Edit { span: word.span.before(), text: "1 ".to_owned() }];
                let message = format!("a length of time has a number: `{right}`");
                self.tell(&message, "expected a number", &[word.span], &format!("write `{right}`"), edits);
                self.set_kind(at, TokenKind::Unit);
                self.tokens.insert(at, Token { kind: TokenKind::Number, span: word.span.before() });
            }
            at += 1;
        }
    }

    /// `3d`, `9am`, `9:30`; whether there were any.
    fn lengths_and_times(&mut self) -> bool {
        let mut found = false;
        let mut at = 0;
        while at < self.tokens.len() {
            let number = self.tokens.get(at).copied().filter(|token| token.kind == TokenKind::Number);
            let next = self.tokens.get(at + 1).copied();
            let (Some(number), Some(next)) = (number, next) else {
                at += 1;
                continue;
            };
            let gap = self.text.get(number.span.end as usize..next.span.start as usize).unwrap_or("\n");
            let digits = self.written(at).to_owned();
            let word = self.written(at + 1);
            let right = match word {
                _ if gap.contains('\n') => None,
                "am" | "AM" => clock(&digits, "00", false),
                "pm" | "PM" => clock(&digits, "00", true),
                _ if gap.is_empty() => {
                    length(word).map(|unit| format!("{digits} {}", counted(&digits, unit)))
                }
                _ => None,
            };
            if let Some(right) = right {
                let span = number.span.to(next.span);
                let message = format!("`{digits}{gap}{word}` is written `{right}`");
                let fix =
                    Fix::replace(Applicability::Likely, span, right.clone(), format!("write `{right}`"));
                let is_time = right.contains(':');
                self.diagnostics.push(
                    Diagnostic::new(Code::SyntaxError, span, message)
                        .label(if is_time { "a time of day has two digits twice" } else { "no unit of time" })
                        .fix(fix),
                );
                if is_time {
                    self.tokens.remove(at + 1);
                    if let Some(token) = self.tokens.get_mut(at) {
                        *token = Token { kind: TokenKind::Time, span };
                    }
                } else {
                    self.set_kind(at + 1, TokenKind::Unit);
                }
                found = true;
            }
            at += 1;
        }
        found
    }
}

/// The time of day that `9 pm` is.
fn clock(hours: &str, minutes: &str, afternoon: bool) -> Option<String> {
    let hours: u32 = hours.parse().ok().filter(|hours| (1..=12).contains(hours))?;
    let hours = hours % 12 + if afternoon { 12 } else { 0 };
    Some(format!("{hours:02}:{minutes}"))
}

/// The unit of time that an abbreviation stands for.
fn length(word: &str) -> Option<&'static str> {
    Some(match word {
        "sec" | "secs" => "second",
        "mins" => "minute",
        "hr" | "hrs" | "H" => "hour",
        "d" | "D" => "day",
        "w" | "wk" | "wks" => "week",
        "mo" | "mos" => "month",
        "y" | "yr" | "yrs" => "year",
        _ => return None,
    })
}

fn counted(digits: &str, unit: &str) -> String {
    if digits == "1" { unit.to_owned() } else { format!("{unit}s") }
}
