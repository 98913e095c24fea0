//! From a rule's condition in the IR to a [`Condition`].

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Context, Presence};
use hence_ir::{LocalId, NodeId, Operation, Quantifier, Rule};
use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_types::{Text, Type, Value};
use hence_vm::{Mapping, MergedProjection};

use crate::attribute::{Attribute, AttributeId, Step};
use crate::condition::{Answer, Condition, Faults, Part, Test, TestKind};
use crate::value::Kind;

/// Conditions nested deeper are left to the interpreter.
const DEPTH: u32 = 100;

/// Lists of more constants are left to the interpreter.
const LONGEST_LIST: usize = 10_000;

/// Makes the conditions of one rule.
pub(crate) struct Lowering<'a> {
    pub(crate) rule: &'a Rule,
    /// The full name of the event.
    pub(crate) event: &'a str,
    pub(crate) projection: &'a MergedProjection,
    pub(crate) mapping: &'a Mapping,
    /// Gives an attribute its number.
    pub(crate) number: &'a mut dyn FnMut(Attribute) -> AttributeId,
    locals: Vec<(LocalId, Operand)>,
    depth: u32,
}

/// A value that a test is about.
#[derive(Debug, Clone)]
enum Operand {
    Attribute(Attribute),
    /// An attribute, or a constant where that is missing.
    Default(Attribute, Value),
    Constant(Value),
}

impl<'a> Lowering<'a> {
    pub(crate) fn new(
        rule: &'a Rule,
        event: &'a str,
        projection: &'a MergedProjection,
        mapping: &'a Mapping,
        number: &'a mut dyn FnMut(Attribute) -> AttributeId,
    ) -> Self {
        Lowering { rule, event, projection, mapping, number, locals: Vec::new(), depth: 0 }
    }

    /// Returns the condition of an expression that is asked for its truth.
    pub(crate) fn condition(&mut self, id: NodeId) -> Condition {
        if self.depth >= DEPTH {
            return Condition::Opaque(Faults::Any);
        }
        self.depth += 1;
        let condition = self.known(id);
        self.depth -= 1;
        condition.unwrap_or_else(|| Condition::Opaque(self.needed(id, 0)))
    }

    /// Returns the condition of an expression of which the index knows the meaning.
    fn known(&mut self, id: NodeId) -> Option<Condition> {
        let rule = self.rule;
        match &rule.code.node(id)?.operation {
            Operation::And(left, right) => {
                Some(Condition::And(vec![self.condition(*left), self.condition(*right)]))
            }
            Operation::Or(left, right) => {
                Some(Condition::Or(vec![self.condition(*left), self.condition(*right)]))
            }
            Operation::Not(operand) => Some(Condition::Not(Box::new(self.condition(*operand)))),
            Operation::Binary { operator, case, left, right } => self.binary(*operator, *case, *left, *right),
            Operation::Between { operand, low, high } => self.between(*operand, *low, *high, Answer::Fault),
            Operation::InRange { operand, low, high } => self.between(*operand, *low, *high, Answer::False),
            Operation::Presence { test, operand } => self.presence(*test, *operand),
            Operation::IsEvent(trigger) => {
                let name = rule.triggers.get(*trigger as usize)?;
                Some(Condition::Constant(**name == *self.event))
            }
            Operation::If { condition, yes, no } => {
                let condition = self.condition(*condition);
                let otherwise = Condition::Not(Box::new(condition.clone()));
                let (yes, no) = (self.condition(*yes), self.condition(*no));
                Some(Condition::Or(vec![
                    Condition::And(vec![condition, yes]),
                    Condition::And(vec![otherwise, no]),
                ]))
            }
            Operation::Bind { local, value, body } => {
                let value = self.operand(*value)?;
                self.locals.push((*local, value));
                let body = self.condition(*body);
                self.locals.pop();
                Some(body)
            }
            Operation::Quantifier { quantifier, local, list, body, empty: _ } => {
                self.quantifier(*quantifier, *local, *list, *body)
            }
            Operation::Constant(_)
            | Operation::Slot(_)
            | Operation::Local(_)
            | Operation::Field { .. }
            | Operation::Default { .. } => self.truth(id),
            Operation::Now
            | Operation::Today
            | Operation::Index { .. }
            | Operation::Negate(_)
            | Operation::As { .. }
            | Operation::Matches { .. }
            | Operation::Match { .. }
            | Operation::Call { .. }
            | Operation::Groups { .. }
            | Operation::External { .. }
            | Operation::Table { .. }
            | Operation::Text(_)
            | Operation::List(_)
            | Operation::Record { .. } => None,
        }
    }

