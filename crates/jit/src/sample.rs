//! Rules about orders for tests and measurements, built by hand: nothing here knows source texts.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Pattern};
use hence_diagnostics::Span;
use hence_ir::{
    Code, ConstantId, LocalId, Node, NodeId, Operation, PatternId, Plan, Quantifier, Rule, Slot, SlotId,
    Source,
};
use hence_types::{Decimal, Field, Record, Type, Value, Wire};

/// The event of all samples.
pub(crate) const EVENT: &str = "shop.order.created";

/// A rule under construction.
pub(crate) struct Maker {
    rule: Rule,
}

impl Maker {
    pub(crate) fn new() -> Self {
        let rule = Rule {
            name: "sample".into(),
            title: String::new(),
            doc: String::new(),
            priority: 5,
            version: "0".into(),
            triggers: vec![EVENT.into()],
            watches: Vec::new(),
            plan: Plan::default(),
            code: Code::default(),
            locals: 1,
            condition: None,
            then: Vec::new(),
            otherwise: None,
            header: Default::default(),
            span: Span::default(),
        };
        Maker { rule }
    }

    /// Ends the rule with its condition.
    pub(crate) fn when(mut self, condition: NodeId) -> Rule {
        self.rule.condition = Some(condition);
        self.rule
    }

    pub(crate) fn node(&mut self, operation: Operation) -> NodeId {
        self.rule.code.nodes.push(Node { operation, span: Span::default() });
        NodeId(self.rule.code.nodes.len() as u32 - 1)
    }

    pub(crate) fn constant(&mut self, value: Value) -> NodeId {
        self.rule.code.constants.push(value);
        self.node(Operation::Constant(ConstantId(self.rule.code.constants.len() as u32 - 1)))
    }

    pub(crate) fn text(&mut self, text: &str) -> NodeId {
        self.constant(Value::text(text))
    }

    pub(crate) fn int(&mut self, int: i64) -> NodeId {
        self.constant(Value::Int(int))
    }

    /// A field of the event.
    pub(crate) fn slot(&mut self, path: &str, ty: Type) -> NodeId {
        let source = Source::Payload(path.split('.').map(Arc::from).collect());
        let slots = &mut self.rule.plan.slots;
        let known = slots.iter().position(|slot| slot.source == source);
        let place = known.unwrap_or_else(|| {
            slots.push(Slot { source, ty, wire: Wire::Plain, sensitive: false });
            slots.len() - 1
        });
        self.node(Operation::Slot(SlotId(place as u32)))
    }

    pub(crate) fn binary(&mut self, operator: BinaryOperator, left: NodeId, right: NodeId) -> NodeId {
        self.node(Operation::Binary { operator, case: Case::Sensitive, left, right })
    }

    pub(crate) fn one_of(&mut self, operand: NodeId, texts: &[&str]) -> NodeId {
        let list = texts.iter().map(|text| Value::text(*text)).collect();
        let list = self.constant(Value::List(list));
        self.binary(BinaryOperator::In, operand, list)
    }

    pub(crate) fn all(&mut self, parts: &[NodeId]) -> NodeId {
        let mut parts = parts.iter().copied();
        let first = parts.next().unwrap();
        parts.fold(first, |all, part| self.node(Operation::And(all, part)))
    }

    /// A field of the quantifier's element.
    pub(crate) fn field(&mut self, index: u32, name: &str) -> NodeId {
        let base = self.node(Operation::Local(LocalId(0)));
        self.node(Operation::Field { base, index, name: name.into() })
    }

    pub(crate) fn quantifier(&mut self, quantifier: Quantifier, list: NodeId, body: NodeId) -> NodeId {
        self.rule.code.constants.push(Value::Int(0));
        let empty = ConstantId(self.rule.code.constants.len() as u32 - 1);
        self.node(Operation::Quantifier { quantifier, local: LocalId(0), list, body, empty })
    }

    pub(crate) fn matches(&mut self, operand: NodeId, pattern: &str) -> NodeId {
        self.rule.code.patterns.push(Pattern::new(pattern, false).unwrap());
        let pattern = PatternId(self.rule.code.patterns.len() as u32 - 1);
        self.node(Operation::Matches { operand, pattern })
    }
}

/// The elements of `items`.
pub(crate) fn line() -> Arc<Record> {
    let fields = [
        ("sku", Type::String),
        ("qty", Type::Int),
        ("price", Type::Decimal),
        ("category", Type::String.optional()),
    ];
    let fields = fields.into_iter().map(|(name, ty)| (Arc::from(name), Field::plain(ty)));
    Arc::new(Record { fields: fields.collect(), ..Record::default() })
}

