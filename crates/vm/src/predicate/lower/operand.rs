//! Operands of tests: values that stand somewhere already, and numbers computed of them.

use hence_builtins::BinaryOperator;
use hence_ir::{LocalId, NodeId, Operation, Rule};
use hence_types::{Type, Value};

use crate::predicate::{Arithmetic, FieldAt, Kind, Number, Operand, Root, Short};

/// What a variable stands for.
#[derive(Debug, Clone)]
pub(super) enum Binding {
    /// The element that the quantifier of a level looks at.
    Element {
        /// The level.
        level: usize,
        /// The type of elements.
        ty: Type,
    },
    /// A value that stands elsewhere.
    Alias(Typed),
}

/// An operand and its declared type, where it is known. Types are claims: tests look at what is there.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) operand: Operand,
    pub(super) ty: Option<Type>,
}

impl Typed {
    /// Returns the constant that it is, if it is one.
    pub(super) fn constant(&self) -> Option<&Value> {
        let Root::Constant(value) = &self.operand.root else { return None };
        (self.operand.fields.is_empty() && self.operand.default.is_none()).then_some(value)
    }
}

/// Returns the kind of a type's values, if they are exact numbers.
pub(super) fn kind_of(ty: &Type) -> Option<Kind> {
    match ty.required() {
        Type::Int => Some(Kind::Int),
        Type::Decimal => Some(Kind::Decimal),
        Type::Percent => Some(Kind::Percent),
        Type::Money(_) => Some(Kind::Money),
        Type::Error
        | Type::Bool
        | Type::Float
        | Type::String
        | Type::Date
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Period
        | Type::Enum(_)
        | Type::List(_)
        | Type::Map(_)
        | Type::Record(_)
        | Type::Optional(_)
        | Type::Json
        | Type::Nothing => None,
    }
}

/// Returns a constant.
pub(super) fn constant(rule: &Rule, node: NodeId) -> Option<&Value> {
    let Operation::Constant(constant) = &rule.code.node(node)?.operation else { return None };
    rule.code.constant(*constant)
}

/// Returns the operand that an expression is, if it is a value that stands somewhere already.
pub(super) fn operand(rule: &Rule, bindings: &[(LocalId, Binding)], node: NodeId) -> Option<Typed> {
    let plain = |root, ty| Typed { operand: Operand { root, fields: Box::default(), default: None }, ty };
    let operation = &rule.code.node(node)?.operation;
    if let Operation::Constant(id) = operation {
        Some(plain(Root::Constant(rule.code.constant(*id)?.clone()), None))
    } else if let Operation::Slot(slot) = operation {
        let ty = &rule.plan.slots.get(slot.0 as usize)?.ty;
        Some(plain(Root::Slot(*slot), Some(ty.clone())))
    } else if let Operation::Local(local) = operation {
        // The innermost variable of a number is the one that is meant.
        let (_, binding) = bindings.iter().rev().find(|(own, _)| own == local)?;
        Some(match binding {
            Binding::Element { level, ty } => plain(Root::Element(*level), Some(ty.clone())),
            Binding::Alias(value) => value.clone(),
        })
    } else if let Operation::Field { base, index, name } = operation {
        let Typed { operand: base, ty } = operand(rule, bindings, *base)?;
        if base.default.is_some() {
            return None;
        }
        let mut fields = base.fields.into_vec();
        let record = ty.as_ref().map(Type::required);
        let record = record.and_then(|ty| if let Type::Record(record) = ty { Some(record) } else { None });
        fields.push(FieldAt::new(*index, name.clone(), record));
        let ty = record.and_then(|record| record.fields.get(name)).map(|field| field.ty.clone());
        Some(Typed { operand: Operand { root: base.root, fields: fields.into(), default: None }, ty })
    } else if let Operation::Default { operand: value, default } = operation {
        let Typed { operand: value, ty } = operand(rule, bindings, *value)?;
        if value.default.is_some() {
            return None;
        }
        let default = constant(rule, *default)?.clone();
        Some(Typed { operand: Operand { default: Some(default), ..value }, ty })
    } else if let Operation::List(elements) = operation {
        let values: Option<Vec<Value>> =
            elements.iter().map(|element| constant(rule, *element).cloned()).collect();
        Some(plain(Root::Constant(Value::List(values?.into())), None))
    } else {
        None
    }
}

/// Returns the number that an expression is, if it is one that can be computed in words.
pub(super) fn number(rule: &Rule, bindings: &[(LocalId, Binding)], node: NodeId) -> Option<Number> {
    if let Operation::Binary { operator, case: _, left, right } = &rule.code.node(node)?.operation {
        let known = [
            (BinaryOperator::Add, Arithmetic::Add),
            (BinaryOperator::Subtract, Arithmetic::Subtract),
            (BinaryOperator::Multiply, Arithmetic::Multiply),
        ];
        let (_, arithmetic) = *known.iter().find(|(own, _)| own == operator)?;
        let (left, right) = (number(rule, bindings, *left)?, number(rule, bindings, *right)?);
        return Some(Number::Result(arithmetic, Box::new(left), Box::new(right)));
    }
    if let Some(short) = constant(rule, node).and_then(Short::of) {
        return Some(Number::Constant(short));
    }
    let Typed { operand, ty } = operand(rule, bindings, node)?;
    let kind = ty.as_ref().and_then(kind_of)?;
    Some(Number::Value(of_kind(operand, kind), kind))
}

/// The operand of a test on numbers. What stands in is of the declared kind too: it is compared by value.
pub(super) fn of_kind(mut operand: Operand, kind: Kind) -> Operand {
    if let (Kind::Decimal, Some(Value::Int(int))) = (kind, &operand.default) {
        operand.default = Some(Value::Decimal((*int).into()));
    }
    operand
}
