//! Tests of what commands do, step by step, without store or connector.

use hence_diagnostics::Span;
use hence_ir::{Class, LocalId, OnError, Operation, Policy, Rule, Segment, Step};
use hence_types::Value;
use hence_types::jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::*;
use crate::sample::{Expressions, act, event, instant, keep, under};
use crate::{Branch, Change, Effect, Request, Status, StepRecord, matching};

mod control;

/// An execution driven by commands, one second apart.
struct Scene {
    rule: Rule,
    state: Execution,
    seconds: i64,
    outcome: Outcome,
}

impl Scene {
    fn of(rule: Rule) -> Self {
        let state = Execution::pending(&event(r#"{"total": 7}"#), &rule, Branch::Then, instant(0));
        Self { rule, state, seconds: 0, outcome: Outcome::default() }
    }

    /// Gives a command and returns what it is about: the states of steps, then of the execution.
    fn command(&mut self, command: Command) -> String {
        let slots = matching::slots(&self.rule, &event(r#"{"total": 7}"#));
        let inputs = Inputs {
            rule: &self.rule,
            slots: &slots,
            zone: &TimeZone::UTC,
            arrived_at: instant(0),
            depth: 0,
        };
        self.outcome = step(&self.state, command, instant(self.seconds), &inputs);
        self.seconds += 1;
        if let Some(state) = self.outcome.state() {
            self.state = state.clone();
        }
        let words = self.outcome.changes.iter().map(|change| match change {
            Change::EventMatched(_) => "matched".to_owned(),
            Change::RuleKept(_) => "kept".to_owned(),
            Change::ExecutionStarted(new) => format!("new {}", new.status.as_str()),
            Change::ExecutionChanged(new) => new.status.as_str().to_owned(),
            Change::StepStarted(step) => format!("{}.{} {}", step.sequence, step.attempt, step.action),
            Change::WaitBegun(wait) => format!("waits for {} by {:?}", wait.event, wait.key),
            Change::WaitEnded { .. } => "waits no more".to_owned(),
            Change::WaitsEnded(_) => "is found no more".to_owned(),
            Change::Fired(_) => "counts".to_owned(),
            Change::StepEnded(end) => format!("{}.{} {}", end.sequence, end.attempt, end.status.as_str()),
            Change::EventAccepted(event) => format!("event {}", event.name),
            Change::WatchBegun(_)
            | Change::WatchEnded(_)
            | Change::TimerSet(_)
            | Change::TimerDropped(_)
            | Change::TimerFired(_) => "watching".to_owned(),
            Change::WatchKept(_)
            | Change::WatchForgotten(_)
            | Change::LookedAt(_)
            | Change::WatchesLoaded { .. } => "watches".to_owned(),
        });
        words.collect::<Vec<_>>().join(", ")
    }

    fn done(&mut self, sequence: u32, attempt: u32, result: Json) -> String {
        self.command(Command::StepDone {
            sequence,
            attempt,
            response: Response { result, detail: Json::Null },
        })
    }

    fn failed(&mut self, sequence: u32, attempt: u32, certain: bool, retryable: bool) -> String {
        let failure = Failure { message: "busy".into(), certain, retryable, ..Failure::default() };
        self.command(Command::StepFailed { sequence, attempt, failure })
    }

    fn request(&self) -> &Request {
        let [Effect::Call(call)] = &*self.outcome.effects else { panic!("{:?}", self.outcome.effects) };
        &call.request
    }

    fn started(&self) -> &StepRecord {
        let record =
            self.outcome.changes.iter().find_map(|change| {
                if let Change::StepStarted(record) = change { Some(record) } else { None }
            });
        record.unwrap()
    }

    fn error(&self) -> String {
        self.state.error.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

fn retry(skip: bool) -> Command {
    Command::Retry { skip, ended_by: None }
}

fn two_calls(class: Class) -> Scene {
    let mut code = Expressions::default();
    let (total, now, secret) = (code.total(), code.add(Operation::Now), code.constant(Value::text("s3cret")));
    let (kept, none) = (code.local(0), code.constant(Value::Missing));
    let first = act("crm.first", class, &[("total", total), ("at", now), ("secret", secret), ("none", none)]);
    let then = vec![keep(first, 0), act("crm.second", class, &[("kept", kept)])];
    Scene::of(code.rule("vip", None, then))
}

#[test]
fn the_result_of_a_call_and_the_intent_of_the_next_are_one_batch() {
    let mut scene = two_calls(Class::Idempotent);
    assert_eq!(scene.command(Command::Start), "new running, 1.1 crm.first");
    assert_eq!(scene.done(1, 1, json!(42)), "1.1 completed, running, 2.1 crm.second");
    assert_eq!(scene.request().arguments, *json!({ "kept": 42 }).as_object().unwrap());
    assert_eq!(scene.done(2, 1, Json::Null), "2.1 completed, completed");
    assert_eq!((scene.state.ended_at, scene.state.revision), (Some(instant(2)), 3));
}

#[test]
fn missing_arguments_are_left_out_and_sensitive_ones_masked_in_the_history_only() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    let at = instant(0).to_string();
    assert_eq!(
        Json::from(scene.request().arguments.clone()),
        json!({ "total": 7, "at": at, "secret": "s3cret" })
    );
    assert_eq!(
        Json::from(scene.started().arguments.clone()),
        json!({ "total": 7, "at": at, "secret": "***" })
    );
}

#[test]
fn what_is_computed_from_a_sensitive_field_is_masked_in_the_history_only() {
    let mut code = Expressions::default();
    let (total, kept) = (code.total(), code.local(0));
    let text = code.add(Operation::Text(vec![Segment::Value(kept)]));
    let plain = code.constant(Value::Int(1));
    let then = vec![
        Step::Let { local: LocalId(0), value: total, span: Span::default() },
        act("log.write", Class::Idempotent, &[("text", text), ("plain", plain)]),
    ];
    let mut rule = code.rule("vip", None, then);
    rule.plan.slots[0].sensitive = true;
    let mut scene = Scene::of(rule);
    scene.command(Command::Start);
    assert_eq!(Json::from(scene.request().arguments.clone()), json!({ "text": "7", "plain": 1 }));
    assert_eq!(Json::from(scene.started().arguments.clone()), json!({ "text": "***", "plain": 1 }));
}

#[test]
fn all_attempts_of_a_call_send_the_same_under_one_key() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    let first = scene.request().clone();
    assert_eq!(first.key.len(), 32);
    assert_eq!(scene.failed(1, 1, false, true), "1.1 retrying, waiting");
    let [Effect::WakeAt { at, .. }] = &*scene.outcome.effects else { panic!() };
    assert_eq!(*at, instant(2));
    assert_eq!(scene.command(Command::Wake), "running, 1.2 crm.first");
    assert_eq!(*scene.request(), Request { attempt: 2, ..first.clone() });
    assert_eq!(scene.command(Command::ResumeAfterRestart), "1.2 retrying, running, 1.3 crm.first");
    assert_eq!(*scene.request(), Request { attempt: 3, ..first.clone() });
    scene.done(1, 3, json!(1));
    assert_ne!(scene.request().key, first.key);
}

#[test]
fn a_retry_before_its_time_waits_on() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    scene.failed(1, 1, false, true);
    scene.seconds = 1;
    assert_eq!(scene.command(Command::Wake), "");
    assert!(matches!(&*scene.outcome.effects, [Effect::WakeAt { .. }]));
}

#[test]
fn after_the_last_attempt_the_execution_fails() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    for attempt in 1..4 {
        assert_eq!(scene.failed(1, attempt, false, true), format!("1.{attempt} retrying, waiting"));
        scene.seconds += 20;
        scene.command(Command::Wake);
    }
    assert_eq!(scene.failed(1, 4, false, true), "1.4 failed, failed");
    assert_eq!(scene.error(), "`crm.first` failed after 4 attempts: busy [H5003]");
}

#[test]
fn a_call_that_must_not_be_repeated_is_not_made_again_after_a_restart() {
    let mut scene = two_calls(Class::AtMostOnce);
    scene.command(Command::Start);
    assert_eq!(scene.command(Command::ResumeAfterRestart), "1.1 failed, failed");
    assert!(scene.outcome.effects.is_empty());
    assert!(scene.error().starts_with("outcome unknown: `crm.first`"), "{}", scene.error());
    let mut scene = two_calls(Class::Queryable);
    scene.command(Command::Start);
    let again = "1.1 retrying, running, 1.2 crm.first";
    assert_eq!(scene.command(Command::ResumeAfterRestart), again, "it is asked for first");
}

#[test]
fn a_retry_that_is_waited_for_is_left_alone_after_a_restart() {
    let mut scene = two_calls(Class::AtMostOnce);
    scene.command(Command::Start);
    scene.failed(1, 1, true, true);
    assert_eq!(scene.command(Command::ResumeAfterRestart), "");
    let due = scene.state.wake_at.unwrap();
    assert!(matches!(&*scene.outcome.effects, [Effect::WakeAt { at, .. }] if *at == due));
}

#[test]
fn results_of_other_attempts_are_ignored() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    for (sequence, attempt) in [(1, 2), (2, 1), (0, 1)] {
        assert_eq!(scene.done(sequence, attempt, Json::Null), "");
        assert_eq!(scene.failed(sequence, attempt, true, true), "");
    }
    scene.done(1, 1, json!(1));
    assert_eq!(scene.done(1, 1, json!(1)), "", "the same result twice");
}

#[test]
fn a_cancelled_execution_goes_nowhere_but_keeps_the_outcome_of_its_call() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    assert_eq!(scene.command(Command::Cancel { reason: None }), "cancelled");
    assert_eq!(scene.command(Command::Cancel { reason: None }), "");
    assert_eq!(scene.done(1, 1, json!(1)), "1.1 completed, cancelled");
    assert!(scene.outcome.effects.is_empty());
    assert_eq!(scene.done(1, 1, json!(1)), "", "the same result twice");
    assert_eq!(scene.command(Command::ResumeAfterRestart), "", "the outcome is known");
}

