//! `match` → [`Operation::Match`].

use hence_check::arm_value;
use hence_diagnostics::Span;
use hence_ir::{MatchArm, NodeId, Operation};
use hence_syntax::ast::{self, Expression, MatchPattern};
use hence_types::Value;

use crate::frame::{Frame, TooLarge};

impl Frame<'_> {
    pub(crate) fn matching(
        &mut self,
        span: Span,
        subject: &Expression,
        arms: &[ast::MatchArm],
    ) -> Result<NodeId, TooLarge> {
        let subject = self.expression(subject)?;
        let mut of_values = Vec::new();
        let mut missing = None;
        let mut otherwise = None;
        for arm in arms {
            let body = self.expression(&arm.value)?;
            match &arm.pattern {
                MatchPattern::Values(values) => {
                    let zone = self.inputs.zone;
                    let values = values
                        .iter()
                        .map(|value| self.constant_id(arm_value(value, zone).unwrap_or(Value::Missing)));
                    of_values.push(MatchArm { values: values.collect(), body });
                }
                MatchPattern::Missing(_) => missing = missing.or(Some(body)),
                MatchPattern::Else(_) => otherwise = otherwise.or(Some(body)),
            }
        }
        self.node(span, Operation::Match { subject, arms: of_values, missing, otherwise })
    }
}
