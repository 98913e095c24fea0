//! Rules out of conditions, without texts: what is measured begins after compiling.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case};
use hence_diagnostics::Span;
use hence_ir::{Code, ConstantId, Node, NodeId, Operation, Plan, Rule, Slot, SlotId, Source};
use hence_types::{Type, Value, Wire};

/// The event that rules are about.
pub(crate) const EVENT: &str = "shop.order.created";

/// A field of the event.
pub(crate) type Field = (&'static str, Type);

/// A condition.
pub(crate) enum Condition {
    Compare(BinaryOperator, Field, Value),
    OneOf(Field, Vec<Value>),
    Not(Box<Condition>),
    All(Vec<Condition>),
    One(Vec<Condition>),
}

pub(crate) fn slot((name, ty): &Field) -> Slot {
    let path = name.split('.').map(Arc::from).collect();
    Slot { source: Source::Payload(path), ty: ty.clone(), wire: Wire::Plain, sensitive: false }
}

/// Returns a rule with this condition.
pub(crate) fn rule(condition: &Condition) -> Rule {
    let mut maker = Maker::default();
    let condition = maker.condition(condition);
    Rule {
        name: "sample".into(),
        title: String::new(),
        doc: String::new(),
        priority: 5,
        version: "0".into(),
        triggers: vec![EVENT.into()],
        watches: Vec::new(),
        plan: maker.plan,
        code: maker.code,
        locals: 0,
        condition: Some(condition),
        then: Vec::new(),
        otherwise: None,
        header: Default::default(),
        span: Span::default(),
    }
}

#[derive(Default)]
struct Maker {
    code: Code,
    plan: Plan,
}

impl Maker {
    fn node(&mut self, operation: Operation) -> NodeId {
        self.code.nodes.push(Node { operation, span: Span::default() });
        NodeId(self.code.nodes.len() as u32 - 1)
    }

    fn value(&mut self, value: &Value) -> NodeId {
        self.code.constants.push(value.clone());
        let constant = ConstantId(self.code.constants.len() as u32 - 1);
        self.node(Operation::Constant(constant))
    }

    fn field(&mut self, field: &Field) -> NodeId {
        let slot = slot(field);
        let known = self.plan.slots.iter().position(|own| own.source == slot.source);
        let place = known.unwrap_or_else(|| {
            self.plan.slots.push(slot);
            self.plan.slots.len() - 1
        });
        self.node(Operation::Slot(SlotId(place as u32)))
    }

    fn condition(&mut self, condition: &Condition) -> NodeId {
        match condition {
            Condition::Compare(operator, field, value) => {
                let (left, right) = (self.field(field), self.value(value));
                self.node(Operation::Binary { operator: *operator, case: Case::Sensitive, left, right })
            }
            Condition::OneOf(field, values) => {
                let left = self.field(field);
                let right = self.value(&Value::List(values.clone().into()));
                let operator = BinaryOperator::In;
                self.node(Operation::Binary { operator, case: Case::Sensitive, left, right })
            }
            Condition::Not(part) => {
                let part = self.condition(part);
                self.node(Operation::Not(part))
            }
            Condition::All(parts) => self.connected(parts, Operation::And),
            Condition::One(parts) => self.connected(parts, Operation::Or),
        }
    }

    fn connected(&mut self, parts: &[Condition], connect: fn(NodeId, NodeId) -> Operation) -> NodeId {
        let mut all: Option<NodeId> = None;
        for part in parts {
            let part = self.condition(part);
            all = Some(match all {
                None => part,
                Some(before) => self.node(connect(before, part)),
            });
        }
        all.unwrap()
    }
}