    fn quantifier(
        &mut self,
        quantifier: Quantifier,
        local: LocalId,
        list: NodeId,
        body: NodeId,
    ) -> Option<Condition> {
        let Operand::Attribute(list) = self.operand(list)? else { return None };
        if !matches!(list.ty(self.projection)?.required(), Type::List(_)) || list.is_many() {
            return None;
        }
        let is_any = match quantifier {
            Quantifier::Any => true,
            Quantifier::All => false,
            Quantifier::Count
            | Quantifier::Sum
            | Quantifier::Min
            | Quantifier::Max
            | Quantifier::Average
            | Quantifier::First
            | Quantifier::Filter
            | Quantifier::Map => return None,
        };
        self.locals.push((local, Operand::Attribute(list.then(Step::Each))));
        let body = Box::new(self.condition(body));
        self.locals.pop();
        let list = (self.number)(list);
        Some(if is_any { Condition::Any { list, body } } else { Condition::All { list, body } })
    }

    /// A value that is the condition itself.
    fn truth(&mut self, id: NodeId) -> Option<Condition> {
        let (attribute, missing) = match self.operand(id)? {
            Operand::Constant(value) => return value.as_bool().map(Condition::Constant),
            Operand::Attribute(attribute) => (attribute, Answer::Fault),
            Operand::Default(attribute, default) => (attribute, Answer::of(default.as_bool()?)),
        };
        if attribute.kind(self.projection) != Kind::Bool {
            return None;
        }
        self.test(attribute, TestKind::Equal(vec![Value::Bool(true)]), missing)
    }

    fn test(&mut self, attribute: Attribute, kind: TestKind, missing: Answer) -> Option<Condition> {
        Some(Condition::Test(Test { attribute: (self.number)(attribute), kind, missing }))
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        case: Case,
        left: NodeId,
        right: NodeId,
    ) -> Option<Condition> {
        match operator {
            BinaryOperator::Equal => self.equal(case, left, right),
            BinaryOperator::NotEqual => Some(Condition::Not(Box::new(self.equal(case, left, right)?))),
            BinaryOperator::Less => self.order(left, right, false, false),
            BinaryOperator::LessOrEqual => self.order(left, right, false, true),
            BinaryOperator::Greater => self.order(left, right, true, false),
            BinaryOperator::GreaterOrEqual => self.order(left, right, true, true),
            BinaryOperator::In => self.within(case, left, right),
            BinaryOperator::Contains => self.contains(case, left, right),
            BinaryOperator::StartsWith => self.part(Part::Start, operator, case, left, right),
            BinaryOperator::EndsWith => self.part(Part::End, operator, case, left, right),
            BinaryOperator::WithinNext
            | BinaryOperator::WithinLast
            | BinaryOperator::OlderThan
            | BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder => None,
        }
    }

    fn equal(&mut self, case: Case, left: NodeId, right: NodeId) -> Option<Condition> {
        let (operand, constant) = match (self.operand(left)?, self.operand(right)?) {
            (operand, Operand::Constant(constant)) | (Operand::Constant(constant), operand) => {
                (operand, constant)
            }
            _ => return None,
        };
        self.one_of(operand, vec![constant], case)
    }

    /// `x == c` for one of several constants. What is missing equals none of them.
    fn one_of(&mut self, operand: Operand, constants: Vec<Value>, case: Case) -> Option<Condition> {
        let (attribute, missing) = match operand {
            Operand::Constant(value) => {
                let holds =
                    constants.iter().any(|constant| holds(BinaryOperator::Equal, &value, constant, case));
                return Some(Condition::Constant(holds));
            }
            Operand::Attribute(attribute) => (attribute, Answer::False),
            Operand::Default(attribute, default) => {
                let holds =
                    constants.iter().any(|constant| holds(BinaryOperator::Equal, &default, constant, case));
                (attribute, Answer::of(holds))
            }
        };
        self.equal_test(attribute, constants, missing, case)
    }

