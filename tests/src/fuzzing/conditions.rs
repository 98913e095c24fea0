//! Random conditions and events: expressions of the types the checker lets through, now and then of types it would
//! not, over values as events have them, now and then of another type than declared.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Context, FunctionId, Pattern, Presence};
use hence_diagnostics::Span;
use hence_ir::{
    Code, ConstantId, LocalId, MatchArm, Node, NodeId, Operation, PatternId, Plan, Quantifier, Rule, Slot,
    SlotId, Source,
};
use hence_types::jiff::{Timestamp, civil::date, tz::TimeZone};
use hence_types::{Currency, Decimal, Field, Money, Record, RecordValue, Type, Value, Wire};
use hence_vm::Slots;

use crate::random::Random;

/// The fields of events: names and types.
fn fields() -> Vec<(&'static str, Type)> {
    vec![
        ("count", Type::Int),
        ("age", Type::Int.optional()),
        ("total", Type::Decimal),
        ("rate", Type::Decimal.optional()),
        ("price", Type::Money(currency("EUR"))),
        ("fee", Type::Money(None).optional()),
        ("share", Type::Percent),
        ("weight", Type::Float.optional()),
        ("name", Type::String),
        ("city", Type::String.optional()),
        ("paid", Type::Bool),
        ("vip", Type::Bool.optional()),
        ("at", Type::DateTime.optional()),
        ("day", Type::Date),
        ("tags", Type::List(Arc::new(Type::String))),
        ("items", Type::List(Arc::new(Type::Record(line())))),
        ("customer", Type::Record(line()).optional()),
    ]
}

fn line() -> Arc<Record> {
    let fields = [
        ("sku", Type::String),
        ("quantity", Type::Int.optional()),
        ("price", Type::Decimal),
        ("tags", Type::List(Arc::new(Type::String)).optional()),
        ("paid", Type::Bool),
    ];
    let fields = fields.into_iter().map(|(name, ty)| (Arc::from(name), Field::plain(ty)));
    Arc::new(Record { fields: fields.collect(), ..Record::default() })
}

fn currency(letters: &str) -> Option<Currency> {
    Currency::parse(letters)
}

/// Returns the context of all evaluations.
pub(super) fn context() -> Context {
    Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC }
}

/// Makes rules and events.
pub(super) struct Maker {
    random: Random,
    fields: Vec<(&'static str, Type)>,
    code: Code,
    /// The variables in scope, with their types.
    scope: Vec<(LocalId, Type)>,
    locals: u32,
}

impl Maker {
    pub(super) fn new(seed: u64) -> Self {
        let random = Random::new(seed);
        Maker { random, fields: fields(), code: Code::default(), scope: Vec::new(), locals: 0 }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit)
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        all.get(self.random.below(all.len())).cloned()
    }

    /// Returns a rule with a random condition.
    pub(super) fn rule(&mut self) -> Rule {
        self.code = Code::default();
        self.scope.clear();
        self.locals = 0;
        let depth = 1 + self.below(4);
        let condition = self.condition(depth);
        let slot = |(name, ty): &(&str, Type)| Slot {
            source: Source::Payload(vec![(*name).into()]),
            ty: ty.clone(),
            wire: Wire::Plain,
            sensitive: false,
        };
        Rule {
            name: "sample".into(),
            title: String::new(),
            doc: String::new(),
            priority: 5,
            version: "0".into(),
            triggers: vec!["shop.order.created".into(), "shop.order.updated".into()],
            watches: Vec::new(),
            plan: Plan { slots: self.fields.iter().map(slot).collect() },
            code: std::mem::take(&mut self.code),
            locals: self.locals,
            condition: Some(condition),
            then: Vec::new(),
            otherwise: None,
            header: Default::default(),
            span: Span::default(),
        }
    }

    /// Returns random values of the fields.
    pub(super) fn slots(&mut self) -> Slots {
        let types: Vec<Type> = self.fields.iter().map(|(_, ty)| ty.clone()).collect();
        let values = types.iter().map(|ty| self.declared(ty)).collect();
        Slots { event: "shop.order.created".into(), id: "evt-1".into(), values, mismatches: Vec::new() }
    }

