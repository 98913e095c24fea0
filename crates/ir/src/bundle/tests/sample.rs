//! A bundle with everything that there is in format version 1.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, FunctionId, Pattern, Presence};
use hence_diagnostics::{Sources, Span};
use hence_types::jiff::{SignedDuration, Timestamp, civil};
use hence_types::{
    Amount, Currency, CurrencySource, Decimal, Enumeration, Field, Money, Period, Record, RecordValue, Type,
    Value, Wire,
};

use crate::bundle::{Bundle, Pinned};
use crate::{
    Argument, Class, Code, ConstantId, EventType, LocalId, MatchArm, Node, NodeId, Operation, PatternId,
    Plan, Program, Quantifier, Returned, Rule, RuleId, Segment, Slot, SlotId, Source, Step,
};

const TEXT: &str = "rule everything \"Everything there is\"\nwhen shop.order.created\nthen stop\n";

/// A bundle of one rule under construction.
pub(super) struct Builder {
    pub(super) rule: Rule,
    sources: Sources,
    span: Span,
}

impl Default for Builder {
    fn default() -> Self {
        let mut sources = Sources::new();
        let span = Span::new(sources.add("rules/everything.rule", TEXT), 5, 15);
        let rule = Rule {
            name: "everything".into(),
            title: "Everything there is".to_owned(),
            doc: "Documented.".to_owned(),
            priority: 5,
            version: "0123456789abcdef".into(),
            triggers: vec!["shop.order.created".into(), "shop.order.updated".into()],
            watches: Vec::new(),
            plan: Plan::default(),
            code: Code::default(),
            locals: 0,
            condition: None,
            then: Vec::new(),
            otherwise: None,
            header: Default::default(),
            span,
        };
        Builder { rule, sources, span }
    }
}

impl Builder {
    pub(super) fn node(&mut self, operation: Operation) -> NodeId {
        self.rule.code.nodes.push(Node { operation, span: self.span });
        NodeId(self.rule.code.nodes.len() as u32 - 1)
    }

    pub(super) fn constant(&mut self, value: Value) -> NodeId {
        self.rule.code.constants.push(value);
        let id = ConstantId(self.rule.code.constants.len() as u32 - 1);
        self.node(Operation::Constant(id))
    }

    pub(super) fn slot(&mut self, ty: Type, wire: Wire) -> NodeId {
        let number = self.rule.plan.slots.len() as u32;
        let source = match number {
            0 => Source::Payload(Vec::new()),
            1 => Source::Id,
            2 => Source::Time,
            3 => Source::Origin,
            4 => Source::Name,
            _ => Source::Payload(vec!["customer".into(), format!("field {number}").into()]),
        };
        self.rule.plan.slots.push(Slot { source, ty, wire, sensitive: number % 2 == 1 });
        self.node(Operation::Slot(SlotId(number)))
    }

    fn local(&mut self) -> LocalId {
        self.rule.locals += 1;
        LocalId(self.rule.locals - 1)
    }

    pub(super) fn finish(self) -> Bundle {
        let program = Program { rules: vec![self.rule], events: Vec::new() };
        Bundle {
            name: "sample".to_owned(),
            zone: "Europe/Berlin".to_owned(),
            program: Arc::new(program),
            sources: self.sources,
            integrations: Vec::new(),
        }
    }
}

pub(super) fn version_1() -> Bundle {
    let mut builder = Builder::default();
    let payload = slots(&mut builder);
    constants(&mut builder);
    operations(&mut builder, &payload);
    steps(&mut builder);
    let mut bundle = builder.finish();
    let program = Arc::make_mut(&mut bundle.program);
    let rules = vec![RuleId(0)];
    program.events.push(EventType { name: "shop.order.created".into(), payload, rules });
    let text = r#"{ "hence": 1, "id": "shop", "version": "1.2.0" }"#;
    bundle.integrations =
        vec![Pinned { id: "shop".to_owned(), version: "1.2.0".to_owned(), text: text.into() }];
    bundle
}

fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

