//! Rules: clauses, the condition and the steps.

use std::sync::Arc;

use hence_diagnostics::Span;
use hence_syntax::ast::{Block, Expression, Name, Rule, Step, StepKind};
use hence_types::{Record, Type, failure_shape};

use crate::checker::Checker;
use crate::errors::shape::ClauseValue;
use crate::errors::types::{NoResult, NotAList};
use crate::stop_all;

/// Steps with at most so many blanks between them stand on one line.
const SAME_LINE: u32 = 2;

/// For how many elements of a list steps may be done at once.
const MOST_AT_A_TIME: u32 = 100;

/// Returns the record of the fields that all payloads have with one type; a field that may be missing in one may
/// be missing.
pub(crate) fn common_fields(payloads: &[&Arc<Record>]) -> Record {
    let Some((first, rest)) = payloads.split_first() else { return Record::default() };
    let mut common = Record::clone(first);
    if rest.is_empty() {
        return common;
    }
    common.fields.retain(|name, field| {
        for other in rest {
            let Some(other) = other.fields.get(name) else { return false };
            if other.ty.required() != field.ty.required() || other.wire != field.wire {
                return false;
            }
            if other.ty.is_optional() {
                field.ty = field.ty.clone().optional();
            }
            field.sensitive |= other.sensitive;
        }
        true
    });
    if rest.iter().any(|other| !Arc::ptr_eq(other, first)) {
        common.name = None;
    }
    common
}

impl<'a> Checker<'a> {
    pub(crate) fn rule(&mut self, rule: &Rule) {
        self.header(rule);
        if let Some(family) = &rule.family {
            self.family(rule, family);
        }
        for trigger in &rule.triggers {
            self.trigger(trigger);
        }
        self.mixed_triggers(rule);
        self.one_manual_trigger(rule);
        let known = self.facts.events.len() == rule.triggers.len();
        if !known {
            // Without the payload every name would be reported; but actions have names of their own.
            self.facts.broken = true;
            self.named_actions(&rule.then);
            self.named_actions(rule.otherwise.as_deref().unwrap_or_default());
            return;
        }
        let payloads: Vec<&Arc<Record>> = self.payloads.iter().collect();
        self.facts.payload = match payloads.as_slice() {
            [only] => Arc::clone(only),
            all => Arc::new(common_fields(all)),
        };
        if let Some(condition) = &rule.condition {
            self.condition(condition, "`if`");
            self.computed_clauses(rule);
            self.bind_variant(rule);
            self.under(condition, true, |checker| checker.steps(&rule.then));
            if let Some(otherwise) = &rule.otherwise {
                self.under(condition, false, |checker| checker.steps(otherwise));
            }
        } else {
            self.computed_clauses(rule);
            self.bind_variant(rule);
            self.steps(&rule.then);
            if let Some(otherwise) = &rule.otherwise {
                self.steps(otherwise);
            }
        }
        self.labels(rule);
        stop_all::check(rule, self);
    }

    /// Looks only for the actions that steps call.
    fn named_actions(&mut self, steps: &[Step]) {
        for step in steps {
            if let StepKind::Call(call) = &step.kind {
                self.named_action(call);
            }
            step.blocks().for_each(|block| self.named_actions(&block.steps));
        }
    }

    pub(crate) fn steps(&mut self, steps: &[Step]) {
        let scope = self.environment.clone();
        // Where a step that is wrong ends right before the next, a mark between them is missing rather than two
        // things being wrong.
        let mut wrong_until = None;
        for step in steps {
            let before = self.diagnostics.len();
            self.step(step);
            if wrong_until.is_some_and(|end: u32| step.span.start <= end + SAME_LINE) {
                self.diagnostics.truncate(before);
            }
            wrong_until = (self.diagnostics.len() > before).then_some(step.span.end);
        }
        self.environment = scope;
    }