    fn node(&mut self, operation: Operation) -> NodeId {
        let place = self.code.nodes.len() as u32;
        // Spans differ, so that a failure tells where it is from.
        let span = Span { start: place, end: place + 1, ..Span::default() };
        self.code.nodes.push(Node { operation, span });
        NodeId(place)
    }

    fn constant(&mut self, value: Value) -> NodeId {
        self.code.constants.push(value);
        let id = ConstantId(self.code.constants.len() as u32 - 1);
        self.node(Operation::Constant(id))
    }

    /// Returns a condition.
    fn condition(&mut self, depth: usize) -> NodeId {
        if depth == 0 {
            return self.leaf();
        }
        let next = depth - 1;
        let operation = match self.below(12) {
            0..=3 => Operation::And(self.condition(next), self.condition(next)),
            4..=5 => Operation::Or(self.condition(next), self.condition(next)),
            6 => Operation::Not(self.condition(next)),
            7 => Operation::If {
                condition: self.condition(next),
                yes: self.condition(next),
                no: self.condition(next),
            },
            8 | 9 => return self.quantifier(next),
            10 => return self.bind(next),
            _ => return self.leaf(),
        };
        self.node(operation)
    }

    fn quantifier(&mut self, depth: usize) -> NodeId {
        let mut lists = vec![
            (self.slot("tags"), Type::String),
            (self.slot("items"), Type::Record(line())),
            (self.slot("name"), Type::Int),
        ];
        if let Some((local, Type::Record(_))) = self.scope.last().cloned() {
            let base = self.node(Operation::Local(local));
            let list = self.node(Operation::Field { base, index: 3, name: "tags".into() });
            lists.extend([(list, Type::String), (list, Type::String)]);
        }
        // A list of a wrong type is rare.
        let place =
            if self.below(20) == 0 { self.below(lists.len()) } else { self.below(2) + lists.len() / 5 };
        let Some((list, element)) = lists.get(place).cloned() else { return self.leaf() };
        let local = self.local(element);
        let (quantifier, body) = match self.below(8) {
            0..=3 => (Quantifier::Any, self.condition(depth)),
            4..=5 => (Quantifier::All, self.condition(depth)),
            6 => (Quantifier::Count, self.condition(depth)),
            _ => (Quantifier::Sum, self.number(1)),
        };
        self.scope.pop();
        let empty = ConstantId(self.code.constants.len() as u32);
        self.code.constants.push(Value::Int(0));
        let result = self.node(Operation::Quantifier { quantifier, local, list, body, empty });
        if matches!(quantifier, Quantifier::Any | Quantifier::All) {
            return result;
        }
        let bound = self.constant(Value::Int(1));
        let (left, right) = (result, bound);
        self.node(Operation::Binary { operator: BinaryOperator::Greater, case: Case::Sensitive, left, right })
    }

    fn local(&mut self, ty: Type) -> LocalId {
        let local = LocalId(self.locals);
        self.locals += 1;
        self.scope.push((local, ty));
        local
    }

    fn bind(&mut self, depth: usize) -> NodeId {
        let (value, ty) = match self.below(4) {
            0 => (self.number(1), Type::Decimal),
            1 => (self.slot("name"), Type::String),
            2 => (self.slot("customer"), Type::Record(line())),
            _ => (self.slot("age"), Type::Int),
        };
        let local = self.local(ty);
        let body = self.condition(depth);
        self.scope.pop();
        self.node(Operation::Bind { local, value, body })
    }

    fn slot(&mut self, name: &str) -> NodeId {
        let place = self.fields.iter().position(|(own, _)| *own == name).unwrap_or(0);
        self.node(Operation::Slot(SlotId(place as u32)))
    }

