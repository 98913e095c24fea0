//! Quantifiers: what their bodies must be, and what they give.

use hence_builtins::BinaryOperator;
use hence_syntax::ast::Expression;
use hence_types::Type;

use crate::checker::Checker;
use crate::errors::types::Unsuitable;
use crate::facts::QuantifierKind;

impl Checker<'_> {
    /// The body of a quantifier over elements of this type, its variable in scope. Returns the quantifier's type.
    pub(super) fn quantified(
        &mut self,
        kind: QuantifierKind,
        name: &str,
        element: &Type,
        body: &Expression,
    ) -> Type {
        let asked_by = format!("`{name}`");
        match kind {
            QuantifierKind::Any | QuantifierKind::All | QuantifierKind::None => {
                self.condition(body, &asked_by);
                Type::Bool
            }
            QuantifierKind::Count => {
                self.condition(body, &asked_by);
                Type::Int
            }
            QuantifierKind::First => {
                self.condition(body, &asked_by);
                element.clone().optional()
            }
            QuantifierKind::Filter => {
                self.condition(body, &asked_by);
                Type::List(std::sync::Arc::new(element.clone()))
            }
            QuantifierKind::Map => Type::List(std::sync::Arc::new(self.expression(body))),
            QuantifierKind::Sum => {
                let ty = self.value_of_each(body, name);
                let total = self.total(body, &ty);
                // Without elements the sum of amounts would have no currency.
                if total == Type::Money(None) { total.optional() } else { total }
            }
            QuantifierKind::Average => {
                let ty = self.value_of_each(body, name);
                let total = self.total(body, &ty);
                let divide = BinaryOperator::Divide.definition();
                if total.is_error() {
                    return total;
                }
                (divide.result)(&total, &Type::Int).map_or(Type::Error, Type::optional)
            }
            QuantifierKind::Min | QuantifierKind::Max => {
                let ty = self.value_of_each(body, name);
                let less = BinaryOperator::Less.definition();
                if ty.is_error() || (less.result)(&ty, &ty).is_some() {
                    return ty.optional();
                }
                let message = format!("`{ty}` has no smallest and no largest value");
                let found = self.operand(body, ty);
                let help = Some(format!("`{name}` takes what `<` takes: {}", less.operands));
                self.report(Unsuitable { message, found, help });
                Type::Error
            }
        }
    }

    fn value_of_each(&mut self, body: &Expression, name: &str) -> Type {
        let ty = self.expression(body);
        self.need(body, ty, &format!("`{name}` needs a value of each element"), None)
    }

    /// The type of a sum of such values; those that have none are reported.
    fn total(&mut self, body: &Expression, ty: &Type) -> Type {
        let add = BinaryOperator::Add.definition();
        let is_summed = numeric(ty) || matches!(ty, Type::Duration | Type::Percent | Type::Money(_));
        if !ty.is_error() && !is_summed {
            let message = format!("`{ty}` cannot be summed");
            let found = self.operand(body, ty.clone());
            let help = Some("numbers, amounts of money, durations and percentages can".to_owned());
            self.report(Unsuitable { message, found, help });
        }
        if is_summed { (add.result)(ty, ty).unwrap_or(Type::Error) } else { Type::Error }
    }
}

fn numeric(ty: &Type) -> bool {
    ty.is_number() || *ty == Type::Float
}