#[test]
fn a_call_whose_execution_had_ended_is_settled_after_a_restart() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    scene.command(Command::Cancel { reason: None });
    assert!(!scene.state.strands.is_empty(), "by that it is found after a restart");
    assert_eq!(scene.command(Command::ResumeAfterRestart), "1.1 failed, cancelled");
    assert!(scene.outcome.effects.is_empty());
    assert!(scene.state.strands.is_empty());
    assert_eq!(scene.command(Command::ResumeAfterRestart), "");
}

#[test]
fn a_call_whose_arguments_cannot_be_computed_has_no_number() {
    let mut code = Expressions::default();
    let zero = code.constant(Value::Int(0));
    let fault = code.divided_by(zero);
    let then =
        vec![act("crm.first", Class::Idempotent, &[]), act("crm.second", Class::Idempotent, &[("x", fault)])];
    let mut scene = Scene::of(code.rule("vip", None, then));
    scene.command(Command::Start);
    assert_eq!(scene.done(1, 1, Json::Null), "1.1 completed, failed");
    assert_eq!(scene.state.steps, 1);
    assert_eq!(scene.command(retry(false)), "failed", "the call before is not made again");
    assert_eq!(scene.state.steps, 1);
}

#[test]
fn branches_jumps_and_variables_lead_to_the_right_call() {
    for (limit, expected) in [(5, "new running, 1.1 crm.big"), (10, "new running, 1.1 crm.small")] {
        let mut code = Expressions::default();
        let (total, kept) = (code.total(), code.local(1));
        let condition = code.greater(kept, limit);
        let span = Span::default();
        let then = vec![
            Step::Let { local: LocalId(1), value: total, span },
            Step::Branch { condition, otherwise: 4, span },
            act("crm.big", Class::Idempotent, &[("n", kept)]),
            Step::Jump(5),
            act("crm.small", Class::Idempotent, &[("n", kept)]),
            Step::Stop { span },
            act("crm.never", Class::Idempotent, &[]),
        ];
        let mut scene = Scene::of(code.rule("vip", None, then));
        assert_eq!(scene.command(Command::Start), expected);
        assert_eq!(Json::from(scene.request().arguments.clone()), json!({ "n": 7 }));
        assert_eq!(scene.done(1, 1, Json::Null), "1.1 completed, completed");
    }
}

