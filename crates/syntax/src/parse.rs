//! Tokens → typed tree.
//!
//! Each item is parsed alone. Where the grammar stops, [`crate::repair`] mends the tokens and says how; what it
//! cannot mend becomes [`ItemKind::Broken`]. The modules below turn pest's pairs into the tree.

mod clause;
mod expression;
mod item;
mod matching;
mod primary;
mod schedule;
mod step;
mod table;
mod table_file;
mod test;
mod text;
mod trigger;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use table_file::{MAX_ROWS, read_tables};
pub use text::hole_length;

use hence_diagnostics::{Code, Diagnostic, FileId, Sources, Span};
use pest::Parser;
use pest::iterators::Pair;

use crate::ast::{Item, ItemKind, Name, NodeId};
use crate::grammar::{Grammar, Rule};
use crate::items::{self, Chunk};
use crate::lexer;
use crate::repair::{self, Repaired};
use crate::token::{Token, TokenKind};

/// What a text says, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The file.
    pub file: FileId,
    /// The text, which the places of tokens and trees are in.
    pub text: Arc<str>,
    /// All tokens, once they were asked for again.
    tokens: OnceLock<Box<[Token]>>,
    /// The items, in order.
    pub items: Vec<Item>,
    /// What is wrong, in no particular order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a file. A file that is not there gives no items.
pub fn parse(sources: &Sources, file: FileId) -> Parsed {
    let text = sources.get(file).map(|source| source.text().clone()).unwrap_or_default();
    let tokens = lexer::lex(file, &text);
    let mut diagnostics = Vec::new();
    let chunks = items::split(file, &text, &tokens, &mut diagnostics);
    let items = chunks.into_iter().map(|chunk| item(file, &text, chunk, &mut diagnostics)).collect();
    Parsed { file, text, tokens: OnceLock::new(), items, diagnostics }
}

/// Parses a file whose text has changed, with what it was before: an item in which nothing was wrong is taken over if
/// its text and place are as they were. What comes out is what [`parse`] finds.
pub fn parse_again(sources: &Sources, file: FileId, before: Parsed) -> Parsed {
    let text = sources.get(file).map(|source| source.text().clone()).unwrap_or_default();
    let tokens = lexer::lex(file, &text);
    let mut diagnostics = Vec::new();
    let chunks = items::split(file, &text, &tokens, &mut diagnostics);
    let Parsed { file: of, text: old, items: old_items, diagnostics: wrong, .. } = before;
    let mut wrong: Vec<u32> = wrong.iter().map(|one| one.primary.span.start).collect();
    wrong.sort_unstable();
    let is_clean = |item: &Item| {
        let next = wrong.partition_point(|at| *at < item.span.start);
        let reads_more = matches!(&item.kind, ItemKind::Table(table) if table.file.is_some());
        let is_read = !matches!(item.kind, ItemKind::Broken(_)) && !item.guessed && !reads_more;
        is_read && wrong.get(next).is_none_or(|at| *at > item.span.end)
    };
    let mut known: HashMap<u32, Item> =
        old_items.into_iter().filter(is_clean).map(|item| (item.span.start, item)).collect();
    let mut read = |chunk: Chunk| {
        let range = chunk.span.range();
        let same =
            |item: &Item| of == file && item.span == chunk.span && old.get(range.clone()) == text.get(range);
        match known.remove(&chunk.span.start).filter(same) {
            Some(item) => Item { doc: chunk.doc, ..item },
            None => item(file, &text, chunk, &mut diagnostics),
        }
    };
    let items = chunks.into_iter().map(&mut read).collect();
    Parsed { file, text, tokens: OnceLock::new(), items, diagnostics }
}

impl Parsed {
    /// Returns all tokens, blanks and comments included. They are read from the text when they are asked for: few files
    /// are looked at so closely, and the tokens of all files take more room than their texts.
    pub fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| lexer::lex(self.file, &self.text).into_boxed_slice())
    }

    /// Returns where an item stands with the comments right above it, whole lines.
    pub fn extent(&self, item: &Item) -> Range<usize> {
        let range = item.span.range();
        let before = self.text.get(..range.start).unwrap_or_default();
        let mut start = before.rfind('\n').map_or(0, |end| end + 1);
        while let Some(above) = before.get(..start.saturating_sub(1)).filter(|_| start > 0) {
            let line = above.rfind('\n').map_or(0, |end| end + 1);
            if !above.get(line..).unwrap_or_default().trim_start().starts_with("//") {
                break;
            }
            start = line;
        }
        let after = self.text.get(range.end..).unwrap_or_default();
        let end = after.find('\n').map_or(self.text.len(), |end| range.end + end + 1);
        start..end
    }
}

/// Returns the grammar rule of an item.
pub(crate) fn rule_of(keyword: TokenKind) -> Rule {
    if keyword == TokenKind::Rule {
        Rule::item_rule
    } else if keyword == TokenKind::Fn {
        Rule::item_fn
    } else if keyword == TokenKind::Test {
        Rule::item_test
    } else if keyword == TokenKind::Table {
        Rule::item_table
    } else if keyword == TokenKind::Extern {
        Rule::item_extern
    } else if keyword == TokenKind::Group {
        Rule::item_group
    } else {
        Rule::item_const
    }
}

