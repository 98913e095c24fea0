//! A text that is being written: the item at a cursor, read with a stand-in for what is still to come.
//!
//! A word is put where the cursor is, and what is open is closed if need be, until the item can be read; then it is
//! checked among the project's declarations. So half a text has a tree and types like any other, and features need
//! not know how broken it is.

use std::cell::OnceCell;
use std::ops::Range;

use hence_check::Facts;
use hence_diagnostics::{Sources, Span};
use hence_syntax::ast::{Expression, Item, ItemKind};
use hence_syntax::{Parsed, Token, TokenKind};

use crate::features::completion::begins_item;
use crate::nodes::Node;
use crate::view::View;

/// What stands for the text to come. No text of an author has it.
const MARK: &str = "hence_writes_here";

/// Where a cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// Between words, or in one.
    Code,
    /// In a text, which may not be closed.
    Text,
    /// In an expression in a text.
    Hole,
}

/// A cursor in the item that is being written.
pub(crate) struct Cursor<'a> {
    pub(crate) view: View<'a>,
    pub(crate) within: Within,
    /// What a completion takes the place of: the word before the cursor, or the text since the opening quote.
    pub(crate) replaces: Span,
    /// The item up to the word at the cursor; empty where there is no item.
    pub(crate) before: &'a str,
    /// Whether only blanks stand before the word on its line.
    pub(crate) starts_line: bool,
    read: Option<Read>,
    follows: OnceCell<Vec<TokenKind>>,
}

/// An item that could be read.
struct Read {
    parsed: Parsed,
    facts: Facts,
    item: usize,
    /// A byte within the stand-in.
    mark: u32,
}

impl<'a> Cursor<'a> {
    /// Reads the item at a place; nothing within a comment.
    pub(crate) fn new(view: View<'a>, offset: u32) -> Option<Cursor<'a>> {
        let text = view.text();
        let starts: Vec<u32> = view.items().iter().map(|item| item.item.span.start).collect();
        // A word taken for a misspelt keyword may be one that is still being written.
        let is_real = |start: &&u32| {
            let word = text.get(**start as usize..).unwrap_or_default();
            let length = word.len() - word.trim_start_matches(is_word).len();
            begins_item(TokenKind::of_word(word.get(..length).unwrap_or_default()))
        };
        let start = starts.iter().filter(is_real).rfind(|start| **start <= offset).copied();
        let end = starts.iter().filter(is_real).find(|start| **start > offset).copied();
        let from = start.unwrap_or(offset) as usize;
        let whole = text.get(from..end.map_or(text.len(), |end| end as usize))?;
        let at = (offset as usize).checked_sub(from)?;
        let tokens = hence_syntax::lex(view.file, whole);
        let (within, opened) = place(whole, &tokens, at)?;
        let written = match within {
            Within::Text => opened..at,
            Within::Code | Within::Hole => word_start(whole, at)..at,
        };
        let rest = whole.get(at..)?;
        let word_end = at + rest.len() - rest.trim_start_matches(is_word).len();
        let line = text.get(..from + written.start)?.rsplit('\n').next().unwrap_or_default();
        let replaced = Span::new(view.file, (from + written.start) as u32, (from + written.end) as u32);
        let mut cursor = Cursor {
            view,
            within,
            replaces: replaced,
            before: whole.get(..written.start)?,
            starts_line: line.trim().is_empty(),
            read: None,
            follows: OnceCell::new(),
        };
        if start.is_some() {
            let draft = Draft { whole, at, word_end, tokens: &tokens, within };
            let variants = draft.variants();
            let mut clean = variants.iter().filter(|variant| hence_syntax::is_item(&variant.text));
            // Mending takes long and guesses; it is tried on what leaves most as it is and on what leaves least.
            let last = variants.len().saturating_sub(3);
            let mut mended = variants.iter().take(1).chain(variants.iter().skip(last));
            cursor.read = clean
                .find_map(|variant| read(view, variant))
                .or_else(|| mended.find_map(|variant| read(view, variant)));
        }
        Some(cursor)
    }

    /// Returns the kinds of tokens that the grammar takes at the cursor. It is asked for each of them, so once is enough.
    pub(crate) fn follows(&self) -> &[TokenKind] {
        self.follows.get_or_init(|| match self.within {
            Within::Hole => hence_syntax::follow("const a = "),
            Within::Code | Within::Text => hence_syntax::follow(self.before),
        })
    }

    /// Returns the item and what is known of it.
    pub(crate) fn item(&self) -> Option<(&Item, &Facts)> {
        let read = self.read.as_ref()?;
        Some((read.parsed.items.get(read.item)?, &read.facts))
    }

    /// Returns the nodes that hold the cursor, the outermost first.
    pub(crate) fn path(&self) -> Vec<Node<'_>> {
        match (&self.read, self.item()) {
            (Some(read), Some((item, _))) => Node::Item(item).at(read.mark),
            _ => Vec::new(),
        }
    }

