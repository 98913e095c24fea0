//! The tokens of an item with the comments that belong to each, handed out in order as documents.
//!
//! Whatever the tree says, the text comes from here: a token is written once, its comments with it, so nothing
//! can be lost on the way.

use crate::ast::Item;
use crate::token::{Token, TokenKind};

use super::document::Document;

/// A comment before a token.
struct Comment<'a> {
    text: &'a str,
    blank_before: bool,
    /// Whether it stands at the end of the line of the token before.
    same_line: bool,
}

impl Comment<'_> {
    fn document(&self, edge: Document) -> [Document; 2] {
        let edge = if self.same_line { Document::nothing() } else { edge };
        [edge, Document::Comment(self.text.to_owned())]
    }
}

/// A token and what is written with it.
struct Piece<'a> {
    kind: TokenKind,
    start: u32,
    text: &'a str,
    /// The comments before it: those on lines of their own, and before a comma or a closing bracket also that
    /// at the end of the line, which belongs to neither part.
    leading: Vec<Comment<'a>>,
    /// Whether a blank line stands directly before it.
    blank_before: bool,
    /// The comment at the end of its line.
    trailing: Option<&'a str>,
}

/// Hands out the tokens of an item.
pub(super) struct Writer<'a> {
    pieces: Vec<Piece<'a>>,
    next: usize,
    /// Whether tree and tokens turned out not to agree.
    failed: bool,
}

impl<'a> Writer<'a> {
    /// Takes the tokens of an item.
    pub(super) fn new(text: &'a str, tokens: &[Token], item: &Item) -> Self {
        let mut pieces: Vec<Piece<'a>> = Vec::new();
        let mut leading: Vec<Comment<'a>> = Vec::new();
        let mut newlines = 0;
        let inside = tokens
            .iter()
            .filter(|token| token.span.start >= item.span.start && token.span.end <= item.span.end);
        for token in inside {
            let slice = text.get(token.span.range()).unwrap_or_default();
            if token.kind == TokenKind::Blank {
                newlines += slice.matches('\n').count();
            } else if token.kind.is_trivia() {
                let slice = slice.trim_end();
                match pieces.last_mut() {
                    Some(piece) if newlines == 0 && leading.is_empty() => piece.trailing = Some(slice),
                    _ => leading.push(Comment { text: slice, blank_before: newlines > 1, same_line: false }),
                }
                newlines = 0;
            } else {
                if token.kind == TokenKind::Comma || token.kind.is_closer() {
                    let before = pieces.last_mut().filter(|piece| piece.kind.closer().is_none());
                    if let Some(text) = before.and_then(|piece| piece.trailing.take()) {
                        leading.insert(0, Comment { text, blank_before: false, same_line: true });
                    }
                }
                pieces.push(Piece {
                    kind: token.kind,
                    start: token.span.start,
                    text: slice,
                    leading: std::mem::take(&mut leading),
                    blank_before: newlines > 1,
                    trailing: None,
                });
                newlines = 0;
            }
        }
        Self { pieces, next: 0, failed: false }
    }

    /// Returns whether every token was handed out and each was the one the tree wanted.
    pub(super) fn succeeded(&self) -> bool {
        !self.failed && self.next == self.pieces.len()
    }

    /// Says that tree and tokens do not agree; the item is left as it is.
    pub(super) fn fail(&mut self) -> Document {
        self.failed = true;
        Document::nothing()
    }

    /// Returns the kind of the next token.
    pub(super) fn peek(&self) -> Option<TokenKind> {
        self.pieces.get(self.next).map(|piece| piece.kind)
    }

    /// Returns whether the next token starts before a byte.
    pub(super) fn is_before(&self, end: u32) -> bool {
        self.pieces.get(self.next).is_some_and(|piece| piece.start < end)
    }

    /// Returns whether a blank line stands before the next token or the comments above it.
    pub(super) fn blank_before(&self) -> bool {
        let piece = self.pieces.get(self.next);
        piece
            .is_some_and(|piece| piece.leading.first().map_or(piece.blank_before, |first| first.blank_before))
    }

