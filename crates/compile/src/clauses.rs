//! Header clauses that are computed when the rule runs.

use std::sync::Arc;

use hence_check::{limit_count, literal_value, millionths};
use hence_diagnostics::Span;
use hence_ir::{Await, Debounce, Length, Limit, NodeId, Overlap, OverlapMode, Pace, Rollout, Variant};
use hence_syntax::ast::{self, Clause, ClauseKind, Expression};

use crate::frame::{Frame, TooLarge};

impl Frame<'_> {
    /// Compiles the events that end the executions of a rule.
    pub(crate) fn exits(&mut self, rule: &ast::Rule) -> Result<Vec<Await>, TooLarge> {
        let mut exits = Vec::new();
        for clause in &rule.clauses {
            if let ClauseKind::Until(exit) = &clause.kind {
                let next = self.next_local();
                let compiled = self.awaited(exit, clause.span)?;
                if exit.condition.is_none() {
                    // Nothing is read of the event, so it needs no variable.
                    self.free_from(next);
                }
                exits.extend(compiled);
            }
        }
        Ok(exits)
    }

    /// Compiles how often a rule runs, and for whom. The steps, which read the variant, are compiled after it.
    pub(crate) fn pace(&mut self, rule: &ast::Rule) -> Result<Pace, TooLarge> {
        let mut pace = Pace::default();
        for Clause { span, kind } in &rule.clauses {
            let text = self.text_of(*span);
            match kind {
                ClauseKind::Once(by) => {
                    pace.limits.push(Limit { text, count: 1, window: None, by: self.keys(by)? });
                }
                ClauseKind::Limit { count: (digits, _), per, by } => {
                    let (count, window) = (limit_count(digits).unwrap_or(1), self.clause_length(per));
                    pace.limits.push(Limit { text, count, window, by: self.keys(by)? });
                }
                ClauseKind::Rollout { share, by } => {
                    pace.rollout = Some(Rollout { text, share: self.share_of(share), by: self.keys(by)? });
                }
                ClauseKind::Variant { id, shares, by } => {
                    let by = self.keys(by)?;
                    let shares =
                        shares.iter().map(|(name, share)| (name.text.as_str().into(), self.share_of(share)));
                    let shares = shares.collect();
                    pace.variant = Some(Variant { text, local: self.bind(*id), shares, by });
                }
                ClauseKind::Debounce { quiet, by } => {
                    let by = self.keys(by)?;
                    pace.debounce = self.clause_length(quiet).map(|quiet| Debounce { text, quiet, by });
                }
                ClauseKind::Overlap { mode, by } => {
                    let mode = match mode {
                        ast::Overlap::Queue => OverlapMode::Queue,
                        ast::Overlap::Skip => OverlapMode::Skip,
                        ast::Overlap::Restart => OverlapMode::Restart,
                    };
                    pace.overlap = Some(Overlap { text, mode, by: self.keys(by)? });
                }
                ClauseKind::Until(_)
                | ClauseKind::Priority(..)
                | ClauseKind::Group(_)
                | ClauseKind::Disabled
                | ClauseKind::Owner(..)
                | ClauseKind::Tags(_)
                | ClauseKind::Timezone(..)
                | ClauseKind::Active { .. } => {}
            }
        }
        Ok(pace)
    }

    fn keys(&mut self, by: &[Expression]) -> Result<Vec<NodeId>, TooLarge> {
        by.iter().map(|key| self.expression(key)).collect()
    }

    fn clause_length(&self, length: &Expression) -> Option<Length> {
        literal_value(length, &self.zone).ok().flatten().as_ref().and_then(Length::of)
    }

    fn share_of(&self, share: &Expression) -> u32 {
        literal_value(share, &self.zone).ok().flatten().as_ref().and_then(millionths).unwrap_or_default()
    }

    /// Returns the text of a clause, on one line.
    fn text_of(&self, span: Span) -> Arc<str> {
        let parsed = self.inputs.files.iter().find(|parsed| parsed.file == span.file);
        let text = parsed.and_then(|parsed| parsed.text.get(span.range())).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ").into()
    }
}