    /// Returns whether a place in the item that was read holds the cursor.
    pub(crate) fn is_in(&self, span: Span) -> bool {
        self.read.as_ref().is_some_and(|read| span.start <= read.mark && read.mark < span.end)
    }

    /// Returns whether a place in the item that was read ends before the cursor.
    pub(crate) fn is_after(&self, span: Span) -> bool {
        self.read.as_ref().is_some_and(|read| span.end <= read.mark)
    }

    /// Returns the expression that a place of the item that was read is, as written.
    pub(crate) fn written(&self, span: Span) -> &str {
        let text = self.read.as_ref().map_or("", |read| &read.parsed.text);
        text.get(span.range()).unwrap_or_default()
    }

    /// Returns the type of an expression of the item that was read.
    pub(crate) fn ty(&self, expression: &Expression) -> Option<&hence_types::Type> {
        let (_, facts) = self.item()?;
        Some(facts.ty(expression.id)).filter(|ty| !ty.is_error())
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn word_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.trim_end_matches(is_word).len()
}

/// Finds out where a cursor is; nothing in a comment. A text comes with the byte behind its opening quote.
fn place(text: &str, tokens: &[Token], at: usize) -> Option<(Within, usize)> {
    let offset = at as u32;
    let Some(token) = tokens.iter().find(|token| token.span.start < offset && offset <= token.span.end)
    else {
        return Some((Within::Code, at));
    };
    let inside = offset < token.span.end;
    match token.kind {
        TokenKind::Comment | TokenKind::DocComment => None,
        TokenKind::Text | TokenKind::RawText if inside => Some(in_text(text, token, at)),
        TokenKind::UnclosedText => Some(in_text(text, token, at)),
        _ => Some((Within::Code, at)),
    }
}

fn in_text(text: &str, token: &Token, at: usize) -> (Within, usize) {
    let start = token.span.start as usize;
    let quote = text.get(start..at).unwrap_or_default();
    let opened = start + quote.find('"').map_or(0, |at| at + 1);
    let mut depth = 0usize;
    let mut characters = text.get(opened..at).unwrap_or_default().chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if depth == 0 => {
                characters.next();
            }
            '{' if depth == 0 && characters.next_if_eq(&'{').is_some() => {}
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let raw = token.kind == TokenKind::RawText;
    if depth > 0 && !raw { (Within::Hole, at) } else { (Within::Text, opened) }
}

/// An item that is being written.
struct Draft<'a> {
    whole: &'a str,
    at: usize,
    /// The end of the word at the cursor.
    word_end: usize,
    tokens: &'a [Token],
    within: Within,
}

/// A text that may be readable, and where the stand-in begins in it.
struct Variant {
    text: String,
    mark: usize,
}

