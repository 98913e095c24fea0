//! The rule under construction: its nodes, constants, slots and locals, and whose facts are being read.

use std::sync::Arc;

use hence_check::{Facts, FamilyRow};
use hence_diagnostics::{Code as DiagnosticCode, Diagnostic, Span};
use hence_ir::{
    Code, ConstantId, Header, LocalId, Node, NodeId, Operation, PatternId, Plan, Rule, Slot, SlotId, Source,
};
use hence_syntax::ast::{self, Item, Name};
use hence_types::jiff::tz::TimeZone;
use hence_types::{Record, Type, Value, Wire};

use crate::Inputs;

/// How many nodes a rule may have, functions written out.
const MAX_NODES: usize = 50_000;

/// How deep functions and constants may be written out within each other.
const MAX_INLINED: usize = 40;

/// How deep an expression may be with functions and constants written out; evaluators have room for more.
pub(crate) const MAX_DEPTH: u32 = 400;

/// A rule that grows too large when its functions are written out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TooLarge;

impl TooLarge {
    pub(crate) fn diagnostic(self, name: &Name) -> Diagnostic {
        let message = format!("the rule `{}` grows too large with its functions written out", name.text);
        Diagnostic::new(DiagnosticCode::RuleTooLarge, name.span, message)
            .label(format!("more than {MAX_NODES} parts, or more than {MAX_DEPTH} deep"))
            .help("compute a part once with `let` instead of calling a function again and again")
    }
}

