//! Rules and events for tests, written as IR.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case};
use hence_diagnostics::Span;
use hence_ir::{
    Argument, Class, Code, ConstantId, EventType, LocalId, Node, NodeId, Operation, Plan, Policy, Program,
    Returned, Rule, RuleId, Slot, SlotId, Source, Step,
};
use hence_types::jiff::Timestamp;
use hence_types::{Type, Value, Wire};

use crate::{EventSequence, NewEvent, StoredEvent};

/// Builds the expressions of a rule. Slot 0 is the payload's whole number `total`.
#[derive(Default)]
pub(crate) struct Expressions(Code);

impl Expressions {
    pub(crate) fn add(&mut self, operation: Operation) -> NodeId {
        self.0.nodes.push(Node { operation, span: Span::default() });
        NodeId(u32::try_from(self.0.nodes.len()).unwrap() - 1)
    }

    pub(crate) fn constant(&mut self, value: Value) -> NodeId {
        self.0.constants.push(value);
        let id = ConstantId(u32::try_from(self.0.constants.len()).unwrap() - 1);
        self.add(Operation::Constant(id))
    }

    pub(crate) fn total(&mut self) -> NodeId {
        self.add(Operation::Slot(SlotId(0)))
    }

    pub(crate) fn local(&mut self, local: u32) -> NodeId {
        self.add(Operation::Local(LocalId(local)))
    }

    pub(crate) fn binary(&mut self, operator: BinaryOperator, left: NodeId, right: NodeId) -> NodeId {
        self.add(Operation::Binary { operator, case: Case::Sensitive, left, right })
    }

    /// Returns `operand > number`.
    pub(crate) fn greater(&mut self, operand: NodeId, number: i64) -> NodeId {
        let number = self.constant(Value::Int(number));
        self.binary(BinaryOperator::Greater, operand, number)
    }

    /// Returns `1 / operand > 0`, which fails for 0.
    pub(crate) fn divided_by(&mut self, operand: NodeId) -> NodeId {
        let number = self.constant(Value::Int(1));
        let quotient = self.binary(BinaryOperator::Divide, number, operand);
        self.greater(quotient, 0)
    }

    /// Returns the rule `name` of these expressions, triggered by `shop.order.created`, with three locals.
    pub(crate) fn rule(self, name: &str, condition: Option<NodeId>, then: Vec<Step>) -> Rule {
        let total = Slot {
            source: Source::Payload(vec!["total".into()]),
            ty: Type::Int,
            wire: Wire::Plain,
            sensitive: false,
        };
        Rule {
            name: name.into(),
            title: String::new(),
            doc: String::new(),
            priority: 5,
            version: "00112233".into(),
            triggers: vec!["shop.order.created".into()],
            watches: Vec::new(),
            plan: Plan { slots: vec![total] },
            code: self.0,
            locals: 3,
            condition,
            then,
            otherwise: None,
            header: Default::default(),
            span: Span::default(),
        }
    }
}

/// Returns a call of an action.
pub(crate) fn act(action: &str, class: Class, arguments: &[(&str, NodeId)]) -> Step {
    let arguments = arguments.iter().map(|(name, value)| Argument {
        name: Arc::from(*name),
        wire: Wire::Plain,
        sensitive: *name == "secret",
        value: *value,
    });
    let arguments = arguments.collect();
    let policy = Policy::default();
    Step::Act { action: action.into(), class, arguments, result: None, policy, span: Span::default() }
}

/// Returns a call whose result, a whole number, goes into a local.
pub(crate) fn keep(step: Step, local: u32) -> Step {
    let Step::Act { action, class, arguments, policy, span, .. } = step else { panic!("not a call") };
    let result = Some(Returned { local: LocalId(local), ty: Type::Int, wire: Wire::Plain });
    Step::Act { action, class, arguments, result, policy, span }
}

/// Returns a call that is made as the policy says.
pub(crate) fn under(step: Step, policy: Policy) -> Step {
    let Step::Act { action, class, arguments, result, span, .. } = step else { panic!("not a call") };
    Step::Act { action, class, arguments, result, policy, span }
}

pub(crate) fn program(rules: Vec<Rule>) -> Program {
    let ids = (0..u32::try_from(rules.len()).unwrap()).map(RuleId).collect();
    let event = EventType { name: "shop.order.created".into(), payload: Arc::default(), rules: ids };
    Program { rules, events: vec![event] }
}

pub(crate) fn event(payload: &str) -> StoredEvent {
    let event = NewEvent {
        id: "e1".into(),
        source: "shop".into(),
        name: "shop.order.created".into(),
        received_at: instant(0),
        occurred_at: instant(0),
        payload: payload.into(),
        mismatches: Vec::new(),
        target: None,
        cause: None,
        trace: None,
    };
    event.into_stored(EventSequence(1))
}

/// Returns the instant so many seconds after the start of 2026.
pub(crate) fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + seconds).unwrap()
}