    /// Returns a value of one of some types: a field, a variable, or a part of one; a default may stand beside it.
    fn place(&mut self, wanted: fn(&Type) -> bool) -> NodeId {
        let mut places = Vec::new();
        for (place, (_, ty)) in (0_u32..).zip(&self.fields) {
            let slot = Operation::Slot(SlotId(place));
            if let Type::Record(record) = ty.required() {
                places.extend(parts(&slot, record, wanted));
            }
            if wanted(ty.required()) {
                places.push((slot, None, ty.clone()));
            }
        }
        for (local, ty) in &self.scope {
            let variable = Operation::Local(*local);
            let own = if let Type::Record(record) = ty {
                parts(&variable, record, wanted)
            } else if wanted(ty) {
                vec![(variable, None, ty.clone())]
            } else {
                Vec::new()
            };
            // Variables are there to be used.
            for _ in 0..3 {
                places.extend(own.iter().cloned());
            }
        }
        let Some((base, part, ty)) = self.one_of(&places) else { return self.constant(Value::Missing) };
        let base = self.node(base);
        let node = match part {
            None => base,
            Some((index, name)) => {
                // A place that is not where the shape has it is found by its name.
                let index = if self.below(8) == 0 { 0 } else { index };
                self.node(Operation::Field { base, index, name })
            }
        };
        if self.below(4) == 0 {
            let value = self.typed(ty.required());
            let default = self.constant(value);
            return self.node(Operation::Default { operand: node, default });
        }
        node
    }

    /// Returns a number, or an amount.
    fn number(&mut self, depth: usize) -> NodeId {
        if depth == 0 || self.below(3) == 0 {
            return self.place(|ty| ty.is_number());
        }
        let operator = match self.below(8) {
            0..=2 => BinaryOperator::Add,
            3..=4 => BinaryOperator::Subtract,
            5..=6 => BinaryOperator::Multiply,
            _ => BinaryOperator::Divide,
        };
        let (left, right) = (self.number(depth - 1), self.number(depth - 1));
        self.node(Operation::Binary { operator, case: Case::Sensitive, left, right })
    }

    fn case(&mut self) -> Case {
        if self.below(5) == 0 { Case::Ignored } else { Case::Sensitive }
    }

    /// Returns a condition without conditions in it.
    fn leaf(&mut self) -> NodeId {
        match self.below(17) {
            0..=2 => self.comparison(|ty| ty.is_number(), &Type::Decimal),
            3 => self.comparison(|ty| matches!(ty, Type::Money(_)), &Type::Money(None)),
            4 => self.comparison(|ty| matches!(ty, Type::Percent | Type::Float), &Type::Percent),
            5 => self.comparison(|ty| matches!(ty, Type::Date | Type::DateTime), &Type::Date),
            6 => self.computed(),
            7..=8 => self.text(),
            9 => self.membership(),
            10 => self.range(),
            11 => self.presence(),
            12 | 13 => self.truth(),
            14 => self.call(),
            15 => self.chosen(),
            // A pair that the checker would not let through.
            _ => {
                let right = self.place(|ty| matches!(ty, Type::Date | Type::List(_) | Type::Money(_)));
                let left = self.place(|ty| ty.is_number());
                let operator = self.relation();
                self.node(Operation::Binary { operator, case: Case::Sensitive, left, right })
            }
        }
    }

    fn relation(&mut self) -> BinaryOperator {
        use BinaryOperator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let all = [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual];
        self.one_of(&all).unwrap_or(Equal)
    }

    /// Compares a value with a constant, or with another value.
    fn comparison(&mut self, wanted: fn(&Type) -> bool, ty: &Type) -> NodeId {
        let operator = self.relation();
        let left = self.place(wanted);
        let right = if self.below(3) == 0 {
            self.place(wanted)
        } else {
            let value = if self.below(3) == 0 { self.typed(&Type::Int) } else { self.typed(ty) };
            self.constant(value)
        };
        let (left, right) = if self.below(4) == 0 { (right, left) } else { (left, right) };
        self.node(Operation::Binary { operator, case: Case::Sensitive, left, right })
    }

    fn computed(&mut self) -> NodeId {
        let operator = self.relation();
        let depth = 1 + self.below(2);
        let left = self.number(depth);
        let right = if self.below(3) == 0 {
            self.number(1)
        } else {
            let value = self.typed(&Type::Decimal);
            self.constant(value)
        };
        self.node(Operation::Binary { operator, case: Case::Sensitive, left, right })
    }

