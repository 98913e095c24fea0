//! The checker of one item: what it knows and collects. Its methods stand with what they check, in `expression`
//! and `rule`.

use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic, Severity, Span};
use hence_schema::Catalog;
use hence_syntax::ast::{Item, ItemKind, Name, NodeId};
use hence_types::jiff::tz::TimeZone;
use hence_types::{Enumeration, Record, Type};

use crate::declarations::Declarations;
use crate::environment::{Binding, Environment};
use crate::errors::types::ResultType;
use crate::facts::Facts;
use crate::{constant, lints};

/// What kind of item is checked: decides which names an expression may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    Rule,
    Function,
    Constant,
    Test,
}

pub(crate) struct Checker<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) declarations: &'a Declarations,
    /// The zone of the item: the rule's own or the project's.
    pub(crate) zone: TimeZone,
    pub(crate) within: Within,
    pub(crate) facts: Facts,
    pub(crate) environment: Environment,
    /// The names in scope for the event, with the place of the alias.
    pub(crate) aliases: Vec<Name>,
    /// The payloads of the rule's triggers, in order.
    pub(crate) payloads: Vec<Arc<Record>>,
    /// The names of patterns so far, wherever they are in scope.
    pub(crate) pattern_names: Vec<Name>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether a test that would tell what is there could not be understood.
    pub(crate) lost: bool,
    /// The values of which one is wanted where a name stands.
    pub(crate) expected_values: Option<Arc<Enumeration>>,
}

/// Checks an item.
pub(crate) fn item(
    item: &Item,
    catalog: &Catalog,
    declarations: &Declarations,
    zone: &TimeZone,
) -> (Facts, Vec<Diagnostic>) {
    let mut checker = Checker::new(item, catalog, declarations, zone);
    match &item.kind {
        ItemKind::Rule(rule) => checker.rule(rule),
        ItemKind::Fn(function) => {
            let signature =
                declarations.functions.get(&function.name.text).map(|declared| declared.what.clone());
            let Some(signature) = signature else {
                checker.facts.broken = true;
                return (checker.facts, checker.diagnostics);
            };
            for (parameter, (_, ty, span)) in function.parameters.iter().zip(&signature.parameters) {
                checker.bind(&parameter.name, parameter.id, ty.clone(), Some(*span));
            }
            let found = checker.expect(&function.body, &signature.result);
            if !found.agrees_with(&signature.result) {
                checker.report(ResultType {
                    name: function.name.text.clone(),
                    body: function.body.span,
                    found,
                    declared: function.result.span,
                    wanted: signature.result,
                });
            }
        }
        ItemKind::Const(constant) => {
            checker.expression(&constant.value);
        }
        ItemKind::Test(test) => checker.test(test),
        ItemKind::Extern(_) => {}
        ItemKind::Group(group) => {
            if let Some(value) = group.resolution.value() {
                checker.best_by(&group.name.text, value);
            }
        }
        ItemKind::Table(table) => {
            let signature = declarations.functions.get(&table.name.text);
            let analysis = declarations.tables.get(&table.name.text);
            match (signature, analysis) {
                (Some(signature), Some(declared)) => {
                    checker.table(table, &signature.what, &declared.what.analysis);
                }
                _ => checker.facts.broken = true,
            }
        }
        ItemKind::Broken(_) => checker.facts.broken = true,
    }
    constant::faults(item, &mut checker);
    lints::item(item, &mut checker);
    if checker.lost {
        // The test may have been about just that value.
        let told = [Code::MayBeMissing, Code::FieldNotInEveryEvent];
        checker.diagnostics.retain(|one| !told.contains(&one.code));
    }
    if item.guessed {
        // What a guess seems to say wrong is told when the guess is mended.
        checker.diagnostics.clear();
        checker.facts.broken = true;
    }
    checker.facts.broken |= checker.diagnostics.iter().any(|d| d.severity == Severity::Error);
    (checker.facts, checker.diagnostics)
}

/// Returns the type of a constant; its problems are reported when the item itself is checked.
pub(crate) fn constant_type(
    item: &Item,
    catalog: &Catalog,
    declarations: &Declarations,
    zone: &TimeZone,
) -> Type {
    let mut checker = Checker::new(item, catalog, declarations, zone);
    match &item.kind {
        ItemKind::Const(constant) => checker.expression(&constant.value),
        ItemKind::Rule(_)
        | ItemKind::Fn(_)
        | ItemKind::Extern(_)
        | ItemKind::Group(_)
        | ItemKind::Test(_)
        | ItemKind::Table(_)
        | ItemKind::Broken(_) => Type::Error,
    }
}

impl<'a> Checker<'a> {
    fn new(item: &Item, catalog: &'a Catalog, declarations: &'a Declarations, zone: &TimeZone) -> Self {
        let within = match &item.kind {
            ItemKind::Rule(_) | ItemKind::Group(_) | ItemKind::Broken(_) => Within::Rule,
            ItemKind::Fn(_) | ItemKind::Extern(_) | ItemKind::Table(_) => Within::Function,
            ItemKind::Const(_) => Within::Constant,
            ItemKind::Test(_) => Within::Test,
        };
        Self {
            catalog,
            declarations,
            zone: zone.clone(),
            within,
            facts: Facts::new(item.nodes),
            environment: Environment::default(),
            aliases: Vec::new(),
            payloads: Vec::new(),
            pattern_names: Vec::new(),
            diagnostics: Vec::new(),
            lost: false,
            expected_values: None,
        }
    }

    pub(crate) fn report(&mut self, diagnostic: impl Into<Diagnostic>) {
        self.diagnostics.push(diagnostic.into());
    }

    /// Brings a variable into scope. A name bound twice in one scope is reported.
    pub(crate) fn bind(&mut self, name: &Name, node: NodeId, ty: Type, origin: Option<Span>) {
        if let Some(before) = self.environment.find(&name.text) {
            let first = before.span;
            self.report(crate::errors::names::DuplicateName { name: name.clone(), first });
        }
        self.facts.set_type(node, ty.clone());
        self.facts.set_origin(node, origin.or(Some(name.span)));
        let binding = Binding { name: name.text.clone(), node, ty, span: name.span };
        self.environment.bindings.push(binding);
    }
}
