//! Runs a test: the script from top to bottom, time moved only as far as the script says.
//!
//! Expectations that stand together are compared together, when what is due has been done: before a further event,
//! at the latest instant that one of them speaks of; at the end of the test, when nothing is left to be done.

mod decide;
mod people;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::task::{Context as Polling, Poll, Waker};

use hence_builtins::{BinaryOperator, Case, Context};
use hence_check::ByPerson;
use hence_diagnostics::{Code, Span};
use hence_engine::{
    Branch, Clock, Connector, Decision, Driver, Effect, ExecutionFilter, ManualClock, NewEvent, Status,
    Store, StoredEvent, Verdict,
};
use hence_ir::{Program, Rule, Step, Watch, WatchKind};
use hence_project::Project;
use hence_schema::{check_payload, sample, sample_value};
use hence_syntax::ast::{
    Answer, AnswerKind, Expectation, Expression, Given as GivenEvent, RuleOutcome, TestClause, TestClauseKind,
};
use hence_types::jiff::Timestamp;
use hence_types::{Value, Wire};
use hence_vm::{Evaluator, Interpreter};

use crate::connector::{Given, Scripted};
use crate::coverage::{self, Observation};
use crate::judge::Judge;
use crate::payload::{Writer, is_word};
use crate::report::{Failure, RanExecution, Report};
use crate::{Line, TestCase};

/// When a test begins that does not say so: 2026-11-27T10:00Z.
const START: i64 = 1_795_773_600;

/// So many effects a test may have.
const MOST_EFFECTS: u32 = 20_000;

/// Runs a test. The store must be empty and is used for nothing else.
pub fn run(project: &Project, case: &TestCase<'_>, store: Arc<dyn Store>) -> Report {
    run_evaluated(project, case, store, Arc::new(Interpreter))
}

/// Runs a test as [`run`] does, conditions being evaluated by something that answers as the interpreter does.
pub fn run_evaluated(
    project: &Project,
    case: &TestCase<'_>,
    store: Arc<dyn Store>,
    evaluator: Arc<dyn Evaluator>,
) -> Report {
    let mut runner = Runner::new(project, case, store, evaluator);
    if let Err(reason) = runner.script() {
        runner.failures.push(Failure {
            code: Code::TestNotFinished,
            span: runner.place,
            message: reason.0,
            label: "the test ended here".to_owned(),
            difference: Vec::<Line>::new(),
        });
    }
    let executions = runner.executions().unwrap_or_default();
    Report {
        name: case.name.to_owned(),
        span: case.span,
        failures: runner.failures,
        calls: runner.scripted.calls(),
        executions,
        observations: runner.observations,
    }
}

/// Why a test cannot go on.
struct Stuck(String);

impl From<hence_engine::store::Error> for Stuck {
    fn from(error: hence_engine::store::Error) -> Self {
        Stuck(error.to_string())
    }
}

/// An event that was given or that the engine put there, and what it meant to the rules.
pub(crate) struct Happened {
    pub(crate) id: Arc<str>,
    /// In words.
    pub(crate) event: String,
    pub(crate) verdicts: Vec<Verdict>,
    /// What was decided, where it was a decision that was asked for.
    pub(crate) decision: Option<Decision>,
    pub(crate) context: Context,
    pub(crate) section: usize,
}

struct Runner<'a> {
    project: &'a Project,
    /// The project's program, its external functions having the values that the test says.
    program: Arc<Program>,
    case: &'a TestCase<'a>,
    driver: Driver,
    clock: Arc<ManualClock>,
    scripted: Arc<Scripted>,
    /// When the engine looks at its watches next.
    watch_at: Option<Timestamp>,
    effects: u32,
    event_at: Timestamp,
    happened: Vec<Happened>,
    /// The executions that had begun when expectations were last compared: their rules and events.
    begun: BTreeSet<(Arc<str>, Arc<str>)>,
    section: usize,
    failures: Vec<Failure>,
    observations: Vec<Observation>,
    /// The clause that is being run.
    place: Span,
}

impl<'a> Runner<'a> {
    fn new(
        project: &'a Project,
        case: &'a TestCase<'a>,
        store: Arc<dyn Store>,
        evaluator: Arc<dyn Evaluator>,
    ) -> Self {
        let zone = &project.manifest.zone;
        let at = case.test.at.as_ref().and_then(|at| project.checked.declarations.value(at, zone));
        let start = match at {
            Some(Value::DateTime(at)) => at,
            _ => Timestamp::from_second(START).unwrap_or(Timestamp::UNIX_EPOCH),
        };
        let clock = Arc::new(ManualClock::new(start));
        let scripted = Arc::new(Scripted::new(Arc::clone(&project.catalog), Arc::clone(&clock)));
        let program = decide::answered(project, case.test);
        let driver = Driver::new(
            started_by_time_if_named(&program, case),
            store,
            Arc::clone(&scripted) as Arc<dyn Connector>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            zone.clone(),
        )
        .evaluated_by(evaluator);
        Self {
            project,
            program,
            case,
            driver,
            clock,
            scripted,
            watch_at: None,
            effects: 0,
            event_at: start,
            happened: Vec::new(),
            begun: BTreeSet::new(),
            section: 0,
            failures: Vec::new(),
            observations: Vec::new(),
            place: case.span,
        }
    }

