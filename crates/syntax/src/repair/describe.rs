//! What is said of a change that was found to mend a mistake, or of a mistake that none mends.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span};

use super::candidates::certainty;
use super::words::{expectation, missing_what};
use super::{Change, Stop, open_before, surplus};
use crate::items::short;
use crate::token::{Class, Token, TokenKind};

struct Place<'a> {
    text: &'a str,
    tokens: &'a [Token],
    stop: &'a Stop,
}

/// Tells about a change.
pub(super) fn change(text: &str, tokens: &[Token], stop: &Stop, change: Change) -> Diagnostic {
    let place = Place { text, tokens, stop };
    match change {
        Change::Insert(at, kind) => place.insertion(at, kind),
        Change::InsertValue(at) => {
            let before = at.saturating_sub(1);
            let named = [TokenKind::Colon, TokenKind::Dot, TokenKind::OptionalDot];
            if let Some(mark) = tokens.get(at).map(|token| token.kind).filter(|kind| named.contains(kind)) {
                let message = format!("a name is missing before `{}`", mark.text());
                return place.error(at, message).label("expected a name");
            }
            let what = missing_what(tokens.get(before).map(|token| token.kind), &stop.expected);
            place
                .error(before, format!("{what} is missing after `{}`", place.written(before)))
                .label(format!("expected {what} after this"))
        }
        Change::InsertStep(at) => {
            let before = at.saturating_sub(1);
            place
                .error(before, format!("a step is missing after `{}`", place.written(before)))
                .label("expected a step, such as `email.send(…)`")
        }
        Change::InsertOperator(at) => place
            .error(at, format!("an operator is missing before `{}`", place.written(at)))
            .label(expectation(&stop.expected)),
        Change::Replace(at, TokenKind::Plus) => place
            .error(at, "texts are joined by writing values into one".to_owned())
            .label("no operator joins texts")
            .help("write the whole text, such as `\"Order {number}\"`"),
        Change::Replace(at, kind) => {
            let right = kind.text();
            place
                .error(at, format!("unexpected `{}`; did you mean `{right}`?", place.written(at)))
                .label(expectation(&stop.expected))
                .fix(Fix::replace(
                    certainty(&place.written(at), kind),
                    place.span(at),
                    right,
                    format!("write `{right}`"),
                ))
        }
        Change::Delete(at) => place.deletion(at),
        Change::Swap(at) => {
            let (first, second) = (place.span(at), place.span(at + 1));
            let slice = |span: Span| text.get(span.range()).unwrap_or_default();
            let mut fix = Fix::replace(
                Applicability::Likely,
                first,
                slice(second),
                format!("write `{} {}`", place.written(at + 1), place.written(at)),
            );
            fix.edits.push(hence_diagnostics::Edit { span: second, text: slice(first).to_owned() });
            place
                .error(at, format!("`{}` and `{}` are swapped", place.written(at), place.written(at + 1)))
                .label("these two")
                .fix(fix)
        }
    }
}

/// Tells about a stop that no change mends.
pub(super) fn unexpected(text: &str, tokens: &[Token], stop: &Stop) -> Diagnostic {
    let place = Place { text, tokens, stop };
    if let Some((_, opener)) = open_before(tokens, stop.at)
        && surplus(tokens, opener.kind) > 0
    {
        let message = format!("this `{}` is never closed", opener.kind.text());
        return Diagnostic::new(Code::UnclosedBracket, opener.span, message).label("opened here");
    }
    if stop.at < tokens.len() {
        let diagnostic = place.error(stop.at, format!("unexpected `{}`", place.written(stop.at)));
        let diagnostic = diagnostic.label(expectation(&stop.expected));
        if tokens.get(stop.at).is_some_and(|token| token.kind == TokenKind::Question) {
            return diagnostic.help("a choice is written `if condition then one else other`");
        }
        diagnostic
    } else {
        place.error(stop.at, "the item ends too early".to_owned()).label(expectation(&stop.expected))
    }
}

