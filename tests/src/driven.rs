//! `run/`: events through the engine, on a store in memory, with actions that answer as the case says.
//!
//! `name.answers.jsonl` holds what calls give, one `{"action": …, "result": …}` or `{"action": …, "fails": …,
//! "certain": …, "retryable": …}` for each call, in the order of the calls of that action. A call without an
//! answer succeeds with a value made of the type of its result. Time moves only to when an execution is to go on.
//! A case without events runs the tests in its file.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use hence_engine::{
    CallFuture, Clock, Connector, Driver, Effect, ExecutionFilter, ExecutionId, Failure, ManualClock,
    NewEvent, Request, Response, Store, StoredEvent, Verdict,
};
use hence_project::Project;
use hence_schema::{Catalog, sample_value};
use hence_store::Memory;
use hence_types::jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::case::{Failed, Mode};
use crate::evaluated::outcome;
use crate::events::Happening;
use crate::{events, expected, stages};

pub(crate) fn run(rule: &Path, mode: Mode) -> Result<(), Failed> {
    let project = stages::runnable(rule)?;
    if !rule.with_extension("events.jsonl").is_file() {
        return expected::compare(rule, &tests(&project)?, mode);
    }
    let mut run = Run::new(&project, answers(rule)?)?;
    let mut out = String::new();
    run.driver.watch().map_err(|error| error.to_string())?;
    run.driver.look().map_err(|error| error.to_string())?;
    for happening in events::script(rule)? {
        out.push_str(&match happening {
            Happening::Events(group) => run.events(group)?,
            Happening::Until(until) => run.until(until)?,
        });
    }
    let left = run.scripted.answers();
    if !left.is_empty() {
        return Err(format!("answers that nothing asked for: {left:?}"));
    }
    expected::compare(rule, &out, mode)
}

/// Runs the tests of a case without events, and tells what was called in each; all must pass.
fn tests(project: &Project) -> Result<String, Failed> {
    let (mut out, mut failed) = (String::new(), String::new());
    for case in hence_testing::tests(project) {
        let report = hence_testing::run(project, &case, Arc::new(Memory::new()));
        out.push_str(&format!("== {}\n", case.name));
        for call in &report.calls {
            let arguments: Vec<String> =
                call.arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let times: Vec<String> = call.attempts.iter().map(|attempt| attempt.at.to_string()).collect();
            let (arguments, times) = (arguments.join(", "), times.join(", "));
            out.push_str(&format!("{}({arguments}) at {times}\n", call.action));
        }
        for failure in report.failures {
            failed.push_str(&format!("{}: {}: {}\n", case.name, failure.message, failure.label));
            let lines = failure.difference.iter().map(|line| format!("  {} {}\n", line.mark(), line.text()));
            failed.extend(lines);
        }
    }
    match (out.is_empty(), failed.is_empty()) {
        (true, _) => Err("there are neither events nor tests".to_owned()),
        (false, true) => Ok(out),
        (false, false) => Err(failed),
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    action: String,
    #[serde(default)]
    result: Json,
    fails: Option<String>,
    #[serde(default)]
    certain: bool,
    #[serde(default)]
    retryable: bool,
}

fn answers(rule: &Path) -> Result<VecDeque<Answer>, Failed> {
    let path = rule.with_extension("answers.jsonl");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let answers = serde_json::Deserializer::from_str(&text).into_iter::<Answer>();
    answers.map(|answer| answer.map_err(|error| format!("{}: {error}", path.display()))).collect()
}

/// Answers calls as the case says.
struct Scripted {
    catalog: Arc<Catalog>,
    answers: Mutex<VecDeque<Answer>>,
}

impl Scripted {
    fn answer(&self, action: &str) -> Option<Answer> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let index = answers.iter().position(|answer| answer.action == action)?;
        answers.remove(index)
    }

    fn answers(&self) -> Vec<Answer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn result(&self, request: &Request) -> Result<Response, Failure> {
        match self.answer(&request.action) {
            Some(Answer { fails: Some(message), certain, retryable, .. }) => {
                Err(Failure { message, certain, retryable, ..Failure::default() })
            }
            Some(Answer { result, .. }) => Ok(Response { result, detail: Json::Null }),
            None => {
                let action = request.action.split_once('.');
                let action = action.and_then(|(id, name)| self.catalog.action(id, name));
                let result =
                    action.and_then(|action| action.result.as_ref()).map_or(Json::Null, sample_value);
                Ok(Response { result, detail: Json::Null })
            }
        }
    }
}