    fn equal_test(
        &mut self,
        attribute: Attribute,
        constants: Vec<Value>,
        missing: Answer,
        case: Case,
    ) -> Option<Condition> {
        let kind = attribute.kind(self.projection);
        if constants.len() > LONGEST_LIST || !constants.iter().all(|constant| kind.takes(constant)) {
            return None;
        }
        let (attribute, constants) = if case == Case::Ignored && kind == Kind::Text {
            let folded = constants.iter().filter_map(Value::as_text).map(|text| Value::text(fold(text)));
            (attribute.folded(), folded.collect())
        } else {
            (attribute, constants)
        };
        self.test(attribute, TestKind::Equal(constants), missing)
    }

    fn order(&mut self, left: NodeId, right: NodeId, above: bool, included: bool) -> Option<Condition> {
        match (self.operand(left)?, self.operand(right)?) {
            (operand, Operand::Constant(bound)) => self.bound(operand, bound, above, included, Answer::Fault),
            (Operand::Constant(bound), operand) => {
                self.bound(operand, bound, !above, included, Answer::Fault)
            }
            _ => None,
        }
    }

    fn bound(
        &mut self,
        operand: Operand,
        bound: Value,
        above: bool,
        included: bool,
        missing: Answer,
    ) -> Option<Condition> {
        let (attribute, missing) = match operand {
            Operand::Constant(_) => return None,
            Operand::Attribute(attribute) => (attribute, missing),
            Operand::Default(attribute, default) => {
                let operator = match (above, included) {
                    (true, true) => BinaryOperator::GreaterOrEqual,
                    (true, false) => BinaryOperator::Greater,
                    (false, true) => BinaryOperator::LessOrEqual,
                    (false, false) => BinaryOperator::Less,
                };
                let kind = attribute.kind(self.projection);
                if !kind.takes(&default) {
                    return None;
                }
                (attribute, Answer::of(holds(operator, &default, &bound, Case::Sensitive)))
            }
        };
        let kind = attribute.kind(self.projection);
        if !kind.is_ordered() || !kind.takes(&bound) {
            return None;
        }
        let kind =
            if above { TestKind::Above { bound, included } } else { TestKind::Below { bound, included } };
        self.test(attribute, kind, missing)
    }

    fn between(&mut self, operand: NodeId, low: NodeId, high: NodeId, missing: Answer) -> Option<Condition> {
        let (Operand::Constant(low), Operand::Constant(high)) = (self.operand(low)?, self.operand(high)?)
        else {
            return None;
        };
        let operand = self.operand(operand)?;
        // What lies below the lower end is not compared with the upper one, and needs not to be: both have an order.
        let low = self.bound(operand.clone(), low, true, true, missing)?;
        let high = self.bound(operand, high, false, true, missing)?;
        Some(Condition::And(vec![low, high]))
    }

    fn within(&mut self, case: Case, left: NodeId, right: NodeId) -> Option<Condition> {
        let constants = self.constants(right);
        match (self.operand(left)?, constants) {
            (operand, Some(constants)) => self.one_of(operand, constants, case),
            (Operand::Constant(constant), None) => {
                let Operand::Attribute(list) = self.operand(right)? else { return None };
                self.element(list, constant, case, Answer::False)
            }
            _ => None,
        }
    }

    /// The elements of a list of constants.
    fn constants(&self, id: NodeId) -> Option<Vec<Value>> {
        if let Operation::List(elements) = &self.rule.code.node(id)?.operation {
            let constant = |id: &NodeId| match self.operand(*id)? {
                Operand::Constant(value) => Some(value),
                Operand::Attribute(_) | Operand::Default(..) => None,
            };
            return elements.iter().map(constant).collect();
        }
        let Operand::Constant(list) = self.operand(id)? else { return None };
        list.as_list().map(<[Value]>::to_vec)
    }

    fn contains(&mut self, case: Case, left: NodeId, right: NodeId) -> Option<Condition> {
        if let (Operand::Attribute(list), Operand::Constant(constant)) =
            (self.operand(left)?, self.operand(right)?)
            && matches!(list.ty(self.projection)?.required(), Type::List(_))
        {
            return self.element(list, constant, case, Answer::Fault);
        }
        self.part(Part::Inside, BinaryOperator::Contains, case, left, right)
    }

