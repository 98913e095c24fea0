//! What a project declares: rules, functions, tables and constants by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use hence_diagnostics::{Diagnostic, Span, nearest};
use hence_schema::Catalog;
use hence_syntax::Parsed;
use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, Item, ItemKind, Name, Table};
use hence_types::jiff::tz::TimeZone;
use hence_types::{Record, Type, Value};
use indexmap::IndexMap;

use crate::checker;
use crate::errors::shape::RecursiveDefinition;
use crate::evaluate::evaluate;
use crate::table::{self, Analysis};
use crate::types;

/// Where an item stands: the index of the file among the parsed ones and of the item in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemPlace {
    /// The file.
    pub file: usize,
    /// The item.
    pub item: usize,
}

/// The declared items.
#[derive(Debug, Clone, Default)]
pub struct Declarations {
    /// The rules.
    pub rules: BTreeMap<Arc<str>, Declared<()>>,
    /// The functions.
    pub functions: IndexMap<String, Declared<FunctionSignature>>,
    /// What is known of the tables, each of which is a function as well.
    pub(crate) tables: IndexMap<String, Declared<TableFacts>>,
    /// The values of constants that are known.
    pub(crate) values: BTreeMap<String, Value>,
    /// The constants and their types; the error type where the value is wrong.
    pub constants: IndexMap<String, Declared<Type>>,
    /// The rules of each group, by the group's name.
    pub(crate) groups: BTreeMap<String, Members>,
    /// Where each group is declared.
    pub group_items: BTreeMap<String, ItemPlace>,
    /// The files of external functions, each of which is a function as well.
    pub externals: BTreeMap<String, String>,
    /// What rules ask for that a person or the API may start, by the rule's name.
    pub manual: BTreeMap<Arc<str>, Arc<Record>>,
    /// The tests, by their titles.
    pub tests: BTreeMap<Arc<str>, Declared<()>>,
    /// Items that could not be read: their names are known, nothing else.
    pub broken: Vec<String>,
    /// Whether an item could not even be named: a name that is nowhere may be its.
    pub(crate) nameless: bool,
}

/// A declared item.
#[derive(Debug, Clone)]
pub struct Declared<T> {
    /// Where it stands.
    pub place: ItemPlace,
    /// The place of its name.
    pub span: Span,
    /// What is declared.
    pub what: T,
}

/// Parameters and result of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionSignature {
    /// The parameters: name, type and place.
    pub parameters: Vec<(String, Type, Span)>,
    /// The type of the result.
    pub result: Type,
}

/// The rules of a group, as far as their headers tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members {
    /// The rules, and the name of the entry point of those that have one and no other trigger.
    pub(crate) rules: Vec<(ItemPlace, Option<String>)>,
}

impl Members {
    /// Returns the entry point that all rules have.
    pub(crate) fn entry_point(&self) -> Option<&str> {
        let (first, rest) = self.rules.split_first()?;
        let first = first.1.as_deref()?;
        rest.iter().all(|(_, other)| other.as_deref() == Some(first)).then_some(first)
    }
}

/// What is known of a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableFacts {
    pub(crate) analysis: Analysis,
    pub(crate) rows: TableRows,
}

/// The rows of a table as values, for rule families.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableRows {
    /// The parameters and the result with their types.
    pub(crate) columns: Vec<(String, Type)>,
    /// The rows.
    pub(crate) rows: Vec<TableRow>,
}

/// A row of a table: the places of its cells, and the values of those that are plain ones.
#[derive(Debug, Clone)]
pub(crate) struct TableRow {
    pub(crate) span: Span,
    pub(crate) cells: Vec<(Span, Option<Value>)>,
}

impl Declarations {
    /// Declares functions, tables, constants and groups, and what could not be read, in place of those declared
    /// before. `definitions` are the items in order, those left out that have the name of an earlier item.
    pub(crate) fn define(
        &mut self,
        (files, definitions): (&[Parsed], &[(ItemPlace, Arc<str>)]),
        nameless: bool,
        catalog: &Catalog,
        zone: &TimeZone,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut constants = Vec::new();
        self.functions.clear();
        self.tables.clear();
        self.values.clear();
        self.constants.clear();
        self.group_items.clear();
        self.externals.clear();
        self.broken.clear();
        self.nameless = nameless;
        for (place, name) in definitions {
            let Some(item) = item(files, *place) else { continue };
            match item.name() {
                Some(name) if !item.guessed => {
                    self.add(&item.kind, name, *place, catalog, diagnostics, &mut constants);
                }
                Some(_) | None => self.broken.push(name.to_string()),
            }
        }
        self.find_recursive_functions(files, diagnostics);
        self.evaluate_constants(files, zone, &constants);
        self.analyse_tables(files, zone);
        self.type_constants(files, catalog, zone, &constants, diagnostics);
    }