#[test]
fn a_rule_without_calls_completes_at_once() {
    let mut scene = Scene::of(Expressions::default().rule("vip", None, Vec::new()));
    assert_eq!(scene.command(Command::Start), "new completed");
    assert_eq!(scene.command(Command::Start), "");
}

#[test]
fn a_fault_in_a_step_fails_the_execution_and_the_call_is_not_made() {
    let mut code = Expressions::default();
    let zero = code.constant(Value::Int(0));
    let fault = code.divided_by(zero);
    let then = vec![
        act("crm.first", Class::Idempotent, &[]),
        act("crm.second", Class::Idempotent, &[("broken", fault)]),
    ];
    let mut scene = Scene::of(code.rule("vip", None, then));
    scene.command(Command::Start);
    assert_eq!(scene.done(1, 1, Json::Null), "1.1 completed, failed");
    assert!(scene.outcome.effects.is_empty());
    assert!(scene.error().contains("division by zero"), "{}", scene.error());
}

#[test]
fn steps_without_end_fail_the_execution() {
    let mut scene = Scene::of(Expressions::default().rule("vip", None, vec![Step::Jump(0)]));
    assert_eq!(scene.command(Command::Start), "new failed");
    assert!(scene.error().ends_with("[H5006]"), "{}", scene.error());
}

