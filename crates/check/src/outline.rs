//! What the trees of a file say unchecked, as far as other files need it: its names, its definitions, its tests.

use std::mem::{Discriminant, discriminant};
use std::sync::Arc;

use hence_diagnostics::{Code, Span};
use hence_schema::Catalog;
use hence_syntax::Parsed;
use hence_syntax::ast::{
    ClauseKind, Expectation, Item, ItemKind, Rule, Test, TestClauseKind, Trigger, TriggerKind,
};
use hence_types::Record;

/// What a file says of itself to others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outline {
    /// The items that have names, in their order.
    pub(crate) names: Vec<Named>,
    /// The tests by their titles, in their order.
    pub(crate) tests: Vec<Named>,
    /// The items that are neither rules nor tests: what they say matters to all that name them.
    pub(crate) definitions: Vec<Definition>,
    /// The rules that are in groups.
    pub(crate) memberships: Vec<Membership>,
    /// What rules ask for that a person or the API may start.
    pub(crate) manual: Vec<Manual>,
    /// The rules whose conditions tests speak of.
    pub(crate) because: Vec<Arc<str>>,
    /// Whether an item could not even be named.
    pub(crate) nameless: bool,
    /// Whether an item could not be read.
    pub(crate) unread: bool,
}

/// An item with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: Arc<str>,
    pub(crate) item: usize,
    /// The place of the name.
    pub(crate) span: Span,
    pub(crate) is_definition: bool,
}

/// An item that others may use.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) item: usize,
    span: Span,
    kind: Discriminant<ItemKind>,
    guessed: bool,
    /// Whether it says more than its text does: its rows stand in another file.
    reads_more: bool,
}

/// A rule in a group, and its entry point if it has one and no other trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) group: String,
    pub(crate) rule: Arc<str>,
    pub(crate) item: usize,
    pub(crate) entry_point: Option<String>,
}

/// A rule that a person or the API may start, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manual {
    pub(crate) rule: Arc<str>,
    pub(crate) item: usize,
    pub(crate) asks_for: Arc<Record>,
}

impl Outline {
    pub(crate) fn of(parsed: &Parsed, catalog: &Catalog) -> Self {
        let mut outline = Self {
            nameless: parsed.diagnostics.iter().any(|one| one.code == Code::OutsideItem),
            ..Self::default()
        };
        for (index, item) in parsed.items.iter().enumerate() {
            outline.add(index, item, catalog);
        }
        outline
    }

    fn add(&mut self, index: usize, item: &Item, catalog: &Catalog) {
        let name = item.name().filter(|name| !name.text.is_empty());
        let shared: Option<Arc<str>> = name.map(|name| Arc::from(name.text.as_str()));
        if let ItemKind::Test(test) = &item.kind {
            self.add_test(index, item, test);
            return;
        }
        self.nameless |= name.is_none();
        self.unread |= matches!(item.kind, ItemKind::Broken(_));
        let is_definition = !matches!(item.kind, ItemKind::Rule(_));
        if let (Some(name), Some(shared)) = (name, &shared) {
            let name = Named { name: Arc::clone(shared), item: index, span: name.span, is_definition };
            self.names.push(name);
        }
        match (&item.kind, shared) {
            (ItemKind::Rule(rule), Some(name)) => {
                self.add_memberships(index, rule, &name, catalog);
                self.add_manual(index, rule, name, catalog);
            }
            (ItemKind::Rule(_), None) => {}
            (kind, name) => self.definitions.push(Definition {
                name,
                item: index,
                span: item.span,
                kind: discriminant(kind),
                guessed: item.guessed,
                reads_more: reads_more(item),
            }),
        }
    }

    fn add_test(&mut self, index: usize, item: &Item, test: &Test) {
        let (title, span) = &test.title;
        let title = Arc::from(title.as_str());
        self.tests.push(Named { name: title, item: index, span: *span, is_definition: false });
        if item.guessed {
            return;
        }
        for clause in &test.clauses {
            if let TestClauseKind::Expect(Expectation::Rule(expected)) = &clause.kind
                && expected.because.is_some()
                && let Some(name) = expected.name()
            {
                self.because.push(Arc::from(name.text.as_str()));
            }
        }
    }

    fn add_manual(&mut self, item: usize, rule: &Rule, name: Arc<str>, catalog: &Catalog) {
        let manual = rule.triggers.iter().find_map(|trigger| {
            if let TriggerKind::Manual(parameters) = &trigger.kind { Some(parameters) } else { None }
        });
        if let Some(parameters) = manual {
            // What is wrong with a type is reported where the rule is checked.
            let record = crate::trigger::asked_for(parameters, catalog, &mut Vec::new());
            self.manual.push(Manual { rule: name, item, asks_for: Arc::new(record) });
        }
    }

    fn add_memberships(&mut self, item: usize, rule: &Rule, name: &Arc<str>, catalog: &Catalog) {
        let entry_point = match rule.triggers.as_slice() {
            [Trigger { kind: TriggerKind::Event(path), .. }] => {
                Some(path.text()).filter(|name| catalog.entry_point(name).is_some())
            }
            _ => None,
        };
        for clause in &rule.clauses {
            if let ClauseKind::Group(group) = &clause.kind {
                self.memberships.push(Membership {
                    group: group.text.clone(),
                    rule: Arc::clone(name),
                    item,
                    entry_point: entry_point.clone(),
                });
            }
        }
    }
}

/// Whether what an item says depends on more than its text: a table may have its rows in another file.
pub(crate) fn reads_more(item: &Item) -> bool {
    matches!(&item.kind, ItemKind::Table(table) if table.file.is_some())
}

/// Returns the names of definitions that are not in both of two states of a file, and whether there are any such
/// definitions, with names or without.
pub(crate) fn changed_definitions(
    (before, old): (&Outline, &str),
    (after, new): (&Outline, &str),
) -> (Vec<Arc<str>>, bool) {
    let same = |one: &Definition, other: &Definition| {
        one.item == other.item
            && one.span == other.span
            && one.name == other.name
            && one.kind == other.kind
            && one.guessed == other.guessed
            && !other.reads_more
            && old.get(one.span.range()) == new.get(other.span.range())
    };
    let mut names = Vec::new();
    let mut changed = false;
    // A definition may have become another at its place, so both are looked for.
    for one in &before.definitions {
        if !after.definitions.iter().any(|other| other.item == one.item && same(one, other)) {
            names.extend(one.name.clone());
            changed = true;
        }
    }
    for other in &after.definitions {
        if !before.definitions.iter().any(|one| one.item == other.item && same(one, other)) {
            names.extend(other.name.clone());
            changed = true;
        }
    }
    (names, changed)
}