/// `total > 1000 and customer.tier == "gold"`
pub(crate) fn simple() -> Rule {
    let mut maker = Maker::new();
    let (total, limit) = (maker.slot("total", Type::Decimal), maker.int(1000));
    let large = maker.binary(BinaryOperator::Greater, total, limit);
    let (tier, gold) = (maker.slot("customer.tier", Type::String), maker.text("gold"));
    let gold = maker.binary(BinaryOperator::Equal, tier, gold);
    let both = maker.all(&[large, gold]);
    maker.when(both)
}

/// `total > 100 and status == "paid" and customer.country in [ten countries] and not (channel == "pos") and
/// (customer.orders > 5 or customer.tier in ["gold", "silver"]) and id starts with "ord_" and
/// (shipping.method else "none") == "express" and subtotal + tax - discount > 1000`
pub(crate) fn medium() -> Rule {
    use BinaryOperator::{Add, Equal, Greater, StartsWith, Subtract};
    let mut maker = Maker::new();
    let (total, limit) = (maker.slot("total", Type::Decimal), maker.int(100));
    let large = maker.binary(Greater, total, limit);
    let (status, paid) = (maker.slot("status", Type::String), maker.text("paid"));
    let paid = maker.binary(Equal, status, paid);
    let country = maker.slot("customer.country", Type::String);
    let near = maker.one_of(country, &["AT", "BE", "CH", "CZ", "DK", "FR", "IT", "NL", "PL", "DE"]);
    let (channel, pos) = (maker.slot("channel", Type::String), maker.text("pos"));
    let in_store = maker.binary(Equal, channel, pos);
    let online = maker.node(Operation::Not(in_store));
    let (orders, five) = (maker.slot("customer.orders", Type::Int), maker.int(5));
    let frequent = maker.binary(Greater, orders, five);
    let tier = maker.slot("customer.tier", Type::String);
    let favoured = maker.one_of(tier, &["gold", "silver"]);
    let known = maker.node(Operation::Or(frequent, favoured));
    let (id, start) = (maker.slot("id", Type::String), maker.text("ord_"));
    let order = maker.binary(StartsWith, id, start);
    let (method, none) = (maker.slot("shipping.method", Type::String.optional()), maker.text("none"));
    let method = maker.node(Operation::Default { operand: method, default: none });
    let express = maker.text("express");
    let express = maker.binary(Equal, method, express);
    let subtotal = maker.slot("subtotal", Type::Decimal);
    let tax = maker.slot("tax", Type::Decimal);
    let discount = maker.slot("discount", Type::Decimal);
    let sum = maker.binary(Add, subtotal, tax);
    let sum = maker.binary(Subtract, sum, discount);
    let thousand = maker.int(1000);
    let sum = maker.binary(Greater, sum, thousand);
    let all = maker.all(&[large, paid, near, online, known, order, express, sum]);
    maker.when(all)
}

/// `any(item in items, item.price * item.qty > 500 and item.category == "furniture") and
/// created_at >= 2026-11-01T00:00Z and created_at < 2026-12-01T00:00Z and
/// customer.email matches /@example\.(com|org)$/`
pub(crate) fn complex() -> Rule {
    use BinaryOperator::{Equal, Greater, GreaterOrEqual, Less, Multiply};
    let mut maker = Maker::new();
    let items = maker.slot("items", Type::List(Arc::new(Type::Record(line()))));
    let (price, quantity) = (maker.field(2, "price"), maker.field(1, "qty"));
    let amount = maker.binary(Multiply, price, quantity);
    let limit = maker.constant(Value::Decimal(Decimal::from(500)));
    let large = maker.binary(Greater, amount, limit);
    let (category, furniture) = (maker.field(3, "category"), maker.text("furniture"));
    let furniture = maker.binary(Equal, category, furniture);
    let body = maker.all(&[large, furniture]);
    let any = maker.quantifier(Quantifier::Any, items, body);
    let created = maker.slot("created_at", Type::DateTime);
    let instant = |text: &str| Value::DateTime(text.parse().unwrap());
    let from = maker.constant(instant("2026-11-01T00:00:00Z"));
    let from = maker.binary(GreaterOrEqual, created, from);
    let created = maker.slot("created_at", Type::DateTime);
    let until = maker.constant(instant("2026-12-01T00:00:00Z"));
    let until = maker.binary(Less, created, until);
    let email = maker.slot("customer.email", Type::String);
    let known = maker.matches(email, r"@example\.(com|org)$");
    let all = maker.all(&[any, from, until, known]);
    maker.when(all)
}