    fn add(
        &mut self,
        kind: &ItemKind,
        name: &Name,
        place: ItemPlace,
        catalog: &Catalog,
        diagnostics: &mut Vec<Diagnostic>,
        constants: &mut Vec<(String, ItemPlace, Span)>,
    ) {
        let text = name.text.clone();
        let span = name.span;
        match kind {
            ItemKind::Fn(function) => {
                let parameters = function.parameters.iter().map(|parameter| {
                    let ty = types::resolve(&parameter.ty, catalog, diagnostics);
                    (parameter.name.text.clone(), ty, parameter.name.span)
                });
                let parameters = parameters.collect();
                let result = types::resolve(&function.result, catalog, diagnostics);
                let what = FunctionSignature { parameters, result };
                self.functions.insert(text, Declared { place, span, what });
            }
            ItemKind::Table(table) => {
                let parameters = table.parameters.iter().map(|parameter| {
                    let ty = types::resolve(&parameter.ty, catalog, diagnostics);
                    (parameter.name.text.clone(), ty, parameter.name.span)
                });
                let parameters = parameters.collect();
                let result = types::resolve(&table.result, catalog, diagnostics);
                let what = FunctionSignature { parameters, result };
                self.functions.insert(text.clone(), Declared { place, span, what });
                self.tables.insert(text, Declared { place, span, what: TableFacts::default() });
            }
            ItemKind::Extern(function) => {
                let parameters = function.parameters.iter().map(|parameter| {
                    let ty = types::resolve(&parameter.ty, catalog, diagnostics);
                    (parameter.name.text.clone(), ty, parameter.name.span)
                });
                let parameters = parameters.collect();
                let result = types::resolve(&function.result, catalog, diagnostics);
                let what = FunctionSignature { parameters, result };
                self.functions.insert(text.clone(), Declared { place, span, what });
                self.externals.insert(text, function.file.0.clone());
            }
            ItemKind::Const(_) => constants.push((text, place, span)),
            ItemKind::Group(_) => {
                self.group_items.insert(text, place);
            }
            ItemKind::Rule(_) | ItemKind::Test(_) => {}
            ItemKind::Broken(_) => self.broken.push(text),
        }
    }

    /// Whether a name that means nothing, and looks like none of some others, may be that of an item that could not
    /// be read.
    pub(crate) fn may_be_hidden(&self, name: &str, others: &[String]) -> bool {
        self.broken.iter().any(|broken| broken == name)
            || self.nameless && nearest(name, others.iter().map(String::as_str)).is_none()
    }

    /// Whether an item of a name may be one of those that could not be read.
    pub(crate) fn is_unread(&self, name: &str) -> bool {
        self.nameless || self.broken.iter().any(|broken| broken == name)
    }

    /// Reports functions that reach themselves, and gives them the error type so that nothing follows from it.
    fn find_recursive_functions(&mut self, files: &[Parsed], diagnostics: &mut Vec<Diagnostic>) {
        let mut calls: IndexMap<String, Vec<String>> = IndexMap::new();
        for (name, declared) in &self.functions {
            if let Some(ItemKind::Fn(function)) = item_kind(files, declared.place) {
                calls.insert(name.clone(), crate::expression::visit::names_called(&function.body));
            }
            if let Some(ItemKind::Table(table)) = item_kind(files, declared.place) {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                let cells = cells.filter_map(|cell| cell.condition.as_ref());
                let parts = cells.chain(table.rows.iter().map(|row| &row.result));
                calls.insert(name.clone(), parts.flat_map(crate::expression::visit::names_called).collect());
            }
        }
        for name in calls.keys().cloned().collect::<Vec<_>>() {
            let mut todo: Vec<&String> = calls.get(&name).into_iter().flatten().collect();
            let mut reached: Vec<&String> = Vec::new();
            while let Some(next) = todo.pop() {
                if !reached.contains(&next) {
                    reached.push(next);
                    todo.extend(calls.get(next).into_iter().flatten());
                }
            }
            if reached.contains(&&name)
                && let Some(declared) = self.functions.get_mut(&name)
            {
                diagnostics.push(
                    RecursiveDefinition { what: "function", name: name.clone(), span: declared.span }.into(),
                );
                declared.what.result = Type::Error;
            }
        }
    }

