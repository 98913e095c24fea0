//! What is made wrong: one token of a valid text, in the ways people get tokens wrong.

use std::ops::Range;

use hence_diagnostics::FileId;
use hence_syntax::{Class, Token, TokenKind, lex};

/// How a token is made wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    DropKeyword,
    DropName,
    DropLiteral,
    DropMark,
    DropComma,
    DropOpener,
    DropCloser,
    Duplicate,
    Swap,
    MisspellKeyword,
    MisspellName,
    Foreign,
    WrongType,
    WrongUnit,
    WrongCurrency,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::DropKeyword => "drop a keyword",
            Kind::DropName => "drop a name",
            Kind::DropLiteral => "drop a literal",
            Kind::DropMark => "drop a mark",
            Kind::DropComma => "drop a comma",
            Kind::DropOpener => "drop an opener",
            Kind::DropCloser => "drop a closer",
            Kind::Duplicate => "duplicate a token",
            Kind::Swap => "swap two tokens",
            Kind::MisspellKeyword => "misspell a keyword",
            Kind::MisspellName => "misspell a name",
            Kind::Foreign => "foreign mark or word",
            Kind::WrongType => "literal of another type",
            Kind::WrongUnit => "wrong unit",
            Kind::WrongCurrency => "wrong currency",
        }
    }
}

/// A text with one token wrong.
pub(super) struct Mutant {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// What stands in it where the right token stood.
    pub(super) place: Range<usize>,
    /// The index of the token among those that are no blanks or comments, in both texts.
    pub(super) at: usize,
}

/// Returns the tokens of a text, blanks and comments left out.
pub(super) fn significant(text: &str) -> Vec<Token> {
    let tokens = lex(FileId::default(), text);
    tokens.into_iter().filter(|token| !token.kind.is_trivia()).collect()
}

/// Returns all mutants of a text.
pub(super) fn all(text: &str) -> Vec<Mutant> {
    let tokens = significant(text);
    let mut made = Making { text, tokens: &tokens, all: Vec::new() };
    for at in 0..tokens.len() {
        made.drop(at);
        made.duplicate(at);
        made.misspell(at);
        made.foreign(at);
        made.literal(at);
        made.swap(at);
    }
    made.all
}

struct Making<'a> {
    text: &'a str,
    tokens: &'a [Token],
    all: Vec<Mutant>,
}

impl<'a> Making<'a> {
    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn before(&self, at: usize) -> Option<TokenKind> {
        at.checked_sub(1).and_then(|before| self.kind(before))
    }

    fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    /// Adds a mutant that has `new` where the tokens from `at` to `last` stand.
    fn add(&mut self, kind: Kind, at: usize, last: usize, new: &str) {
        let (Some(first), Some(end)) = (self.tokens.get(at), self.tokens.get(last)) else { return };
        let range = first.span.start as usize..end.span.end as usize;
        let place = range.start..range.start + new.len();
        let mut text = self.text.to_owned();
        text.replace_range(range, new);
        self.all.push(Mutant { kind, text, place, at });
    }

    fn drop(&mut self, at: usize) {
        let Some(token) = self.kind(at) else { return };
        let kind = if token == TokenKind::Comma {
            Kind::DropComma
        } else if token.is_closer() {
            Kind::DropCloser
        } else if token.closer().is_some() {
            Kind::DropOpener
        } else {
            match token.class() {
                Class::Literal => Kind::DropLiteral,
                Class::Name => Kind::DropName,
                // A contextual keyword in the place of a name is a name.
                Class::Contextual if self.is_path_part(at) => Kind::DropName,
                Class::Reserved | Class::Contextual => Kind::DropKeyword,
                Class::Mark => Kind::DropMark,
                Class::Trivia | Class::Bad => return,
            }
        };
        self.add(kind, at, at, " ");
    }

    fn duplicate(&mut self, at: usize) {
        let word = self.word(at);
        self.add(Kind::Duplicate, at, at, &format!("{word} {word}"));
    }

    fn swap(&mut self, at: usize) {
        let (Some(first), Some(next)) = (self.tokens.get(at), self.tokens.get(at + 1)) else { return };
        let between = self.text.get(first.span.end as usize..next.span.start as usize).unwrap_or_default();
        if between.contains('\n') {
            return;
        }
        let new = format!(" {} {between} {} ", self.word(at + 1), self.word(at));
        self.add(Kind::Swap, at, at + 1, &new);
    }

