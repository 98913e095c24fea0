//! The way of an execution through its steps, shared by the commands.

mod awaiting;
mod emitting;
mod failing;
mod forking;
mod key;
pub(crate) mod looping;
mod reserved;
mod wait;

use std::collections::VecDeque;
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
use crate::strand::{self, State, Strand, Strands};
use crate::{
    Branch, Call, Change, Effect, Execution, ExecutionError, Outcome, Request, Status, StepEnd, StepRecord,
    StepStatus, Wait, journal, masking,
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
    /// How many events led to the one that started the execution, one by the other.
    pub depth: u32,
    /// When the event arrived.
    pub arrived_at: Timestamp,
}

/// An execution under a command, collecting what the command does.
pub(crate) struct Run<'a> {
    pub(crate) execution: Execution,
    pub(crate) at: Timestamp,
    inputs: &'a Inputs<'a>,
    /// The strand whose steps are run.
    pub(crate) strand: Strand,
    /// The others.
    others: Strands,
    /// Strands that can go on.
    ready: VecDeque<u32>,
    /// How many steps were run.
    walked: u32,
    ended: Vec<Change>,
    begun: Vec<Change>,
    /// Which strands waited for an event when the command came, and where.
    awaited_at: Vec<(u32, u32)>,
    begun_waits: Vec<Wait>,
    emitted: Vec<Change>,
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
    /// What is masked of them there.
    sensitive: Vec<Json>,
}

