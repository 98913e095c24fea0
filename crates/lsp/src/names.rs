//! What the names of a text mean: every place of an item where something is named, and what it is.

use std::sync::Arc;

use hence_builtins::FunctionId;
use hence_check::ByPerson;
use hence_check::{Envelope, Facts, ItemPlace, QuantifierKind, Use};
use hence_diagnostics::Span;
use hence_project::Project;
use hence_schema::{Action, Catalog, Event};
use hence_syntax::ast::{
    Argument, ClauseKind, Expression, ExpressionKind, Given, Item, ItemKind, Name, NodeId, Path, StepKind,
    TestClauseKind, TypeExpressionKind,
};
use hence_types::{Field, Record, TASK_ANSWERED, Type};

use crate::nodes::{self, Node};
use crate::view::{ItemView, View, all_items};

/// Something that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbol {
    /// A rule.
    Rule(String),
    /// A function or table of the project.
    Function(String),
    /// A constant.
    Constant(String),
    /// A group of rules.
    Group(String),
    /// A test, by its title.
    Test(String),
    /// A variable: a `let`, a parameter, the variable of a loop, a row, an error.
    Local(ItemPlace, NodeId),
    /// The name of a rule for its event.
    Alias(ItemPlace, String),
    /// The label of a step.
    Label(ItemPlace, String),
    /// An integration.
    Integration(String),
    /// An event, by its full name.
    Event(Arc<str>),
    /// An entry point, where a decision is asked for.
    EntryPoint(String),
    /// An action, by its full name.
    Action(Arc<str>),
    /// A parameter of an action.
    Parameter(Arc<str>, String),
    /// A field that a schema declares, by the place there.
    Field(Span),
    /// A type of an integration: its id and its name.
    NamedType(String, String),
    /// A function of the language.
    Builtin(FunctionId),
    /// A quantifier.
    Quantifier(QuantifierKind),
    /// `event`
    Payload,
    /// A part of the event's envelope.
    Envelope(Envelope),
    /// `now`
    Now,
    /// `today`
    Today,
}

/// What a place does with what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Declares it.
    Declares,
    /// Uses it.
    Uses,
}

/// A place where something is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The place.
    pub span: Span,
    /// What is named.
    pub symbol: Symbol,
    /// What is done.
    pub role: Role,
}

/// Returns the occurrences of an item, in the order of their places.
pub(crate) fn of_item(view: ItemView<'_>, project: &Project) -> Vec<Occurrence> {
    let mut finder = Finder { view, project, found: Vec::new() };
    finder.item(view.item);
    Node::Item(view.item).visit(&mut |node| finder.node(node));
    finder.found.retain(|one| !one.span.is_empty());
    finder.found.sort_by_key(|one| (one.span, one.role == Role::Uses));
    finder.found.dedup_by_key(|one| one.span);
    finder.found
}

/// Returns what is named at a place.
pub(crate) fn at(view: View<'_>, offset: u32) -> Option<Occurrence> {
    let item = view.item_at(offset)?;
    let found = of_item(item, view.project());
    // Between two that touch, the one that begins there is meant.
    found.into_iter().rev().find(|one| one.span.contains(offset))
}

/// Returns how a symbol is written where it is named, without backticks.
pub(crate) fn written(view: View<'_>, found: &Occurrence) -> String {
    view.slice(found.span).trim_matches('`').to_owned()
}

/// Returns all occurrences of a symbol, in the order of the files.
pub(crate) fn everywhere(view: View<'_>, symbol: &Symbol, written: &str) -> Vec<Occurrence> {
    let only = match symbol {
        Symbol::Local(place, _) | Symbol::Alias(place, _) | Symbol::Label(place, _) => Some(*place),
        _ => None,
    };
    let project = view.project();
    let mut found = Vec::new();
    for item in all_items(project) {
        // Parameters are named in calls, which stand in other items.
        let elsewhere = matches!(symbol, Symbol::Local(..)) && declares_function(view, only);
        if only.is_some_and(|only| only != item.place) && !elsewhere {
            continue;
        }
        // Looking at the text first spares most of the trees.
        if project.sources.slice(item.item.span).contains(written) {
            found.extend(of_item(item, project).into_iter().filter(|one| one.symbol == *symbol));
        }
    }
    found
}

