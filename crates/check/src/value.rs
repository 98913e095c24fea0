//! Values that are known without running anything: what tests give and expect. Literals, constants, and operators,
//! lists and records of these. What needs the interpreter, such as a call, has no value here.

use std::sync::Arc;

use hence_builtins::{Case, Context};
use hence_syntax::ast::{Expression, ExpressionKind, UnaryOperator};
use hence_types::Value;
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;

use crate::declarations::Declarations;
use crate::literal;

impl Declarations {
    /// Returns the value of an expression that is made of literals and constants; nothing for any other, and for
    /// one that faults. A record becomes a map.
    pub fn value(&self, expression: &Expression, zone: &TimeZone) -> Option<Value> {
        if let ExpressionKind::Group(inner) = &expression.kind {
            self.value(inner, zone)
        } else if let ExpressionKind::Name(name) = &expression.kind {
            self.values.get(&name.text).cloned()
        } else if let ExpressionKind::Unary { operator: UnaryOperator::Minus, operand } = &expression.kind {
            hence_builtins::negate(&self.value(operand, zone)?).ok()
        } else if let ExpressionKind::Binary { operator, left, right, .. } = &expression.kind {
            let meaning = crate::builtin_operator(*operator)?;
            let (left, right) = (self.value(left, zone)?, self.value(right, zone)?);
            let context = Context { now: Timestamp::UNIX_EPOCH, zone: zone.clone() };
            (meaning.definition().apply)(&left, &right, Case::Sensitive, &context).ok()
        } else if let ExpressionKind::List(elements) = &expression.kind {
            let values: Option<Vec<Value>> =
                elements.iter().map(|element| self.value(element, zone)).collect();
            Some(Value::List(values?.into()))
        } else if let ExpressionKind::Record(fields) = &expression.kind {
            let members = fields
                .iter()
                .map(|(name, value)| Some((Arc::from(name.text.as_str()), self.value(value, zone)?)));
            Some(Value::Map(Arc::new(members.collect::<Option<_>>()?)))
        } else {
            literal::value(expression, zone).ok().flatten()
        }
    }
}