fn item(file: FileId, text: &str, chunk: Chunk, diagnostics: &mut Vec<Diagnostic>) -> Item {
    let Chunk { keyword, span, doc, tokens } = chunk;
    let rule = rule_of(keyword);
    let at = if keyword == TokenKind::Extern { 2 } else { 1 };
    let name = tokens.get(at).filter(|token| token.kind.is_word() && token.kind != TokenKind::Rule).copied();
    let input = characters(&tokens);
    // What the grammar takes needs no mending, so that nearly all items are parsed once.
    let (built, guessed) = match Grammar::parse(rule, &input) {
        Ok(mut pairs) if !tokens.is_empty() => {
            let mut builder = Builder::new(file, text, &tokens, diagnostics);
            let kind = pairs.next().and_then(|pair| builder.item(rule, pair));
            (Some((kind, builder.next)), false)
        }
        Ok(_) | Err(_) => mended(file, text, rule, tokens, diagnostics),
    };
    let (kind, nodes) = built.unwrap_or((None, 0));
    let broken = || {
        let name = name.map(|token| Name {
            text: text.get(token.span.range()).unwrap_or_default().to_owned(),
            span: token.span,
        });
        ItemKind::Broken(name)
    };
    Item { doc, span, kind: kind.unwrap_or_else(broken), nodes, guessed }
}

/// Reads an item after its tokens were mended, if they can be. Returns what it is and how many nodes it has, and
/// whether tokens were guessed.
fn mended(
    file: FileId,
    text: &str,
    rule: Rule,
    tokens: Vec<Token>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Option<(Option<ItemKind>, u32)>, bool) {
    let Repaired { tokens, parses, guessed } = repair::repair(rule, text, tokens, diagnostics);
    if !parses {
        return (None, guessed);
    }
    let before = diagnostics.len();
    let input = characters(&tokens);
    let mut builder = Builder::new(file, text, &tokens, diagnostics);
    let pair = Grammar::parse(rule, &input).ok().and_then(|mut pairs| pairs.next());
    let kind = pair.and_then(|pair| builder.item(rule, pair));
    let nodes = builder.next;
    if guessed {
        // How many cells a row has is no news where one of them was guessed.
        let built = diagnostics.split_off(before);
        diagnostics.extend(built.into_iter().filter(|one| one.code != Code::TableRow));
    }
    (Some((kind, nodes)), guessed)
}

/// Returns the string the grammar reads.
pub(crate) fn characters(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.kind.character()).collect()
}

/// Turns pairs into tree.
struct Builder<'a> {
    file: FileId,
    text: &'a str,
    tokens: &'a [Token],
    next: u32,
    steps_deep: u32,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(file: FileId, text: &'a str, tokens: &'a [Token], diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Self { file, text, tokens, next: 0, steps_deep: 0, diagnostics }
    }

    /// Builds an item from its pair.
    fn item(&mut self, rule: Rule, pair: Pair<'_, Rule>) -> Option<ItemKind> {
        match rule {
            Rule::item_rule => self.rule(pair).map(ItemKind::Rule),
            Rule::item_fn => self.function(pair).map(ItemKind::Fn),
            Rule::item_test => self.test(pair).map(ItemKind::Test),
            Rule::item_table => self.table(pair).map(ItemKind::Table),
            Rule::item_extern => self.external(pair).map(ItemKind::Extern),
            Rule::item_group => self.group_item(pair).map(ItemKind::Group),
            _ => self.constant(pair).map(ItemKind::Const),
        }
    }

    fn id(&mut self) -> NodeId {
        self.next += 1;
        NodeId(self.next - 1)
    }

    /// The tokens of a pair.
    fn tokens_of(&self, pair: &Pair<'_, Rule>) -> &'a [Token] {
        let span = pair.as_span();
        self.tokens.get(span.start() / 2..span.end() / 2).unwrap_or_default()
    }

    /// The place of a pair in the file.
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let tokens = self.tokens_of(pair);
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => Span::new(self.file, first.span.start, last.span.end),
            _ => {
                let at = self.tokens.get(pair.as_span().start() / 2).or(self.tokens.last());
                at.map_or(Span::new(self.file, 0, 0), |token| token.span.after())
            }
        }
    }

    /// The text of a span.
    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The keyword of a pair as it is spelt right, and the text of what is none.
    fn word(&self, pair: &Pair<'_, Rule>) -> &'a str {
        let keyword = self.tokens_of(pair).first().filter(|token| token.kind.is_keyword());
        keyword.map_or_else(|| self.slice(self.span(pair)), |token| token.kind.text())
    }

    /// A name or field name, backticks taken off.
    fn name(&self, pair: &Pair<'_, Rule>) -> Name {
        let span = self.span(pair);
        Name { text: self.slice(span).trim_matches('`').to_owned(), span }
    }

    /// The digits of a number.
    fn digits(&mut self, span: Span) -> String {
        let text: String = self.slice(span).trim_end_matches('%').chars().filter(|c| *c != '_').collect();
        if text.len() > 30 {
            self.report(
                Diagnostic::new(Code::InvalidNumber, span, "this number has more digits than fit")
                    .label("more than 28 digits"),
            );
            return "0".to_owned();
        }
        text
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

#[cfg(test)]
mod tests;
