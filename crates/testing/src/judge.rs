//! Expectations against what happened.

mod decided;

use std::collections::BTreeSet;
use std::sync::Arc;

use hence_builtins::Context;
use hence_diagnostics::{Code, Span};
use hence_engine::{Branch, Match, Skip, Status, Verdict};
use hence_ir::{Program, Rule};
use hence_project::Project;
use hence_schema::Action;
use hence_syntax::ast::{
    self, Expectation, ExpectedCall, ExpectedRule, Expression, ItemKind, RuleOutcome, TestClause,
    TestClauseKind, TriggerKind,
};
use hence_types::Value;
use hence_types::jiff::SignedDuration;
use hence_vm::{Marks, Outcome, Part, explain};

use crate::coverage::of_rule;
use crate::pattern::{Patterns, call_text, named, value_text};
use crate::report::{Attempt, Failure, Line, MadeCall, RanExecution};
use crate::run::Happened;

/// What expectations are compared with.
pub(crate) struct Judge<'a> {
    pub(crate) project: &'a Project,
    /// The program that ran.
    pub(crate) program: &'a Program,
    pub(crate) happened: &'a [Happened],
    /// The executions that had begun before, by rule and event.
    pub(crate) begun_before: &'a BTreeSet<(Arc<str>, Arc<str>)>,
    pub(crate) calls: &'a [MadeCall],
    pub(crate) executions: &'a [RanExecution],
    /// The number of the group of expectations.
    pub(crate) section: usize,
}

/// A verdict and what it was computed with.
struct Decided<'a> {
    rule: &'a Rule,
    verdict: &'a Verdict,
    context: &'a Context,
}