    /// Whether a list has an element. Elements that are missing equal no constant.
    fn element(
        &mut self,
        list: Attribute,
        constant: Value,
        case: Case,
        missing: Answer,
    ) -> Option<Condition> {
        if list.is_many() || !matches!(list.ty(self.projection)?.required(), Type::List(_)) {
            return None;
        }
        let id = (self.number)(list.clone());
        let body = Box::new(self.equal_test(list.then(Step::Each), vec![constant], Answer::False, case)?);
        let any = Condition::Any { list: id, body };
        match missing {
            Answer::Fault => Some(any),
            Answer::False | Answer::True => {
                let present = Test { attribute: id, kind: TestKind::Present, missing: Answer::False };
                Some(Condition::And(vec![Condition::Test(present), any]))
            }
        }
    }

    fn part(
        &mut self,
        part: Part,
        operator: BinaryOperator,
        case: Case,
        left: NodeId,
        right: NodeId,
    ) -> Option<Condition> {
        let (operand, constant) = (self.operand(left)?, self.operand(right)?);
        let Operand::Constant(Value::String(text)) = constant else { return None };
        let (attribute, missing) = match operand {
            Operand::Constant(_) => return None,
            Operand::Attribute(attribute) => (attribute, Answer::Fault),
            Operand::Default(attribute, default) => {
                default.as_text()?;
                let holds = holds(operator, &default, &Value::String(text.clone()), case);
                (attribute, Answer::of(holds))
            }
        };
        if attribute.kind(self.projection) != Kind::Text {
            return None;
        }
        match case {
            Case::Sensitive => self.test(attribute, TestKind::Text(part, text), missing),
            Case::Ignored => self.test(attribute.folded(), TestKind::Text(part, fold(&text)), missing),
        }
    }

    fn presence(&mut self, test: Presence, operand: NodeId) -> Option<Condition> {
        let Operand::Attribute(attribute) = self.operand(operand)? else { return None };
        let is_text = attribute.kind(self.projection) == Kind::Text;
        let present = |this: &mut Self| this.test(attribute.clone(), TestKind::Present, Answer::False);
        match test {
            Presence::Present => present(self),
            Presence::Missing => Some(Condition::Not(Box::new(present(self)?))),
            Presence::Empty if is_text => {
                self.test(attribute, TestKind::Equal(vec![Value::text("")]), Answer::True)
            }
            Presence::Empty => None,
        }
    }

    fn operand(&self, id: NodeId) -> Option<Operand> {
        match &self.rule.code.node(id)?.operation {
            Operation::Constant(constant) => {
                let value = self.rule.code.constant(*constant)?;
                (!value.is_missing()).then(|| Operand::Constant(value.clone()))
            }
            Operation::Slot(slot) => {
                self.mapping.read(*slot).map(|read| Operand::Attribute(Attribute::of(read)))
            }
            Operation::Local(local) => {
                let known = self.locals.iter().rev().find(|(own, _)| own == local);
                known.map(|(_, operand)| operand.clone())
            }
            Operation::Field { base, index: _, name } => match self.operand(*base)? {
                Operand::Attribute(base) => {
                    let Type::Record(record) = base.ty(self.projection)?.required().clone() else {
                        return None;
                    };
                    record
                        .fields
                        .contains_key(name)
                        .then(|| Operand::Attribute(base.then(Step::Field(Arc::clone(name)))))
                }
                Operand::Default(..) | Operand::Constant(_) => None,
            },
            Operation::Default { operand, default } => {
                match (self.operand(*operand)?, self.operand(*default)?) {
                    (Operand::Attribute(attribute), Operand::Constant(default)) => {
                        Some(Operand::Default(attribute, default))
                    }
                    _ => None,
                }
            }
            Operation::Now
            | Operation::Today
            | Operation::Index { .. }
            | Operation::And(..)
            | Operation::Or(..)
            | Operation::Not(_)
            | Operation::Negate(_)
            | Operation::Binary { .. }
            | Operation::Between { .. }
            | Operation::InRange { .. }
            | Operation::As { .. }
            | Operation::Matches { .. }
            | Operation::Presence { .. }
            | Operation::IsEvent(_)
            | Operation::If { .. }
            | Operation::Match { .. }
            | Operation::Call { .. }
            | Operation::Groups { .. }
            | Operation::External { .. }
            | Operation::Bind { .. }
            | Operation::Quantifier { .. }
            | Operation::Table { .. }
            | Operation::Text(_)
            | Operation::List(_)
            | Operation::Record { .. } => None,
        }
    }