/// Why a walk through the steps came to rest.
enum Rest<'a> {
    At(Act<'a>),
    Until(Timestamp),
    Await(&'a Await),
    Fork,
    Join,
    End,
}

impl<'a> Run<'a> {
    /// Takes an execution up; fails if what is stored of it cannot be read.
    pub(crate) fn new(
        state: &Execution,
        at: Timestamp,
        inputs: &'a Inputs<'a>,
    ) -> Result<Self, ExecutionError> {
        let others = journal::strands::decode(&state.strands).map_err(|error| internal(&error))?;
        let mut run = Self {
            execution: state.clone(),
            at,
            inputs,
            strand: strand::main(state, &others),
            others,
            ready: VecDeque::new(),
            walked: 0,
            ended: Vec::new(),
            begun: Vec::new(),
            awaited_at: Vec::new(),
            begun_waits: Vec::new(),
            emitted: Vec::new(),
            effects: Vec::new(),
        };
        run.awaited_at = run.all_awaited();
        Ok(run)
    }

    /// Returns the call at the strand's place, if there is one.
    pub(crate) fn act(&self) -> Option<Act<'a>> {
        self.step().and_then(act)
    }

    /// Returns the step at the strand's place, if there is one.
    pub(crate) fn step(&self) -> Option<&'a Step> {
        self.steps().get(self.strand.place as usize)
    }

    /// Goes on from the strand's place to the next call, the next wait or the end, and so do the strands that become ready
    /// by that.
    pub(crate) fn advance(&mut self) {
        if self.execution.status == Status::Paused {
            // It goes on from here when it is resumed.
            self.strand.state = State::Ready;
            return;
        }
        loop {
            while let Err(error) = self.go_on() {
                if !self.catches(&error) {
                    return self.fail(error);
                }
            }
            if self.execution.status.is_ended() || !self.next_ready() {
                return;
            }
        }
    }

    fn go_on(&mut self) -> Result<(), ExecutionError> {
        self.strand.state = State::Ready;
        let mut locals = self.locals()?;
        let rest = self.walk(&mut locals);
        self.strand.locals = journal::encode(&locals).into();
        match rest? {
            Rest::At(act) => self.begin_call(act)?,
            Rest::Until(at) => self.wait_until(at),
            Rest::Await(wait) => self.begin_await(wait)?,
            Rest::Fork => self.fork()?,
            Rest::Join => self.join()?,
            Rest::End => self.end(Status::Completed),
        }
        Ok(())
    }

    /// Takes the result of the call at the strand's place, and moves past it. What is not as the schema
    /// declares is missing, as in a payload.
    pub(crate) fn take_result(&mut self, act: Act<'_>, result: &Json) -> Result<(), ExecutionError> {
        if let Some(returned) = act.result {
            let json = result.to_string();
            let place = wire::Place::default();
            let value = wire::read(Some(&json), &returned.ty, &returned.wire, place, &mut Vec::new());
            self.set_local(returned.local, value)?;
        }
        self.strand.place = self.strand.place.saturating_add(1);
        Ok(())
    }

    /// Records the next attempt of the call at the strand's place, and makes it.
    pub(crate) fn attempt(&mut self, act: Act<'_>) -> Result<(), ExecutionError> {
        let Arguments { sent, shown, sensitive } = self.arguments(act.arguments)?;
        self.strand.attempt = self.strand.attempt.saturating_add(1);
        self.strand.state = State::Calling;
        self.strand.wake_at = None;
        let (execution, sequence) = (self.execution.id.clone(), self.strand.sequence);
        let key = self.key(act.policy)?;
        self.begun.push(Change::StepStarted(Box::new(StepRecord {
            execution: execution.clone(),
            sequence,
            attempt: self.strand.attempt,
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
            attempt: self.strand.attempt,
            timeout: act.policy.timeout,
            sensitive,
            trace: None,
        };
        self.effects.push(Effect::Call(Call { execution, sequence, request }));
        Ok(())
    }

    /// Records how the attempt under way ended.
    pub(crate) fn end_attempt(&mut self, status: StepStatus, detail: Json, error: Option<String>) {
        self.strand.state = State::Ready;
        self.record_end((self.strand.sequence, self.strand.attempt), status, detail, error);
    }

    /// Records how an attempt ended.
    pub(crate) fn record_end(
        &mut self,
        (sequence, attempt): (u32, u32),
        status: StepStatus,
        detail: Json,
        error: Option<String>,
    ) {
        self.ended.push(Change::StepEnded(Box::new(StepEnd {
            execution: self.execution.id.clone(),
            sequence,
            attempt,
            status,
            detail,
            error,
            ended_at: self.at,
        })));
    }

    /// Has the strand wait for a time: that of its next attempt, or that of a `wait`.
    pub(crate) fn wait_until(&mut self, due: Timestamp) {
        self.strand.state = State::Waiting;
        self.strand.wake_at = Some(due);
        self.effects.push(Effect::WakeAt { execution: self.execution.id.clone(), at: due });
    }

    /// Asks once more to be woken when the strand's time has come.
    pub(crate) fn wake_later(&mut self) {
        if let Some(at) = self.strand.wake_at {
            self.effects.push(Effect::WakeAt { execution: self.execution.id.clone(), at });
        }
    }

    pub(crate) fn fail(&mut self, error: ExecutionError) {
        self.execution.error = Some(error);
        self.end(Status::Failed);
    }

    /// Ends the execution. Calls that are under way are not taken back.
    pub(crate) fn end(&mut self, status: Status) {
        self.abandon_all();
        self.execution.end(status, self.at);
    }

    /// Returns the outcome with the execution's new state.
    ///
    /// INVARIANT: the execution stands before the step that begins, as a step belongs to a recorded execution.
    pub(crate) fn finish(mut self) -> Outcome {
        self.put_back();
        let mut waits = self.waits_ended();
        waits.extend(self.reserved_ended());
        if self.execution.status.is_ended() {
            self.begun_waits.clear();
        }
        let begun_waits = self.begun_waits.into_iter().map(|wait| Change::WaitBegun(Box::new(wait)));
        let execution = self.execution.into_change();
        let changes = self.ended.into_iter().chain([execution]).chain(waits).chain(begun_waits);
        let changes = changes.chain(self.emitted).chain(self.begun).collect();
        Outcome { changes, effects: self.effects }
    }

    /// Returns the outcome without anything to write.
    pub(crate) fn finish_effects(self) -> Outcome {
        Outcome { changes: Vec::new(), effects: self.effects }
    }

    /// Lets steps begin again.
    pub(crate) fn unpause(&mut self) {
        self.execution.status = Status::Running;
        self.others.paused = None;
    }

    pub(crate) fn steps(&self) -> &'a [Step] {
        match self.execution.branch {
            Branch::Then => &self.inputs.rule.then,
            Branch::Otherwise => self.inputs.rule.otherwise.as_deref().unwrap_or_default(),
        }
    }

    /// Sets a variable of a strand that stands at a step.
    pub(crate) fn set_local(&mut self, local: LocalId, value: Value) -> Result<(), ExecutionError> {
        let mut locals = self.locals()?;
        set(&mut locals, local.0, value)?;
        self.strand.locals = journal::encode(&locals).into();
        Ok(())
    }

    fn locals(&self) -> Result<Vec<Value>, ExecutionError> {
        let mut locals = journal::decode(&self.strand.locals).map_err(|error| internal(&error))?;
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
            let place = self.strand.place;
            let Some(step) = steps.get(place as usize) else { return Ok(Rest::End) };
            let next = place.saturating_add(1);
            self.strand.place = match step {
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
                Step::Parallel { .. } | Step::Batches { .. } => return Ok(Rest::Fork),
                Step::Join => return Ok(Rest::Join),
                Step::Emit { event, fields, .. } => {
                    self.emit(event, fields, locals)?;
                    next
                }
            };
        }
    }

    fn begin_call(&mut self, act: Act<'_>) -> Result<(), ExecutionError> {
        if self.execution.steps >= STEP_LIMIT {
            return Err(too_many(&format!("more than {STEP_LIMIT} calls")));
        }
        let before = (self.execution.steps, self.strand.sequence);
        self.execution.steps += 1;
        self.strand.sequence = self.execution.steps;
        self.strand.attempt = 0;
        self.strand.called_at = Some(self.at);
        let begun = self.attempt(act);
        if begun.is_err() {
            // A call whose arguments cannot be computed has no number.
            (self.execution.steps, self.strand.sequence) = before;
        }
        begun
    }

    /// Computes the arguments: anew for every attempt, with the `now` of the first, so that all send the same. What
    /// the action declares sensitive, or is computed from a sensitive field of the event, is masked where shown.
    fn arguments(&self, arguments: &[Argument]) -> Result<Arguments, ExecutionError> {
        let now = self.strand.called_at.unwrap_or(self.at);
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
            masking::hidden(&json, &shown, &mut result.sensitive);
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