impl Draft<'_> {
    /// Returns texts to be tried, those first that leave most as it is.
    fn variants(&self) -> Vec<Variant> {
        let before = self.whole.get(..self.at).unwrap_or_default();
        let rest = |from: usize| self.whole.get(from..).unwrap_or_default();
        let next_line =
            self.whole.get(self.at..).and_then(|rest| rest.find('\n')).map(|found| self.at + found);
        let next_line = next_line.unwrap_or(self.whole.len());
        let open = closers(self.tokens, self.at);
        let ending = self.ending(before);
        let mut texts = Vec::new();
        let mut push = |stand_in: &str, after: &str| {
            texts.push(Variant { text: format!("{before}{stand_in}{after}"), mark: before.len() });
        };
        let close = match self.within {
            Within::Code => "",
            Within::Text => "\"",
            Within::Hole => "}\"",
        };
        let named = format!("{MARK}{close}");
        let called = format!("{MARK}(){close}");
        match self.within {
            Within::Code => {
                push(MARK, rest(self.word_end));
                push(&called, rest(self.word_end));
            }
            Within::Text | Within::Hole => push(MARK, rest(self.word_end)),
        }
        push(&named, rest(next_line));
        if self.sets() {
            push(&format!("{named} = 0"), rest(next_line));
        }
        push(&called, rest(next_line));
        push(&format!("{named}{open}"), rest(next_line));
        push(&format!("{called}{open}"), rest(next_line));
        if self.tokens.first().is_some_and(|token| token.kind == TokenKind::Test) {
            push(&format!("{named} ran"), rest(next_line));
        }
        push(&format!("{named} {{ }}"), rest(next_line));
        push(&format!("{named} {{ }}{open}"), ending);
        push(&named, &format!("{open}{ending}"));
        push(&called, &format!("{open}{ending}"));
        push(&format!("{MARK}: 0{close}"), &format!("{open}{ending}"));
        texts
    }

    /// Whether the cursor is in the field that a step sets.
    fn sets(&self) -> bool {
        let before = self.tokens.iter().rev().filter(|token| (token.span.start as usize) < self.at);
        let mut before = before.map(|token| token.kind).filter(|kind| !kind.is_trivia());
        before.find(|kind| !kind.is_word() && *kind != TokenKind::Dot || *kind == TokenKind::Set)
            == Some(TokenKind::Set)
    }

    /// What the item still needs after the cursor, so that it can be read.
    fn ending(&self, before: &str) -> &'static str {
        let kinds: Vec<TokenKind> = self
            .tokens
            .iter()
            .filter(|token| token.span.end as usize <= before.len())
            .map(|token| token.kind)
            .collect();
        let has = |kind: TokenKind| kinds.contains(&kind);
        match kinds.first() {
            Some(TokenKind::Rule) if !has(TokenKind::Then) => " then stop",
            Some(TokenKind::Test) if !has(TokenKind::Expect) => " expect nothing else",
            Some(TokenKind::Fn) if !has(TokenKind::Arrow) => " -> int = 0",
            Some(TokenKind::Fn) if !has(TokenKind::Assign) => " = 0",
            Some(TokenKind::Table) if !has(TokenKind::Arrow) => " -> int { }",
            Some(TokenKind::Table) if !has(TokenKind::LeftBrace) => " { }",
            _ => "",
        }
    }
}

/// Returns the brackets that close those open at a place, the innermost first.
fn closers(tokens: &[Token], at: usize) -> String {
    let mut open: Vec<TokenKind> = Vec::new();
    for token in tokens.iter().filter(|token| token.span.end as usize <= at) {
        if let Some(closer) = token.kind.closer() {
            open.push(closer);
        } else if token.kind.is_closer() {
            open.pop();
        }
    }
    open.iter().rev().map(|kind| kind.text()).collect()
}

/// Reads a text; nothing where its item cannot be read or does not have the stand-in.
fn read(view: View<'_>, variant: &Variant) -> Option<Read> {
    let mut sources = Sources::new();
    let file = sources.add("", variant.text.as_str());
    let parsed = hence_syntax::parse(&sources, file);
    let range: Range<u32> = variant.mark as u32..variant.mark as u32 + MARK.len() as u32;
    let holds = |item: &Item| {
        !matches!(item.kind, ItemKind::Broken(_))
            && item.span.start <= range.start
            && range.end <= item.span.end
    };
    let item = parsed.items.iter().position(holds)?;
    let mark = range.start + 1;
    // A text that was mended at the stand-in says nothing of what belongs there.
    let mends = |diagnostic: &hence_diagnostics::Diagnostic| {
        let overlaps = |span: Span| !span.is_empty() && span.start < range.end && range.start < span.end;
        match diagnostic.fixes.first() {
            Some(fix) => fix.edits.iter().any(|edit| overlaps(edit.span)),
            None => overlaps(diagnostic.primary.span),
        }
    };
    if parsed.diagnostics.iter().any(mends) {
        return None;
    }
    let tree = parsed.items.get(item)?;
    let path = Node::Item(tree).at(mark);
    // A tree that was mended may have lost the stand-in: then its innermost node is no small one.
    path.last().filter(|node| !matches!(node, Node::Item(_) | Node::Block(_)) || is_name(tree, mark))?;
    let project = view.project();
    let (facts, _) = hence_check::check_item(
        tree,
        &project.catalog,
        &project.checked.declarations,
        &project.manifest.zone,
    );
    Some(Read { parsed, facts, item, mark })
}

/// Whether the name of an item is being written.
fn is_name(item: &Item, mark: u32) -> bool {
    item.name().is_some_and(|name| name.span.contains(mark))
}