    fn script(&mut self) -> Result<(), Stuck> {
        let case = self.case;
        self.driver.watch()?;
        let mut pending: Option<&GivenEvent> = None;
        let mut group: Vec<&TestClause> = Vec::new();
        for clause in &case.test.clauses {
            match &clause.kind {
                TestClauseKind::Wait { until, time } => {
                    self.arrive(pending.take())?;
                    self.compare_so_far(&mut group)?;
                    self.place = clause.span;
                    let at = if *until { self.instant(time)? } else { self.later(time)? };
                    self.settle(Some(at))?;
                    self.event_at = at;
                }
                TestClauseKind::Given(given) => {
                    self.arrive(pending.take())?;
                    self.compare_so_far(&mut group)?;
                    self.place = clause.span;
                    if let Some(after) = &given.after {
                        let until = self.later(after)?;
                        self.settle(Some(until))?;
                    }
                    pending = Some(given);
                }
                // An answer that stands between an event and what is expected is there when the event arrives.
                TestClauseKind::With(answer) => self.answer(answer),
                TestClauseKind::Expect(_) => {
                    self.arrive(pending.take())?;
                    group.push(clause);
                }
            }
        }
        self.arrive(pending)?;
        let latest = self.latest(&group)?.unwrap_or(self.event_at);
        let until = group.iter().any(|clause| waits(clause)).then_some(latest);
        self.compare(&group, until)
    }

    /// Compares the expectations that stand together, if there are any, before something else happens.
    fn compare_so_far(&mut self, group: &mut Vec<&TestClause>) -> Result<(), Stuck> {
        if group.is_empty() {
            return Ok(());
        }
        let until = self.latest(group)?.unwrap_or(self.event_at);
        self.compare(&std::mem::take(group), Some(until))
    }

    fn answer(&self, answer: &Answer) {
        let name = answer.action.text();
        // The value of an external function is in the program already.
        if self.project.checked.declarations.externals.contains_key(&name) {
            return;
        }
        let times = answer.count.as_ref().and_then(hence_check::count);
        let given = match &answer.kind {
            AnswerKind::Fails(words, _) => Given::Fails(words.clone()),
            AnswerKind::Returns(value) => {
                let action =
                    name.split_once('.').and_then(|(id, name)| self.project.catalog.action(id, name));
                let Some(ty) = action.and_then(|action| action.result.as_ref()) else { return };
                if ty.is_optional() && is_word(value, "missing") {
                    self.scripted.answer(&name, Given::Returns(serde_json::Value::Null), times);
                    return;
                }
                let mut result = sample_value(ty);
                self.writer().value(&mut result, value, ty, &Wire::Plain);
                Given::Returns(result)
            }
        };
        self.scripted.answer(&name, given, times);
    }

