//! Expressions whose value does not depend on the event.

use hence_builtins::{Case, Context};
use hence_syntax::ast::{Expression, ExpressionKind, ItemKind, UnaryOperator};
use hence_types::Value;
use hence_types::jiff::Timestamp;

use super::Scope;
use crate::literal;

/// How deep an expression may be, constants and what stands behind them counted together.
const DEEPEST: usize = 64;

impl Scope<'_> {
    /// Returns the value of an expression made of literals, constants and operators.
    pub(crate) fn value(&self, expression: &Expression) -> Option<Value> {
        let name = |expression: &Expression| {
            let usage = self.facts.usage(expression.id)?;
            if let crate::Use::Constant(name) = usage { Some(name.clone()) } else { None }
        };
        self.computed(expression, &name, DEEPEST)
    }

    fn computed(
        &self,
        expression: &Expression,
        name: &dyn Fn(&Expression) -> Option<String>,
        depth: usize,
    ) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        if let ExpressionKind::Group(inner) = &expression.kind {
            return self.computed(inner, name, depth);
        }
        if let ExpressionKind::Unary { operator: UnaryOperator::Minus, operand } = &expression.kind {
            return hence_builtins::negate(&self.computed(operand, name, depth)?).ok();
        }
        if let ExpressionKind::Binary { operator, negated: false, ignoring_case: None, left, right, .. } =
            &expression.kind
        {
            let operator = crate::builtin_operator(*operator)?;
            if operator.reads_the_clock() {
                return None;
            }
            let operator = operator.definition();
            let (left, right) = (self.computed(left, name, depth)?, self.computed(right, name, depth)?);
            let context = Context { now: Timestamp::UNIX_EPOCH, zone: self.zone.clone() };
            return (operator.apply)(&left, &right, Case::Sensitive, &context).ok();
        }
        if let ExpressionKind::Name(_) = &expression.kind {
            return self.constant(&name(expression)?, depth);
        }
        literal::value(expression, self.zone).ok().flatten()
    }

    fn constant(&self, name: &str, depth: usize) -> Option<Value> {
        let declared = self.declarations.constants.get(name).filter(|declared| !declared.what.is_error())?;
        let item = self.files.get(declared.place.file)?.items.get(declared.place.item)?;
        let ItemKind::Const(constant) = &item.kind else { return None };
        // Within a constant a name can only be another constant.
        let inner = |expression: &Expression| {
            if let ExpressionKind::Name(name) = &expression.kind { Some(name.text.clone()) } else { None }
        };
        self.computed(&constant.value, &inner, depth)
    }
}
