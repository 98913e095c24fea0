//! The way of an execution through its steps, shared by the commands.

use std::sync::Arc;

use hence_builtins::Context;
use hence_diagnostics::Code;
use hence_ir::{Argument, Class, NodeId, Returned, Rule, Step};
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;
use hence_types::{Value, wire};
use hence_vm::{Machine, Slots};
use serde_json::{Map, Value as Json};

use crate::matching::evaluation_error;
use crate::{
    Branch, Call, Change, Effect, Execution, ExecutionError, Outcome, Request, Status, StepEnd, StepRecord,
    StepStatus, journal, masking,
};

/// How many steps may be run from one call to the next, and how many calls an execution may make.
const STEP_LIMIT: u32 = 10_000;

/// What an execution runs on beside its state.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The rule, of the version the execution is pinned to.
    pub rule: &'a Rule,
    /// What the rule reads of the event.
    pub slots: &'a Slots,
    /// The zone of the rule.
    pub zone: &'a TimeZone,
}

/// An execution under a command, collecting what the command does.
pub(crate) struct Run<'a> {
    pub(crate) execution: Execution,
    pub(crate) at: Timestamp,
    inputs: &'a Inputs<'a>,
    ended: Option<Change>,
    begun: Option<Change>,
    effects: Vec<Effect>,
}

/// A call as a rule says it.
#[derive(Clone, Copy)]
pub(crate) struct Act<'a> {
    pub(crate) action: &'a Arc<str>,
    pub(crate) class: Class,
    pub(crate) arguments: &'a [Argument],
    pub(crate) result: Option<&'a Returned>,
}

/// The arguments of a call.
#[derive(Default)]
struct Arguments {
    /// As they are sent.
    sent: Map<String, Json>,
    /// As the history shows them.
    shown: Map<String, Json>,
}

/// Why a walk through the steps came to rest.
enum Rest<'a> {
    At(Act<'a>),
    End,
}

impl<'a> Run<'a> {
    pub(crate) fn new(state: &Execution, at: Timestamp, inputs: &'a Inputs<'a>) -> Self {
        Self { execution: state.clone(), at, inputs, ended: None, begun: None, effects: Vec::new() }
    }