    fn text(&mut self) -> NodeId {
        use BinaryOperator::{Contains, EndsWith, Equal, Less, NotEqual, StartsWith};
        let operand = self.place(Type::is_text);
        if self.below(6) == 0 {
            let source = self.one_of(&["^a", "b+$", "[0-9]", "straße"]).unwrap_or("a");
            self.code.patterns.extend(Pattern::new(source, false));
            let pattern = PatternId(self.code.patterns.len() as u32 - 1);
            return self.node(Operation::Matches { operand, pattern });
        }
        let all = [Equal, Equal, NotEqual, StartsWith, EndsWith, Contains, Less];
        let operator = self.one_of(&all).unwrap_or(Equal);
        let right = if self.below(5) == 0 {
            self.place(Type::is_text)
        } else {
            let value = self.typed(&Type::String);
            self.constant(value)
        };
        let case = self.case();
        self.node(Operation::Binary { operator, case, left: operand, right })
    }

    fn membership(&mut self) -> NodeId {
        let is_text = self.below(2) == 0;
        let left = if is_text { self.place(Type::is_text) } else { self.place(Type::is_number) };
        let ty = if is_text { Type::String } else { Type::Decimal };
        let right = match self.below(5) {
            0 => self.slot("tags"),
            1 => {
                let values = (0..self.below(4)).map(|_| self.typed(&ty)).collect();
                self.constant(Value::List(values))
            }
            _ => {
                let elements: Vec<NodeId> = (0..self.below(12))
                    .map(|_| {
                        let value = self.typed(&ty);
                        self.constant(value)
                    })
                    .collect();
                self.node(Operation::List(elements))
            }
        };
        let case = self.case();
        self.node(Operation::Binary { operator: BinaryOperator::In, case, left, right })
    }

    fn range(&mut self) -> NodeId {
        let operand = self.place(|ty| ty.is_number() || matches!(ty, Type::Money(_)));
        let mut end = || {
            if self.below(4) == 0 {
                self.place(|ty| ty.is_number())
            } else {
                let ty = self.one_of(&[Type::Decimal, Type::Int, Type::Money(None)]).unwrap_or(Type::Int);
                let value = self.typed(&ty);
                self.constant(value)
            }
        };
        let (low, high) = (end(), end());
        let operation = if self.below(2) == 0 {
            Operation::Between { operand, low, high }
        } else {
            Operation::InRange { operand, low, high }
        };
        self.node(operation)
    }

    fn presence(&mut self) -> NodeId {
        let tests = [Presence::Present, Presence::Missing, Presence::Empty];
        let test = self.one_of(&tests).unwrap_or(Presence::Present);
        let operand = self.place(|_| true);
        self.node(Operation::Presence { test, operand })
    }

    fn truth(&mut self) -> NodeId {
        let operand = self.place(|ty| *ty == Type::Bool);
        match self.below(4) {
            0 => {
                let right = self.constant(Value::Bool(true));
                let operator = self.one_of(&[BinaryOperator::Equal, BinaryOperator::NotEqual]);
                let operator = operator.unwrap_or(BinaryOperator::Equal);
                self.node(Operation::Binary { operator, case: Case::Sensitive, left: operand, right })
            }
            1 => self.node(Operation::IsEvent(1)),
            _ => operand,
        }
    }

    /// Something that only the interpreter computes, compared.
    fn call(&mut self) -> NodeId {
        let argument = self.place(Type::is_text);
        let left = self.node(Operation::Call { function: FunctionId::Length, arguments: vec![argument] });
        let right = self.constant(Value::Int(2));
        let operator = self.relation();
        self.node(Operation::Binary { operator, case: Case::Sensitive, left, right })
    }

    fn chosen(&mut self) -> NodeId {
        let subject = self.place(Type::is_text);
        let (yes, no) = (self.leaf(), self.leaf());
        let value = self.typed(&Type::String);
        self.code.constants.push(value);
        let values = vec![ConstantId(self.code.constants.len() as u32 - 1)];
        let arms = vec![MatchArm { values, body: yes }];
        let missing = (self.below(2) == 0).then_some(no);
        self.node(Operation::Match { subject, arms, missing, otherwise: Some(no) })
    }

    /// Returns a value as an event has it where a type is declared.
    fn declared(&mut self, ty: &Type) -> Value {
        match self.below(24) {
            0 | 1 => Value::Missing,
            2 => {
                let other = self.one_of(&[Type::Int, Type::String, Type::Bool, Type::Decimal, Type::Date]);
                self.typed(&other.unwrap_or(Type::Int))
            }
            3 | 4 if ty.is_optional() => Value::Missing,
            _ => self.typed(ty.required()),
        }
    }

