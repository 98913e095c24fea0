//! What the checker finds out, in tables by node.

use std::collections::BTreeMap;
use std::sync::Arc;

use hence_builtins::FunctionId;
use hence_diagnostics::Span;
use hence_schedule::Schedule;
use hence_syntax::ast::NodeId;
use hence_types::{Record, Type, Value};

use crate::nodes::Nodes;
use crate::trigger::watched::Watched;
use crate::{Header, SetField};

/// Facts of one item, by node.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    nodes: Nodes,
    /// For a rule: the full names of its events, and the fields all of them have.
    pub events: Vec<Arc<str>>,
    /// For a rule: the schedules among its triggers, by their place.
    pub schedules: BTreeMap<usize, Schedule>,
    /// For a rule: what its steps see of the event, for each trigger.
    pub payloads: Vec<Arc<Record>>,
    /// For a rule: what is to be watched, for each trigger.
    pub watched: Vec<Option<Watched>>,
    /// For a rule: the calls that set fields, by their steps.
    pub sets: BTreeMap<NodeId, SetField>,
    /// For a rule: the record of the fields that all its events have.
    pub payload: Arc<Record>,
    /// For a rule of an entry point: its name.
    pub entry_point: Option<Arc<str>>,
    /// For a rule: its priority.
    pub priority: u8,
    /// For a rule: what its other header clauses say.
    pub header: Header,
    /// For a rule family: its rows, each of which is a rule.
    pub family: Option<Vec<FamilyRow>>,
    /// Whether an error was found, so that the item cannot be compiled.
    pub broken: bool,
    /// Whether all names that there are were asked for, as they are to say what a name may have been meant for.
    pub(crate) asks_for_names: bool,
}

/// A row of a rule family.
#[derive(Debug, Clone)]
pub struct FamilyRow {
    /// What tells its rule from the others of the family.
    pub key: String,
    /// The title of its rule, possibly empty.
    pub title: String,
    /// The row.
    pub value: Value,
}

/// What a name or call means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// The whole payload.
    Payload,
    /// A field of the payload, named alone.
    PayloadField(Arc<str>),
    /// A part of the event's envelope.
    Envelope(Envelope),
    /// A variable: the node that binds it (a `let` step, a quantifier's binder, a parameter).
    Local(NodeId),
    /// A constant of the project.
    Constant(String),
    /// The instant of the evaluation.
    Now,
    /// The day of the evaluation.
    Today,
    /// A field of a record, by its place in the record's shape.
    Field(usize),
    /// A function of the project.
    Function(String),
    /// A built-in function.
    Builtin(FunctionId),
    /// A quantifier.
    Quantifier(QuantifierKind),
    /// An action, by its full name.
    Action(Arc<str>),
    /// Whether the event is this one: the index among the rule's triggers.
    IsEvent(usize),
    /// Whether a value of a union is of one of its types.
    IsVariant(Arc<IsVariant>),
}

/// One of the types of a union, as a condition asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsVariant {
    /// The field that tells.
    pub tag: Arc<str>,
    /// Its place in the record of the union.
    pub index: usize,
    /// The values of that field for the type.
    pub values: Vec<Arc<str>>,
    /// The fields that a value of the type always has.
    pub always: Vec<Arc<str>>,
}

/// A part of the event's envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    /// `event.id`
    Id,
    /// `event.time`
    Time,
    /// `event.source`
    Source,
    /// `event.name`
    Name,
}

impl Envelope {
    /// All parts with their names.
    pub const ALL: &'static [(&'static str, Envelope)] = &[
        ("id", Envelope::Id),
        ("time", Envelope::Time),
        ("source", Envelope::Source),
        ("name", Envelope::Name),
    ];
}

/// The quantifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantifierKind {
    /// `any`
    Any,
    /// `all`
    All,
    /// `none`
    None,
    /// `count`
    Count,
    /// `sum`
    Sum,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `avg`
    Average,
    /// `first`
    First,
    /// `filter`
    Filter,
    /// `map`
    Map,
}

impl QuantifierKind {
    /// All quantifiers with their names.
    pub const ALL: &'static [(&'static str, QuantifierKind)] = &[
        ("any", QuantifierKind::Any),
        ("all", QuantifierKind::All),
        ("none", QuantifierKind::None),
        ("count", QuantifierKind::Count),
        ("sum", QuantifierKind::Sum),
        ("min", QuantifierKind::Min),
        ("max", QuantifierKind::Max),
        ("avg", QuantifierKind::Average),
        ("first", QuantifierKind::First),
        ("filter", QuantifierKind::Filter),
        ("map", QuantifierKind::Map),
    ];
}

impl Facts {
    pub(crate) fn new(nodes: u32) -> Self {
        Self { nodes: Nodes::new(nodes), priority: 5, ..Self::default() }
    }

    /// Returns the type of a node; the error type where none is known.
    pub fn ty(&self, node: NodeId) -> &Type {
        self.nodes.ty(node).unwrap_or(&Type::Error)
    }

    /// Returns what a name, field or call means, if anything was found.
    pub fn usage(&self, node: NodeId) -> Option<&Use> {
        self.nodes.usage(node)
    }

    /// Returns where the type of a node was declared: in a schema file, a `let`, a parameter.
    pub fn origin(&self, node: NodeId) -> Option<Span> {
        self.nodes.origin(node)
    }

    pub(crate) fn set_type(&mut self, node: NodeId, ty: Type) {
        self.nodes.set_type(node, ty);
    }

    pub(crate) fn set_use(&mut self, node: NodeId, usage: Use) {
        self.nodes.set_use(node, usage);
    }

    pub(crate) fn set_origin(&mut self, node: NodeId, origin: Option<Span>) {
        self.nodes.set_origin(node, origin);
    }

    /// Returns all uses, for references and unused items.
    pub fn uses(&self) -> impl Iterator<Item = &Use> {
        self.nodes.uses()
    }

    /// Keeps only what is known, in little space: nothing more is to be found out.
    pub(crate) fn pack(&mut self) {
        self.nodes.pack();
        self.events.shrink_to_fit();
        self.payloads.shrink_to_fit();
        self.watched.shrink_to_fit();
    }
}
