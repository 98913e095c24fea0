//! Expressions whose value is known when a project is checked: literals, constants, and what is made of them.

use std::sync::Arc;

use hence_builtins::{Case, Context};
use hence_syntax::ast::{Expression, ExpressionKind, TextPart, UnaryOperator};
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;
use hence_types::{Field, Record, RecordValue, Type, Value};

use crate::literal;

/// Returns the value of an expression, if it is known. `names` gives the values of names.
pub(crate) fn evaluate(
    expression: &Expression,
    names: &dyn Fn(&str) -> Option<Value>,
    zone: &TimeZone,
) -> Option<Value> {
    let inner = |part: &Expression| evaluate(part, names, zone);
    if let Ok(Some(value)) = literal::value(expression, zone) {
        return Some(value);
    }
    let context = || Context { now: Timestamp::UNIX_EPOCH, zone: zone.clone() };
    if let ExpressionKind::Name(name) = &expression.kind {
        names(&name.text)
    } else if let ExpressionKind::Group(operand) = &expression.kind {
        inner(operand)
    } else if let ExpressionKind::Unary { operator: UnaryOperator::Minus, operand } = &expression.kind {
        hence_builtins::negate(&inner(operand)?).ok()
    } else if let ExpressionKind::Binary {
        operator, negated: false, ignoring_case: None, left, right, ..
    } = &expression.kind
    {
        let meaning = crate::builtin_operator(*operator)?;
        (meaning.definition().apply)(&inner(left)?, &inner(right)?, Case::Sensitive, &context()).ok()
    } else if let ExpressionKind::Field { base, name, .. } = &expression.kind {
        if let Value::Record(record) = inner(base)? { Some(record.get(&name.text)) } else { None }
    } else if let ExpressionKind::Text(parts) = &expression.kind {
        let mut text = String::new();
        for part in parts {
            match part {
                TextPart::Literal(literal) => text.push_str(literal),
                TextPart::Expression(part) => text.push_str(&inner(part)?.to_text()),
            }
        }
        Some(Value::text(text))
    } else if let ExpressionKind::List(elements) = &expression.kind {
        Some(Value::List(elements.iter().map(inner).collect::<Option<Vec<_>>>()?.into()))
    } else if let ExpressionKind::Record(fields) = &expression.kind {
        let values = fields.iter().map(|(name, value)| Some((name.text.clone(), inner(value)?)));
        Some(record(values.collect::<Option<Vec<_>>>()?))
    } else {
        None
    }
}

/// Returns a record of these fields.
pub(crate) fn record(fields: Vec<(String, Value)>) -> Value {
    let mut shape = Record::default();
    let mut values = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        shape.fields.insert(Arc::from(name), Field::plain(type_of(&value)));
        values.push(value);
    }
    Value::Record(Arc::new(RecordValue { shape: Arc::new(shape), fields: values.into_boxed_slice() }))
}

/// Returns the type of a value.
pub(crate) fn type_of(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Decimal(_) => Type::Decimal,
        Value::Float(_) => Type::Float,
        Value::String(_) => Type::String,
        Value::Date(_) => Type::Date,
        Value::Time(_) => Type::Time,
        Value::DateTime(_) => Type::DateTime,
        Value::Duration(_) => Type::Duration,
        Value::Period(_) => Type::Period,
        Value::Percent(_) => Type::Percent,
        Value::Money(money) => Type::Money(Some(money.currency)),
        Value::List(elements) => {
            let mut joined: Option<Type> = None;
            for element in elements.iter() {
                let ty = type_of(element);
                joined = match joined {
                    Some(before) => Some(before.join(&ty).unwrap_or(Type::Error)),
                    None => Some(ty),
                };
            }
            Type::List(Arc::new(joined.unwrap_or(Type::Error)))
        }
        Value::Record(record) => Type::Record(Arc::clone(&record.shape)),
        Value::Missing | Value::Map(_) | Value::Json(_) => Type::Error,
    }
}

/// Returns a value as it would be written in a rule.
pub(crate) fn written(value: &Value) -> String {
    match value.as_text() {
        Some(text) => format!("{text:?}"),
        None => value.to_text(),
    }
}
