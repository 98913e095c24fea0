//! The way of an execution through its steps, shared by the commands.

mod awaiting;
mod failing;
mod key;
pub(crate) mod looping;
mod wait;

use std::sync::Arc;

use hence_builtins::Context;
use hence_diagnostics::Code;
use hence_ir::{Argument, Await, Class, LocalId, NodeId, Policy, Returned, Rule, Step};
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

/// How many calls an execution may make.
const STEP_LIMIT: u32 = 10_000;
/// How many steps may be run from one call or wait to the next.
const WALK_LIMIT: u32 = 1_000_000;

/// How the message of an error begins that is a defect, not the rule's.
pub(crate) const INTERNAL: &str = "internal error: ";

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
    /// How many steps were run.
    walked: u32,
    ended: Option<Change>,
    begun: Option<Change>,
    /// Where the execution waited for an event when the command came.
    awaited_at: Option<(u32, Branch)>,
    begun_waits: Vec<Change>,
    effects: Vec<Effect>,
}

/// A call as a rule says it.
#[derive(Clone, Copy)]
pub(crate) struct Act<'a> {
    pub(crate) action: &'a Arc<str>,
    pub(crate) class: Class,
    pub(crate) arguments: &'a [Argument],
    pub(crate) result: Option<&'a Returned>,
    pub(crate) policy: &'a Policy,
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
    Until(Timestamp),
    Await(&'a Await),
    End,
}

impl<'a> Run<'a> {
    pub(crate) fn new(state: &Execution, at: Timestamp, inputs: &'a Inputs<'a>) -> Self {
        let mut run = Self {
            execution: state.clone(),
            at,
            inputs,
            walked: 0,
            ended: None,
            begun: None,
            awaited_at: None,
            begun_waits: Vec::new(),
            effects: Vec::new(),
        };
        run.awaited_at = run.awaited().map(|_| (state.place, state.branch));
        run
    }