    /// Takes the comments above the next token, blank lines between them kept.
    pub(super) fn comments_above(&mut self) -> Document {
        let Some(piece) = self.pieces.get_mut(self.next) else { return Document::nothing() };
        let mut parts = Vec::new();
        let any = !piece.leading.is_empty();
        for (at, comment) in piece.leading.drain(..).enumerate() {
            let blank = comment.blank_before && at > 0;
            parts.extend(comment.document(if blank { Document::BlankLine } else { Document::HardLine }));
        }
        if any && piece.blank_before && !piece.kind.is_closer() {
            parts.push(Document::BlankLine);
        }
        parts.into_iter().collect()
    }

    /// Takes the comments above the next token, without blank lines.
    pub(super) fn leading(&mut self) -> Document {
        let Some(piece) = self.pieces.get_mut(self.next) else { return Document::nothing() };
        let comments = piece.leading.drain(..);
        comments.flat_map(|comment| comment.document(Document::HardLine)).collect()
    }

    /// Returns whether comments stand above the next token.
    pub(super) fn has_comments_above(&self) -> bool {
        self.pieces.get(self.next).is_some_and(|piece| !piece.leading.is_empty())
    }

    /// Takes the next token with its comments.
    pub(super) fn token(&mut self) -> Document {
        let leading = self.leading();
        let Some(piece) = self.pieces.get(self.next) else { return self.fail() };
        self.next += 1;
        let mut parts = vec![leading, Document::text(piece.text)];
        parts.extend(piece.trailing.map(|comment| Document::Comment(comment.to_owned())));
        parts.into_iter().collect()
    }

    /// Takes the next token, which is of this kind.
    pub(super) fn expect(&mut self, kind: TokenKind) -> Document {
        if self.peek() == Some(kind) { self.token() } else { self.fail() }
    }

    /// Takes the comma between two parts. Comments above it come after it.
    pub(super) fn comma(&mut self) -> Document {
        if self.peek() != Some(TokenKind::Comma) {
            return self.fail();
        }
        let comments = self.comments_of_comma();
        [Document::Comma, comments].into()
    }

    /// Takes the comma after the last part, if there is one; it stays only where the parts stand on lines of
    /// their own.
    pub(super) fn last_comma(&mut self) -> Document {
        let comments = if self.peek() == Some(TokenKind::Comma) {
            self.comments_of_comma()
        } else {
            Document::nothing()
        };
        [Document::IfBroken(Box::new(Document::Comma)), comments].into()
    }

    fn comments_of_comma(&mut self) -> Document {
        let leading = self.leading();
        let trailing = self.pieces.get(self.next).and_then(|piece| piece.trailing);
        self.next += 1;
        let trailing = trailing.map(|comment| Document::Comment(comment.to_owned()));
        std::iter::once(leading).chain(trailing).collect()
    }

    /// Takes the tokens that start before a byte, with a blank between them.
    pub(super) fn spaced(&mut self, end: u32) -> Document {
        let mut parts = Vec::new();
        while self.is_before(end) {
            if !parts.is_empty() {
                parts.push(Document::text(" "));
            }
            parts.push(self.token());
        }
        parts.into_iter().collect()
    }

    /// Takes the tokens that start before a byte, with nothing between them.
    pub(super) fn joined(&mut self, end: u32) -> Document {
        let mut parts = Vec::new();
        while self.is_before(end) {
            parts.push(self.token());
        }
        parts.into_iter().collect()
    }

    /// Takes a bracket, parts with commas between them, and the bracket that closes it: on one line, or each part
    /// on its own. `padded` asks for blanks within the brackets.
    pub(super) fn delimited<T>(
        &mut self,
        parts: &[T],
        padded: bool,
        mut each: impl FnMut(&mut Self, &T) -> Document,
    ) -> Document {
        let open = self.token();
        let edge = || if padded && !parts.is_empty() { Document::Line } else { Document::SoftLine };
        let mut inner = vec![edge()];
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                inner.push(Document::Line);
            }
            inner.push(self.leading());
            inner.push(each(self, part));
            inner.push(if at + 1 < parts.len() { self.comma() } else { self.last_comma() });
        }
        inner.push(self.leading());
        let inner = Document::nest(2, inner.into_iter().collect());
        let close = self.token();
        Document::group([open, inner, edge(), close].into())
    }
}
