//! Decisions: rules of an entry point answer its caller at once, so they do less than others, and `set`, `block` and
//! effects are theirs alone.

use std::sync::Arc;

use hence_schema::{Action, Call, EntryPoint};
use hence_syntax::ast::{CallClauseKind, Expression, Name, Path, Rule, Step, StepKind};

use crate::checker::Checker;
use crate::errors::decision::{MixedTriggers, NotHere, OnlyInDecision, UnknownEntryPoint};
use crate::errors::types::Unsuitable;
use crate::trigger::Started;

impl<'a> Checker<'a> {
    /// Takes a trigger of one name for an entry point, if it is one or is near to one, which is reported. Returns
    /// nothing where it is neither.
    pub(crate) fn entry_point_trigger(&mut self, name: &Name) -> Option<Option<Started>> {
        let Some(entry_point) = self.catalog.entry_point(&name.text) else {
            let candidates: Vec<String> =
                self.catalog.entry_points().map(|entry_point| entry_point.name.to_string()).collect();
            let is_integration = self.catalog.integrations.contains_key(&name.text);
            let is_near =
                hence_diagnostics::nearest(&name.text, candidates.iter().map(String::as_str)).is_some();
            if is_integration || !is_near {
                return None;
            }
            self.report(UnknownEntryPoint { name: name.clone(), candidates });
            return Some(None);
        };
        self.facts.entry_point = Some(Arc::clone(&entry_point.name));
        Some(Some((Arc::clone(&entry_point.name), Arc::clone(&entry_point.context))))
    }

    /// Reports a decision that something else starts as well.
    pub(crate) fn mixed_triggers(&mut self, rule: &Rule) {
        if self.facts.entry_point.is_some()
            && let [first, .., last] = rule.triggers.as_slice()
        {
            let span = first.span.to(last.span);
            self.report(MixedTriggers { span });
        }
    }

