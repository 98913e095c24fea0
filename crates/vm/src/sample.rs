//! Rules for tests, built by hand: the source text of a condition, and the expressions it would compile to.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Context, Presence};
use hence_diagnostics::{FileId, Span};
use hence_ir::{
    Code, ConstantId, LocalId, Node, NodeId, Operation, Plan, Quantifier, Rule, Slot, SlotId, Source,
};
use hence_types::{Amount, Currency, CurrencySource, Decimal, Money, Type, Value, Wire, jiff};

use crate::{EventInput, Explanation, Marks, Predicate, Slots, decode, explain, verdict};

/// A rule under construction.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) source: String,
    pub(crate) rule: Rule,
}

impl Sample {
    /// Begins a rule `sample` with this condition text.
    pub(crate) fn new(source: &str) -> Sample {
        let rule = Rule {
            name: "sample".into(),
            title: String::new(),
            doc: String::new(),
            priority: 5,
            version: "0".into(),
            triggers: vec!["shop.order.created".into(), "shop.order.updated".into()],
            watches: Vec::new(),
            plan: Plan::default(),
            code: Code::default(),
            locals: 4,
            condition: None,
            then: Vec::new(),
            otherwise: None,
            header: Default::default(),
            span: Span::default(),
        };
        Sample { source: source.to_owned(), rule }
    }

    /// Adds a node whose source text is the first occurrence of `text`.
    pub(crate) fn node(&mut self, text: &str, operation: Operation) -> NodeId {
        let start = self.source.find(text).expect("the text stands in the source");
        let at = |place: usize| u32::try_from(place).expect("short");
        let span = Span::new(FileId::default(), at(start), at(start + text.len()));
        self.rule.code.nodes.push(Node { operation, span });
        NodeId(at(self.rule.code.nodes.len() - 1))
    }

    pub(crate) fn slot(&mut self, path: &str, ty: Type) -> NodeId {
        self.slot_spelt(path, ty, Wire::Plain, false)
    }

    pub(crate) fn slot_spelt(&mut self, path: &str, ty: Type, wire: Wire, sensitive: bool) -> NodeId {
        let source = Source::Payload(path.split('.').map(Arc::from).collect());
        self.rule.plan.slots.push(Slot { source, ty, wire, sensitive });
        let id = SlotId(u32::try_from(self.rule.plan.slots.len() - 1).expect("few"));
        self.node(path, Operation::Slot(id))
    }

    pub(crate) fn constant_id(&mut self, value: Value) -> ConstantId {
        self.rule.code.constants.push(value);
        ConstantId(u32::try_from(self.rule.code.constants.len() - 1).expect("few"))
    }

    pub(crate) fn constant(&mut self, text: &str, value: Value) -> NodeId {
        let id = self.constant_id(value);
        self.node(text, Operation::Constant(id))
    }

    pub(crate) fn int(&mut self, int: i64) -> NodeId {
        self.constant(&int.to_string(), Value::Int(int))
    }

    pub(crate) fn binary(
        &mut self,
        text: &str,
        operator: BinaryOperator,
        left: NodeId,
        right: NodeId,
    ) -> NodeId {
        self.node(text, Operation::Binary { operator, case: Case::Sensitive, left, right })
    }

    pub(crate) fn presence(&mut self, text: &str, test: Presence, operand: NodeId) -> NodeId {
        self.node(text, Operation::Presence { test, operand })
    }

    pub(crate) fn quantifier(
        &mut self,
        text: &str,
        quantifier: Quantifier,
        local: LocalId,
        list: NodeId,
        body: NodeId,
    ) -> NodeId {
        let empty = self.constant_id(Value::Int(0));
        self.node(text, Operation::Quantifier { quantifier, local, list, body, empty })
    }

    /// Sets the condition.
    pub(crate) fn when(mut self, condition: NodeId) -> Sample {
        self.rule.condition = Some(condition);
        self
    }

    pub(crate) fn slots(&self, payload: &str) -> Slots {
        decode(&self.rule.plan, &event(payload))
    }

    /// Returns the verdict as text: `true`, `false` or the fault. It is that of the predicate too.
    pub(crate) fn verdict(&self, payload: &str) -> String {
        let (slots, context) = (self.slots(payload), context());
        let verdict = verdict(&self.rule, &slots, &context);
        assert_eq!(Predicate::new(&self.rule).verdict(&self.rule, &slots, &context), verdict);
        match verdict {
            Ok(truth) => truth.to_string(),
            Err(failure) => failure.to_string(),
        }
    }

    pub(crate) fn explain(&self, payload: &str) -> Explanation {
        explain(&self.rule, &self.slots(payload), &context())
    }

    pub(crate) fn rendered(&self, payload: &str) -> String {
        self.explain(payload).render(&|span| self.text(span), Marks::Unicode)
    }

    pub(crate) fn text(&self, span: Span) -> String {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default().to_owned()
    }
}

/// `total > 1000 EUR and "vip" not in customer.tags`
pub(crate) fn vip_customer() -> Sample {
    let mut sample = Sample::new("total > 1000 EUR and \"vip\" not in customer.tags");
    let total = sample.slot_spelt("total", Type::Money(Some(euro())), in_euro(), false);
    let limit = sample.constant("1000 EUR", money("1000"));
    let big = sample.binary("total > 1000 EUR", BinaryOperator::Greater, total, limit);
    let vip = sample.constant("\"vip\"", Value::text("vip"));
    let tags = sample.slot("customer.tags", Type::List(Arc::new(Type::String)));
    let tagged = sample.binary("\"vip\" not in customer.tags", BinaryOperator::In, vip, tags);
    let untagged = sample.node("\"vip\" not in customer.tags", Operation::Not(tagged));
    let text = sample.source.clone();
    let both = sample.node(&text, Operation::And(big, untagged));
    sample.rule.name = "vip_customer".into();
    sample.when(both)
}

/// `LEFT OPERATOR RIGHT` for an `int` slot `x` and a constant.
pub(crate) fn comparison(operator: BinaryOperator, bound: i64) -> Sample {
    let text = format!("x {} {bound}", operator.definition().symbol);
    let mut sample = Sample::new(&text);
    let x = sample.slot("x", Type::Int);
    let bound = sample.int(bound);
    let node = sample.binary(&text, operator, x, bound);
    sample.when(node)
}

pub(crate) fn event(payload: &str) -> EventInput<'_> {
    EventInput {
        name: "shop.order.created",
        id: "evt-7",
        time: jiff::Timestamp::UNIX_EPOCH,
        source: "shop",
        payload,
    }
}

pub(crate) fn context() -> Context {
    Context { now: jiff::Timestamp::UNIX_EPOCH, zone: jiff::tz::TimeZone::UTC }
}

pub(crate) fn euro() -> Currency {
    Currency::parse("EUR").expect("a currency")
}

pub(crate) fn money(amount: &str) -> Value {
    Value::Money(Money { amount: amount.parse::<Decimal>().expect("a number"), currency: euro() })
}

pub(crate) fn in_euro() -> Wire {
    Wire::Money { amount: Amount::Text, currency: CurrencySource::Fixed(euro()) }
}