    /// Whether a token stands next to a dot or before a colon.
    fn is_path_part(&self, at: usize) -> bool {
        let dots = [Some(TokenKind::Dot), Some(TokenKind::OptionalDot)];
        dots.contains(&self.before(at))
            || dots.contains(&self.kind(at + 1))
            || self.kind(at + 1) == Some(TokenKind::Colon)
    }

    /// Whether a token is the name of what is declared there: another name there is another program.
    fn is_declared(&self, at: usize) -> bool {
        let declares = [
            TokenKind::Rule,
            TokenKind::Fn,
            TokenKind::Const,
            TokenKind::Table,
            TokenKind::Let,
            TokenKind::As,
            TokenKind::For,
            TokenKind::Each,
            TokenKind::Error,
        ];
        let parameter = self.kind(at + 1) == Some(TokenKind::Colon);
        let binder =
            self.kind(at + 1) == Some(TokenKind::In) && self.before(at) == Some(TokenKind::LeftParen);
        self.before(at).is_some_and(|before| declares.contains(&before)) || parameter || binder
    }

    fn misspell(&mut self, at: usize) {
        let Some(token) = self.kind(at) else { return };
        let word = self.word(at);
        let mut letters: Vec<char> = word.chars().collect();
        let middle = letters.len() / 2;
        if token.is_keyword() && !self.is_path_part(at) && !self.is_declared(at) {
            letters.swap(middle - 1, middle);
            self.add(Kind::MisspellKeyword, at, at, &letters.iter().collect::<String>());
            if word.len() > 2 {
                letters.remove(middle);
                self.add(Kind::MisspellKeyword, at, at, &letters.iter().collect::<String>());
                let last = letters.last().copied().unwrap_or_default();
                self.add(Kind::MisspellKeyword, at, at, &format!("{word}{last}"));
                self.add(Kind::MisspellKeyword, at, at, &word.to_uppercase());
            }
        } else if token.is_word() && word.len() > 2 && !self.is_declared(at) {
            letters.swap(middle - 1, middle);
            self.add(Kind::MisspellName, at, at, &letters.iter().collect::<String>());
            letters.remove(middle);
            self.add(Kind::MisspellName, at, at, &letters.iter().collect::<String>());
        }
    }

    fn foreign(&mut self, at: usize) {
        let foreign: &[&str] = match self.word(at) {
            "==" => &["=", "==="],
            "!=" => &["<>", "!=="],
            ">=" => &["=>"],
            "and" => &["&&", "AND"],
            "or" => &["||", "OR"],
            "not" => &["!"],
            "," => &[";"],
            ":" => &["="],
            "contains" => &["includes"],
            _ => &[],
        };
        for new in foreign {
            self.add(Kind::Foreign, at, at, new);
        }
        if self.kind(at) == Some(TokenKind::Text) && !self.word(at).contains('\\') {
            let inner = self.word(at).trim_matches('"');
            if !inner.contains(['\'', '"', '\u{201c}', '\u{201d}']) {
                self.add(Kind::Foreign, at, at, &format!("'{inner}'"));
                self.add(Kind::Foreign, at, at, &format!("\u{201c}{inner}\u{201d}"));
            }
        }
    }

    fn literal(&mut self, at: usize) {
        let Some(token) = self.kind(at) else { return };
        let word = self.word(at);
        let follows = self.kind(at + 1);
        let alone = !matches!(follows, Some(TokenKind::Unit | TokenKind::Currency));
        let day = [TokenKind::Percent, TokenKind::Date, TokenKind::Time, TokenKind::DateTime];
        if token == TokenKind::Text {
            self.add(Kind::WrongType, at, at, "7");
        } else if token == TokenKind::Number {
            self.add(Kind::WrongType, at, if alone { at } else { at + 1 }, &format!("\"{word}\""));
        } else if day.contains(&token) {
            self.add(Kind::WrongType, at, at, &format!("\"{word}\""));
        } else if token == TokenKind::True || token == TokenKind::False {
            self.add(Kind::WrongType, at, at, "1");
        } else if token == TokenKind::Unit {
            self.add(Kind::WrongUnit, at, at, "EUR");
            self.add(Kind::WrongUnit, at, at, &format!("{word}x"));
            self.add(Kind::WrongUnit, at, at, "kg");
        } else if token == TokenKind::Currency {
            self.add(Kind::WrongCurrency, at, at, "days");
            self.add(Kind::WrongCurrency, at, at, &word.to_lowercase());
            self.add(Kind::WrongCurrency, at, at, "EURO");
        }
    }
}