/// Adds slots of all types and spellings, and returns the type of the payload.
fn slots(builder: &mut Builder) -> Arc<Record> {
    let money = |amount, currency| Wire::Money { amount, currency };
    let total = Field {
        wire: money(Amount::Text, CurrencySource::Fixed(euro())),
        sensitive: true,
        ..Field::plain(Type::Money(Some(euro())))
    };
    let inner = Record { name: None, fields: [("total".into(), total)].into_iter().collect(), origin: None };
    let tags = Type::List(Arc::new(Type::Optional(Arc::new(Type::String))));
    let payload = Arc::new(Record {
        name: Some("shop.Order".into()),
        fields: [
            ("order".into(), Field::plain(Type::Record(Arc::new(inner)))),
            ("tags".into(), Field::plain(tags.clone())),
        ]
        .into_iter()
        .collect(),
        origin: None,
    });
    let status = |name: Option<&str>| {
        let values = vec!["open".into(), "paid".into()];
        Type::Enum(Arc::new(Enumeration { name: name.map(Arc::from), values, origin: None }))
    };
    let each = Wire::Each(Box::new(Wire::Each(Box::new(Wire::Text))));
    let lists = Type::Map(Arc::new(Type::List(Arc::new(Type::Decimal))));
    for (ty, wire) in [
        (Type::Record(Arc::clone(&payload)), Wire::Plain),
        (Type::String, Wire::Plain),
        (Type::DateTime, Wire::EpochSeconds),
        (Type::String.optional(), Wire::Plain),
        (Type::String, Wire::Plain),
        (Type::DateTime, Wire::EpochMillis),
        (tags, Wire::CommaSeparated),
        (lists, each),
        (Type::Money(None), money(Amount::Number, CurrencySource::Sibling("currency".into()))),
        (Type::Money(None), money(Amount::MinorUnits, CurrencySource::Payload("currency".into()))),
        (status(Some("shop.OrderStatus")), Wire::Plain),
        (status(None), Wire::Plain),
        (Type::Error, Wire::Plain),
        (Type::Bool, Wire::Plain),
        (Type::Int, Wire::Text),
        (Type::Float, Wire::Plain),
        (Type::Date, Wire::Plain),
        (Type::Time, Wire::Plain),
        (Type::Duration, Wire::Plain),
        (Type::Period, Wire::Plain),
        (Type::Percent, Wire::Plain),
        (Type::Json, Wire::Plain),
        (Type::Nothing, Wire::Plain),
    ] {
        builder.slot(ty, wire);
    }
    payload
}