#[test]
fn calls_without_end_fail_the_execution() {
    let then = vec![act("crm.first", Class::Idempotent, &[]), Step::Jump(0)];
    let mut scene = Scene::of(Expressions::default().rule("vip", None, then));
    scene.command(Command::Start);
    scene.state.steps = 10_000;
    assert_eq!(scene.done(10_000, 1, Json::Null), "10000.1 completed, failed");
    assert_eq!(scene.error(), "more than 10000 calls [H5006]");
    assert_eq!(scene.command(retry(false)), "failed", "the last call is not made again");
}

#[test]
fn damaged_variables_fail_the_execution_only() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    scene.state.locals = "{".into();
    assert_eq!(scene.done(1, 1, json!(1)), "1.1 completed, failed");
    assert!(scene.error().starts_with("internal error: the stored value is damaged"));
}

fn list(values: &[i64]) -> Value {
    Value::List(values.iter().map(|value| Value::Int(*value)).collect())
}

/// `for x in [7, 8] { crm.add(n: x) }`
fn loop_of_two(policy: Policy) -> Scene {
    let mut code = Expressions::default();
    let (values, zero) = (code.constant(list(&[7, 8])), code.constant(Value::Int(0)));
    let element = code.local(2);
    let span = Span::default();
    let (list, position) = (LocalId(0), LocalId(1));
    let then = vec![
        Step::Let { local: list, value: values, span },
        Step::Let { local: position, value: zero, span },
        Step::Each { list, position, element: LocalId(2), end: 5, span },
        under(act("crm.add", Class::Idempotent, &[("n", element)]), policy),
        Step::Jump(2),
    ];
    Scene::of(code.rule("vip", None, then))
}

#[test]
fn a_loop_calls_for_each_element_under_a_key_of_its_own_and_goes_on_after_a_restart() {
    for policy in [Policy::default(), Policy { label: Some("adding".into()), ..Policy::default() }] {
        let mut scene = loop_of_two(policy);
        assert_eq!(scene.command(Command::Start), "new running, 1.1 crm.add");
        let first = scene.request().clone();
        assert_eq!(Json::from(first.arguments.clone()), json!({ "n": 7 }));
        assert_eq!(scene.command(Command::ResumeAfterRestart), "1.1 retrying, running, 1.2 crm.add");
        assert_eq!(scene.request().key, first.key);
        assert_eq!(scene.done(1, 2, Json::Null), "1.2 completed, running, 2.1 crm.add");
        assert_eq!(Json::from(scene.request().arguments.clone()), json!({ "n": 8 }));
        assert_ne!(scene.request().key, first.key);
        assert_eq!(scene.done(2, 1, Json::Null), "2.1 completed, completed");
    }
}

#[test]
fn a_label_and_not_the_place_is_the_identity_of_a_step() {
    let policy = || Policy { label: Some("notify".into()), ..Policy::default() };
    let call = |policy| under(act("crm.add", Class::Idempotent, &[]), policy);
    let before = vec![call(policy())];
    let after = vec![act("crm.other", Class::Idempotent, &[]), call(policy())];
    let mut first = Scene::of(Expressions::default().rule("vip", None, before));
    first.command(Command::Start);
    assert_eq!(first.started().label.as_deref(), Some("notify"));
    let mut second = Scene::of(Expressions::default().rule("vip", None, after));
    second.command(Command::Start);
    assert_ne!(second.request().key, first.request().key);
    second.done(1, 1, Json::Null);
    assert_eq!(second.request().key, first.request().key);
}

#[test]
fn a_call_that_failed_goes_on_as_the_rule_says() {
    let call = |on_error| {
        let call = under(act("crm.first", Class::Idempotent, &[]), Policy { on_error, ..Policy::default() });
        let then = vec![
            keep(call, 0),
            Step::Jump(3),
            act("crm.handle", Class::Idempotent, &[]),
            act("crm.next", Class::Idempotent, &[]),
        ];
        let mut scene = Scene::of(Expressions::default().rule("vip", None, then));
        scene.command(Command::Start);
        scene.failed(1, 1, true, false)
    };
    assert_eq!(call(OnError::Fail), "1.1 failed, failed");
    assert_eq!(call(OnError::Continue), "1.1 failed, running, 2.1 crm.next");
    assert_eq!(call(OnError::GoTo(2)), "1.1 failed, running, 2.1 crm.handle");
}