impl Place<'_> {
    fn written(&self, at: usize) -> String {
        short(self.tokens.get(at).and_then(|token| self.text.get(token.span.range())).unwrap_or_default())
    }

    /// The place of a token; of the last one behind the end.
    fn span(&self, at: usize) -> Span {
        self.tokens.get(at).or(self.tokens.last()).map_or(Span::default(), |token| token.span)
    }

    fn error(&self, at: usize, message: String) -> Diagnostic {
        Diagnostic::new(Code::SyntaxError, self.span(at), message)
    }

    fn insertion(&self, at: usize, kind: TokenKind) -> Diagnostic {
        let mark = kind.text();
        let before = at.saturating_sub(1);
        if kind == TokenKind::Starts {
            return self
                .error(at, format!("`starts` or `ends` is missing before `{}`", self.written(at)))
                .label("expected `starts with` or `ends with`");
        }
        let exists = at < self.tokens.len();
        // What belongs to the token before it stands directly after that, everything else before the next.
        let tight = kind.is_closer()
            || matches!(kind, TokenKind::Comma | TokenKind::Colon | TokenKind::Dot)
            || kind == TokenKind::LeftParen
                && self.tokens.get(before).is_some_and(|token| is_name(token.kind));
        let (edit, inserted) = if kind == TokenKind::Dot && exists {
            (self.span(before).after().to(self.span(at).before()), mark.to_owned())
        } else if tight {
            (self.span(before).after(), mark.to_owned())
        } else if !exists {
            (self.span(before).after(), format!(" {mark}"))
        } else if matches!(kind, TokenKind::LeftParen | TokenKind::LeftBracket) {
            (self.span(at).before(), mark.to_owned())
        } else {
            (self.span(at).before(), format!("{mark} "))
        };
        let safe = kind == TokenKind::Comma || kind.is_closer();
        let applicability = if safe { Applicability::Safe } else { Applicability::Likely };
        let fix = Fix::replace(applicability, edit, inserted, format!("insert `{mark}`"));
        if let Some((_, opener)) = open_before(self.tokens, at)
            .filter(|(_, opener)| opener.kind.closer() == Some(kind) && surplus(self.tokens, opener.kind) > 0)
        {
            let message = format!("this `{}` is never closed", opener.kind.text());
            let label = if exists { "before this" } else { "after this" };
            return Diagnostic::new(Code::UnclosedBracket, opener.span, message)
                .label("opened here")
                .secondary(self.span(at), format!("expected `{mark}` {label}"))
                .fix(fix);
        }
        let stopped = self.tokens.get(self.stop.at).map(|token| token.kind);
        if at != self.stop.at && kind.closer().is_some() && stopped == kind.closer() {
            let written = self.written(self.stop.at);
            let place = self.span(self.stop.at);
            let removal = Fix::replace(Applicability::Likely, place, "", format!("remove `{written}`"));
            return closes_nothing(&written, place)
                .secondary(self.span(at), format!("`{mark}` may be missing before this"))
                .fix(fix)
                .fix(removal);
        }
        let diagnostic = if exists {
            self.error(at, format!("`{mark}` is missing before `{}`", self.written(at)))
        } else {
            self.error(before, format!("`{mark}` is missing after `{}`", self.written(before)))
        };
        let label = if at == self.stop.at {
            expectation(&self.stop.expected)
        } else {
            format!("expected `{mark}` before this")
        };
        diagnostic.label(label).fix(fix)
    }

    fn deletion(&self, at: usize) -> Diagnostic {
        let written = self.written(at);
        let fix = Fix::replace(Applicability::Likely, self.span(at), "", format!("remove `{written}`"));
        let closer = self.tokens.get(at).is_some_and(|token| token.kind.is_closer());
        if closer && open_before(self.tokens, at).is_none() {
            return closes_nothing(&written, self.span(at)).fix(fix);
        }
        let diagnostic = self.error(at, format!("unexpected `{written}`")).fix(fix);
        let question = self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Question);
        if at == self.stop.at && question {
            diagnostic
                .label(expectation(&self.stop.expected))
                .help("a choice is written `if condition then one else other`")
        } else if at == self.stop.at {
            diagnostic.label(expectation(&self.stop.expected))
        } else {
            diagnostic.label("one too many")
        }
    }
}

fn is_name(kind: TokenKind) -> bool {
    matches!(kind.class(), Class::Name | Class::Contextual)
}

fn closes_nothing(written: &str, place: Span) -> Diagnostic {
    Diagnostic::new(Code::UnexpectedCloser, place, format!("this `{written}` closes nothing"))
        .label("no bracket is open here")
}