    /// Returns the call at the execution's place, if there is one.
    pub(crate) fn act(&self) -> Option<Act<'a>> {
        self.steps().get(self.execution.place as usize).and_then(act)
    }

    /// Returns the step at the execution's place, if there is one.
    pub(crate) fn step(&self) -> Option<&'a Step> {
        self.steps().get(self.execution.place as usize)
    }

    /// Goes on from the execution's place to the next call, the next wait or the end.
    pub(crate) fn advance(&mut self) {
        while let Err(error) = self.go_on() {
            if !self.catches(&error) {
                return self.fail(error);
            }
        }
    }

    fn go_on(&mut self) -> Result<(), ExecutionError> {
        let mut locals = self.locals()?;
        let rest = self.walk(&mut locals);
        self.execution.locals = journal::encode(&locals).into();
        match rest? {
            Rest::At(act) => self.begin_call(act)?,
            Rest::Until(at) => self.wait_until(at),
            Rest::Await(wait) => self.begin_await(wait)?,
            Rest::End => self.end(Status::Completed),
        }
        Ok(())
    }

    /// Takes the result of the call at the execution's place, and moves past it. What is not as the schema
    /// declares is missing, as in a payload.
    pub(crate) fn take_result(&mut self, act: Act<'_>, result: &Json) -> Result<(), ExecutionError> {
        if let Some(returned) = act.result {
            let json = result.to_string();
            let place = wire::Place::default();
            let value = wire::read(Some(&json), &returned.ty, &returned.wire, place, &mut Vec::new());
            self.set_local(returned.local, value)?;
        }
        self.execution.place = self.execution.place.saturating_add(1);
        Ok(())
    }

    /// Records the next attempt of the call at the execution's place, and makes it.
    pub(crate) fn attempt(&mut self, act: Act<'_>) -> Result<(), ExecutionError> {
        let Arguments { sent, shown } = self.arguments(act.arguments)?;
        self.execution.attempt = self.execution.attempt.saturating_add(1);
        self.execution.status = Status::Running;
        self.execution.wake_at = None;
        let (execution, sequence) = (self.execution.id.clone(), self.execution.steps);
        let key = self.key(act.policy)?;
        self.begun = Some(Change::StepStarted(Box::new(StepRecord {
            execution: execution.clone(),
            sequence,
            attempt: self.execution.attempt,
            action: act.action.clone(),
            label: act.policy.label.clone(),
            status: StepStatus::Started,
            key: key.as_str().into(),
            arguments: shown,
            detail: Json::Null,
            error: None,
            started_at: self.at,
            ended_at: None,
        })));
        let request = Request {
            action: act.action.clone(),
            arguments: sent,
            key,
            attempt: self.execution.attempt,
            timeout: act.policy.timeout,
        };
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

    /// Has the execution wait for a time: that of its next attempt, or that of a `wait`.
    pub(crate) fn wait_until(&mut self, due: Timestamp) {
        self.execution.status = Status::Waiting;
        self.execution.wake_at = Some(due);
        self.effects.push(Effect::WakeAt { execution: self.execution.id.clone(), at: due });
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
        let waits = self.waits_ended().into_iter().chain(self.begun_waits);
        let execution = self.execution.into_change();
        let changes = self.ended.into_iter().chain([execution]).chain(waits).chain(self.begun).collect();
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

    /// Sets a variable of an execution that stands at a call.
    fn set_local(&mut self, local: LocalId, value: Value) -> Result<(), ExecutionError> {
        let mut locals = self.locals()?;
        set(&mut locals, local.0, value)?;
        self.execution.locals = journal::encode(&locals).into();
        Ok(())
    }

    fn locals(&self) -> Result<Vec<Value>, ExecutionError> {
        let mut locals = journal::decode(&self.execution.locals).map_err(|error| internal(&error))?;
        locals.resize(self.inputs.rule.locals as usize, Value::Missing);
        Ok(locals)
    }

    fn walk(&mut self, locals: &mut Vec<Value>) -> Result<Rest<'a>, ExecutionError> {
        let steps = self.steps();
        loop {
            self.walked += 1;
            if self.walked > WALK_LIMIT {
                return Err(too_many(&format!("more than {WALK_LIMIT} steps without a call")));
            }
            let place = self.execution.place;
            let Some(step) = steps.get(place as usize) else { return Ok(Rest::End) };
            let next = place.saturating_add(1);
            self.execution.place = match step {
                Step::Act { .. } => return Ok(act(step).map_or(Rest::End, Rest::At)),
                Step::Stop { .. } | Step::StopAll { .. } => return Ok(Rest::End),
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
                Step::Wait { time, .. } => {
                    let time = self.evaluate(*time, locals, self.at)?;
                    let due = wait::due(&time, self.at, self.inputs.zone)?;
                    if due > self.at {
                        return Ok(Rest::Until(due));
                    }
                    next
                }
                Step::Each { list, position, element, end, .. } => {
                    match looping::next(locals, *list, *position)? {
                        Some(value) => {
                            set(locals, element.0, value)?;
                            next
                        }
                        None => *end,
                    }
                }
                Step::Attempt { .. } | Step::Resolve { .. } => next,
                Step::Answer { .. } => return Err(internal("an effect answers the caller of a decision")),
                Step::Await(wait) => return Ok(Rest::Await(wait)),
            };
        }
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
    if let Step::Act { action, class, arguments, result, policy, span: _ } = step {
        Some(Act { action, class: *class, arguments, result: result.as_ref(), policy })
    } else {
        None
    }
}

pub(crate) fn set(locals: &mut [Value], local: u32, value: Value) -> Result<(), ExecutionError> {
    let place = locals.get_mut(local as usize).ok_or_else(|| internal("a variable has no room"))?;
    *place = value;
    Ok(())
}

pub(crate) fn internal(message: &str) -> ExecutionError {
    ExecutionError { code: Code::EvaluationFault, message: format!("{INTERNAL}{message}") }
}

pub(crate) fn too_many(message: &str) -> ExecutionError {
    ExecutionError { code: Code::TooManySteps, message: message.to_owned() }
}
