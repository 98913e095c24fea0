//! `between` and ranges.

use hence_builtins::BinaryOperator;
use hence_diagnostics::{Code, Diagnostic, Span};
use hence_syntax::ast::Expression;
use hence_types::Type;

use crate::checker::Checker;
use crate::errors::types::TypeMismatch;

impl Checker<'_> {
    /// `operand between low and high`
    pub(super) fn between(
        &mut self,
        expression: &Expression,
        operand: &Expression,
        low: &Expression,
        high: &Expression,
    ) -> Type {
        let ty = self.expression(operand);
        let ty = self.need(operand, ty, "`between` needs a value", Some(expression.span));
        self.ends("between", operand, &ty, [low, high]);
        Type::Bool
    }

    /// `operand in low .. high`, where the operand may be missing.
    pub(super) fn in_range(
        &mut self,
        operand: &Expression,
        low: &Expression,
        high: &Expression,
        ignoring_case: Option<Span>,
    ) -> Type {
        let ty = self.expression(operand);
        self.ends("in", operand, ty.required(), [low, high]);
        if let Some(place) = ignoring_case {
            self.report(
                Diagnostic::new(Code::TypeMismatch, place, "`ignoring case` does not go with a range")
                    .label("the order of texts is that of their letters as written"),
            );
        }
        Type::Bool
    }

    /// A range where it means nothing.
    pub(super) fn stray_range(
        &mut self,
        expression: &Expression,
        low: &Expression,
        high: &Expression,
    ) -> Type {
        self.expression(low);
        self.expression(high);
        self.report(
            Diagnostic::new(Code::SyntaxError, expression.span, "a range only stands after `in`")
                .label("not a value")
                .help("ask whether a value lies in it: `x in 1 .. 5`"),
        );
        Type::Error
    }

    fn ends(&mut self, operator: &'static str, operand: &Expression, ty: &Type, ends: [&Expression; 2]) {
        let definition = BinaryOperator::GreaterOrEqual.definition();
        let mut told = false;
        for end in ends {
            let found = self.expression(end);
            let found = self.need(end, found, &format!("an end of `{operator}` needs a value"), None);
            if told || ty.is_error() || found.is_error() || (definition.result)(ty, &found).is_some() {
                continue;
            }
            let left = self.operand(operand, ty.clone());
            let right = self.operand(end, found);
            told = true;
            self.report(TypeMismatch { operator, operands: definition.operands, left, right });
        }
    }
}