fn declares_function(view: View<'_>, place: Option<ItemPlace>) -> bool {
    let item = place.and_then(|place| view.item(place));
    item.is_some_and(|view| !nodes::parameters(view.item).is_empty())
}

/// Returns where a symbol is declared.
pub(crate) fn declaration(view: View<'_>, symbol: &Symbol) -> Option<Span> {
    let declarations = &view.project().checked.declarations;
    let catalog = view.catalog();
    match symbol {
        Symbol::Rule(name) => declarations.rules.get(name.as_str()).map(|found| found.span),
        Symbol::Function(name) => declarations.functions.get(name).map(|found| found.span),
        Symbol::Constant(name) => declarations.constants.get(name).map(|found| found.span),
        Symbol::Group(name) => {
            let item = view.item(*declarations.group_items.get(name)?)?;
            item.item.name().map(|name| name.span)
        }
        Symbol::Test(title) => declarations.tests.get(title.as_str()).map(|found| found.span),
        Symbol::Local(place, _) | Symbol::Alias(place, _) | Symbol::Label(place, _) => {
            let found = of_item(view.item(*place)?, view.project());
            found
                .into_iter()
                .find(|one| one.symbol == *symbol && one.role == Role::Declares)
                .map(|one| one.span)
        }
        Symbol::Integration(id) => catalog.integrations.get(id).map(|found| found.origin),
        Symbol::Event(name) => catalog.event_by_full_name(name).map(|found| found.origin),
        Symbol::EntryPoint(name) => catalog.entry_point(name).map(|found| found.origin),
        Symbol::Action(name) => action(catalog, name).map(|found| found.origin),
        Symbol::Parameter(name, parameter) => {
            Some(action(catalog, name)?.params.get(parameter.as_str())?.origin)
        }
        Symbol::Field(origin) => Some(*origin),
        Symbol::NamedType(id, name) => catalog.named_type(id, name)?.origin(),
        Symbol::Builtin(_)
        | Symbol::Quantifier(_)
        | Symbol::Payload
        | Symbol::Envelope(_)
        | Symbol::Now
        | Symbol::Today => None,
    }
}

/// Returns the action of a full name.
pub(crate) fn action<'a>(catalog: &'a Catalog, full_name: &str) -> Option<&'a Action> {
    let (integration, name) = full_name.split_once('.')?;
    catalog.action(integration, name)
}

/// Returns the event that a path names.
pub(crate) fn event_of<'a>(catalog: &'a Catalog, path: &Path) -> Option<&'a Event> {
    catalog.event_by_full_name(&path.text())
}

/// Returns the shape of what a test is given: an event's payload, or what a rule asks for that somebody starts.
pub(crate) fn given_shape(project: &Project, given: &Given) -> Option<Arc<Record>> {
    let catalog = &project.catalog;
    match hence_check::by_person(&given.event, catalog) {
        Some(ByPerson::Run(rule)) => project.checked.declarations.manual.get(rule.text.as_str()).cloned(),
        Some(ByPerson::Answer(_)) => Some(Arc::clone(&catalog.event_by_full_name(TASK_ANSWERED)?.payload)),
        None => Some(Arc::clone(&event_of(catalog, &given.event)?.payload)),
    }
}

/// Returns the record that has a field at this place of a schema, and the field.
pub(crate) fn field_at<'a>(
    records: impl IntoIterator<Item = &'a Type>,
    origin: Span,
) -> Option<(&'a str, &'a Field)> {
    records.into_iter().find_map(|ty| {
        let record = record_of(ty)?;
        let found = record.fields.iter().find(|(_, field)| field.origin == Some(origin));
        found.map(|(name, field)| (&**name, field))
    })
}

