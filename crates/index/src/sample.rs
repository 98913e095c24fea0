//! Rules for tests: expressions as trees, and the rules that they are conditions of.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Context, FunctionId, Presence};
use hence_diagnostics::Span;
use hence_ir::{
    Code, ConstantId, LocalId, Node, NodeId, Operation, Plan, Quantifier, Rule, Slot, SlotId, Source,
};
use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_types::{Amount, Currency, CurrencySource, Enumeration, Field, Record, Type, Value, Wire};
use hence_vm::EventInput;

/// The event of all samples.
pub(crate) const EVENT: &str = "shop.order.created";

/// An expression.
#[derive(Debug, Clone)]
pub(crate) enum Tree {
    Constant(Value),
    /// A field of the event, by its place in [`fields`].
    Slot(usize),
    /// A field of the quantifier's variable, by its place in [`line`]; the variable itself if there is none.
    Element(Option<usize>),
    Binary(BinaryOperator, Case, Box<Tree>, Box<Tree>),
    Between(Box<Tree>, Value, Value),
    InRange(Box<Tree>, Value, Value),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    Not(Box<Tree>),
    If(Box<Tree>, Box<Tree>, Box<Tree>),
    Default(Box<Tree>, Value),
    Presence(Presence, Box<Tree>),
    Quantifier(Quantifier, Box<Tree>, Box<Tree>),
    Length(Box<Tree>),
    List(Vec<Value>),
    IsEvent(u32),
    /// `let` around a condition: the variable stands for the first where the second says [`Tree::Element`].
    Bind(Box<Tree>, Box<Tree>),
}

fn slot(name: &str, ty: Type) -> Slot {
    Slot {
        source: Source::Payload(name.split('.').map(Arc::from).collect()),
        ty,
        wire: Wire::Plain,
        sensitive: false,
    }
}

/// The elements of `items`.
pub(crate) fn line() -> Arc<Record> {
    let fields = [
        ("sku", Type::String),
        ("qty", Type::Int.optional()),
        ("price", Type::Decimal),
        ("kind", Type::String.optional()),
    ];
    let fields = fields.into_iter().map(|(name, ty)| (Arc::from(name), Field::plain(ty)));
    Arc::new(Record { fields: fields.collect(), ..Record::default() })
}

/// What events have.
pub(crate) fn fields() -> Vec<Slot> {
    let tier =
        Enumeration { name: None, values: ["gold", "silver", "none"].map(Arc::from).into(), origin: None };
    let wire = Wire::Money { amount: Amount::Number, currency: CurrencySource::Fixed(euro()) };
    let any = Wire::Money { amount: Amount::Number, currency: CurrencySource::Sibling("currency".into()) };
    vec![
        slot("name", Type::String),
        slot("city", Type::String.optional()),
        slot("count", Type::Int),
        slot("age", Type::Int.optional()),
        slot("rate", Type::Decimal.optional()),
        slot("paid", Type::Bool),
        slot("vip", Type::Bool.optional()),
        slot("customer.tier", Type::Enum(Arc::new(tier))),
        slot("tags", Type::List(Arc::new(Type::String))),
        slot("codes", Type::List(Arc::new(Type::Int)).optional()),
        slot("items", Type::List(Arc::new(Type::Record(line())))),
        slot("at", Type::DateTime.optional()),
        Slot { wire, ..slot("total", Type::Money(Some(euro()))) },
        Slot { wire: any, ..slot("fee", Type::Money(None)) },
        slot("weight", Type::Float.optional()),
        slot("day", Type::Date),
    ]
}

pub(crate) fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

/// A rule under construction.
#[derive(Default)]
struct Maker {
    code: Code,
    plan: Plan,
    used: Vec<usize>,
    locals: u32,
}

impl Maker {
    fn node(&mut self, operation: Operation) -> NodeId {
        self.code.nodes.push(Node { operation, span: Span::default() });
        NodeId(self.code.nodes.len() as u32 - 1)
    }

    fn constant(&mut self, value: &Value) -> ConstantId {
        self.code.constants.push(value.clone());
        ConstantId(self.code.constants.len() as u32 - 1)
    }