    fn decimal(&mut self) -> Decimal {
        let scale = self.one_of(&[0, 0, 1, 2, 2, 2, 3, 9, 18, 28]).unwrap_or(0);
        let units = match self.below(12) {
            0 => i128::from(i64::MAX),
            1 => i128::from(i64::MIN),
            2 => (1_i128 << 95) + self.below(9) as i128,
            3 => -(1_i128 << 70),
            4 => 10_i128.pow(self.below(20) as u32),
            5..=7 => self.below(2000) as i128 - 1000,
            _ => self.below(7) as i128 - 3,
        };
        Decimal::try_from_i128_with_scale(units, scale).unwrap_or_default()
    }

    /// Returns a value of a type.
    fn typed(&mut self, ty: &Type) -> Value {
        match ty.required() {
            Type::Int => Value::Int(match self.below(10) {
                0 => i64::MAX,
                1 => i64::MIN,
                2 => i64::MIN + 1,
                _ => self.below(9) as i64 - 3,
            }),
            Type::Decimal => {
                let decimal = self.decimal();
                if self.below(4) == 0 { Value::Int(self.below(5) as i64) } else { Value::Decimal(decimal) }
            }
            Type::Percent => Value::Percent(self.decimal()),
            Type::Float => Value::Float(self.one_of(&[0.0, -0.0, 0.1, 1.0, 2.5, 1e300]).unwrap_or(0.0)),
            Type::Money(own) => {
                let currency = own.or(currency(self.one_of(&["EUR", "USD"]).unwrap_or("EUR")));
                let amount = self.decimal();
                currency.map_or(Value::Missing, |currency| Value::Money(Money { amount, currency }))
            }
            Type::Bool => Value::Bool(self.below(2) == 0),
            Type::Date => Value::Date(date(2026, 11, 1 + self.below(4) as i8)),
            Type::DateTime => {
                let second = self.below(4) as i64;
                Timestamp::from_second(second).map_or(Value::Missing, Value::DateTime)
            }
            Type::List(element) => {
                let values: Vec<Value> = (0..self.below(4)).map(|_| self.declared(element)).collect();
                Value::List(values.into())
            }
            Type::Record(record) => {
                // A record that is declared elsewhere may stand for this one, its fields in another order.
                let mut shape = Record::clone(record);
                if self.below(6) == 0 {
                    shape.fields.reverse();
                }
                let types: Vec<Type> = shape.fields.values().map(|field| field.ty.clone()).collect();
                let fields = types.iter().map(|ty| self.declared(ty)).collect();
                let shape = if shape == **record { Arc::clone(record) } else { Arc::new(shape) };
                Value::Record(Arc::new(RecordValue { shape, fields }))
            }
            Type::String
            | Type::Enum(_)
            | Type::Error
            | Type::Time
            | Type::Duration
            | Type::Period
            | Type::Map(_)
            | Type::Optional(_)
            | Type::Json
            | Type::Nothing => {
                let all = [
                    "",
                    "a",
                    "A",
                    "ab",
                    "abc",
                    "gold",
                    "Gold",
                    "silver",
                    "straße",
                    "STRASSE",
                    // Around the lengths at which texts are held or compared in another way.
                    "seven b",
                    "eight by",
                    "eight bz",
                    "nine byte",
                    "fifteen bytes a",
                    "sixteen bytes ab",
                    "sixteen bytes ac",
                    "a long text, longer",
                ];
                Value::text(self.one_of(&all).unwrap_or(""))
            }
        }
    }
}

/// A part of a record: where the record is, and the place and name of the field.
type Part = (Operation, Option<(u32, Arc<str>)>, Type);

fn parts(base: &Operation, record: &Record, wanted: fn(&Type) -> bool) -> Vec<Part> {
    let fields = (0_u32..).zip(&record.fields).filter(|(_, (_, field))| wanted(field.ty.required()));
    fields
        .map(|(index, (name, field))| (base.clone(), Some((index, name.clone())), field.ty.clone()))
        .collect()
}