    /// What can make an expression fail whose value is needed.
    fn needed(&mut self, id: NodeId, depth: u32) -> Faults {
        let missing = match self.operand(id) {
            Some(Operand::Constant(_) | Operand::Default(..)) => return Faults::NONE,
            Some(Operand::Attribute(attribute)) => {
                return Faults::Missing(vec![(self.number)(attribute)]);
            }
            None => self.faults(id, depth),
        };
        let is_never_missing = self.rule.code.node(id).is_some_and(|node| match &node.operation {
            Operation::Now
            | Operation::Today
            | Operation::And(..)
            | Operation::Or(..)
            | Operation::Not(_)
            | Operation::Binary { .. }
            | Operation::Between { .. }
            | Operation::InRange { .. }
            | Operation::Matches { .. }
            | Operation::Presence { .. }
            | Operation::IsEvent(_)
            | Operation::Text(_)
            | Operation::List(_)
            | Operation::Record { .. } => true,
            Operation::Constant(_)
            | Operation::Slot(_)
            | Operation::Local(_)
            | Operation::Field { .. }
            | Operation::Index { .. }
            | Operation::Negate(_)
            | Operation::As { .. }
            | Operation::Default { .. }
            | Operation::If { .. }
            | Operation::Match { .. }
            | Operation::Call { .. }
            | Operation::Groups { .. }
            | Operation::External { .. }
            | Operation::Bind { .. }
            | Operation::Quantifier { .. }
            | Operation::Table { .. } => false,
        });
        if is_never_missing { missing } else { Faults::Any }
    }

    /// What can make an expression fail whose value may be missing.
    fn faults(&mut self, id: NodeId, depth: u32) -> Faults {
        let rule = self.rule;
        let Some(node) = rule.code.node(id) else { return Faults::Any };
        if depth > DEPTH {
            return Faults::Any;
        }
        match &node.operation {
            Operation::Constant(_)
            | Operation::Slot(_)
            | Operation::Now
            | Operation::Today
            | Operation::IsEvent(_) => Faults::NONE,
            Operation::Local(_) if self.operand(id).is_some() => Faults::NONE,
            Operation::And(..) | Operation::Or(..) | Operation::Not(_) | Operation::Matches { .. } => {
                let operands = node.operation.operands();
                operands
                    .iter()
                    .fold(Faults::NONE, |faults, operand| faults.or(self.needed(*operand, depth + 1)))
            }
            Operation::Field { base, .. } => self.faults(*base, depth + 1),
            Operation::Presence { test: _, operand } | Operation::As { operand, ty: _ } => {
                self.faults(*operand, depth + 1)
            }
            Operation::Binary { operator, case: _, left, right } => match operator {
                BinaryOperator::Equal | BinaryOperator::NotEqual | BinaryOperator::In => {
                    self.faults(*left, depth + 1).or(self.faults(*right, depth + 1))
                }
                BinaryOperator::StartsWith | BinaryOperator::EndsWith | BinaryOperator::Contains => {
                    self.needed(*left, depth + 1).or(self.needed(*right, depth + 1))
                }
                BinaryOperator::Less
                | BinaryOperator::LessOrEqual
                | BinaryOperator::Greater
                | BinaryOperator::GreaterOrEqual
                | BinaryOperator::WithinNext
                | BinaryOperator::WithinLast
                | BinaryOperator::OlderThan
                | BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Remainder => Faults::Any,
            },
            Operation::Local(_)
            | Operation::Index { .. }
            | Operation::Negate(_)
            | Operation::Between { .. }
            | Operation::InRange { .. }
            | Operation::Default { .. }
            | Operation::If { .. }
            | Operation::Match { .. }
            | Operation::Call { .. }
            | Operation::Groups { .. }
            | Operation::External { .. }
            | Operation::Bind { .. }
            | Operation::Quantifier { .. }
            | Operation::Table { .. }
            | Operation::Text(_)
            | Operation::List(_)
            | Operation::Record { .. } => Faults::Any,
        }
    }
}

fn fold(text: &str) -> Text {
    hence_builtins::folded(text).into()
}

/// Whether an operator holds between two constants. The operators that are asked need neither clock nor zone.
fn holds(operator: BinaryOperator, left: &Value, right: &Value, case: Case) -> bool {
    let context = Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC };
    let result = (operator.definition().apply)(left, right, case, &context);
    result.ok().and_then(|value| value.as_bool()).unwrap_or(false)
}