impl<'a> Judge<'a> {
    /// Compares a group; `afters` holds the length of time that each expectation names.
    pub(crate) fn compare(&self, group: &[&TestClause], afters: &[Option<SignedDuration>]) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut expected = Vec::new();
        let mut answers = Vec::new();
        for (clause, after) in group.iter().zip(afters) {
            let TestClauseKind::Expect(expectation) = &clause.kind else { continue };
            let failure = match expectation {
                Expectation::Rule(rule) => self.rule(rule, clause.span),
                Expectation::Call(call) => {
                    expected.push(call);
                    self.call(call, *after, clause.span)
                }
                Expectation::Set(set) => {
                    answers.push(expectation);
                    self.set(set, clause.span)
                }
                Expectation::Block(block) => {
                    answers.push(expectation);
                    self.block(block, clause.span)
                }
                Expectation::NothingElse => self
                    .nothing_else(&expected, clause.span)
                    .or_else(|| self.nothing_else_decided(&answers, clause.span)),
            };
            failures.extend(failure);
        }
        failures
    }

    fn source(&self, span: Span) -> String {
        let words: Vec<&str> = self.project.sources.slice(span).split_whitespace().collect();
        words.join(" ")
    }

    fn patterns(&self) -> Patterns<'a> {
        let project = self.project;
        Patterns { declarations: &project.checked.declarations, zone: &project.manifest.zone }
    }

    /// Returns the calls that were tried since the expectations before.
    fn recent(&self) -> impl Iterator<Item = &'a MadeCall> {
        let section = self.section;
        self.calls.iter().filter(move |call| call.attempts.iter().any(|attempt| attempt.section == section))
    }

    fn action(&self, call: &ExpectedCall) -> Option<&'a Action> {
        let name = call.action.text();
        let (integration, name) = name.split_once('.')?;
        self.project.catalog.action(integration, name)
    }

    fn call(&self, expected: &ExpectedCall, after: Option<SignedDuration>, clause: Span) -> Option<Failure> {
        let action = self.action(expected)?;
        let patterns = self.patterns();
        let found: Vec<&MadeCall> =
            self.recent().filter(|call| patterns.matches(expected, action, call)).collect();
        let wanted = expected.count.as_ref().and_then(hence_check::count);
        let right = match wanted {
            Some(wanted) => found.len() == wanted as usize,
            None => !found.is_empty(),
        };
        if !right {
            return Some(self.miscounted(expected, action, &found, wanted, clause));
        }
        let after = after?;
        let in_time = |call: &&MadeCall| success(call).is_some_and(|attempt| attempt.elapsed == after);
        if found.iter().any(in_time) {
            return None;
        }
        let mut difference = vec![Line::Expected(format!("{} after {}", action.full_name, length(after)))];
        for call in &found {
            difference.push(Line::Actual(match success(call) {
                Some(attempt) => format!("{} after {}", call.action, length(attempt.elapsed)),
                None => format!("{} never succeeded", call.action),
            }));
        }
        difference.extend(found.iter().flat_map(|call| attempts(call)).map(Line::Both));
        let message = format!("`{}` did not succeed after {}", action.full_name, length(after));
        Some(failure(clause, message, "at another time", difference))
    }

    fn miscounted(
        &self,
        expected: &ExpectedCall,
        action: &Action,
        found: &[&MadeCall],
        wanted: Option<u32>,
        clause: Span,
    ) -> Failure {
        let name = &action.full_name;
        let mut difference = Vec::new();
        if wanted == Some(0) || !found.is_empty() {
            difference.extend(found.iter().map(|call| Line::Actual(call_text(call))));
            let label = match wanted {
                Some(0) => "never expected".to_owned(),
                wanted => format!("expected {}", times(wanted.unwrap_or(1) as usize)),
            };
            let message = format!("`{name}` was called {} with these arguments", times(found.len()));
            return failure(clause, message, &label, difference);
        }
        let others: Vec<&MadeCall> = self.recent().filter(|call| call.action == *name).collect();
        let (message, label) = if others.is_empty() {
            difference.push(Line::Expected(self.source(expected.span)));
            difference.extend(self.recent().map(|call| Line::Actual(call_text(call))));
            if self.recent().next().is_none() {
                difference.push(Line::Both("no action was called".to_owned()));
            }
            (format!("`{name}` was not called"), "expected here")
        } else {
            let patterns = self.patterns();
            let agreeing = |call: &MadeCall| {
                named(expected).filter(|(name, value)| patterns.argument(action, call, name, value)).count()
            };
            let nearest = others.iter().max_by_key(|call| agreeing(call));
            if let Some(call) = nearest {
                self.arguments(expected, action, call, &mut difference);
            }
            if others.len() > 1 {
                let more = format!("the nearest of {} calls of the action is shown", others.len());
                difference.push(Line::Both(more));
            }
            (format!("`{name}` was called with other arguments"), "no call was so")
        };
        failure(clause, message, label, difference)
    }

    /// Shows the arguments that are compared, one on each line.
    fn arguments(&self, expected: &ExpectedCall, action: &Action, call: &MadeCall, lines: &mut Vec<Line>) {
        let patterns = self.patterns();
        lines.push(Line::Both(format!("{}(", action.full_name)));
        for (name, value) in named(expected) {
            let actual = call.arguments.get(&name.text);
            let actual = actual.map_or("missing".to_owned(), value_text);
            if patterns.argument(action, call, name, value) {
                lines.push(Line::Both(format!("  {}: {actual},", name.text)));
            } else {
                lines.push(Line::Expected(format!("  {}: {},", name.text, self.source(value.span))));
                lines.push(Line::Actual(format!("  {}: {actual},", name.text)));
            }
        }
        lines.push(Line::Both(")".to_owned()));
    }

    fn nothing_else(&self, expected: &[&ExpectedCall], clause: Span) -> Option<Failure> {
        let patterns = self.patterns();
        let is_expected = |call: &MadeCall| {
            expected.iter().any(|expected| {
                self.action(expected).is_some_and(|action| patterns.matches(expected, action, call))
            })
        };
        let others: Vec<&MadeCall> = self.recent().filter(|call| !is_expected(call)).collect();
        let first = others.first()?;
        let message = match others.len() {
            1 => format!("`{}` was called too", first.action),
            more => format!("{more} other calls were made"),
        };
        let difference = others.iter().map(|call| Line::Actual(call_text(call))).collect();
        Some(failure(clause, message, "nothing else is expected", difference))
    }

    fn rule(&self, expected: &ExpectedRule, clause: Span) -> Option<Failure> {
        let name = expected.rule.text();
        if expected.outcome == RuleOutcome::Ran {
            return if expected.negated {
                self.not_ran(&name, expected.because.as_ref(), clause)
            } else {
                self.ran(&name, clause)
            };
        }
        let of_rule: Vec<&RanExecution> =
            self.executions.iter().filter(|execution| *execution.rule == *name).collect();
        let skipped = |decided: &Decided<'_>| matches!(decided.verdict.result, Match::Skipped(_));
        let is_so = of_rule.iter().any(|execution| is(execution, expected.outcome))
            || expected.outcome == RuleOutcome::Skipped && self.decided(&name).iter().any(skipped);
        if is_so != expected.negated {
            return None;
        }
        let outcome = expected.outcome.as_str();
        let (message, label) = if expected.negated {
            (format!("`{name}` {outcome}"), format!("expected not to be so: {outcome}"))
        } else {
            (format!("`{name}` is not {outcome}"), format!("expected: {outcome}"))
        };
        let mut difference: Vec<Line> =
            of_rule.iter().map(|execution| Line::Actual(state(execution))).collect();
        if of_rule.is_empty() {
            difference.push(Line::Both("the rule was not started".to_owned()));
            difference.extend(
                self.decided(&name).last().map(|decided| self.explained(decided)).unwrap_or_default(),
            );
        }
        Some(failure(clause, message, &label, difference))
    }

    /// Returns the verdicts on a rule since the expectations before.
    fn decided(&self, name: &str) -> Vec<Decided<'a>> {
        let recent = self.happened.iter().filter(|happened| happened.section == self.section);
        recent.flat_map(|happened| self.decided_by(happened, name)).collect()
    }

    fn decided_by(&self, happened: &'a Happened, name: &str) -> Vec<Decided<'a>> {
        let decided = happened.verdicts.iter().filter_map(|verdict| {
            let rule = self.program.get(verdict.rule)?;
            (*rule.name == *name).then_some(Decided { rule, verdict, context: &happened.context })
        });
        decided.collect()
    }

    /// Returns the verdict on a rule whose steps were begun since the expectations before, be it for an event from before.
    fn begun(&self, name: &str) -> Option<Decided<'a>> {
        let begun = |happened: &&'a Happened| {
            let of_event = |execution: &&RanExecution| {
                *execution.rule == *name && execution.event == happened.id && execution.status.is_begun()
            };
            let execution = self.executions.iter().find(of_event);
            execution.is_some_and(|execution| {
                !self.begun_before.contains(&(execution.rule.clone(), execution.event.clone()))
            })
        };
        let decided = self.happened.iter().filter(begun).flat_map(|happened| self.decided_by(happened, name));
        let mut matched = decided.filter(|decided| decided.verdict.result == Match::Matched(Branch::Then));
        matched.next()
    }

    /// Returns why a rule that matched has not begun.
    fn held_back(&self, name: &str) -> Option<String> {
        let of_rule = self.executions.iter().rev().filter(|execution| *execution.rule == *name);
        let held = of_rule.into_iter().find(|execution| !execution.status.is_begun())?;
        Some(match &held.reason {
            Some(reason) => format!("{}: {reason}", held.status.as_str()),
            None => "it has not begun yet".to_owned(),
        })
    }

    fn explained(&self, decided: &Decided<'_>) -> Vec<Line> {
        let explanation =
            explain(decided.rule, &decided.verdict.slots, &of_rule(decided.rule, decided.context));
        let text = explanation.render(&|span| self.source(span), Marks::Unicode);
        text.lines().map(|line| Line::Both(line.to_owned())).collect()
    }

    fn ran(&self, name: &str, clause: Span) -> Option<Failure> {
        if self.begun(name).is_some() {
            return None;
        }
        let decided = self.decided(name);
        if let Some(reason) = self.held_back(name)
            && decided.last().is_none_or(|last| last.verdict.result == Match::Matched(Branch::Then))
        {
            return Some(failure(clause, format!("`{name}` did not run"), &reason, Vec::new()));
        }
        let (label, difference) = match decided.last() {
            Some(last) => {
                let label = match &last.verdict.result {
                    Match::Failed(_) => "its condition failed",
                    Match::Undecided(_) => "its condition has no answer",
                    Match::Skipped(Skip::Disabled) => "it is disabled",
                    Match::Skipped(Skip::NotActive) => "it is not active at this time",
                    Match::Skipped(Skip::NotInRollout(_)) => "it is outside its rollout",
                    Match::Skipped(Skip::StoppedBy(_)) => "a rule before it stops all others",
                    Match::NotMatched | Match::Matched(_) => "its condition does not hold",
                };
                (label, self.explained(last))
            }
            None => ("no event here triggers it", self.untriggered(name)),
        };
        Some(failure(clause, format!("`{name}` did not run"), label, difference))
    }

    fn untriggered(&self, name: &str) -> Vec<Line> {
        let triggers = self.item(name).map(|rule| &rule.triggers);
        let expected = triggers.into_iter().flatten().map(|trigger| match &trigger.kind {
            TriggerKind::Event(path) => Line::Expected(format!("given {}", path.text())),
            TriggerKind::Schedule(_)
            | TriggerKind::Field(_)
            | TriggerKind::Pattern(_)
            | TriggerKind::Date(_)
            | TriggerKind::Manual(_) => Line::Expected(self.source(trigger.span)),
        });
        let recent = self.happened.iter().filter(|happened| happened.section == self.section);
        expected.chain(recent.map(|happened| Line::Actual(happened.event.clone()))).collect()
    }

    fn not_ran(&self, name: &str, because: Option<&Expression>, clause: Span) -> Option<Failure> {
        if let Some(ran) = self.begun(name) {
            let message = format!("`{name}` ran");
            return Some(failure(clause, message, "expected not to run", self.explained(&ran)));
        }
        let because = because?;
        let decided = self.decided(name);
        let Some(last) = decided.last() else {
            let message = format!("`{name}` was not asked");
            return Some(failure(clause, message, "no event here triggers it", self.untriggered(name)));
        };
        let part = hence_vm::parts(last.rule, &last.verdict.slots, &of_rule(last.rule, last.context))?;
        let condition = self.condition(name);
        let checked = &self.project.checked;
        let wanted = hence_check::conditions(&self.project.files, &checked.declarations, condition, because);
        let mut deciding = Vec::new();
        false_parts(&part, &mut deciding);
        if deciding.iter().any(|span| wanted.contains(span)) {
            return None;
        }
        let mut difference = vec![Line::Expected(self.source(because.span))];
        difference.extend(self.leaves(&part).into_iter().map(|span| Line::Actual(self.source(span))));
        difference.extend(self.explained(last));
        let message = format!("`{name}` did not run, but for another reason");
        Some(failure(clause, message, "this did not decide", difference))
    }

    fn condition(&self, name: &str) -> Option<&'a Expression> {
        self.item(name)?.condition.as_ref()
    }

    fn item(&self, name: &str) -> Option<&'a ast::Rule> {
        let place = self.project.checked.declarations.rules.get(name)?.place;
        let item = self.project.files.get(place.file)?.items.get(place.item)?;
        if let ItemKind::Rule(rule) = &item.kind { Some(rule) } else { None }
    }

    /// Returns the smallest conditions that were false and decided.
    fn leaves(&self, part: &Part) -> Vec<Span> {
        let inner: Vec<Span> = part.children.iter().flat_map(|child| self.leaves(child)).collect();
        if inner.is_empty() && is_deciding(part) { vec![part.span] } else { inner }
    }
}