    /// Returns the call at the execution's place, if there is one.
    pub(crate) fn act(&self) -> Option<Act<'a>> {
        self.steps().get(self.execution.place as usize).and_then(act)
    }

    /// Goes on from the execution's place to the next call or to the end.
    pub(crate) fn advance(&mut self) {
        let rest = self.locals().and_then(|mut locals| {
            let rest = self.walk(&mut locals)?;
            self.execution.locals = journal::encode(&locals).into();
            Ok(rest)
        });
        let begun = match rest {
            Ok(Rest::At(act)) => self.begin_call(act),
            Ok(Rest::End) => {
                self.end(Status::Completed);
                Ok(())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = begun {
            self.fail(error);
        }
    }

    /// Takes the result of the call at the execution's place, and moves past it. What is not as the schema
    /// declares is missing, as in a payload.
    pub(crate) fn take_result(&mut self, act: Act<'_>, result: &Json) -> Result<(), ExecutionError> {
        if let Some(returned) = act.result {
            let json = result.to_string();
            let place = wire::Place::default();
            let value = wire::read(Some(&json), &returned.ty, &returned.wire, place, &mut Vec::new());
            let mut locals = self.locals()?;
            set(&mut locals, returned.local.0, value)?;
            self.execution.locals = journal::encode(&locals).into();
        }
        self.execution.place = self.execution.place.saturating_add(1);
        Ok(())
    }

    /// Records the next attempt of the call at the execution's place, and makes it.
    pub(crate) fn attempt(&mut self, act: Act<'_>) -> Result<(), ExecutionError> {
        let Arguments { sent, shown } = self.arguments(act.arguments)?;
        self.execution.attempt = self.execution.attempt.saturating_add(1);
        self.execution.status = Status::Running;
        self.execution.retry_at = None;
        let (execution, sequence) = (self.execution.id.clone(), self.execution.steps);
        let key = key(&self.execution);
        self.begun = Some(Change::StepStarted(Box::new(StepRecord {
            execution: execution.clone(),
            sequence,
            attempt: self.execution.attempt,
            action: act.action.clone(),
            status: StepStatus::Started,
            key: key.as_str().into(),
            arguments: shown,
            detail: Json::Null,
            error: None,
            started_at: self.at,
            ended_at: None,
        })));
        let request =
            Request { action: act.action.clone(), arguments: sent, key, attempt: self.execution.attempt };
        self.effects.push(Effect::Call(Call { execution, sequence, request }));
        Ok(())
    }

    /// Records how the attempt under way ended.
    pub(crate) fn end_attempt(&mut self, status: StepStatus, detail: Json, error: Option<String>) {
        self.ended = Some(Change::StepEnded(Box::new(StepEnd {
            execution: self.execution.id.clone(),
            sequence: self.execution.steps,
            attempt: self.execution.attempt,
            status,
            detail,
            error,
            ended_at: self.at,
        })));
    }

    /// Has the execution wait for the time of its next attempt.
    pub(crate) fn wait_until(&mut self, due: Timestamp) {
        self.execution.status = Status::Waiting;
        self.execution.retry_at = Some(due);
        self.effects.push(Effect::RetryAt { execution: self.execution.id.clone(), at: due });
    }

    pub(crate) fn fail(&mut self, error: ExecutionError) {
        self.execution.fail(error, self.at);
    }

    pub(crate) fn end(&mut self, status: Status) {
        self.execution.end(status, self.at);
    }

    /// Returns the outcome with the execution's new state.
    ///
    /// INVARIANT: the execution stands before the step that begins, as a step belongs to a recorded execution.
    pub(crate) fn finish(self) -> Outcome {
        let execution = self.execution.into_change();
        let changes = self.ended.into_iter().chain([execution]).chain(self.begun).collect();
        Outcome { changes, effects: self.effects }
    }

    /// Returns the outcome without a new state of the execution: only what became of a call.
    pub(crate) fn finish_step(self) -> Outcome {
        Outcome { changes: self.ended.into_iter().collect(), effects: Vec::new() }
    }

    /// Returns whether this attempt is the one under way.
    pub(crate) fn is_under_way(&self, sequence: u32, attempt: u32) -> bool {
        self.execution.status == Status::Running && self.is_latest(sequence, attempt)
    }

    /// Returns whether this attempt was under way when the execution was cancelled.
    pub(crate) fn was_cancelled_during(&self, sequence: u32, attempt: u32) -> bool {
        self.execution.status == Status::Cancelled && self.is_latest(sequence, attempt)
    }

    fn is_latest(&self, sequence: u32, attempt: u32) -> bool {
        self.execution.steps == sequence && self.execution.attempt == attempt
    }

    fn steps(&self) -> &'a [Step] {
        match self.execution.branch {
            Branch::Then => &self.inputs.rule.then,
            Branch::Otherwise => self.inputs.rule.otherwise.as_deref().unwrap_or_default(),
        }
    }

    fn locals(&self) -> Result<Vec<Value>, ExecutionError> {
        let mut locals = journal::decode(&self.execution.locals).map_err(|error| internal(&error))?;
        locals.resize(self.inputs.rule.locals as usize, Value::Missing);
        Ok(locals)
    }

    fn walk(&mut self, locals: &mut Vec<Value>) -> Result<Rest<'a>, ExecutionError> {
        let steps = self.steps();
        for _ in 0..STEP_LIMIT {
            let place = self.execution.place;
            let Some(step) = steps.get(place as usize) else { return Ok(Rest::End) };
            let next = place.saturating_add(1);
            self.execution.place = match step {
                Step::Act { .. } => return Ok(act(step).map_or(Rest::End, Rest::At)),
                Step::Stop { .. } => return Ok(Rest::End),
                Step::Jump(target) => *target,
                Step::Let { local, value, .. } => {
                    let value = self.evaluate(*value, locals, self.at)?;
                    set(locals, local.0, value)?;
                    next
                }
                Step::Branch { condition, otherwise, .. } => {
                    match self.evaluate(*condition, locals, self.at)?.as_bool() {
                        Some(true) => next,
                        Some(false) => *otherwise,
                        None => return Err(internal("a condition has no truth value")),
                    }
                }
            };
        }
        Err(too_many(&format!("more than {STEP_LIMIT} steps without a call")))
    }

    fn begin_call(&mut self, act: Act<'_>) -> Result<(), ExecutionError> {
        if self.execution.steps >= STEP_LIMIT {
            return Err(too_many(&format!("more than {STEP_LIMIT} calls")));
        }
        self.execution.steps += 1;
        self.execution.attempt = 0;
        self.execution.called_at = Some(self.at);
        self.attempt(act)
    }

    /// Computes the arguments: anew for every attempt, with the `now` of the first, so that all send the same. What
    /// the action declares sensitive, or is computed from a sensitive field of the event, is masked where shown.
    fn arguments(&self, arguments: &[Argument]) -> Result<Arguments, ExecutionError> {
        let now = self.execution.called_at.unwrap_or(self.at);
        let context = self.context(now);
        let (mut locals, mut result) = (self.locals()?, Arguments::default());
        let mut machine = Machine::new(self.inputs.rule, self.inputs.slots, &mut locals, &context);
        for argument in arguments {
            let value = machine.evaluate(argument.value).map_err(|failure| evaluation_error(&failure))?;
            if value.is_missing() {
                continue;
            }
            let json = wire::write(&value, &argument.wire);
            let is_sensitive = argument.sensitive || machine.is_sensitive(argument.value);
            let mut shown = if is_sensitive { masking::masked() } else { json.clone() };
            masking::mask_fields(&value, &mut shown);
            result.sent.insert(argument.name.to_string(), json);
            result.shown.insert(argument.name.to_string(), shown);
        }
        Ok(result)
    }

    fn evaluate(
        &self,
        node: NodeId,
        locals: &mut Vec<Value>,
        now: Timestamp,
    ) -> Result<Value, ExecutionError> {
        Machine::new(self.inputs.rule, self.inputs.slots, locals, &self.context(now))
            .evaluate(node)
            .map_err(|failure| evaluation_error(&failure))
    }

    fn context(&self, now: Timestamp) -> Context {
        Context { now, zone: self.inputs.zone.clone() }
    }
}

fn act(step: &Step) -> Option<Act<'_>> {
    if let Step::Act { action, class, arguments, result, .. } = step {
        Some(Act { action, class: *class, arguments, result: result.as_ref() })
    } else {
        None
    }
}

fn set(locals: &mut [Value], local: u32, value: Value) -> Result<(), ExecutionError> {
    let place = locals.get_mut(local as usize).ok_or_else(|| internal("a variable has no room"))?;
    *place = value;
    Ok(())
}

/// Returns the idempotency key of the latest call: of execution and call alone, so that it is the same for all
/// attempts, before a restart and after.
fn key(execution: &Execution) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(execution.id.as_str().as_bytes()).update(&execution.steps.to_le_bytes());
    hasher.finalize().to_hex().chars().take(32).collect()
}

pub(crate) fn internal(message: &str) -> ExecutionError {
    ExecutionError { code: Code::EvaluationFault, message: format!("internal error: {message}") }
}

fn too_many(message: &str) -> ExecutionError {
    ExecutionError { code: Code::TooManySteps, message: message.to_owned() }
}
