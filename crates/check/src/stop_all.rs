//! `stop all`: it keeps the other rules of the event from beginning, so it must be known at the start whether it is
//! reached.

use hence_diagnostics::Span;
use hence_syntax::ast::{Block, Expression, NodeId, Rule, Step, StepKind};

use crate::checker::Checker;
use crate::errors::shape::StopAllTooLate;
use crate::expression::visit::visit;
use crate::facts::{Facts, Use};

/// Reports every `stop all` that depends on what happens only when the rule runs.
pub(crate) fn check(rule: &Rule, checker: &mut Checker<'_>) {
    let mut found = Vec::new();
    for steps in [Some(&rule.then), rule.otherwise.as_ref()].into_iter().flatten() {
        let mut walk = Walk { facts: &checker.facts, late: None, results: Vec::new(), found: Vec::new() };
        walk.steps(steps);
        found.extend(walk.found);
    }
    for late in found {
        checker.report(late);
    }
}

/// A walk through the steps in the order they run.
struct Walk<'a> {
    facts: &'a Facts,
    /// What makes all that follows too late, and why.
    late: Option<(Span, &'static str)>,
    /// The variables that come from calls.
    results: Vec<NodeId>,
    found: Vec<StopAllTooLate>,
}

impl Walk<'_> {
    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            self.step(step);
        }
    }

    fn step(&mut self, step: &Step) {
        match &step.kind {
            StepKind::StopAll => {
                if let Some((place, because)) = self.late {
                    self.found.push(StopAllTooLate { span: step.span, because, place });
                }
            }
            StepKind::Let(_, value) => {
                let is_call = matches!(self.facts.usage(value.id), Some(Use::Action(_)));
                if is_call || self.is_later(value) {
                    self.results.push(step.id);
                }
            }
            StepKind::If { condition, then, otherwise } => {
                let blocks = [Some(then), otherwise.as_ref()].into_iter().flatten();
                if self.is_later(condition) {
                    let late = (condition.span, "this is known only after a call");
                    let ends = self.within(blocks, late);
                    self.after(ends, late);
                } else {
                    let before = self.late;
                    let mut after = before;
                    for block in blocks {
                        self.late = before;
                        self.steps(&block.steps);
                        after = after.or(self.late);
                    }
                    self.late = after;
                }
            }
            StepKind::Wait { .. } | StepKind::WaitFor(_) | StepKind::Ask(_) => {
                self.after(true, (step.span, "it comes after this wait"))
            }
            StepKind::For { list, body, .. } => {
                let late = (list.span, "it depends on the elements of this list");
                let ends = self.within([body], late);
                self.after(ends, late);
            }
            StepKind::Parallel(blocks) => {
                let ends =
                    self.within(blocks, (step.span, "it depends on what the other steps of `parallel` do"));
                self.after(ends, (step.span, "it comes after steps that may end the execution"));
            }
            StepKind::Attempt { body, handler, .. } => {
                self.steps(&body.steps);
                self.within([handler], (body.span, "it depends on whether this fails"));
            }
            StepKind::Call(_)
            | StepKind::Emit { .. }
            | StepKind::Stop
            | StepKind::Set { .. }
            | StepKind::Block(_) => {}
        }
        if matches!(step.kind, StepKind::Call(_) | StepKind::Let(..)) {
            self.within(step.blocks(), (step.span, "it depends on whether this call fails"));
        }
    }

    /// Walks through blocks in which everything is too late; returns whether an execution may end in them.
    fn within<'b>(
        &mut self,
        blocks: impl IntoIterator<Item = &'b Block>,
        late: (Span, &'static str),
    ) -> bool {
        let before = self.late;
        self.late = before.or(Some(late));
        let mut ends = false;
        for block in blocks {
            self.steps(&block.steps);
            ends |= may_end(&block.steps);
        }
        self.late = before;
        ends
    }

    fn after(&mut self, is_late: bool, late: (Span, &'static str)) {
        if is_late {
            self.late = self.late.or(Some(late));
        }
    }

    /// Whether a value depends on what a call gave.
    fn is_later(&self, expression: &Expression) -> bool {
        let mut is_later = false;
        visit(expression, &mut |part| {
            if let Some(Use::Local(node)) = self.facts.usage(part.id) {
                is_later |= self.results.contains(node);
            }
        });
        is_later
    }
}

/// Whether an execution may end, or wait, within steps.
fn may_end(steps: &[Step]) -> bool {
    steps.iter().any(|step| {
        let ends = matches!(step.kind, StepKind::Stop | StepKind::StopAll);
        ends || matches!(step.kind, StepKind::Wait { .. } | StepKind::WaitFor(_) | StepKind::Ask(_))
            || step.blocks().any(|block| may_end(&block.steps))
    })
}