/// Returns the record that a type is, possibly one that may be missing.
pub(crate) fn record_of(ty: &Type) -> Option<&Arc<Record>> {
    if let Type::Record(record) = ty.required() { Some(record) } else { None }
}

struct Finder<'a> {
    view: ItemView<'a>,
    project: &'a Project,
    found: Vec<Occurrence>,
}

impl<'a> Finder<'a> {
    fn add(&mut self, span: Span, symbol: Symbol, role: Role) {
        self.found.push(Occurrence { span, symbol, role });
    }

    fn facts(&self) -> &'a Facts {
        self.view.facts
    }

    fn local(&self, node: NodeId) -> Symbol {
        Symbol::Local(self.view.place, node)
    }

    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Rule(rule) => {
                self.add(rule.name.span, Symbol::Rule(rule.name.text.clone()), Role::Declares);
                if let Some(family) = &rule.family {
                    self.add(family.row.span, self.local(family.id), Role::Declares);
                }
                for alias in rule.triggers.iter().filter_map(|trigger| trigger.alias.as_ref()) {
                    self.add(alias.span, Symbol::Alias(self.view.place, alias.text.clone()), Role::Declares);
                }
            }
            ItemKind::Fn(function) => {
                let symbol = Symbol::Function(function.name.text.clone());
                self.add(function.name.span, symbol, Role::Declares);
            }
            ItemKind::Table(table) => {
                self.add(table.name.span, Symbol::Function(table.name.text.clone()), Role::Declares);
            }
            ItemKind::Const(constant) => {
                let symbol = Symbol::Constant(constant.name.text.clone());
                self.add(constant.name.span, symbol, Role::Declares);
            }
            ItemKind::Test(test) => {
                self.add(test.title.1, Symbol::Test(test.title.0.clone()), Role::Declares);
            }
            ItemKind::Extern(function) => {
                let symbol = Symbol::Function(function.name.text.clone());
                self.add(function.name.span, symbol, Role::Declares);
            }
            ItemKind::Group(group) => {
                self.add(group.name.span, Symbol::Group(group.name.text.clone()), Role::Declares);
            }
            ItemKind::Broken(_) => {}
        }
    }

    fn node(&mut self, node: Node<'_>) {
        match node {
            Node::Event(path) if path.names.len() == 1 => {
                if let [name] = path.names.as_slice()
                    && self.project.catalog.entry_point(&name.text).is_some()
                {
                    self.add(name.span, Symbol::EntryPoint(name.text.clone()), Role::Uses);
                }
            }
            Node::Event(path) => {
                let full_name = event_of(&self.project.catalog, path).map(|event| event.full_name.clone());
                self.path(path, full_name.map(Symbol::Event));
            }
            Node::Action(path) => {
                let found = action(&self.project.catalog, &path.text());
                self.path(path, found.map(|action| Symbol::Action(action.full_name.clone())));
            }
            Node::RulePath(path) => {
                if let [name] = path.names.as_slice() {
                    self.add(name.span, Symbol::Rule(name.text.clone()), Role::Uses);
                }
            }
            Node::Parameter(parameter) => {
                self.add(parameter.name.span, self.local(parameter.id), Role::Declares);
            }
            Node::Type(ty) => {
                if let TypeExpressionKind::Named(path) = &ty.kind {
                    self.type_path(path);
                }
            }
            Node::Step(step) => {
                if let Some(label) = &step.label {
                    let symbol = Symbol::Label(self.view.place, label.text.clone());
                    self.add(label.span, symbol, Role::Declares);
                }
                if let StepKind::Set { target, .. } = &step.kind {
                    self.settable(target);
                }
                if let Some(name) = nodes::bound(step) {
                    self.add(name.span, self.local(step.id), Role::Declares);
                }
            }
            Node::Expression(expression) => self.expression(expression),
            Node::TestClause(clause) => match &clause.kind {
                TestClauseKind::Given(given) => {
                    let shape = given_shape(self.project, given);
                    if let (Some(shape), Some(payload)) = (shape, &given.payload) {
                        self.record(payload, &shape);
                    }
                }
                TestClauseKind::Expect(hence_syntax::ast::Expectation::Call(call)) => {
                    let of = Arc::from(call.action.text());
                    for argument in &call.arguments {
                        if let Argument::Named(name, _) = argument {
                            let symbol = Symbol::Parameter(Arc::clone(&of), name.text.clone());
                            self.add(name.span, symbol, Role::Uses);
                        }
                    }
                }
                TestClauseKind::With(_) | TestClauseKind::Wait { .. } | TestClauseKind::Expect(_) => {}
            },
            Node::Clause(clause) => {
                if let ClauseKind::Group(name) = &clause.kind {
                    self.add(name.span, Symbol::Group(name.text.clone()), Role::Uses);
                }
            }
            Node::Item(_)
            | Node::Family(_)
            | Node::Trigger(_)
            | Node::Row(_)
            | Node::Cell(_)
            | Node::CallClause(_)
            | Node::Block(_)
            | Node::Argument(_)
            | Node::Arm(_) => {}
        }
    }

    /// `integration.rest`
    fn path(&mut self, path: &Path, symbol: Option<Symbol>) {
        let Some((first, rest)) = path.names.split_first() else { return };
        if self.project.catalog.integrations.contains_key(&first.text) {
            self.add(first.span, Symbol::Integration(first.text.clone()), Role::Uses);
        }
        if let (Some(symbol), Some(from), Some(to)) = (symbol, rest.first(), rest.last()) {
            self.add(from.span.to(to.span), symbol, Role::Uses);
        }
    }

    /// A field of the context that a decision sets.
    fn settable(&mut self, path: &Path) {
        let name = self.facts().entry_point.as_deref().unwrap_or_default();
        let Some(entry_point) = self.project.catalog.entry_point(name) else { return };
        let mut record = Some(&entry_point.context);
        for name in &path.names {
            let field = record.and_then(|record| record.fields.get(name.text.as_str()));
            if let Some(origin) = field.and_then(|field| field.origin) {
                self.add(name.span, Symbol::Field(origin), Role::Uses);
            }
            record = field.and_then(|field| record_of(&field.ty));
        }
    }

    fn type_path(&mut self, path: &Path) {
        let [id, name] = path.names.as_slice() else { return };
        if self.project.catalog.named_type(&id.text, &name.text).is_some() {
            self.add(id.span, Symbol::Integration(id.text.clone()), Role::Uses);
            self.add(name.span, Symbol::NamedType(id.text.clone(), name.text.clone()), Role::Uses);
        }
    }

    /// The fields of a record whose shape a schema declares.
    fn record(&mut self, expression: &Expression, shape: &Record) {
        let ExpressionKind::Record(fields) = &expression.kind else { return };
        for (name, value) in fields {
            let Some(field) = shape.fields.get(name.text.as_str()) else { continue };
            if let Some(origin) = field.origin {
                self.add(name.span, Symbol::Field(origin), Role::Uses);
            }
            if let Some(inner) = record_of(&field.ty) {
                self.record(value, inner);
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        let usage = self.facts().usage(expression.id);
        if let ExpressionKind::Name(name) = &expression.kind {
            self.name(expression, name, usage);
        } else if let ExpressionKind::Field { name, .. } = &expression.kind {
            match usage {
                Some(Use::Envelope(part)) => self.add(name.span, Symbol::Envelope(*part), Role::Uses),
                Some(_) => {
                    if let Some(origin) = self.facts().origin(expression.id) {
                        self.add(name.span, Symbol::Field(origin), Role::Uses);
                    }
                }
                None => {}
            }
        } else if let ExpressionKind::NamedPattern { name, .. } = &expression.kind {
            self.add(name.span, self.local(expression.id), Role::Declares);
        } else if let ExpressionKind::Call { callee, arguments, .. } = &expression.kind {
            self.call(callee, arguments, usage);
        } else if let ExpressionKind::Record(_) = &expression.kind
            && let Some(shape) = record_of(self.facts().ty(expression.id))
        {
            self.record(expression, shape);
        }
    }

    fn name(&mut self, expression: &Expression, name: &Name, usage: Option<&Use>) {
        let symbol = match usage {
            Some(Use::Local(node)) => Some(self.local(*node)),
            Some(Use::PayloadField(_)) => self.facts().origin(expression.id).map(Symbol::Field),
            Some(Use::Constant(name)) => Some(Symbol::Constant(name.clone())),
            Some(Use::Payload) if name.text == "event" => Some(Symbol::Payload),
            Some(Use::Payload) => Some(Symbol::Alias(self.view.place, name.text.clone())),
            Some(Use::Now) => Some(Symbol::Now),
            Some(Use::Today) => Some(Symbol::Today),
            _ => None,
        };
        let declarations = &self.project.checked.declarations;
        let symbol = symbol.or_else(|| {
            // The table that gives a family its rows, and constants in tests, are named without a fact.
            let known = |what: bool, symbol: fn(String) -> Symbol| what.then(|| symbol(name.text.clone()));
            known(declarations.functions.contains_key(&name.text), Symbol::Function)
                .or_else(|| known(declarations.constants.contains_key(&name.text), Symbol::Constant))
        });
        if let Some(symbol) = symbol {
            self.add(name.span, symbol, Role::Uses);
        }
    }

    fn call(&mut self, callee: &Expression, arguments: &[Argument], usage: Option<&Use>) {
        for argument in arguments {
            match argument {
                Argument::Binder { id, variable, .. } => {
                    self.add(variable.span, self.local(*id), Role::Declares);
                }
                Argument::Named(name, _) => match usage {
                    Some(Use::Action(action)) => {
                        let symbol = Symbol::Parameter(action.clone(), name.text.clone());
                        self.add(name.span, symbol, Role::Uses);
                    }
                    Some(Use::Function(function)) => {
                        if let Some(symbol) = self.parameter(function, &name.text) {
                            self.add(name.span, symbol, Role::Uses);
                        }
                    }
                    _ => {}
                },
                Argument::Positional(_) => {}
            }
        }
        let symbol = match usage {
            Some(Use::Function(name)) => Symbol::Function(name.clone()),
            Some(Use::Builtin(function)) => Symbol::Builtin(*function),
            Some(Use::Quantifier(kind)) => Symbol::Quantifier(*kind),
            Some(Use::Action(name)) => {
                if let Some([first, rest @ ..]) = callee.as_path().as_deref()
                    && let (Some(from), Some(to)) = (rest.first(), rest.last())
                {
                    self.add(first.span, Symbol::Integration(first.text.clone()), Role::Uses);
                    self.add(from.span.to(to.span), Symbol::Action(name.clone()), Role::Uses);
                }
                return;
            }
            _ => return,
        };
        if let ExpressionKind::Name(name) = &callee.kind {
            self.found.push(Occurrence { span: name.span, symbol, role: Role::Uses });
        }
    }

    /// The parameter of a function of the project.
    fn parameter(&self, function: &str, name: &str) -> Option<Symbol> {
        let declared = self.project.checked.declarations.functions.get(function)?;
        let item = self.project.files.get(declared.place.file)?.items.get(declared.place.item)?;
        let parameters = nodes::parameters(item);
        let parameter = parameters.iter().find(|parameter| parameter.name.text == name)?;
        Some(Symbol::Local(declared.place, parameter.id))
    }
}
