//! Conditions that are always either true or false: no part of them can fault, where values are of their types.

use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, UnaryOperator};
use hence_types::Type;

use super::Scope;
use crate::facts::Use;

impl Scope<'_> {
    /// Returns whether a condition cannot fault.
    pub(crate) fn is_certain(&self, condition: &Expression) -> bool {
        if let ExpressionKind::Group(inner) = &condition.kind {
            return self.is_certain(inner);
        }
        if let ExpressionKind::Unary { operator: UnaryOperator::Not, operand } = &condition.kind {
            return self.is_certain(operand);
        }
        if let ExpressionKind::Binary { operator, left, right, .. } = &condition.kind {
            return self.is_certain_binary(*operator, left, right);
        }
        if let ExpressionKind::Between { operand, low, high, .. } = &condition.kind {
            return [operand, low, high].iter().all(|part| self.has_order(part));
        }
        if let ExpressionKind::Presence { operand, .. } = &condition.kind {
            return self.is_steady(operand);
        }
        if let ExpressionKind::IsEvent { .. } = &condition.kind {
            return true;
        }
        self.is_there(condition)
    }

    fn is_certain_binary(&self, operator: BinaryOperator, left: &Expression, right: &Expression) -> bool {
        match operator {
            BinaryOperator::Or | BinaryOperator::And => self.is_certain(left) && self.is_certain(right),
            BinaryOperator::In => {
                if let ExpressionKind::Range { low, high } = &right.ungrouped().kind {
                    let ends = self.has_order(low) && self.has_order(high);
                    return ends && self.is_steady(left) && self.is_ordered(left);
                }
                self.is_steady(left) && self.is_steady(right)
            }
            BinaryOperator::Equal | BinaryOperator::NotEqual => self.is_steady(left) && self.is_steady(right),
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => self.has_order(left) && self.has_order(right),
            BinaryOperator::Contains | BinaryOperator::StartsWith | BinaryOperator::EndsWith => {
                self.is_there(left) && self.is_there(right)
            }
            BinaryOperator::Matches => self.is_there(left),
            // A moment may have no room for the length.
            BinaryOperator::WithinNext
            | BinaryOperator::WithinLast
            | BinaryOperator::OlderThan
            | BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder => false,
        }
    }

    /// Whether an operand always has an order with others of its type.
    fn has_order(&self, operand: &Expression) -> bool {
        self.is_there(operand) && self.is_ordered(operand)
    }

    /// Whether the values of an operand that are there always have an order with others of their type.
    fn is_ordered(&self, operand: &Expression) -> bool {
        // Amounts of a currency that only the event tells may have another than the one compared with.
        !matches!(self.facts.ty(operand.id).required(), Type::Money(None) | Type::Period)
    }

    /// Whether an operand is computed without fault and never missing.
    fn is_there(&self, operand: &Expression) -> bool {
        let ty = self.facts.ty(operand.id);
        self.is_steady(operand) && !ty.is_optional() && !ty.is_error()
    }

    /// Whether an operand is computed without fault.
    fn is_steady(&self, operand: &Expression) -> bool {
        if let ExpressionKind::Group(inner) = &operand.kind {
            return self.is_steady(inner);
        }
        if let ExpressionKind::Name(_) = &operand.kind {
            return self.facts.usage(operand.id).is_some_and(|usage| !matches!(usage, Use::Constant(_)))
                || self.value(operand).is_some();
        }
        if let ExpressionKind::Field { base, .. } = &operand.kind {
            return self.is_steady(base);
        }
        if let ExpressionKind::Index { base, index } = &operand.kind {
            return self.is_steady(base) && self.is_there(index);
        }
        if let ExpressionKind::List(elements) = &operand.kind {
            return elements.iter().all(|element| self.is_steady(element));
        }
        self.value(operand).is_some()
    }
}