    fn step(&mut self, step: &Step) {
        if self.takes_time(step) {
            return;
        }
        match &step.kind {
            StepKind::Call(call) => {
                self.call_step(call);
                self.step_clauses(step);
            }
            StepKind::Let(name, value) => {
                let (ty, is_action) = self.action_call(value);
                let continues = self.step_clauses(step);
                let mut ty = ty;
                if is_action && ty == Type::Nothing {
                    let action = crate::expression::called(value);
                    let declared = self.facts.origin(value.id);
                    self.report(NoResult { action, span: name.span, declared });
                    ty = Type::Error;
                }
                if continues {
                    ty = ty.optional();
                }
                self.bind(name, step.id, ty, Some(name.span));
            }
            StepKind::If { condition, then, otherwise } => {
                self.condition(condition, "`if`");
                self.under(condition, true, |checker| checker.steps(&then.steps));
                if let Some(otherwise) = otherwise {
                    self.under(condition, false, |checker| checker.steps(&otherwise.steps));
                }
                // Where one branch always stops, what follows knows that the other was taken.
                let truth = match (stops(then), otherwise.as_ref().is_some_and(stops)) {
                    (true, false) => Some(false),
                    (false, true) => Some(true),
                    _ => None,
                };
                if let Some(truth) = truth {
                    let knowledge = crate::narrow::narrow(condition, truth, &self.facts);
                    self.environment.learn(&knowledge);
                }
            }
            StepKind::Stop | StepKind::StopAll => {}
            StepKind::Set { target, object, value } if self.entry_point().is_none() => {
                self.set_field(step, target, object.as_deref(), value);
                self.step_clauses(step);
            }
            StepKind::Set { target, value, .. } => self.set_step(target, value),
            StepKind::Block(reason) => self.block_step(step, reason),
            StepKind::Wait { until, value } => self.wait(*until, value),
            StepKind::WaitFor(wait) => self.wait_for(step, wait),
            StepKind::Ask(ask) => self.ask(step, ask),
            StepKind::For { variable, list, at_a_time, body } => {
                self.at_a_time(at_a_time.as_ref());
                self.for_step(step, variable, list, body);
            }
            StepKind::Emit { event, payload } => self.emit(event, payload.as_ref()),
            StepKind::Parallel(blocks) => blocks.iter().for_each(|block| self.steps(&block.steps)),
            StepKind::Attempt { body, error, handler } => {
                self.steps(&body.steps);
                let scope = self.environment.clone();
                if let Some(error) = error {
                    self.bind(error, step.id, Type::Record(failure_shape()), Some(error.span));
                }
                self.steps(&handler.steps);
                self.environment = scope;
            }
        }
    }

    /// Reports a number of elements at a time that there cannot be.
    fn at_a_time(&mut self, written: Option<&(String, Span)>) {
        let Some((written, span)) = written else { return };
        let number = written.replace('_', "").parse::<u32>().ok();
        if !number.is_some_and(|number| (1..=MOST_AT_A_TIME).contains(&number)) {
            let message = format!("1 to {MOST_AT_A_TIME} elements are taken at a time, not `{written}`");
            self.report(ClauseValue { message, label: "out of range", span: *span });
        }
    }

    fn for_step(&mut self, step: &Step, variable: &Name, list: &Expression, body: &Block) {
        let found = self.expression(list);
        let found = self.need(list, found, "`for` needs a list", None);
        let element = if let Type::List(element) = &found {
            element.as_ref().clone()
        } else {
            if !found.is_error() {
                let found = self.operand(list, found);
                self.report(NotAList { quantifier: "for".to_owned(), found });
            }
            Type::Error
        };
        let origin = self.facts.origin(list.id);
        let scope = self.environment.clone();
        self.bind(variable, step.id, element, origin);
        self.steps(&body.steps);
        self.environment = scope;
    }
}

/// Whether a block always ends the execution.
pub(crate) fn stops(block: &Block) -> bool {
    block.steps.iter().any(step_stops)
}

/// Whether a step always ends the execution.
pub(crate) fn step_stops(step: &Step) -> bool {
    match &step.kind {
        StepKind::Stop | StepKind::StopAll => true,
        StepKind::If { then, otherwise, .. } => stops(then) && otherwise.as_ref().is_some_and(stops),
        StepKind::Attempt { body, handler, .. } => stops(body) && stops(handler),
        StepKind::Parallel(blocks) => blocks.iter().any(stops),
        StepKind::Call(_)
        | StepKind::Let(..)
        | StepKind::Set { .. }
        | StepKind::Block(_)
        | StepKind::Wait { .. }
        | StepKind::WaitFor(_)
        | StepKind::Ask(_)
        | StepKind::Emit { .. }
        | StepKind::For { .. } => false,
    }
}