    fn writer(&self) -> Writer<'a> {
        Writer::new(&self.project.checked.declarations, &self.project.manifest.zone)
    }

    /// Lets an event arrive now.
    fn arrive(&mut self, given: Option<&GivenEvent>) -> Result<(), Stuck> {
        let Some(given) = given else { return Ok(()) };
        let name = given.event.text();
        self.ask_for_values(&name)?;
        if let Some(entry_point) = self.project.catalog.entry_point(&name) {
            self.ask(entry_point, given);
            return Ok(());
        }
        let now = self.clock.now();
        match hence_check::by_person(&given.event, &self.project.catalog) {
            Some(ByPerson::Run(rule)) => {
                let new = self.run_by_hand(&rule.text, given)?;
                return self.take(new);
            }
            Some(ByPerson::Answer(role)) => {
                let new = self.answer_of_person(&role.text, given)?;
                return self.take(new);
            }
            None => {}
        }
        let Some(event) = self.project.catalog.event_by_full_name(&name) else {
            return Err(Stuck(format!("no integration has the event `{name}`")));
        };
        let payload =
            self.writer().payload(sample(event), given.payload.as_ref(), &event.payload).to_string();
        self.take(NewEvent {
            id: format!("event-{}", self.happened.len() + 1).into(),
            source: name.split('.').next().unwrap_or_default().into(),
            name: Arc::clone(&event.full_name),
            received_at: now,
            occurred_at: now,
            mismatches: check_payload(&event.payload, &payload),
            payload: payload.into(),
            target: None,
            cause: None,
            trace: None,
        })
    }

    /// Takes an event into the inbox, and does what comes of it now.
    fn take(&mut self, new: NewEvent) -> Result<(), Stuck> {
        self.event_at = new.received_at;
        self.scripted.event(new.received_at);
        let (_, stored) = self.driver.accept(vec![new])?;
        match stored.into_iter().next() {
            Some(stored) => self.perform(vec![Effect::Handle(Box::new(stored))]),
            None => Ok(()),
        }
    }

    /// Lets an event of the inbox start its rules; returns what is to be done.
    fn handle(&mut self, stored: &StoredEvent) -> Result<Vec<Effect>, Stuck> {
        let verdicts = self.driver.verdicts(stored);
        let handled = self.driver.handle_event(stored)?;
        let context = Context { now: stored.event.received_at, zone: self.project.manifest.zone.clone() };
        for verdict in &verdicts {
            if let Some(rule) = self.program.get(verdict.rule) {
                self.observations.extend(coverage::observe(rule, &verdict.slots, &context));
            }
        }
        let (id, section) = (stored.event.id.clone(), self.section);
        let event = match &stored.event.target {
            Some(_) => format!("{} at {}", stored.event.name, stored.event.occurred_at),
            None => format!("given {}", stored.event.name),
        };
        self.happened.push(Happened { id, event, verdicts, decision: None, context, section });
        Ok(handled.effects)
    }

    /// Does what is to be done now; what is due later is kept.
    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), Stuck> {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            self.effects += 1;
            if self.effects > MOST_EFFECTS {
                return Err(Stuck(format!("the rules do more than {MOST_EFFECTS} things")));
            }
            match effect {
                // The connector answers at once, so the call is done when it is first polled.
                Effect::Call(call) => {
                    let mut call = self.driver.perform(call);
                    match call.as_mut().poll(&mut Polling::from_waker(Waker::noop())) {
                        Poll::Ready(finished) => effects.extend(self.driver.complete(finished)?),
                        Poll::Pending => return Err(Stuck("a call did not end at once".to_owned())),
                    }
                }
                Effect::Handle(event) => effects.extend(self.handle(&event)?),
                // The store knows of it.
                Effect::WakeAt { .. } => {}
                Effect::WatchAt(at) if at <= self.clock.now() => effects.extend(self.driver.look()?),
                Effect::WatchAt(at) => {
                    self.watch_at = Some(self.watch_at.map_or(at, |before| before.min(at)));
                }
            }
        }
        Ok(())
    }

    /// Does all that is due until an instant, at which the clock stands then. Without one, executions that wait go on
    /// to their end, but nothing more is started by the time: there is always a next Monday.
    fn settle(&mut self, until: Option<Timestamp>) -> Result<(), Stuck> {
        loop {
            let next = self.driver.store().next_due()?;
            let next = if until.is_some() { next.earliest() } else { next.execution };
            let next = [next, self.watch_at].into_iter().flatten().min();
            let Some(due) = next.filter(|due| until.is_none_or(|until| *due <= until)) else { break };
            self.move_to(due);
            if self.watch_at.is_some_and(|at| at <= due) {
                self.watch_at = None;
                let effects = self.driver.look()?;
                self.perform(effects)?;
            }
            if until.is_some() {
                let started = self.driver.fire_timers()?;
                self.perform(started)?;
            }
            for execution in self.driver.store().due_executions(self.clock.now(), usize::MAX)? {
                let effects = self.driver.wake(&execution)?;
                self.perform(effects)?;
            }
        }
        if let Some(until) = until {
            self.move_to(until);
        }
        Ok(())
    }

    fn move_to(&self, at: Timestamp) {
        let by = at.duration_since(self.clock.now());
        if by.is_positive() {
            self.clock.advance(by);
        }
    }

    /// Returns an instant that is not over.
    fn instant(&self, written: &Expression) -> Result<Timestamp, Stuck> {
        match self.project.checked.declarations.value(written, &self.project.manifest.zone) {
            Some(Value::DateTime(at)) if at >= self.clock.now() => Ok(at),
            Some(_) | None => Err(Stuck(format!("it is {} already", self.clock.now()))),
        }
    }

    /// Returns the instant so long after the latest event, or after the last wait.
    fn later(&self, length: &Expression) -> Result<Timestamp, Stuck> {
        let zone = &self.project.manifest.zone;
        let length = self.project.checked.declarations.value(length, zone).unwrap_or(Value::Missing);
        let context = Context { now: self.event_at, zone: zone.clone() };
        let add = BinaryOperator::Add.definition().apply;
        match add(&Value::DateTime(self.event_at), &length, Case::Sensitive, &context) {
            Ok(Value::DateTime(at)) => Ok(at),
            Ok(_) | Err(_) => Err(Stuck("this is past the end of time".to_owned())),
        }
    }

    /// Returns the latest instant that the expectations speak of, if any does.
    fn latest(&mut self, group: &[&TestClause]) -> Result<Option<Timestamp>, Stuck> {
        let mut latest = None;
        for clause in group {
            if let TestClauseKind::Expect(Expectation::Call(call)) = &clause.kind
                && let Some(after) = &call.after
            {
                self.place = clause.span;
                latest = latest.max(Some(self.later(after)?));
            }
        }
        Ok(latest)
    }

    fn compare(&mut self, group: &[&TestClause], until: Option<Timestamp>) -> Result<(), Stuck> {
        self.settle(until)?;
        let mut afters = Vec::new();
        for clause in group {
            let after = match &clause.kind {
                TestClauseKind::Expect(Expectation::Call(call)) => call.after.as_ref(),
                TestClauseKind::Expect(_)
                | TestClauseKind::Given(_)
                | TestClauseKind::Wait { .. }
                | TestClauseKind::With(_) => None,
            };
            afters.push(
                after.map(|after| self.later(after)).transpose()?.map(|at| at.duration_since(self.event_at)),
            );
        }
        let calls = self.scripted.calls();
        let executions = self.executions()?;
        let judge = Judge {
            project: self.project,
            program: &self.program,
            happened: &self.happened,
            begun_before: &self.begun,
            calls: &calls,
            executions: &executions,
            section: self.section,
        };
        self.failures.extend(judge.compare(group, &afters));
        let begun = executions.into_iter().filter(|execution| execution.status.is_begun());
        self.begun.extend(begun.map(|execution| (execution.rule, execution.event)));
        self.section += 1;
        self.scripted.next_section();
        Ok(())
    }

    /// Returns the executions so far, in the order they were started.
    fn executions(&self) -> Result<Vec<RanExecution>, Stuck> {
        let decided: Vec<RanExecution> = self.happened.iter().flat_map(decide::executions).collect();
        let found = self.driver.store().executions(&ExecutionFilter::default(), None, usize::MAX)?.items;
        let ran = found.into_iter().rev().map(|execution| {
            let rule = self.program.rule(&execution.rule);
            let steps = rule.map(|rule| match execution.branch {
                Branch::Then => rule.then.as_slice(),
                Branch::Otherwise => rule.otherwise.as_deref().unwrap_or_default(),
            });
            let step = steps.and_then(|steps| steps.get(execution.place as usize));
            let stopped = match execution.status {
                Status::Completed => matches!(step, Some(Step::Stop { .. } | Step::StopAll { .. })),
                Status::Cancelled => true,
                Status::Pending
                | Status::Running
                | Status::Waiting
                | Status::Paused
                | Status::Failed
                | Status::Throttled
                | Status::Skipped => false,
            };
            RanExecution {
                rule: execution.rule,
                event: execution.event_id,
                variant: execution.variant,
                branch: execution.branch,
                status: execution.status,
                stopped,
                error: execution.error.map(|error| error.to_string()),
                reason: execution.reason.map(|reason| reason.to_string()),
            }
        });
        Ok(ran.chain(decided).collect())
    }
}