/// `attempt { crm.first() let x = 1 / 0 … } on error e { crm.handle(error: e) }`
fn attempted() -> Scene {
    let mut code = Expressions::default();
    let zero = code.constant(Value::Int(0));
    let (fault, error) = (code.divided_by(zero), code.local(1));
    let span = Span::default();
    let then = vec![
        Step::Attempt { end: 3, handler: 4, error: Some(LocalId(1)), span },
        act("crm.first", Class::Idempotent, &[]),
        Step::Let { local: LocalId(0), value: fault, span },
        Step::Jump(5),
        act("crm.handle", Class::Idempotent, &[("error", error)]),
        Step::Stop { span },
    ];
    Scene::of(code.rule("vip", None, then))
}

#[test]
fn an_attempt_hands_the_failure_of_a_call_or_a_step_to_its_handler() {
    let mut scene = attempted();
    scene.command(Command::Start);
    assert_eq!(scene.failed(1, 1, true, false), "1.1 failed, running, 2.1 crm.handle");
    let message = "`crm.first` failed: busy";
    let error = json!({ "error": { "message": message, "code": "action-failed" } });
    assert_eq!(Json::from(scene.request().arguments.clone()), error);
    assert_eq!(scene.failed(2, 1, true, false), "2.1 failed, failed", "the handler itself is not attempted");

    let mut scene = attempted();
    scene.command(Command::Start);
    assert_eq!(scene.done(1, 1, Json::Null), "1.1 completed, running, 2.1 crm.handle");
    assert!(scene.request().arguments["error"].to_string().contains("division by zero"));
}

#[test]
fn a_defect_is_not_handed_to_an_attempt() {
    let span = Span::default();
    let then = vec![Step::Attempt { end: 2, handler: 2, error: None, span }, Step::Jump(1)];
    let mut scene = Scene::of(Expressions::default().rule("vip", None, then));
    assert_eq!(scene.command(Command::Start), "new failed");
    assert!(scene.error().ends_with("[H5006]"), "{}", scene.error());
}

#[test]
fn three_weeks_are_waited_for_through_a_restart_and_then_the_next_call_is_made() {
    let mut code = Expressions::default();
    let week = code.constant(Value::Period(hence_types::Period::days(7)));
    let past = code.constant(Value::DateTime(instant(-5)));
    let span = Span::default();
    let mut then = vec![Step::Wait { time: past, span }];
    for _ in 0..3 {
        then.extend([Step::Wait { time: week, span }, act("crm.remind", Class::Idempotent, &[])]);
    }
    let mut scene = Scene::of(code.rule("vip", None, then));
    assert_eq!(scene.command(Command::Start), "new waiting", "what is past is not waited for");
    for call in 1..=3 {
        let due = scene.state.wake_at.unwrap();
        assert_eq!(scene.command(Command::ResumeAfterRestart), "");
        assert_eq!(scene.command(Command::Wake), "", "too early");
        let wake = Effect::WakeAt { execution: scene.state.id.clone(), at: due };
        assert_eq!(scene.outcome.effects, [wake]);
        scene.seconds = due.duration_since(instant(0)).as_secs();
        assert_eq!(scene.command(Command::Wake), format!("running, {call}.1 crm.remind"));
        assert_eq!(scene.state.wake_at, None);
        let next = if call == 3 { "completed" } else { "waiting" };
        assert_eq!(scene.done(call, 1, Json::Null), format!("{call}.1 completed, {next}"));
    }
    assert_eq!(scene.seconds, 21 * 86_400 + 3 + 1);
}

#[test]
fn an_execution_that_waits_can_be_cancelled() {
    let mut code = Expressions::default();
    let week = code.constant(Value::Period(hence_types::Period::days(7)));
    let then = vec![Step::Wait { time: week, span: Span::default() }];
    let mut scene = Scene::of(code.rule("vip", None, then));
    scene.command(Command::Start);
    assert_eq!(scene.command(Command::Cancel { reason: None }), "cancelled");
    assert_eq!((scene.state.wake_at, scene.command(Command::Wake)), (None, String::new()));
}