impl Connector for Scripted {
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a> {
        Box::pin(std::future::ready(self.result(request)))
    }
}

struct Run<'a> {
    project: &'a Project,
    driver: Driver,
    clock: Arc<ManualClock>,
    scripted: Arc<Scripted>,
    /// What is due later, by time, then in the order it was asked for: an execution, or a look at the watches.
    timers: BTreeMap<(Timestamp, u32), Option<ExecutionId>>,
    number: u32,
    /// The events that the engine put into the inbox, and what they meant to rules.
    emitted: Vec<(StoredEvent, Vec<Verdict>)>,
}

impl<'a> Run<'a> {
    fn new(project: &'a Project, answers: VecDeque<Answer>) -> Result<Self, Failed> {
        let now: Timestamp = events::NOW.parse().map_err(|error| format!("{error}"))?;
        let clock = Arc::new(ManualClock::new(now));
        let catalog = Arc::clone(&project.catalog);
        let scripted = Arc::new(Scripted { catalog, answers: Mutex::new(answers) });
        let driver = Driver::new(
            Arc::clone(project.program()),
            Arc::new(Memory::new()),
            Arc::clone(&scripted) as Arc<dyn Connector>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            project.manifest.zone.clone(),
        );
        Ok(Self { project, driver, clock, scripted, timers: BTreeMap::new(), number: 0, emitted: Vec::new() })
    }

    /// Runs events, the later of which arrive while what follows from the earlier still waits.
    fn events(&mut self, events: Vec<NewEvent>) -> Result<String, Failed> {
        let (mut out, mut results) = (String::new(), Vec::new());
        for event in events {
            self.wait_until(Some(event.received_at), &mut out)?;
            out.push_str(&format!("== {} {}\n", event.id, event.name));
            let (_, stored) = self.driver.accept(vec![event]).map_err(|error| error.to_string())?;
            let Some(stored) = stored.first() else {
                out.push_str("acknowledged before\n");
                continue;
            };
            let verdicts = self.driver.verdicts(stored);
            let handled = self.driver.handle_event(stored).map_err(|error| error.to_string())?;
            self.follow(handled.effects)?;
            results.push((stored.sequence, verdicts));
        }
        self.wait_until(None, &mut out)?;
        for event in std::mem::take(&mut self.emitted) {
            out.push_str(&format!("-- {} {}\n", event.0.event.name, event.0.event.payload));
            results.push((event.0.sequence, event.1));
        }
        for (sequence, verdicts) in results {
            for verdict in verdicts {
                let Some(rule) = self.project.program().get(verdict.rule) else { continue };
                out.push_str(&format!("{}: {}\n", rule.name, outcome(&verdict.result)));
                self.history(&rule.name, sequence, &mut out)?;
            }
        }
        Ok(out)
    }

    /// Lets time pass until an instant, and tells of the rules that it starts.
    fn until(&mut self, until: Timestamp) -> Result<String, Failed> {
        let mut out = format!("== until {until}\n");
        let text = |error: hence_engine::store::Error| error.to_string();
        while let Some(due) = self.driver.store().next_due().map_err(text)?.earliest()
            && due <= until
        {
            self.clock.advance(due.duration_since(self.clock.now()).max(SignedDuration::ZERO));
            let fired = self.driver.fire().map_err(text)?;
            for effect in fired.effects {
                let Effect::Handle(stored) = effect else { continue };
                let event = &stored.event;
                out.push_str(&format!("== {} {} {}\n", event.name, event.occurred_at, event.payload));
                let handled = self.driver.handle_event(&stored).map_err(text)?;
                self.follow(handled.effects)?;
                for verdict in handled.verdicts {
                    let Some(rule) = self.project.program().get(verdict.rule) else { continue };
                    out.push_str(&format!("{}: {}\n", rule.name, outcome(&verdict.result)));
                    self.history(&rule.name, stored.sequence, &mut out)?;
                }
            }
            for execution in fired.executions {
                let effects = self.driver.wake(&execution).map_err(text)?;
                self.follow(effects)?;
            }
        }
        self.clock.advance(until.duration_since(self.clock.now()).max(SignedDuration::ZERO));
        Ok(out)
    }