    fn value(&mut self, value: &Value) -> NodeId {
        let constant = self.constant(value);
        self.node(Operation::Constant(constant))
    }

    fn tree(&mut self, tree: &Tree, local: Option<LocalId>) -> NodeId {
        let operation = match tree {
            Tree::Constant(value) => return self.value(value),
            Tree::Slot(field) => {
                let known = self.used.iter().position(|own| own == field);
                let place = known.unwrap_or_else(|| {
                    self.used.push(*field);
                    self.plan.slots.push(fields()[*field].clone());
                    self.used.len() - 1
                });
                Operation::Slot(SlotId(place as u32))
            }
            Tree::Element(field) => {
                let base = self.node(Operation::Local(local.unwrap_or(LocalId(0))));
                let Some(field) = field else { return base };
                let name = line().fields.get_index(*field).unwrap().0.clone();
                Operation::Field { base, index: *field as u32, name }
            }
            Tree::Binary(operator, case, left, right) => Operation::Binary {
                operator: *operator,
                case: *case,
                left: self.tree(left, local),
                right: self.tree(right, local),
            },
            Tree::Between(operand, low, high) => Operation::Between {
                operand: self.tree(operand, local),
                low: self.value(low),
                high: self.value(high),
            },
            Tree::InRange(operand, low, high) => Operation::InRange {
                operand: self.tree(operand, local),
                low: self.value(low),
                high: self.value(high),
            },
            Tree::And(left, right) => Operation::And(self.tree(left, local), self.tree(right, local)),
            Tree::Or(left, right) => Operation::Or(self.tree(left, local), self.tree(right, local)),
            Tree::Not(part) => Operation::Not(self.tree(part, local)),
            Tree::If(condition, yes, no) => Operation::If {
                condition: self.tree(condition, local),
                yes: self.tree(yes, local),
                no: self.tree(no, local),
            },
            Tree::Default(operand, default) => {
                Operation::Default { operand: self.tree(operand, local), default: self.value(default) }
            }
            Tree::Presence(test, operand) => {
                Operation::Presence { test: *test, operand: self.tree(operand, local) }
            }
            Tree::Quantifier(quantifier, list, body) => {
                let list = self.tree(list, local);
                let own = LocalId(self.locals);
                self.locals += 1;
                let body = self.tree(body, Some(own));
                let empty = self.constant(&Value::Int(0));
                Operation::Quantifier { quantifier: *quantifier, local: own, list, body, empty }
            }
            Tree::Length(operand) => {
                Operation::Call { function: FunctionId::Length, arguments: vec![self.tree(operand, local)] }
            }
            Tree::List(values) => Operation::List(values.iter().map(|value| self.value(value)).collect()),
            Tree::IsEvent(trigger) => Operation::IsEvent(*trigger),
            Tree::Bind(value, body) => {
                let value = self.tree(value, local);
                let own = LocalId(self.locals);
                self.locals += 1;
                Operation::Bind { local: own, value, body: self.tree(body, Some(own)) }
            }
        };
        self.node(operation)
    }
}

/// Returns a rule with this condition.
pub(crate) fn rule(condition: &Tree, has_otherwise: bool) -> Rule {
    let mut maker = Maker::default();
    let condition = maker.tree(condition, None);
    Rule {
        name: "sample".into(),
        title: String::new(),
        doc: String::new(),
        priority: 5,
        version: "0".into(),
        triggers: vec![EVENT.into(), "shop.order.updated".into()],
        plan: maker.plan,
        code: maker.code,
        locals: maker.locals,
        condition: Some(condition),
        then: Vec::new(),
        otherwise: has_otherwise.then(Vec::new),
        header: Default::default(),
        watches: Vec::new(),
        span: Span::default(),
    }
}

pub(crate) fn input(payload: &str) -> EventInput<'_> {
    EventInput { name: EVENT, id: "evt-7", time: Timestamp::UNIX_EPOCH, source: "shop", payload }
}

pub(crate) fn context() -> Context {
    Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC }
}
