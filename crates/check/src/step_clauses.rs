//! What stands at a call: its label, `timeout` and `on error`.

use hence_diagnostics::{Code, Diagnostic, Span};
use hence_schema::Class;
use hence_syntax::ast::{CallClause, CallClauseKind, Expression, OnError, RetryClause, Rule, Step, StepKind};
use hence_types::Value;
use hence_types::jiff::SignedDuration;

use crate::checker::Checker;
use crate::errors::shape::{ClauseValue, DuplicateClause, MisplacedClause};
use crate::facts::Use;
use crate::literal;
use crate::rule::stops;

/// How often a call may be retried.
const MAX_RETRIES: u32 = 1000;

impl Checker<'_> {
    /// Checks the clauses of a step. Returns whether the steps after it may run although its call failed.
    pub(crate) fn step_clauses(&mut self, step: &Step) -> bool {
        let call = match &step.kind {
            StepKind::Call(call) | StepKind::Let(_, call) => call,
            StepKind::Set { value, .. } => value,
            StepKind::If { .. }
            | StepKind::Stop
            | StepKind::StopAll
            | StepKind::Block(_)
            | StepKind::Wait { .. }
            | StepKind::WaitFor(_)
            | StepKind::Ask(_)
            | StepKind::For { .. }
            | StepKind::Attempt { .. }
            | StepKind::Emit { .. }
            | StepKind::Parallel(_) => return false,
        };
        let is_set = matches!(step.kind, StepKind::Set { .. });
        let action = match (self.facts.usage(call.id), self.facts.sets.get(&step.id)) {
            (_, Some(set)) => Some(set.action.clone()),
            (Some(Use::Action(name)), None) => Some(name.clone()),
            (Some(_) | None, None) => None,
        };
        let is_known = is_set || action.is_some() || self.facts.ty(call.id).is_error();
        let mut first: Vec<&CallClause> = Vec::new();
        let mut continues = false;
        for clause in &step.clauses {
            let keyword = keyword(clause);
            if let Some(before) = first.iter().find(|before| self::keyword(before) == keyword) {
                self.report(DuplicateClause { clause: keyword, span: clause.span, first: before.span });
            }
            first.push(clause);
            if !is_known {
                self.report(MisplacedClause { what: of_clause(clause), span: clause.span, step: call.span });
            }
            match &clause.kind {
                CallClauseKind::Timeout(length) => {
                    self.exact_length(length, "timeout");
                }
                CallClauseKind::OnError { retry, then } => {
                    if let Some(retry) = retry {
                        self.retry(retry, action.as_deref());
                    }
                    match then {
                        OnError::Stop => {}
                        OnError::Continue => continues = true,
                        OnError::Steps(block) => {
                            self.steps(&block.steps);
                            continues |= !stops(block);
                        }
                    }
                }
            }
        }
        if let Some(label) = step.label.as_ref().filter(|_| !is_known) {
            self.report(MisplacedClause { what: "a label", span: label.span, step: call.span });
        }
        continues && is_known
    }

    /// Reports labels that stand twice in a rule: a label is the identity of a step.
    pub(crate) fn labels(&mut self, rule: &Rule) {
        let mut labels = Vec::new();
        collect(&rule.then, &mut labels);
        collect(rule.otherwise.as_deref().unwrap_or_default(), &mut labels);
        for (at, (text, span)) in labels.iter().enumerate() {
            let before = labels.get(..at).unwrap_or_default().iter().find(|(other, _)| other == text);
            if let Some((_, first)) = before {
                self.report(
                    Diagnostic::new(Code::DuplicateName, *span, format!("the label `{text}` stands twice"))
                        .label("again here")
                        .secondary(*first, "first here")
                        .help("a label tells the steps of a rule apart, also after the rule was edited"),
                );
            }
        }
    }

    fn retry(&mut self, retry: &RetryClause, action: Option<&str>) {
        let (written, span) = &retry.times;
        let times = written.replace('_', "").parse::<u32>().ok();
        if !times.is_some_and(|times| (1..=MAX_RETRIES).contains(&times)) {
            let message = format!("a call is retried 1 to {MAX_RETRIES} times, not `{written}`");
            self.report(ClauseValue { message, label: "out of range", span: *span });
        }
        let every = self.exact_length(&retry.every, "retry");
        let longest = retry.up_to.as_ref().and_then(|length| self.exact_length(length, "retry"));
        if let (Some(every), Some(longest), Some(up_to)) = (every, longest, &retry.up_to)
            && longest < every
        {
            let message = "the longest wait is shorter than the first".to_owned();
            self.report(ClauseValue { message, label: "shorter than `every`", span: up_to.span });
        }
        self.unrepeatable(retry.span, action);
    }

    /// Reports retries of an action that must not be repeated.
    fn unrepeatable(&mut self, span: Span, action: Option<&str>) {
        let Some(name) = action else { return };
        let Some((integration, short)) = name.split_once('.') else { return };
        let Some(found) = self.catalog.action(integration, short) else { return };
        if found.class == Class::AtMostOnce {
            let declared = found.origin;
            self.report(
                Diagnostic::new(Code::RetryAtMostOnce, span, format!("`{name}` is hardly ever retried"))
                    .label("retried only if it is certain that nothing was done")
                    .secondary(declared, "declared `at_most_once` here"),
            );
        }
    }

    /// Returns a length of time of hours, minutes or seconds; reports any other.
    fn exact_length(&mut self, length: &Expression, clause: &str) -> Option<SignedDuration> {
        match literal::value(length, &self.zone) {
            Ok(Some(Value::Duration(duration))) if duration.is_positive() => Some(duration),
            Ok(_) => {
                let message = format!("`{clause}` takes seconds, minutes or hours, at least some");
                let label = "expected a length such as `30 s` or `2 h`";
                self.report(ClauseValue { message, label, span: length.span });
                None
            }
            Err(diagnostic) => {
                self.report(*diagnostic);
                None
            }
        }
    }
}

fn keyword(clause: &CallClause) -> &'static str {
    match clause.kind {
        CallClauseKind::Timeout(_) => "timeout",
        CallClauseKind::OnError { .. } => "on error",
    }
}

fn of_clause(clause: &CallClause) -> &'static str {
    match clause.kind {
        CallClauseKind::Timeout(_) => "`timeout`",
        CallClauseKind::OnError { .. } => "`on error`",
    }
}

fn collect<'a>(steps: &'a [Step], labels: &mut Vec<(&'a str, Span)>) {
    for step in steps {
        labels.extend(step.label.as_ref().map(|label| (label.text.as_str(), label.span)));
        for block in step.blocks() {
            collect(&block.steps, labels);
        }
    }
}