    pub(crate) fn entry_point(&self) -> Option<&'a EntryPoint> {
        self.catalog.entry_point(self.facts.entry_point.as_deref()?)
    }

    /// Reports a step that needs time, which a decision does not have. Returns whether it did.
    pub(crate) fn takes_time(&mut self, step: &Step) -> bool {
        let Some(name) = self.facts.entry_point.clone() else { return false };
        for clause in &step.clauses {
            let what = match &clause.kind {
                CallClauseKind::Timeout(_) => "`timeout`",
                CallClauseKind::OnError { .. } => "`on error`",
            };
            let why = "an effect is given to the caller and cannot fail";
            self.report(NotHere::new(what, clause.span, why, &name));
        }
        let (what, why) = match &step.kind {
            StepKind::Wait { .. } => {
                ("`wait`", "its caller waits for the answer, so nothing else is waited for")
            }
            StepKind::WaitFor(_) => {
                ("`wait for`", "its caller waits for the answer, so nothing else is waited for")
            }
            StepKind::Ask(_) => ("`ask`", "its caller waits for the answer, so nobody else is asked"),
            StepKind::Parallel(_) | StepKind::For { at_a_time: Some(_), .. } => {
                ("steps at the same time", "effects are given to the caller in their order")
            }
            StepKind::Emit { .. } => ("`emit`", "a decision only answers its caller"),
            StepKind::Attempt { .. } => ("`attempt`", "nothing is called in it that could fail"),
            StepKind::Call(_)
            | StepKind::Let(..)
            | StepKind::If { .. }
            | StepKind::Stop
            | StepKind::StopAll
            | StepKind::Set { .. }
            | StepKind::Block(_)
            | StepKind::For { .. } => return false,
        };
        self.report(NotHere::new(what, step.span, why, &name));
        true
    }

    /// Checks whether an action may be called here: effects in the decisions that allow them, all others elsewhere.
    pub(crate) fn placed_action(&mut self, action: &Action, callee: &Expression) {
        let is_effect = action.call == Call::Effect;
        let name = &action.full_name;
        match (self.entry_point(), is_effect) {
            (None, false) => {}
            (None, true) => self.report(OnlyInDecision {
                what: format!("`{name}`"),
                span: callee.span,
                events: self.facts.events.clone(),
            }),
            (Some(entry_point), false) => {
                let why = "it answers its caller at once, and a system that is called may take long or fail";
                let mut problem = NotHere::new(&format!("`{name}`"), callee.span, why, &entry_point.name);
                problem.help = Some("call it in a rule that an event starts".to_owned());
                self.report(problem);
            }
            (Some(entry_point), true) if entry_point.effects.iter().any(|effect| **effect == **name) => {}
            (Some(entry_point), true) => {
                let mut problem = NotHere::new(
                    &format!("`{name}`"),
                    callee.span,
                    "its schema does not list this effect",
                    &entry_point.name,
                );
                problem.declared = Some(entry_point.origin);
                problem.help = listed("effects", entry_point.effects.iter().map(String::as_str));
                self.report(problem);
            }
        }
    }

    /// `set cart.discount = 15%`
    pub(crate) fn set_step(&mut self, target: &Path, value: &Expression) {
        let Some(entry_point) = self.entry_point() else { return };
        let written = target.text();
        let Some(field) = entry_point.settable.get(&written) else {
            self.expression(value);
            let what = format!("`set {written}`");
            let why = "its schema does not list this field as one that rules may set";
            let mut problem = NotHere::new(&what, target.span, why, &entry_point.name);
            problem.declared = Some(entry_point.origin);
            problem.help = listed("fields", entry_point.settable.keys().map(String::as_str));
            self.report(problem);
            return;
        };
        let found = self.expect(value, &field.ty);
        let found = self.need(value, found, "`set` needs a value", None);
        if !found.agrees_with(&field.ty) {
            let message = format!("`{written}` is `{}`, not `{found}`", field.ty);
            let found = self.operand(value, found);
            self.report(Unsuitable { message, found, help: None });
        }
    }

    /// `block "reason"`
    pub(crate) fn block_step(&mut self, step: &Step, reason: &Expression) {
        let found = self.expression(reason);
        let found = self.need(reason, found, "`block` needs a reason", None);
        if !found.is_error() && !found.is_text() {
            let message = format!("`block` takes a text, the reason, not `{found}`");
            let found = self.operand(reason, found);
            self.report(Unsuitable { message, found, help: None });
        }
        match self.entry_point() {
            None => {
                let events = self.facts.events.clone();
                self.report(OnlyInDecision { what: "`block`".to_owned(), span: step.span, events });
            }
            Some(entry_point) if !entry_point.block => {
                let why = "its schema does not say that it can be refused";
                let mut problem = NotHere::new("`block`", step.span, why, &entry_point.name);
                problem.declared = Some(entry_point.origin);
                self.report(problem);
            }
            Some(_) => {}
        }
    }

    /// The expression that tells which rule of a group is the best: it reads the context as the rule would have it.
    pub(crate) fn best_by(&mut self, group: &str, value: &Expression) {
        let member = self.declarations.groups.get(group).and_then(|group| group.entry_point());
        let Some(entry_point) = member.and_then(|name| self.catalog.entry_point(name)) else {
            // Its rules are none or not those of one entry point, which is reported elsewhere.
            self.facts.broken = true;
            return;
        };
        self.facts.events.push(Arc::clone(&entry_point.name));
        self.facts.payload = Arc::clone(&entry_point.context);
        self.payloads.push(Arc::clone(&entry_point.context));
        let found = self.expression(value);
        let less = hence_builtins::BinaryOperator::Less.definition();
        let required = found.required();
        if !required.is_error() && !required.is_text() && (less.result)(required, required).is_some() {
            return;
        }
        if !required.is_error() {
            let message = format!("`best by` needs something that can be greater, not `{found}`");
            let found = self.operand(value, found);
            let help = Some("the rule that makes it the greatest is taken, such as `best by cart.discount`");
            self.report(Unsuitable { message, found, help: help.map(str::to_owned) });
        }
    }
}

fn listed<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { None } else { Some(format!("{what} it lists: {}", names.join(", "))) }
}
