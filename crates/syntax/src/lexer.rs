//! Text → tokens that keep every byte. Never fails: what is no token becomes one of a bad kind.

use hence_diagnostics::{FileId, Span};
use logos::Logos;

use crate::token::{Class, Token, TokenKind};

#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
enum Lexeme {
    #[regex(r"[ \t\r\n\f\u{feff}\u{a0}]+")]
    Blank,
    #[regex(r"//[^\n]*", allow_greedy = true)]
    Comment,
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Word,
    #[regex(r"`[^`\n]*`")]
    QuotedName,
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?")]
    Number,
    #[regex(r"[0-9]+(st|nd|rd|th)")]
    Ordinal,
    #[regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")]
    Date,
    #[regex(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")]
    Time,
    #[regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?")]
    DateTime,
    #[token("\"", text)]
    Text(bool),
    #[regex("r\"[^\"\n]*\"")]
    RawText,
    #[regex(r"'[^'\n]*'")]
    #[regex("[\u{201c}\u{201d}\u{201e}][^\u{201c}\u{201d}\u{201e}\n]*[\u{201c}\u{201d}]")]
    ForeignText,
    #[regex(r"&&|\|\||!|;|<>|=>|===|!==|:=|\*\*|&")]
    Foreign,
    #[token("(")]
    LeftParen,
    #[token(")")]
    RightParen,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token(".")]
    Dot,
    #[token("?.")]
    OptionalDot,
    #[token("?")]
    Question,
    #[token("..")]
    Range,
    #[token("|")]
    Pipe,
    #[token("->")]
    Arrow,
    #[token("=")]
    Assign,
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("<")]
    Less,
    #[token("<=")]
    LessOrEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterOrEqual,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Modulo,
}

/// Takes a text to its closing quote; false if the line ends first.
fn text(lexer: &mut logos::Lexer<'_, Lexeme>) -> bool {
    let (length, closed) = text_length(lexer.remainder());
    lexer.bump(length);
    closed
}

/// Returns how many bytes of `rest`, the text after an opening quote, belong to the text, the closing quote
/// included, and whether there is one. Quotes within `{…}` belong to the expression there.
pub(crate) fn text_length(rest: &str) -> (usize, bool) {
    // One entry per open text: how many braces are open in it.
    let mut open: Vec<u32> = vec![0];
    let mut characters = rest.char_indices().peekable();
    let mut line_end = rest.len();
    while let Some((at, character)) = characters.next() {
        let Some(braces) = open.last_mut() else { break };
        match character {
            '\n' => {
                line_end = at;
                break;
            }
            '\\' if *braces == 0 => {
                characters.next_if(|(_, next)| *next != '\n');
            }
            '{' if *braces == 0 && characters.peek().is_some_and(|(_, next)| *next == '{') => {
                characters.next();
            }
            '{' => *braces += 1,
            '}' if *braces > 0 => *braces -= 1,
            '"' if *braces > 0 => open.push(0),
            '"' => {
                open.pop();
                if open.is_empty() {
                    return (at + 1, true);
                }
            }
            _ => {}
        }
    }
    // Unbalanced braces must not make the rest of the line part of the text: try without them.
    let line = rest.get(..line_end).unwrap_or(rest);
    let mut escaped = false;
    for (at, character) in line.char_indices() {
        match character {
            '\\' => escaped = !escaped,
            '"' if !escaped => return (at + 1, true),
            _ => escaped = false,
        }
    }
    // Blanks at the end of the line are no more part of it than the line's end is.
    (line.trim_end_matches([' ', '\t', '\r', '\u{c}', '\u{feff}', '\u{a0}']).len(), false)
}

/// Cuts a text into tokens, blanks and comments included. Their spans follow each other without gap.
pub fn lex(file: FileId, text: &str) -> Vec<Token> {
    lex_from(file, text, 0)
}

/// Cuts a part of a file that starts at byte `offset` into tokens.
pub(crate) fn lex_from(file: FileId, text: &str, offset: u32) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 4);
    let mut lexer = Lexeme::lexer(text);
    // The last two significant kinds decide what `/`, `EUR` and `days` are.
    let mut last = TokenKind::Comma;
    while let Some(lexeme) = lexer.next() {
        let slice = lexer.slice();
        let kind = match lexeme {
            Ok(Lexeme::Slash) if last == TokenKind::Matches || !ends_operand(last) => {
                let length = pattern_length(lexer.remainder());
                lexer.bump(length);
                if length == 0 { TokenKind::Slash } else { TokenKind::Pattern }
            }
            Ok(Lexeme::Number) if percent_follows(lexer.remainder()) => {
                lexer.bump(1);
                TokenKind::Percent
            }
            Ok(Lexeme::Word) => word(slice, last),
            Ok(lexeme) => kind(lexeme, slice),
            Err(()) => TokenKind::Unknown,
        };
        let range = lexer.span();
        let span = Span::new(file, offset + range.start as u32, offset + range.end as u32);
        match tokens.last_mut() {
            Some(before) if kind == TokenKind::Unknown && before.kind == TokenKind::Unknown => {
                before.span.end = span.end;
            }
            _ => tokens.push(Token { kind, span }),
        }
        if !kind.is_trivia() {
            last = kind;
        }
    }
    tokens
}