/// Adds constants of all kinds.
fn constants(builder: &mut Builder) {
    let shape = Arc::new(Record {
        name: None,
        fields: [("a".into(), Field::plain(Type::Int)), ("b".into(), Field::plain(Type::Int.optional()))]
            .into_iter()
            .collect(),
        origin: None,
    });
    let record = RecordValue { shape, fields: [Value::Int(1), Value::Missing].into() };
    let mut negative_zero = Decimal::new(0, 2);
    negative_zero.set_sign_negative(true);
    let list: Vec<Value> = vec![Value::text("vip"), Value::List([Value::Int(-1)].into())];
    let map = [("k".into(), Value::Bool(true)), ("l".into(), Value::List([].into()))];
    for value in [
        Value::Missing,
        Value::Bool(false),
        Value::Int(i64::MIN),
        Value::Decimal(Decimal::MIN),
        Value::Decimal(Decimal::new(990, 2)),
        Value::Decimal(negative_zero),
        Value::Float(-0.0),
        Value::text("vip ä"),
        Value::Date(civil::Date::MIN),
        Value::Time(civil::Time::MAX),
        Value::DateTime(Timestamp::MIN),
        Value::DateTime(Timestamp::new(-1, -5).unwrap()),
        Value::Duration(SignedDuration::MAX),
        Value::Duration(SignedDuration::MIN),
        Value::Period(Period { months: -3, days: 7 }),
        Value::Percent(Decimal::new(125, 1)),
        Value::Money(Money { amount: Decimal::new(-1005, 2), currency: euro() }),
        Value::List(list.into()),
        Value::Map(Arc::new(map.into_iter().collect())),
        Value::Record(Arc::new(record)),
        Value::Json(r#"{"a": 1.10}"#.into()),
    ] {
        builder.constant(value);
    }
}

/// Adds all operations.
fn operations(builder: &mut Builder, payload: &Arc<Record>) {
    builder.rule.code.patterns.push(Pattern::new("^vip-[0-9]+$", false).unwrap());
    builder.rule.code.patterns.push(Pattern::new("a|b", true).unwrap());
    let (one, two, three) = (NodeId(0), NodeId(1), NodeId(2));
    for operator in [
        BinaryOperator::Equal,
        BinaryOperator::NotEqual,
        BinaryOperator::Less,
        BinaryOperator::LessOrEqual,
        BinaryOperator::Greater,
        BinaryOperator::GreaterOrEqual,
        BinaryOperator::In,
        BinaryOperator::Contains,
        BinaryOperator::StartsWith,
        BinaryOperator::EndsWith,
        BinaryOperator::Add,
        BinaryOperator::Subtract,
        BinaryOperator::Multiply,
        BinaryOperator::Divide,
        BinaryOperator::Remainder,
    ] {
        let case = if operator == BinaryOperator::Equal { Case::Ignored } else { Case::Sensitive };
        builder.node(Operation::Binary { operator, case, left: one, right: two });
    }
    for test in [Presence::Present, Presence::Missing, Presence::Empty] {
        builder.node(Operation::Presence { test, operand: two });
    }
    for quantifier in [Quantifier::Any, Quantifier::All, Quantifier::Count, Quantifier::Sum] {
        let local = builder.local();
        let body = builder.node(Operation::Local(local));
        let empty = ConstantId(2);
        builder.node(Operation::Quantifier { quantifier, local, list: one, body, empty });
    }
    let local = builder.local();
    let body = builder.node(Operation::Local(local));
    for operation in [
        Operation::Bind { local, value: one, body },
        Operation::Now,
        Operation::Today,
        Operation::Field { base: one, index: 1, name: "tags".into() },
        Operation::Index { base: one, index: two },
        Operation::And(one, two),
        Operation::Or(one, two),
        Operation::Not(one),
        Operation::Negate(one),
        Operation::Between { operand: one, low: two, high: three },
        Operation::Matches { operand: one, pattern: PatternId(1) },
        Operation::IsEvent(1),
        Operation::Default { operand: one, default: two },
        Operation::If { condition: one, yes: two, no: three },
        Operation::Call { function: FunctionId::Round, arguments: vec![one, two] },
        Operation::Text(vec![Segment::Literal("Order ".into()), Segment::Value(one)]),
        Operation::List(vec![one, two]),
        Operation::Record { shape: Arc::clone(payload), fields: vec![one, two] },
    ] {
        let node = builder.node(operation);
        builder.rule.condition = Some(node);
    }
}

/// A program with the operations that came after the fixture of format version 1.
pub(super) fn additions() -> Bundle {
    let mut builder = Builder::default();
    let one = builder.slot(Type::Json.optional(), Wire::Plain);
    let local = builder.local();
    let empty = builder.rule.code.constants.len() as u32;
    builder.constant(Value::Missing);
    let empty = ConstantId(empty);
    for operator in [BinaryOperator::WithinNext, BinaryOperator::WithinLast, BinaryOperator::OlderThan] {
        builder.node(Operation::Binary { operator, case: Case::Sensitive, left: one, right: one });
    }
    for quantifier in [
        Quantifier::Min,
        Quantifier::Max,
        Quantifier::Average,
        Quantifier::First,
        Quantifier::Filter,
        Quantifier::Map,
    ] {
        builder.node(Operation::Quantifier { quantifier, local, list: one, body: one, empty });
    }
    builder.node(Operation::InRange { operand: one, low: one, high: one });
    builder.node(Operation::As { operand: one, ty: Type::List(Arc::new(Type::Int)) });
    let arms = vec![MatchArm { values: vec![empty, empty], body: one }];
    builder.node(Operation::Match { subject: one, arms, missing: Some(one), otherwise: None });
    builder.finish()
}

/// Adds all steps.
fn steps(builder: &mut Builder) {
    let span = builder.span;
    let value = NodeId(3);
    let (kept, result) = (builder.local(), builder.local());
    let argument =
        |name: &str, wire, sensitive| Argument { name: name.into(), wire, sensitive, value: NodeId(4) };
    let act = |class, result| Step::Act {
        action: "crm.add_tag".into(),
        class,
        arguments: vec![argument("user", Wire::Plain, false), argument("tag", Wire::Text, true)],
        result,
        policy: Default::default(),
        span,
    };
    builder.rule.then = vec![
        Step::Let { local: kept, value, span },
        Step::Branch { condition: value, otherwise: 4, span },
        act(Class::Idempotent, Some(Returned { local: result, ty: Type::Int, wire: Wire::Text })),
        Step::Jump(6),
        act(Class::Queryable, None),
        act(Class::AtMostOnce, None),
        Step::Stop { span },
    ];
    builder.rule.otherwise = Some(vec![Step::Stop { span }]);
}
