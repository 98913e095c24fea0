//! `json as type`

use hence_builtins::takes_cast;
use hence_diagnostics::Span;
use hence_syntax::ast::{Expression, TypeExpression};
use hence_types::Type;

use crate::checker::Checker;
use crate::errors::cast::InvalidCast;
use crate::types;

impl Checker<'_> {
    pub(super) fn cast(
        &mut self,
        expression: &Expression,
        operand: &Expression,
        ty: &TypeExpression,
    ) -> Type {
        let found = self.expression(operand);
        let wanted = types::resolve(ty, self.catalog, &mut self.diagnostics);
        self.facts.set_origin(expression.id, self.facts.origin(operand.id));
        if !takes_cast(&found) {
            let rest = Span::new(operand.span.file, operand.span.end, expression.span.end);
            let found = self.operand(operand, found);
            self.report(InvalidCast { found, wanted: wanted.clone(), rest });
            return Type::Error;
        }
        wanted.optional()
    }
}
