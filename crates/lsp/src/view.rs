//! A file of a project, as features see it.

use std::path::PathBuf;

use hence_check::{Facts, ItemPlace};
use hence_diagnostics::{FileId, Source, Span};
use hence_project::{Live, Project};
use hence_schema::Catalog;
use hence_syntax::ast::Item;
use hence_syntax::{Parsed, Token, TokenKind};

/// A file of a project.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    live: &'a Live,
    /// The file.
    pub file: FileId,
}

/// An item of a file, with what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct ItemView<'a> {
    /// Where it stands.
    pub place: ItemPlace,
    /// The item.
    pub item: &'a Item,
    /// What the checker found out.
    pub facts: &'a Facts,
}

impl<'a> View<'a> {
    /// Returns a view of a file.
    pub fn new(live: &'a Live, file: FileId) -> Self {
        Self { live, file }
    }

    /// Returns the project.
    pub fn project(self) -> &'a Project {
        self.live.project()
    }

    /// Returns the project with its paths.
    pub fn live(self) -> &'a Live {
        self.live
    }

    /// Returns the integrations.
    pub fn catalog(self) -> &'a Catalog {
        &self.project().catalog
    }

    /// Returns the text.
    pub fn source(self) -> Option<&'a Source> {
        self.project().sources.get(self.file)
    }

    /// Returns the text.
    pub fn text(self) -> &'a str {
        self.source().map_or("", |source| source.text())
    }

    /// Returns the text under a span, whatever its file.
    pub fn slice(self, span: Span) -> &'a str {
        self.project().sources.slice(span)
    }

    /// Returns the absolute path of a file.
    pub fn path(self, file: FileId) -> Option<PathBuf> {
        self.live.path(file)
    }

    /// Returns the tree, where the file is one of rules.
    pub fn parsed(self) -> Option<&'a Parsed> {
        self.project().files.get(self.live.index(self.file)?)
    }

    /// Returns the tokens, blanks and comments included.
    pub fn tokens(self) -> &'a [Token] {
        self.parsed().map_or(&[], |parsed| parsed.tokens())
    }

    /// Returns the token before a place or around it: one that begins there comes first.
    pub fn token_at(self, offset: u32) -> Option<&'a Token> {
        let tokens = self.tokens();
        let after = tokens.partition_point(|token| token.span.start <= offset);
        let token = tokens.get(after.checked_sub(1)?)?;
        // At the end of a word, the word is meant and not the blank behind it.
        if token.kind.is_trivia() && token.span.start == offset {
            return tokens
                .get(after.checked_sub(2)?)
                .filter(|before| before.kind != TokenKind::Blank)
                .or(Some(token));
        }
        Some(token)
    }

    /// Returns the items of the file.
    pub fn items(self) -> Vec<ItemView<'a>> {
        let project = self.project();
        let Some(file) = self.live.index(self.file) else { return Vec::new() };
        let items = project.files.get(file).map_or(&[][..], |parsed| &parsed.items);
        let views = items.iter().enumerate().filter_map(|(index, item)| {
            let place = ItemPlace { file, item: index };
            Some(ItemView { place, item, facts: project.checked.facts(place)? })
        });
        views.collect()
    }

    /// Returns the item at a place.
    pub fn item_at(self, offset: u32) -> Option<ItemView<'a>> {
        self.items().into_iter().rev().find(|view| view.item.span.contains(offset))
    }

    /// Returns the items of all rule files.
    pub fn all_items(self) -> impl Iterator<Item = ItemView<'a>> {
        all_items(self.project())
    }

    /// Returns an item by its place.
    pub fn item(self, place: ItemPlace) -> Option<ItemView<'a>> {
        let project = self.project();
        let item = project.files.get(place.file)?.items.get(place.item)?;
        Some(ItemView { place, item, facts: project.checked.facts(place)? })
    }
}

/// Returns the items of all rule files of a project.
pub(crate) fn all_items(project: &Project) -> impl Iterator<Item = ItemView<'_>> {
    project.checked.items().filter_map(|(place, facts)| {
        let item = project.files.get(place.file)?.items.get(place.item)?;
        Some(ItemView { place, item, facts })
    })
}
