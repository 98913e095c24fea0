//! Decisions in tests: what is given is the context, and what is told the caller is compared as calls are.

use std::sync::Arc;

use hence_builtins::Context;
use hence_engine::{Clock, DecisionEffect, Question, Status, decide};
use hence_ir::{Program, externals};
use hence_project::Project;
use hence_schema::{EntryPoint, sample_context};
use hence_syntax::ast::{self, AnswerKind, TestClauseKind};

use super::{Happened, Runner, Stuck};
use crate::coverage;
use crate::report::RanExecution;

/// Returns the project's program, in which the external functions of a test have the values it says.
pub(super) fn answered(project: &Project, test: &ast::Test) -> Arc<Program> {
    let mut program = Arc::clone(project.program());
    let declarations = &project.checked.declarations;
    for clause in &test.clauses {
        let TestClauseKind::With(answer) = &clause.kind else { continue };
        let (name, AnswerKind::Returns(value)) = (answer.action.text(), &answer.kind) else { continue };
        if declarations.externals.contains_key(&name)
            && let Some(value) = declarations.value(value, &project.manifest.zone)
        {
            program = Arc::new(hence_ir::answered(&program, &name, &value));
        }
    }
    program
}

/// Returns the rules of a decision as if they had been executions.
pub(super) fn executions(happened: &Happened) -> Vec<RanExecution> {
    let Some(decision) = &happened.decision else { return Vec::new() };
    let matched = decision.matched.iter().map(|decided| RanExecution {
        rule: Arc::clone(&decided.rule),
        event: Arc::clone(&happened.id),
        variant: None,
        branch: decided.branch,
        status: Status::Completed,
        stopped: false,
        error: None,
        reason: None,
    });
    let failed = decision.failed.iter().map(|(rule, error)| RanExecution {
        rule: Arc::clone(rule),
        event: Arc::clone(&happened.id),
        variant: None,
        branch: hence_engine::Branch::Then,
        status: Status::Failed,
        stopped: false,
        error: Some(error.to_string()),
        reason: None,
    });
    matched.chain(failed).collect()
}

impl Runner<'_> {
    /// Ends a test whose rules need a value that only a file could compute: nothing runs it, and without it what the
    /// test shows would be wrong.
    pub(super) fn ask_for_values(&self, event: &str) -> Result<(), Stuck> {
        let Some(event) = self.program.event(event) else { return Ok(()) };
        let rules: Vec<&Arc<str>> =
            event.rules.iter().filter_map(|id| self.program.get(*id)).map(|rule| &rule.name).collect();
        match externals(&self.program).iter().find(|call| rules.contains(&&call.rule)) {
            Some(call) => Err(Stuck(format!(
                "`{}` calls the external function `{}`, whose value the test does not say: `with {} returns …`",
                call.rule, call.function, call.function
            ))),
            None => Ok(()),
        }
    }

    /// Asks for a decision now.
    pub(super) fn ask(&mut self, entry_point: &EntryPoint, given: &ast::Given) {
        let sample = sample_context(entry_point);
        let context = self.writer().payload(sample, given.payload.as_ref(), &entry_point.context).to_string();
        let (now, zone) = (self.clock.now(), &self.project.manifest.zone);
        self.event_at = now;
        self.scripted.event(now);
        let id = format!("event-{}", self.happened.len() + 1);
        let question = Question { entry_point: &entry_point.name, context: &context, id: &id, at: now };
        let decision = decide(&self.program, &question, zone);
        let context = Context { now, zone: zone.clone() };
        for verdict in &decision.verdicts {
            if let Some(rule) = self.program.get(verdict.rule) {
                self.observations.extend(coverage::observe(rule, &verdict.slots, &context));
            }
        }
        for answer in &decision.answers {
            match &answer.effect {
                DecisionEffect::Act { action, arguments, .. } => self.scripted.told(action, arguments),
                DecisionEffect::Set { .. } | DecisionEffect::Block { .. } => {}
            }
        }
        self.happened.push(Happened {
            id: id.as_str().into(),
            event: format!("given {}", entry_point.name),
            verdicts: decision.verdicts.clone(),
            decision: Some(decision),
            context,
            section: self.section,
        });
    }
}
