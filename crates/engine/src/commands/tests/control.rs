//! Executions that people end, hold and have go on.

use super::*;

fn waiting_then_call() -> Scene {
    let mut code = Expressions::default();
    let time = code.constant(Value::Duration(hence_types::jiff::SignedDuration::from_hours(1)));
    let then = vec![Step::Wait { time, span: Span::default() }, act("crm.add", Class::Idempotent, &[])];
    Scene::of(code.rule("vip", None, then))
}

#[test]
fn a_paused_execution_takes_the_result_of_its_call_and_goes_on_when_it_is_resumed() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    assert_eq!(scene.command(Command::Pause), "paused");
    assert_eq!(scene.command(Command::Pause), "");
    assert_eq!(scene.done(1, 1, json!(42)), "1.1 completed, paused");
    assert!(scene.outcome.effects.is_empty());
    assert_eq!(scene.command(Command::Resume), "running, 2.1 crm.second");
    assert_eq!(scene.request().arguments, *json!({ "kept": 42 }).as_object().unwrap());
    assert_eq!(scene.command(Command::Resume), "");
    assert_eq!(scene.done(2, 1, Json::Null), "2.1 completed, completed");
}

#[test]
fn what_is_resumed_before_its_call_has_ended_waits_for_it() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    scene.command(Command::Pause);
    assert_eq!(scene.command(Command::Resume), "running");
    assert_eq!(scene.done(1, 1, json!(42)), "1.1 completed, running, 2.1 crm.second");
}

#[test]
fn time_passes_while_an_execution_is_paused_but_nothing_follows() {
    let mut scene = waiting_then_call();
    assert_eq!(scene.command(Command::Start), "new waiting");
    let due = scene.state.wake_at;
    assert_eq!(scene.command(Command::Pause), "paused");
    scene.seconds += 7200;
    assert_eq!(scene.command(Command::Wake), "");
    assert_eq!(scene.command(Command::Resume), "waiting");
    assert!(matches!(&*scene.outcome.effects, [Effect::WakeAt { at, .. }] if Some(*at) == due));
    assert_eq!(scene.command(Command::Wake), "running, 1.1 crm.add");
}

#[test]
fn a_call_of_a_paused_execution_is_settled_after_a_restart() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    scene.command(Command::Pause);
    assert_eq!(scene.command(Command::ResumeAfterRestart), "1.1 retrying, paused");
    assert_eq!(scene.command(Command::Resume), "waiting");
    assert_eq!(scene.command(Command::Wake), "running, 1.2 crm.first");

    let mut scene = two_calls(Class::AtMostOnce);
    scene.command(Command::Start);
    scene.command(Command::Pause);
    assert_eq!(scene.command(Command::ResumeAfterRestart), "1.1 failed, failed");
}

#[test]
fn a_paused_execution_can_be_cancelled_with_a_reason() {
    let mut scene = waiting_then_call();
    scene.command(Command::Start);
    scene.command(Command::Pause);
    assert_eq!(scene.command(Command::Cancel { reason: Some("cancelled by sam".into()) }), "cancelled");
    assert_eq!(scene.state.reason.as_deref(), Some("cancelled by sam"));
}

#[test]
fn a_failed_execution_tries_its_step_once_more_under_the_same_key() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    let key = scene.request().key.clone();
    assert_eq!(scene.command(retry(false)), "", "it has not failed");
    assert_eq!(scene.failed(1, 1, true, false), "1.1 failed, failed");
    assert_eq!(scene.command(retry(false)), "running, 1.2 crm.first");
    assert_eq!((scene.request().key.clone(), scene.error()), (key, String::new()));
    assert_eq!(scene.done(1, 2, json!(1)), "1.2 completed, running, 2.1 crm.second");
    assert_eq!(scene.state.ended_at, None);
}

#[test]
fn a_step_that_failed_is_passed_over() {
    let mut scene = two_calls(Class::Idempotent);
    scene.command(Command::Start);
    scene.failed(1, 1, true, false);
    assert_eq!(scene.command(retry(true)), "running, 2.1 crm.second");
    assert!(scene.request().arguments.is_empty(), "what it would have given is missing");
    assert_eq!(scene.done(2, 1, Json::Null), "2.1 completed, completed");
}

#[test]
fn a_fault_is_computed_anew() {
    let mut code = Expressions::default();
    let missing = code.local(0);
    let condition = code.greater(missing, 1);
    let span = Span::default();
    let then = vec![Step::Branch { condition, otherwise: 1, span }];
    let mut scene = Scene::of(code.rule("vip", None, then));
    assert_eq!(scene.command(Command::Start), "new failed");
    assert_eq!(scene.command(retry(false)), "failed");
    assert_eq!(scene.command(retry(true)), "completed");
}

#[test]
fn steps_that_were_done_at_the_same_time_are_done_anew_if_that_does_no_harm() {
    let then = |class| {
        vec![
            Step::Parallel { strands: vec![1, 3], end: 5, span: Span::default() },
            act("crm.one", Class::Idempotent, &[]),
            Step::Join,
            act("crm.two", class, &[]),
            Step::Join,
        ]
    };
    let mut scene = Scene::of(Expressions::default().rule("vip", None, then(Class::Idempotent)));
    scene.command(Command::Start);
    scene.failed(1, 1, true, false);
    assert_eq!(scene.state.status, Status::Failed);
    assert_eq!(scene.command(retry(false)), "running, 3.1 crm.one, 4.1 crm.two");

    let mut scene = Scene::of(Expressions::default().rule("vip", None, then(Class::AtMostOnce)));
    scene.command(Command::Start);
    scene.failed(1, 1, true, false);
    assert_eq!(scene.command(retry(false)), "");
}

#[test]
fn each_strand_of_a_paused_execution_goes_on_by_itself() {
    let code = Expressions::default();
    let span = Span::default();
    let then = vec![
        Step::Parallel { strands: vec![1, 4], end: 6, span },
        act("crm.one", Class::Idempotent, &[]),
        act("crm.more", Class::Idempotent, &[]),
        Step::Join,
        act("crm.two", Class::Idempotent, &[]),
        Step::Join,
        act("crm.last", Class::Idempotent, &[]),
    ];
    let mut scene = Scene::of(code.rule("vip", None, then));
    assert_eq!(scene.command(Command::Start), "new running, 1.1 crm.one, 2.1 crm.two");
    scene.command(Command::Pause);
    assert_eq!(scene.done(1, 1, Json::Null), "1.1 completed, paused");
    assert_eq!(scene.command(Command::Resume), "running, 3.1 crm.more");
    assert_eq!(scene.done(2, 1, Json::Null), "2.1 completed, running");
    assert_eq!(scene.done(3, 1, Json::Null), "3.1 completed, running, 4.1 crm.last");
}