/// Returns the program in which schedules start only the rules that the test names: others would disturb every test
/// that lets time pass.
fn started_by_time_if_named(program: &Arc<Program>, case: &TestCase<'_>) -> Arc<Program> {
    let is_scheduled = |watch: &Watch| match watch.kind {
        WatchKind::Schedule(_) => true,
        WatchKind::Field(_) | WatchKind::Pattern(_) | WatchKind::Date(_) | WatchKind::Manual(_) => false,
    };
    let is_named = |rule: &Rule| {
        case.test.clauses.iter().any(|clause| match &clause.kind {
            TestClauseKind::Expect(Expectation::Rule(expected)) => {
                let name = expected.rule.text();
                *rule.name == *name || rule.name.strip_prefix(&*name).is_some_and(|row| row.starts_with('['))
            }
            TestClauseKind::Expect(_)
            | TestClauseKind::Given(_)
            | TestClauseKind::With(_)
            | TestClauseKind::Wait { .. } => false,
        })
    };
    let silent = |rule: &Rule| rule.watches.iter().any(is_scheduled) && !is_named(rule);
    if !program.rules.iter().any(silent) {
        return Arc::clone(program);
    }
    let mut program = Program::clone(program);
    for rule in program.rules.iter_mut().filter(|rule| silent(rule)) {
        rule.watches.retain(|watch| !is_scheduled(watch));
    }
    Arc::new(program)
}

/// Returns whether an expectation is that something has not yet ended, which it would have at the end of time.
fn waits(clause: &TestClause) -> bool {
    if let TestClauseKind::Expect(Expectation::Rule(expected)) = &clause.kind {
        expected.outcome == RuleOutcome::Waiting && !expected.negated
    } else {
        false
    }
}
