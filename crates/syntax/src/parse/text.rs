//! Texts: escapes and the expressions within.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span};

use super::Builder;
use crate::ast::{Expression, ExpressionKind, TextPart};
use crate::grammar::Rule;
use crate::items::MAX_NESTING;
use crate::lexer;
use crate::repair::{self, Repaired};
use crate::token::{Token, TokenKind};

impl Builder<'_> {
    /// A text in which expressions have no place: a title.
    pub(super) fn plain_text(&mut self, span: Span) -> String {
        let mut text = String::new();
        for part in self.text_parts(span) {
            match part {
                TextPart::Literal(literal) => text.push_str(&literal),
                TextPart::Expression(expression) => self.report(
                    Diagnostic::new(Code::SyntaxError, expression.span, "a title is plain text")
                        .label("no expression can stand here")
                        .help("write `{{` for a brace"),
                ),
            }
        }
        text
    }

    /// The parts of a text token, quotes included in its span.
    pub(super) fn text_parts(&mut self, span: Span) -> Vec<TextPart> {
        let (inner, quote) = unquoted(self.slice(span));
        let start = span.start + quote;
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = inner;
        while let Some(character) = rest.chars().next() {
            let at = start + (inner.len() - rest.len()) as u32;
            let after = rest.get(character.len_utf8()..).unwrap_or_default();
            match character {
                '\\' => rest = self.escape(after, at, &mut literal),
                '{' if after.starts_with('{') => {
                    literal.push('{');
                    rest = after.get(1..).unwrap_or_default();
                }
                '}' if after.starts_with('}') => {
                    literal.push('}');
                    rest = after.get(1..).unwrap_or_default();
                }
                '{' => {
                    let length = hole_length(after);
                    if !literal.is_empty() {
                        parts.push(TextPart::Literal(std::mem::take(&mut literal)));
                    }
                    let hole = Span::new(self.file, at + 1, at + 1 + length as u32);
                    parts.push(TextPart::Expression(self.hole(hole)));
                    rest = after.get(length + 1..).unwrap_or_default();
                }
                _ => {
                    literal.push(character);
                    rest = after;
                }
            }
        }
        if !literal.is_empty() || parts.is_empty() {
            parts.push(TextPart::Literal(literal));
        }
        parts
    }

    /// Reads what follows a backslash and returns what follows that.
    fn escape<'t>(&mut self, after: &'t str, at: u32, literal: &mut String) -> &'t str {
        let Some(character) = after.chars().next() else {
            literal.push('\\');
            return after;
        };
        let mut rest = after.get(character.len_utf8()..).unwrap_or_default();
        match character {
            'n' => literal.push('\n'),
            't' => literal.push('\t'),
            'r' => literal.push('\r'),
            '\\' | '"' | '{' | '}' => literal.push(character),
            'u' if rest.starts_with('{') => {
                let digits: String = rest.chars().skip(1).take_while(char::is_ascii_hexdigit).collect();
                let value = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                let closed = rest.get(1 + digits.len()..).is_some_and(|end| end.starts_with('}'));
                match value {
                    Some(value) if closed => {
                        literal.push(value);
                        rest = rest.get(digits.len() + 2..).unwrap_or_default();
                    }
                    _ => self.bad_escape(at, 2, "u"),
                }
            }
            _ => {
                self.bad_escape(at, 1 + character.len_utf8() as u32, &character.to_string());
                literal.push(character);
            }
        }
        rest
    }

    fn bad_escape(&mut self, at: u32, length: u32, written: &str) {
        let span = Span::new(self.file, at, at + length);
        self.report(
            Diagnostic::new(Code::InvalidEscape, span, format!("`\\{written}` is no escape"))
                .label("unknown escape")
                .help("the escapes are \\n \\t \\r \\\\ \\\" \\{ \\} and \\u{1F600}")
                .fix(Fix::replace(
                    Applicability::Manual,
                    span.before(),
                    "\\",
                    "write the backslash itself as `\\\\`",
                )),
        );
    }

    /// Parses the expression between braces.
    fn hole(&mut self, span: Span) -> Expression {
        let text = self.slice(span);
        let tokens: Vec<_> = lexer::lex_from(self.file, text, span.start)
            .into_iter()
            .filter(|token| !token.kind.is_trivia())
            .collect();
        if tokens.is_empty() {
            self.report(
                Diagnostic::new(Code::SyntaxError, span, "an expression is missing between `{` and `}`")
                    .label("nothing here")
                    .help("write `{{` and `}}` for braces"),
            );
            return Expression { id: self.id(), span, kind: ExpressionKind::Error };
        }
        let nesting = tokens.iter().filter(|token| token.kind.closer().is_some()).count();
        let nested =
            tokens.iter().any(|token| token.kind == TokenKind::Text && self.slice(token.span).contains('{'));
        if nesting > MAX_NESTING || nested {
            self.report(
                Diagnostic::new(Code::NestingTooDeep, span, "an expression in a text nests too deep")
                    .label("a text with `{…}` cannot stand in another")
                    .help("name this part with `let`"),
            );
            return Expression { id: self.id(), span, kind: ExpressionKind::Error };
        }
        let mut expression = self.whole(&tokens);
        if expression.is_none() {
            let Repaired { tokens, parses, guessed } =
                repair::repair(Rule::item_expression, self.text, tokens, self.diagnostics);
            if !parses || guessed {
                return Expression { id: self.id(), span, kind: ExpressionKind::Error };
            }
            expression = self.whole(&tokens);
        }
        let id = self.id();
        expression.unwrap_or(Expression { id, span, kind: ExpressionKind::Error })
    }

    /// Reads tokens as one expression, if the grammar takes them.
    fn whole(&mut self, tokens: &[Token]) -> Option<Expression> {
        let mut builder = Builder::new(self.file, self.text, tokens, self.diagnostics);
        builder.next = self.next;
        let expression = builder.whole_expression();
        self.next = builder.next;
        expression
    }
}

/// Returns what stands between the quotes of a text token, and how long the first quote is. Quotes of other kinds
/// have been reported; a text that is not closed has none at its end.
fn unquoted(written: &str) -> (&str, u32) {
    let Some(quote) = written.chars().next() else { return (written, 0) };
    let inner = written.get(quote.len_utf8()..).unwrap_or_default();
    let last = inner.chars().next_back().filter(|last| quote != '"' || *last == '"');
    let end = inner.len() - last.map_or(0, char::len_utf8);
    (inner.get(..end).unwrap_or_default(), quote.len_utf8() as u32)
}

/// Returns how many bytes of `rest`, what follows an opening brace in a text, are its expression: up to the closing brace,
/// or the whole rest where there is none.
pub fn hole_length(rest: &str) -> usize {
    let mut braces = 0u32;
    let mut quoted = false;
    for (at, character) in rest.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '{' if !quoted => braces += 1,
            '}' if !quoted && braces == 0 => return at,
            '}' if !quoted => braces -= 1,
            _ => {}
        }
    }
    rest.len()
}