    /// Computes the constants whose values are known.
    fn evaluate_constants(
        &mut self,
        files: &[Parsed],
        zone: &TimeZone,
        constants: &[(String, ItemPlace, Span)],
    ) {
        let mut waiting: Vec<(&String, &Expression)> = Vec::new();
        for (name, place, _) in constants {
            if let Some(ItemKind::Const(constant)) = item_kind(files, *place) {
                waiting.push((name, &constant.value));
            }
        }
        // Each round computes those that need only what is computed already.
        loop {
            let before = waiting.len();
            waiting.retain(|(name, expression)| {
                let value = evaluate(expression, &|name| self.values.get(name).cloned(), zone);
                let known = value.is_some();
                self.values.extend(value.map(|value| ((*name).clone(), value)));
                !known
            });
            if waiting.len() == before {
                return;
            }
        }
    }

    /// Finds out what can be proved of the tables, which decides the types of their results.
    fn analyse_tables(&mut self, files: &[Parsed], zone: &TimeZone) {
        for (name, declared) in &mut self.tables {
            let Some(ItemKind::Table(item)) = item_kind(files, declared.place) else { continue };
            let Some(signature) = self.functions.get_mut(name) else { continue };
            let signature = &mut signature.what;
            let types: Vec<Type> = signature.parameters.iter().map(|(_, ty, _)| ty.clone()).collect();
            let analysis = table::analyse(item, &types, &self.values, zone);
            let mut columns: Vec<(String, Type)> =
                signature.parameters.iter().map(|(name, ty, _)| (name.clone(), ty.clone())).collect();
            columns.push((crate::family::result_name(), signature.result.clone()));
            let rows = TableRows { columns, rows: row_values(item, &self.values, zone) };
            if !signature.result.is_error() {
                signature.result = table::result_type(item, &signature.result, &analysis);
            }
            declared.what = TableFacts { analysis, rows };
        }
    }

    /// Finds the types of constants, each after those it names. Constants that reach themselves are reported.
    fn type_constants(
        &mut self,
        files: &[Parsed],
        catalog: &Catalog,
        zone: &TimeZone,
        constants: &[(String, ItemPlace, Span)],
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let names: Vec<&String> = constants.iter().map(|(name, ..)| name).collect();
        let mut waiting: Vec<(usize, Vec<String>)> = Vec::new();
        for (index, (_, place, _)) in constants.iter().enumerate() {
            let Some(ItemKind::Const(constant)) = item_kind(files, *place) else { continue };
            let mut named = crate::expression::visit::names_used(&constant.value);
            named.retain(|name| names.contains(&name));
            waiting.push((index, named));
        }
        loop {
            let ready = waiting
                .iter()
                .position(|(_, named)| named.iter().all(|name| self.constants.contains_key(name)));
            let Some(ready) = ready else { break };
            let (index, _) = waiting.remove(ready);
            let Some((name, place, span)) = constants.get(index) else { continue };
            let Some(item) = item(files, *place) else { continue };
            let what = checker::constant_type(item, catalog, self, zone);
            if let ItemKind::Const(constant) = &item.kind
                && let Some(value) = self.value(&constant.value, zone)
            {
                self.values.insert(name.clone(), value);
            }
            self.constants.insert(name.clone(), Declared { place: *place, span: *span, what });
        }
        for (index, _) in waiting {
            let Some((name, place, span)) = constants.get(index) else { continue };
            diagnostics
                .push(RecursiveDefinition { what: "constant", name: name.clone(), span: *span }.into());
            self.constants.insert(name.clone(), Declared { place: *place, span: *span, what: Type::Error });
        }
    }
}

/// Returns the values of cells that are plain ones, and of results that do not depend on the arguments.
fn row_values(table: &Table, constants: &BTreeMap<String, Value>, zone: &TimeZone) -> Vec<TableRow> {
    let known = |name: &str| {
        let hidden = table.parameters.iter().any(|parameter| parameter.name.text == name);
        if hidden { None } else { constants.get(name).cloned() }
    };
    let rows = table.rows.iter().map(|row| {
        let mut cells: Vec<(Span, Option<Value>)> = Vec::with_capacity(row.cells.len() + 1);
        for cell in &row.cells {
            let plain = match cell.condition.as_ref().map(|condition| &condition.kind) {
                Some(ExpressionKind::Binary { operator: BinaryOperator::Equal, right, .. }) => {
                    evaluate(right, &known, zone)
                }
                Some(_) | None => None,
            };
            cells.push((cell.span, plain));
        }
        cells.push((row.result.span, evaluate(&row.result, &known, zone)));
        TableRow { span: row.span, cells }
    });
    rows.collect()
}

fn item_kind(files: &[Parsed], place: ItemPlace) -> Option<&ItemKind> {
    item(files, place).map(|item| &item.kind)
}

/// Returns the item at a place.
pub(crate) fn item(files: &[Parsed], place: ItemPlace) -> Option<&Item> {
    files.get(place.file)?.items.get(place.item)
}