    /// Lets time pass until an instant; without one, until nothing is left to be done.
    fn wait_until(&mut self, until: Option<Timestamp>, out: &mut String) -> Result<(), Failed> {
        while let Some((due, _)) = self.timers.keys().next().copied()
            && until.is_none_or(|until| due <= until)
        {
            let Some((_, execution)) = self.timers.pop_first() else { break };
            let wait = due.duration_since(self.clock.now());
            if wait.is_positive() {
                out.push_str(&format!("(waits {wait:#})\n"));
                self.clock.advance(wait);
            }
            let effects = match execution {
                Some(execution) => self.driver.wake(&execution),
                None => self.driver.look(),
            };
            let effects = effects.map_err(|error| error.to_string())?;
            self.follow(effects)?;
        }
        if let Some(until) = until {
            self.clock.advance(until.duration_since(self.clock.now()).max(SignedDuration::ZERO));
        }
        Ok(())
    }

    fn follow(&mut self, effects: Vec<Effect>) -> Result<(), Failed> {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                // The connector answers at once, so the call is done when it is first polled.
                Effect::Call(call) => {
                    let next = match self
                        .driver
                        .perform(call)
                        .as_mut()
                        .poll(&mut Context::from_waker(Waker::noop()))
                    {
                        Poll::Ready(finished) => self.driver.complete(finished),
                        Poll::Pending => return Err("a call did not end at once".to_owned()),
                    };
                    effects.extend(next.map_err(|error| error.to_string())?);
                }
                Effect::Handle(event) => {
                    let handled = self.driver.handle_event(&event).map_err(|error| error.to_string())?;
                    effects.extend(handled.effects);
                    self.emitted.push((*event, handled.verdicts));
                }
                Effect::WatchAt(at) if at <= self.clock.now() => {
                    effects.extend(self.driver.look().map_err(|error| error.to_string())?);
                }
                Effect::WatchAt(at) => {
                    self.number += 1;
                    self.timers.insert((at, self.number), None);
                }
                Effect::WakeAt { execution, at } => {
                    self.number += 1;
                    self.timers.insert((at, self.number), Some(execution));
                }
            }
        }
        Ok(())
    }

    /// Tells what the execution of a rule for an event did.
    fn history(
        &self,
        rule: &str,
        event: hence_engine::EventSequence,
        out: &mut String,
    ) -> Result<(), Failed> {
        let store: &Arc<dyn Store> = self.driver.store();
        let filter = ExecutionFilter::default();
        let page = store.executions(&filter, None, usize::MAX).map_err(|error| error.to_string())?;
        for execution in page.items.iter().filter(|found| *found.rule == *rule && found.event == event) {
            for step in store.steps(&execution.id).map_err(|error| error.to_string())? {
                let arguments: Vec<String> =
                    step.arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                let again =
                    if step.attempt > 1 { format!(", attempt {}", step.attempt) } else { String::new() };
                let error = step.error.map(|error| format!(", {error}")).unwrap_or_default();
                out.push_str(&format!(
                    "  {}({}){again}: {}{error}\n",
                    step.action,
                    arguments.join(", "),
                    step.status.as_str()
                ));
            }
            let error = execution.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
            let reason = execution.reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
            let variant =
                execution.variant.as_ref().map(|name| format!(", variant {name}")).unwrap_or_default();
            let status = execution.status.as_str();
            out.push_str(&format!("  {status}{error}{reason}{variant}\n"));
        }
        Ok(())
    }
}