/// Whether a `/` after this may divide.
fn ends_operand(kind: TokenKind) -> bool {
    match kind.class() {
        Class::Literal | Class::Name | Class::Contextual | Class::Trivia | Class::Bad => true,
        Class::Reserved => kind == TokenKind::True || kind == TokenKind::False,
        Class::Mark => kind.is_closer() || kind == TokenKind::Slash,
    }
}

/// The length of the rest of a pattern after its opening `/`, flags included; 0 if the line has no closing `/`.
fn pattern_length(rest: &str) -> usize {
    let mut escaped = false;
    let mut class = false;
    for (at, character) in rest.char_indices() {
        match character {
            '\n' => return 0,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => {
                let flags = rest.get(at + 1..).unwrap_or_default();
                let length = flags.bytes().take_while(u8::is_ascii_lowercase).count();
                return at + 1 + length;
            }
            _ => {}
        }
    }
    0
}

/// `15%` is a percentage, `15 % 4` and `15%x` are not.
fn percent_follows(rest: &str) -> bool {
    let mut characters = rest.chars();
    characters.next() == Some('%')
        && !characters
            .next()
            .is_some_and(|next| next.is_alphanumeric() || matches!(next, '_' | '(' | '"' | '-'))
}

/// A word after a number may be a unit or a currency.
fn word(text: &str, last: TokenKind) -> TokenKind {
    if last == TokenKind::Number {
        if crate::literal::unit(text).is_some() {
            return TokenKind::Unit;
        }
        if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return TokenKind::Currency;
        }
    }
    TokenKind::of_word(text)
}

/// Gives words the kinds they have after the tokens that now stand before them.
pub(crate) fn reclassify(text: &str, tokens: &mut [Token]) {
    let mut last = TokenKind::Blank;
    for token in tokens {
        let kinds = [TokenKind::Word, TokenKind::Unit, TokenKind::Currency];
        if kinds.contains(&token.kind) && !token.span.is_empty() {
            token.kind = word(text.get(token.span.range()).unwrap_or_default(), last);
        }
        last = token.kind;
    }
}

/// Reads a pattern where a `/` was read as a division, because the `matches` before it was misspelt.
pub(crate) fn read_pattern(text: &str, tokens: &mut Vec<Token>, at: usize) {
    let Some(slash) = tokens.get_mut(at).filter(|token| token.kind == TokenKind::Slash) else { return };
    let length = pattern_length(text.get(slash.span.end as usize..).unwrap_or_default());
    if length == 0 {
        return;
    }
    slash.kind = TokenKind::Pattern;
    slash.span.end += length as u32;
    let end = slash.span.end;
    let inside = tokens.iter().skip(at + 1).take_while(|token| token.span.start < end).count();
    tokens.drain(at + 1..at + 1 + inside);
}

fn kind(lexeme: Lexeme, slice: &str) -> TokenKind {
    match lexeme {
        Lexeme::Blank => TokenKind::Blank,
        Lexeme::Comment if slice.starts_with("///") && !slice.starts_with("////") => TokenKind::DocComment,
        Lexeme::Comment => TokenKind::Comment,
        Lexeme::Word => TokenKind::Word,
        Lexeme::QuotedName => TokenKind::QuotedName,
        Lexeme::Number => TokenKind::Number,
        Lexeme::Ordinal => TokenKind::Ordinal,
        Lexeme::Date => TokenKind::Date,
        Lexeme::Time => TokenKind::Time,
        Lexeme::DateTime => TokenKind::DateTime,
        Lexeme::Text(true) => TokenKind::Text,
        Lexeme::Text(false) => TokenKind::UnclosedText,
        Lexeme::RawText => TokenKind::RawText,
        Lexeme::ForeignText => TokenKind::ForeignText,
        Lexeme::Foreign => TokenKind::Foreign,
        Lexeme::LeftParen => TokenKind::LeftParen,
        Lexeme::RightParen => TokenKind::RightParen,
        Lexeme::LeftBracket => TokenKind::LeftBracket,
        Lexeme::RightBracket => TokenKind::RightBracket,
        Lexeme::LeftBrace => TokenKind::LeftBrace,
        Lexeme::RightBrace => TokenKind::RightBrace,
        Lexeme::Comma => TokenKind::Comma,
        Lexeme::Colon => TokenKind::Colon,
        Lexeme::Dot => TokenKind::Dot,
        Lexeme::OptionalDot => TokenKind::OptionalDot,
        Lexeme::Question => TokenKind::Question,
        Lexeme::Range => TokenKind::Range,
        Lexeme::Pipe => TokenKind::Pipe,
        Lexeme::Arrow => TokenKind::Arrow,
        Lexeme::Assign => TokenKind::Assign,
        Lexeme::Equal => TokenKind::Equal,
        Lexeme::NotEqual => TokenKind::NotEqual,
        Lexeme::Less => TokenKind::Less,
        Lexeme::LessOrEqual => TokenKind::LessOrEqual,
        Lexeme::Greater => TokenKind::Greater,
        Lexeme::GreaterOrEqual => TokenKind::GreaterOrEqual,
        Lexeme::Plus => TokenKind::Plus,
        Lexeme::Minus => TokenKind::Minus,
        Lexeme::Star => TokenKind::Star,
        Lexeme::Slash => TokenKind::Slash,
        Lexeme::Modulo => TokenKind::Modulo,
    }
}

#[cfg(test)]
mod tests;