/// Collects the places of the conditions that were false and decided.
fn false_parts(part: &Part, places: &mut Vec<Span>) {
    if is_deciding(part) {
        places.push(part.span);
    }
    part.children.iter().for_each(|child| false_parts(child, places));
}

fn is_deciding(part: &Part) -> bool {
    part.is_condition && part.decided && part.outcome == Outcome::Truth(false)
}

fn is(execution: &RanExecution, outcome: RuleOutcome) -> bool {
    match outcome {
        RuleOutcome::Ran => execution.branch == Branch::Then && execution.status.is_begun(),
        RuleOutcome::Stopped => execution.stopped,
        RuleOutcome::Completed => execution.status == Status::Completed,
        RuleOutcome::Failed => execution.status == Status::Failed,
        RuleOutcome::Waiting => !execution.status.is_ended(),
        RuleOutcome::Throttled => execution.status == Status::Throttled,
        RuleOutcome::Skipped => execution.status == Status::Skipped,
    }
}

fn state(execution: &RanExecution) -> String {
    let word = if execution.stopped { "stopped" } else { execution.status.as_str() };
    match execution.error.as_ref().or(execution.reason.as_ref()) {
        Some(error) => format!("{} {word}: {error}", execution.rule),
        None => format!("{} {word}", execution.rule),
    }
}

fn success(call: &MadeCall) -> Option<&Attempt> {
    call.attempts.iter().find(|attempt| attempt.error.is_none())
}

/// Tells of the attempts of a call that was tried more than once.
fn attempts(call: &MadeCall) -> Vec<String> {
    if call.attempts.len() < 2 {
        return Vec::new();
    }
    let tell = |(number, attempt): (usize, &Attempt)| {
        let outcome =
            attempt.error.as_ref().map_or("succeeded".to_owned(), |error| format!("failed: {error}"));
        format!("attempt {} after {} {outcome}", number + 1, length(attempt.elapsed))
    };
    call.attempts.iter().enumerate().map(tell).collect()
}

fn length(length: SignedDuration) -> String {
    Value::Duration(length).to_string()
}

fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}

pub(crate) fn failure(span: Span, message: String, label: &str, difference: Vec<Line>) -> Failure {
    Failure { code: Code::ExpectationFailed, span, message, label: label.to_owned(), difference }
}