#[test]
fn an_execution_that_is_held_begins_when_it_is_told_to() {
    let mut scene = two_calls(Class::Idempotent);
    let hold = |until| Command::Hold { until };
    assert_eq!(scene.command(hold(Some(instant(60)))), "new pending");
    let wake = Effect::WakeAt { execution: scene.state.id.clone(), at: instant(60) };
    assert_eq!(scene.outcome.effects, std::slice::from_ref(&wake));
    assert_eq!(scene.command(Command::ResumeAfterRestart), "");
    assert_eq!(scene.outcome.effects, [wake]);
    assert_eq!(scene.command(hold(None)), "pending");
    assert!(scene.outcome.effects.is_empty());
    assert_eq!(scene.command(Command::Start), "running, 1.1 crm.first");
    assert_eq!(scene.command(hold(None)), "", "it has begun");
}

#[test]
fn an_execution_that_is_turned_away_is_recorded_with_the_reason() {
    for status in [Status::Throttled, Status::Skipped] {
        let mut scene = two_calls(Class::Idempotent);
        let turn_away = Command::TurnAway { status, reason: "`once per id`".into() };
        assert_eq!(scene.command(turn_away.clone()), format!("new {}", status.as_str()));
        assert_eq!(scene.state.reason.as_deref(), Some("`once per id`"));
        assert!(scene.state.ended_at.is_some() && scene.outcome.effects.is_empty());
        assert_eq!(scene.command(Command::Start), "");
        assert_eq!(scene.command(turn_away), "");
    }
}

#[test]
fn an_execution_gives_way_and_keeps_the_outcome_of_its_call() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    let give_way = Command::GiveWay { reason: "`overlap restart`: e2 came after it".into() };
    assert_eq!(scene.command(give_way.clone()), "cancelled");
    assert_eq!(scene.state.reason.as_deref(), Some("`overlap restart`: e2 came after it"));
    assert_eq!(scene.command(give_way), "");
    assert_eq!(scene.done(1, 1, json!(1)), "1.1 completed, cancelled");
}

/// `until shop.order.paid where it.total == total`
fn until_paid() -> Scene {
    let mut payload = hence_types::Record::default();
    payload.fields.insert("total".into(), hence_types::Field::plain(hence_types::Type::Int));
    let mut code = Expressions::default();
    let it = code.local(0);
    let theirs = code.add(hence_ir::Operation::Field { base: it, index: 0, name: "total".into() });
    let ours = code.total();
    let condition = code.binary(hence_builtins::BinaryOperator::Equal, theirs, ours);
    let mut rule = code.rule("vip", None, vec![act("crm.add", Class::Idempotent, &[])]);
    rule.header.exits = vec![hence_ir::Await {
        event: "shop.order.paid".into(),
        other: hence_ir::Returned {
            local: LocalId(0),
            ty: hence_types::Type::Record(std::sync::Arc::new(payload)),
            wire: hence_types::Wire::Plain,
        },
        key: Some(hence_ir::Key { field: vec!["total".into()], value: ours }),
        condition: Some(condition),
        limit: None,
        result: None,
        question: None,
        span: Span::default(),
    }];
    Scene::of(rule)
}

#[test]
fn the_event_that_is_meant_ends_the_execution_and_no_other() {
    let arrives = |name: &str, total: i64, sequence: u64| {
        let mut arrived = event(&format!(r#"{{"total": {total}}}"#));
        arrived.event.name = name.into();
        arrived.event.id = "paid".into();
        arrived.sequence = crate::EventSequence(sequence);
        Command::EventArrived { strand: crate::waiting::EXITS, event: Box::new(arrived) }
    };
    let mut scene = until_paid();
    let begun = "new running, waits for shop.order.paid by \"total = 7\", 1.1 crm.add";
    assert_eq!(scene.command(Command::Start), begun);
    for (name, total, sequence) in
        [("shop.order.paid", 8, 2), ("shop.order.sent", 7, 2), ("shop.order.paid", 7, 1)]
    {
        assert_eq!(scene.command(arrives(name, total, sequence)), "");
    }
    assert_eq!(scene.command(arrives("shop.order.paid", 7, 2)), "cancelled, is found no more");
    assert_eq!(scene.state.reason.as_deref(), Some("`shop.order.paid` arrived: paid"));
    assert_eq!(scene.command(arrives("shop.order.paid", 7, 3)), "");
    assert_eq!(scene.done(1, 1, Json::Null), "1.1 completed, cancelled, is found no more");
}