pub(crate) struct Frame<'a> {
    pub(crate) inputs: &'a Inputs<'a>,
    /// The facts of the rule itself, which tell of its events.
    rule: &'a Facts,
    /// The facts of what is being compiled: the rule, or a function or constant written out in it.
    pub(crate) facts: &'a Facts,
    pub(crate) code: Code,
    pub(crate) plan: Plan,
    /// Variables in scope, innermost last.
    locals: Vec<(ast::NodeId, LocalId)>,
    next_local: u32,
    inlined: usize,
    /// The zone of what is being compiled.
    pub(crate) zone: TimeZone,
    /// Variables that are read many times by one node each: the parameters of a table.
    pub(crate) shared: Vec<(LocalId, NodeId)>,
    /// Patterns whose groups have a name: the node that binds it, the text, and the pattern.
    pub(crate) named_patterns: Vec<(ast::NodeId, NodeId, PatternId)>,
    /// The row of a rule family and the node that binds it; not seen by what is written out.
    row: Option<(ast::NodeId, &'a FamilyRow)>,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(inputs: &'a Inputs<'a>, facts: &'a Facts) -> Self {
        Self {
            inputs,
            rule: facts,
            facts,
            code: Code::default(),
            plan: Plan::default(),
            locals: Vec::new(),
            next_local: 0,
            inlined: 0,
            zone: facts.header.zone.clone().unwrap_or_else(|| inputs.zone.clone()),
            shared: Vec::new(),
            named_patterns: Vec::new(),
            row: None,
        }
    }

    /// Gives the rule the row of its family.
    pub(crate) fn with_row(self, node: ast::NodeId, row: &'a FamilyRow) -> Self {
        Self { row: Some((node, row)), ..self }
    }

    /// Returns the row of the family, if a variable is that.
    pub(crate) fn row_value(&self, node: ast::NodeId) -> Option<&'a Value> {
        self.row.filter(|(bound, _)| *bound == node).map(|(_, row)| &row.value)
    }

    /// Compiles a rule.
    pub(crate) fn rule(self, item: &Item, rule: &ast::Rule) -> Result<Rule, TooLarge> {
        let zone = self.zone.clone();
        let mut compiled = self.without_version(item, rule)?;
        let zone = zone.iana_name().unwrap_or("UTC");
        compiled.version = Arc::from(hence_ir::fingerprint(&compiled, zone));
        Ok(compiled)
    }

    /// Compiles a rule, but does not number the version that it is.
    pub(crate) fn without_version(mut self, item: &Item, rule: &ast::Rule) -> Result<Rule, TooLarge> {
        let condition = rule.condition.as_ref().map(|condition| self.expression(condition)).transpose()?;
        let watches = self.watches();
        let facts = &self.rule.header;
        let exits = self.exits(rule)?;
        let pace = self.pace(rule)?;
        let mut then = self.steps(&rule.then)?;
        self.resolve(&mut then)?;
        let otherwise = rule.otherwise.as_ref().map(|steps| self.steps(steps)).transpose()?;
        let compiled = Rule {
            name: match self.row {
                Some((_, row)) => Arc::from(format!("{}[{}]", rule.name.text, row.key)),
                None => Arc::from(rule.name.text.as_str()),
            },
            title: match self.row {
                Some((_, row)) => row.title.clone(),
                None => rule.title.as_ref().map(|(title, _)| title.clone()).unwrap_or_default(),
            },
            doc: item.doc.clone(),
            priority: self.facts.priority,
            version: Arc::from(""),
            triggers: self.facts.events.clone(),
            watches,
            plan: self.plan,
            code: self.code,
            locals: self.next_local,
            condition,
            then,
            otherwise,
            header: Header {
                disabled: facts.disabled,
                owner: facts.owner.clone(),
                tags: facts.tags.clone(),
                zone: facts.zone.clone(),
                from: facts.from,
                until: facts.until,
                exits,
                pace,
            },
            span: rule.name.span,
        };
        if depth(&compiled.code) > MAX_DEPTH {
            return Err(TooLarge);
        }
        Ok(compiled)
    }

    pub(crate) fn node(&mut self, span: Span, operation: Operation) -> Result<NodeId, TooLarge> {
        if self.code.nodes.len() >= MAX_NODES {
            return Err(TooLarge);
        }
        self.code.nodes.push(Node { operation, span });
        Ok(NodeId(self.code.nodes.len() as u32 - 1))
    }

    pub(crate) fn constant_id(&mut self, value: Value) -> ConstantId {
        self.code.constants.push(value);
        ConstantId(self.code.constants.len() as u32 - 1)
    }

    pub(crate) fn constant(&mut self, span: Span, value: Value) -> Result<NodeId, TooLarge> {
        let constant = self.constant_id(value);
        self.node(span, Operation::Constant(constant))
    }

    /// Gives a variable its number. It stays in scope until [`Self::leave`].
    pub(crate) fn bind(&mut self, node: ast::NodeId) -> LocalId {
        let local = LocalId(self.next_local);
        self.next_local += 1;
        self.locals.push((node, local));
        local
    }

    /// Returns how many variables there are.
    pub(crate) fn next_local(&self) -> u32 {
        self.next_local
    }

    /// Takes back the variables from this number on, which nothing reads.
    pub(crate) fn free_from(&mut self, next: u32) {
        self.next_local = next;
    }

    /// Returns a variable that no name stands for.
    pub(crate) fn unnamed(&mut self) -> LocalId {
        self.next_local += 1;
        LocalId(self.next_local - 1)
    }

    pub(crate) fn local(&self, node: ast::NodeId) -> Option<LocalId> {
        self.locals.iter().rev().find(|(bound, _)| *bound == node).map(|(_, local)| *local)
    }

    pub(crate) fn scope(&self) -> usize {
        self.locals.len()
    }

    pub(crate) fn leave(&mut self, scope: usize) {
        self.locals.truncate(scope);
    }

    /// Compiles a function or constant in its own scope and with its own facts.
    pub(crate) fn inline<T>(
        &mut self,
        facts: &'a Facts,
        compile: impl FnOnce(&mut Self) -> Result<T, TooLarge>,
    ) -> Result<T, TooLarge> {
        if self.inlined >= MAX_INLINED {
            return Err(TooLarge);
        }
        self.inlined += 1;
        let before = std::mem::replace(&mut self.facts, facts);
        let zone = std::mem::replace(&mut self.zone, self.inputs.zone.clone());
        let outer = std::mem::take(&mut self.locals);
        let row = self.row.take();
        let named_patterns = std::mem::take(&mut self.named_patterns);
        let result = compile(self);
        self.locals = outer;
        self.row = row;
        self.named_patterns = named_patterns;
        self.facts = before;
        self.zone = zone;
        self.inlined -= 1;
        result
    }

    /// Returns the entry point of the rule, if it is a decision.
    pub(crate) fn entry_point(&self) -> Option<&'a hence_schema::EntryPoint> {
        self.inputs.catalog.entry_point(self.rule.entry_point.as_deref()?)
    }

    pub(crate) fn slot(&mut self, source: Source) -> SlotId {
        if let Some(at) = self.plan.slots.iter().position(|slot| slot.source == source) {
            return SlotId(at as u32);
        }
        let slot = match &source {
            Source::Payload(path) => self.payload_slot(path),
            Source::Time => envelope(source, Type::DateTime),
            Source::Id | Source::Origin | Source::Name => envelope(source, Type::String),
        };
        self.plan.slots.push(slot);
        SlotId(self.plan.slots.len() as u32 - 1)
    }

    /// Looks a path up in the fields that all events have, then in those of each event: a rule may have asked which
    /// event it is.
    fn payload_slot(&self, path: &[Arc<str>]) -> Slot {
        let candidates = std::iter::once(&self.rule.payload).chain(&self.rule.payloads);
        let source = Source::Payload(path.to_vec());
        for payload in candidates {
            if let Some((ty, wire, sensitive)) = walk(Arc::clone(payload), path) {
                return Slot { source, ty, wire, sensitive };
            }
        }
        Slot { source, ty: Type::Json.optional(), wire: Wire::Plain, sensitive: false }
    }
}

/// Returns the depth of the deepest expression. Nodes stand after their operands.
fn depth(code: &Code) -> u32 {
    let mut depths: Vec<u32> = Vec::with_capacity(code.nodes.len());
    for node in &code.nodes {
        let operands = node.operation.operands();
        let deepest = operands.iter().filter_map(|operand| depths.get(operand.0 as usize)).max();
        depths.push(deepest.copied().unwrap_or(0) + 1);
    }
    depths.into_iter().max().unwrap_or(0)
}

fn envelope(source: Source, ty: Type) -> Slot {
    Slot { source, ty, wire: Wire::Plain, sensitive: false }
}

/// Returns type, spelling and sensitivity of the field at a path.
fn walk(payload: Arc<Record>, path: &[Arc<str>]) -> Option<(Type, Wire, bool)> {
    let mut ty = Type::Record(payload);
    let mut wire = Wire::Plain;
    let mut sensitive = false;
    let mut optional = false;
    for name in path {
        let Type::Record(record) = ty.required() else { return None };
        let field = record.fields.get(name)?.clone();
        optional |= field.ty.is_optional();
        sensitive |= field.sensitive;
        wire = field.wire;
        ty = field.ty;
    }
    Some((if optional { ty.optional() } else { ty }, wire, sensitive))
}
