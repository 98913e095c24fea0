//! The engine's driver on every store: events in, calls out, through failures and restarts.
//! Its tests stand here, as the engine has no store of its own.

mod full_disk;
mod pace;
mod schedules;
mod strands;
mod until;
mod versions;
mod waits;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use hence_builtins::{BinaryOperator, Case};
use hence_diagnostics::Span;
use hence_engine::store::Error;
use hence_engine::{
    Accepted, CallFuture, Change, Clock, Connector, Control, Driver, Effect, EventFilter, EventState,
    Execution, ExecutionFilter, ExecutionId, Failure, Handled, ManualClock, NewEvent, Request, Response,
    Status, Store, StoredEvent,
};
use hence_ir::{
    Argument, Class, Code, ConstantId, EventType, LocalId, Node, NodeId, Operation, Plan, Program, Returned,
    Rule, RuleId, Slot, SlotId, Source, Step,
};
use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};
use hence_types::{Type, Value, Wire};
use serde_json::{Value as Json, json};

use crate::{Memory, Sqlite};

/// That somebody ends an execution.
pub(crate) const CANCEL: Control = Control::Cancel { reason: None };

/// Answers calls from a script, then with success, and remembers them.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<Result<Response, Failure>>>,
    calls: Mutex<Vec<Request>>,
}

impl Connector for Scripted {
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a> {
        self.calls.lock().unwrap().push(request.clone());
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move { answer.unwrap_or_else(|| Ok(Response::default())) })
    }
}

/// A daemon without threads: a driver, and what it works with.
struct Daemon {
    driver: Driver,
    connector: Arc<Scripted>,
    clock: Arc<ManualClock>,
}

impl Daemon {
    fn start(store: Arc<dyn Store>, program: Program, clock: Arc<ManualClock>) -> Self {
        let connector = Arc::new(Scripted::default());
        let driver = Driver::new(Arc::new(program), store, connector.clone(), clock.clone(), TimeZone::UTC);
        Self { driver, connector, clock }
    }

    /// Starts with a store; its clock stands at the beginning of 2026.
    fn with(store: Arc<dyn Store>) -> Self {
        Self::start(store, program("v1"), Arc::new(ManualClock::new("2026-01-01T00:00Z".parse().unwrap())))
    }

    /// Starts anew on the same store, as after a crash.
    fn restarted(&self, program: Program) -> Self {
        Self::start(self.driver.store().clone(), program, self.clock.clone())
    }

    fn answers(&self, answers: impl IntoIterator<Item = Result<Response, Failure>>) {
        self.connector.answers.lock().unwrap().extend(answers);
    }

    /// Returns a daemon without executions under way, of rules that are written as text.
    fn of_rules(store: Arc<dyn Store>, text: &str) -> Self {
        Self::start(store, rules(text), Arc::new(ManualClock::new("2026-01-01T00:00Z".parse().unwrap())))
    }

    /// Takes an event into the inbox.
    fn accept(&self, id: &str, name: &str, payload: &str) -> StoredEvent {
        let event = NewEvent { name: name.into(), ..event(id, payload, self.clock.now()) };
        let (_, new) = self.driver.accept(vec![event]).unwrap();
        new.into_iter().next().unwrap()
    }

    /// Takes an event in and returns what it starts and ends.
    fn handle(&self, id: &str, name: &str, payload: &str) -> Handled {
        self.driver.handle_event(&self.accept(id, name, payload)).unwrap()
    }

    /// Returns all executions in the order they were started: their events and how far they are.
    fn all(&self) -> String {
        let page = self.driver.store().executions(&ExecutionFilter::default(), None, 1000).unwrap();
        let all = page.items.iter().rev();
        let words = all.map(|execution| {
            let reason = execution.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            format!("{} {}{reason}", execution.event_id, execution.status.as_str())
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// Takes an event in and returns what it starts.
    fn receive(&self, id: &str, payload: &str) -> Vec<Effect> {
        let (accepted, new) = self.driver.accept(vec![event(id, payload, self.clock.now())]).unwrap();
        assert!(matches!(accepted[..], [Accepted::New(_)]));
        self.driver.handle_event(&new[0]).unwrap().effects
    }

    /// Does what there is to do, moving the clock to what is due, until nothing is left.
    fn run(&self, effects: Vec<Effect>) {
        self.do_now(effects);
        while let Some(due) = self.driver.store().next_due().unwrap().earliest() {
            self.move_to(due);
        }
    }

    /// Moves the clock, unless it is there already, and does what is due then.
    fn move_to(&self, at: Timestamp) {
        self.clock.advance(at.duration_since(self.clock.now()).max(SignedDuration::ZERO));
        let fired = self.driver.fire().unwrap();
        self.do_now(fired.effects);
        for execution in fired.executions {
            self.do_now(self.driver.wake(&execution).unwrap());
        }
    }

    /// Does what there is to do without waiting.
    fn do_now(&self, effects: Vec<Effect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Call(call) => {
                    let finished = block_on(self.driver.perform(call));
                    queue.extend(self.driver.complete(finished).unwrap());
                }
                Effect::Handle(event) => queue.extend(self.driver.handle_event(&event).unwrap().effects),
                Effect::WakeAt { .. } => {}
                Effect::WatchAt(at) => {
                    self.clock.advance(at.duration_since(self.clock.now()).max(SignedDuration::ZERO));
                    queue.extend(self.driver.look().unwrap());
                }
            }
        }
    }

    /// Returns the actions called, with what was sent.
    fn calls(&self) -> Vec<String> {
        let calls = self.connector.calls.lock().unwrap();
        calls.iter().map(|call| format!("{} {}", call.action, Json::from(call.arguments.clone()))).collect()
    }

    fn execution(&self, rule: &str) -> Execution {
        let filter = ExecutionFilter { rule: Some(rule.into()), ..ExecutionFilter::default() };
        let page = self.driver.store().executions(&filter, None, 2).unwrap();
        let [execution] = &page.items[..] else { panic!("{} executions of {rule}", page.items.len()) };
        execution.clone()
    }

    /// Returns how an execution ended and how its steps did.
    fn history(&self, rule: &str) -> String {
        let execution = self.execution(rule);
        let steps = self.driver.store().steps(&execution.id).unwrap();
        let steps = steps.iter().map(|step| {
            format!(" {}.{} {} {}", step.sequence, step.attempt, step.action, step.status.as_str())
        });
        format!("{}:{}", execution.status.as_str(), steps.collect::<Vec<_>>().join(","))
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

fn event(id: &str, payload: &str, at: Timestamp) -> NewEvent {
    NewEvent {
        id: id.into(),
        source: "shop".into(),
        name: "shop.order.created".into(),
        received_at: at,
        occurred_at: at,
        payload: payload.into(),
        mismatches: Vec::new(),
        target: None,
        cause: None,
        trace: None,
    }
}

/// Returns the program of rules that are written as text, without mistakes.
fn rules(text: &str) -> Program {
    let project = hence_project::Project::of_text("a.rule", text);
    assert_eq!(project.diagnostics(), []);
    Program::clone(project.program())
}

/// Two rules. `vip`: if total > 10, then `let n = crm.add(total)`, `mail.send(n)`. `text`: `sms.send(total)`.
fn program(version: &str) -> Program {
    let operations = [
        Operation::Slot(SlotId(0)),
        Operation::Constant(ConstantId(0)),
        Operation::Binary {
            operator: BinaryOperator::Greater,
            case: Case::Sensitive,
            left: NodeId(0),
            right: NodeId(1),
        },
        Operation::Local(LocalId(0)),
    ];
    let nodes = operations.map(|operation| Node { operation, span: Span::default() }).into();
    let act = |action: &str, class, name: &str, value, result| Step::Act {
        action: action.into(),
        class,
        arguments: vec![Argument { name: name.into(), wire: Wire::Plain, sensitive: false, value }],
        result,
        policy: Default::default(),
        span: Span::default(),
    };
    let result = Returned { local: LocalId(0), ty: Type::Int, wire: Wire::Plain };
    let total = Source::Payload(vec!["total".into()]);
    let total = Slot { source: total, ty: Type::Int, wire: Wire::Plain, sensitive: false };
    let vip = Rule {
        name: "vip".into(),
        title: String::new(),
        doc: String::new(),
        priority: 5,
        version: version.into(),
        triggers: vec!["shop.order.created".into()],
        watches: Vec::new(),
        plan: Plan { slots: vec![total] },
        code: Code { nodes, constants: vec![Value::Int(10)], ..Code::default() },
        locals: 1,
        condition: Some(NodeId(2)),
        then: vec![
            act("crm.add", Class::Idempotent, "total", NodeId(0), Some(result)),
            act("mail.send", Class::Idempotent, "n", NodeId(3), None),
        ],
        otherwise: None,
        header: Default::default(),
        span: Span::default(),
    };
    let send = act("sms.send", Class::AtMostOnce, "total", NodeId(0), None);
    let text = Rule { name: "text".into(), condition: None, then: vec![send], ..vip.clone() };
    let event = EventType {
        name: "shop.order.created".into(),
        payload: Arc::default(),
        rules: vec![RuleId(0), RuleId(1)],
    };
    Program { rules: vec![vip, text], events: vec![event] }
}

fn gives(result: Json) -> Result<Response, Failure> {
    Ok(Response { result, detail: json!({ "response": { "status": 200 } }) })
}

fn fails(certain: bool) -> Result<Response, Failure> {
    Err(Failure { message: "503 busy".into(), certain, retryable: true, ..Failure::default() })
}

/// Runs a test on every store.
#[track_caller]
fn on_every_store(test: impl Fn(Arc<dyn Store>)) {
    test(Arc::new(Memory::new()));
    test(Arc::new(Sqlite::open_in_memory().unwrap()));
}

#[test]
fn an_event_runs_its_rules_and_results_flow_from_call_to_call() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        daemon.answers([gives(json!(42)), gives(Json::Null)]);
        daemon.run(daemon.receive("e1", r#"{"total": 11}"#));
        assert_eq!(
            daemon.calls(),
            [r#"crm.add {"total":11}"#, r#"sms.send {"total":11}"#, r#"mail.send {"n":42}"#]
        );
        assert_eq!(daemon.history("vip"), "completed: 1.1 crm.add completed, 2.1 mail.send completed");
        assert_eq!(daemon.history("text"), "completed: 1.1 sms.send completed");
    });
}

#[test]
fn a_rule_that_does_not_match_leaves_no_row() {
    on_every_store(|store| {
        let daemon = Daemon::with(store.clone());
        daemon.run(daemon.receive("e1", r#"{"total": 10}"#));
        assert_eq!(daemon.calls(), [r#"sms.send {"total":10}"#]);
        let all = store.executions(&ExecutionFilter::default(), None, 10).unwrap();
        assert_eq!(all.items.len(), 1);
    });
}

#[test]
fn a_delivery_twice_runs_once() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        daemon.run(daemon.receive("e1", r#"{"total": 1}"#));
        let again = event("e1", r#"{"total": 1}"#, daemon.clock.now());
        let (accepted, new) = daemon.driver.accept(vec![again]).unwrap();
        assert!(matches!(accepted[..], [Accepted::Duplicate(_)]) && new.is_empty());
        assert_eq!(daemon.calls().len(), 1);
    });
}

#[test]
fn an_event_handed_in_twice_runs_once() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        let (_, new) =
            daemon.driver.accept(vec![event("e1", r#"{"total": 1}"#, daemon.clock.now())]).unwrap();
        assert_eq!(daemon.driver.handle_event(&new[0]).unwrap().executions.len(), 1);
        let again = daemon.driver.handle_event(&new[0]).unwrap();
        assert!(again.executions.is_empty() && again.effects.is_empty() && again.verdicts.is_empty());
    });
}

#[test]
fn a_call_that_fails_is_tried_again_under_the_same_key_at_its_time() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        let begun = daemon.clock.now();
        let effects = daemon.receive("e1", r#"{"total": 11}"#);
        daemon.answers([fails(false), gives(Json::Null), fails(false), gives(json!(1))]);
        daemon.run(effects);
        let history = "completed: 1.1 crm.add retrying, 1.2 crm.add retrying, 1.3 crm.add completed, \
                       2.1 mail.send completed";
        assert_eq!(daemon.history("vip"), history);
        assert_eq!(daemon.clock.now().duration_since(begun), SignedDuration::from_secs(5));
        let calls = daemon.connector.calls.lock().unwrap();
        let keys: Vec<_> =
            calls.iter().filter(|call| &*call.action == "crm.add").map(|call| &call.key).collect();
        assert!(keys.len() == 3 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    });
}

#[test]
fn a_rule_that_fails_fails_alone() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        daemon.answers([Err(Failure {
            message: "404 no such member".into(),
            certain: true,
            ..Failure::default()
        })]);
        daemon.run(daemon.receive("e1", r#"{"total": 11}"#));
        assert_eq!(daemon.history("vip"), "failed: 1.1 crm.add failed");
        let error = daemon.execution("vip").error.unwrap().to_string();
        assert_eq!(error, "`crm.add` failed: 404 no such member [H5003]");
        assert_eq!(daemon.history("text"), "completed: 1.1 sms.send completed");
    });
}

#[test]
fn what_was_accepted_before_a_crash_is_matched_after_it() {
    on_every_store(|store| {
        let daemon = Daemon::with(store.clone());
        daemon.driver.accept(vec![event("e1", r#"{"total": 1}"#, daemon.clock.now())]).unwrap();
        let daemon = daemon.restarted(program("v1"));
        assert!(daemon.driver.recover().unwrap().is_empty());
        for stored in store.unmatched(10).unwrap() {
            daemon.run(daemon.driver.handle_event(&stored).unwrap().effects);
        }
        assert!(store.unmatched(10).unwrap().is_empty());
        assert_eq!(daemon.history("text"), "completed: 1.1 sms.send completed");
    });
}

#[test]
fn after_a_crash_calls_are_repeated_only_where_that_does_no_harm() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        let effects = daemon.receive("e1", r#"{"total": 11}"#);
        let Effect::Call(before) = &effects[0] else { panic!() };
        let daemon = daemon.restarted(program("v1"));
        daemon.clock.advance(SignedDuration::from_hours(1));
        daemon.answers([gives(json!(7))]);
        daemon.run(daemon.driver.recover().unwrap());
        assert_eq!(daemon.calls(), [r#"crm.add {"total":11}"#, r#"mail.send {"n":7}"#]);
        assert_eq!(daemon.connector.calls.lock().unwrap()[0].key, before.request.key);
        let history = "completed: 1.1 crm.add retrying, 1.2 crm.add completed, 2.1 mail.send completed";
        assert_eq!(daemon.history("vip"), history);
        assert_eq!(daemon.history("text"), "failed: 1.1 sms.send failed");
        assert!(daemon.execution("text").error.unwrap().message.starts_with("outcome unknown"));
        assert!(daemon.driver.recover().unwrap().is_empty(), "nothing is left open");
    });
}

#[test]
fn variables_survive_a_crash() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        daemon.answers([gives(json!(42))]);
        let Effect::Call(call) = daemon.receive("e1", r#"{"total": 11}"#).remove(0) else { panic!() };
        daemon.driver.complete(block_on(daemon.driver.perform(call))).unwrap();
        let daemon = daemon.restarted(program("v1"));
        daemon.run(daemon.driver.recover().unwrap());
        assert_eq!(daemon.calls(), [r#"mail.send {"n":42}"#]);
    });
}

#[test]
fn an_execution_waits_for_its_next_attempt_through_a_crash() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        daemon.answers([fails(true)]);
        let Effect::Call(call) = daemon.receive("e1", r#"{"total": 1}"#).remove(0) else { panic!() };
        daemon.driver.complete(block_on(daemon.driver.perform(call))).unwrap();
        assert_eq!(daemon.execution("text").status, Status::Waiting);
        let daemon = daemon.restarted(program("v1"));
        daemon.run(daemon.driver.recover().unwrap());
        assert_eq!(daemon.history("text"), "completed: 1.1 sms.send retrying, 1.2 sms.send completed");
    });
}

#[test]
fn an_execution_whose_version_is_nowhere_fails_and_says_so() {
    on_every_store(|store| {
        let daemon = Daemon::with(store.clone());
        daemon.receive("e1", r#"{"total": 1}"#);
        // As of a store that was written before versions were kept.
        let mut state = daemon.execution("text");
        state.id = ExecutionId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
        (state.rule, state.rule_version, state.revision) = ("gone".into(), "v0".into(), 1);
        store.apply(&[Change::ExecutionStarted(Box::new(state))]).unwrap();
        let daemon = daemon.restarted(program("v2"));
        assert!(daemon.driver.recover().unwrap().is_empty());
        let error = daemon.execution("gone").error.unwrap().to_string();
        assert_eq!(error, "rule `gone` is no longer loaded in version `v0` [H5007]");
    });
}

#[test]
fn open_executions_end_on_the_rules_they_began_with() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        let effects = daemon.receive("e1", r#"{"total": 11}"#);
        let mut next = program("v2");
        next.rules[0].then.truncate(1);
        daemon.driver.load(Arc::new(next));
        daemon.answers([gives(json!(42))]);
        daemon.run(effects);
        assert_eq!(daemon.history("vip"), "completed: 1.1 crm.add completed, 2.1 mail.send completed");
        assert_eq!(&*daemon.execution("vip").rule_version, "v1");
    });
}

#[test]
fn a_cancelled_execution_makes_no_more_calls_and_keeps_the_outcome_of_the_last() {
    on_every_store(|store| {
        let daemon = Daemon::with(store);
        let effects = daemon.receive("e1", r#"{"total": 11}"#);
        daemon.driver.control(&daemon.execution("vip").id, CANCEL).unwrap().ok();
        daemon.run(effects);
        assert_eq!(daemon.history("vip"), "cancelled: 1.1 crm.add completed");
        daemon.driver.control(&daemon.execution("vip").id, CANCEL).unwrap().ok();
        daemon
            .driver
            .control(&ExecutionId::parse("01940000-0000-7000-8000-000000000000").unwrap(), CANCEL)
            .unwrap()
            .ok();
    });
}

#[test]
fn the_driver_follows_a_store_that_somebody_else_wrote() {
    on_every_store(|store| {
        let daemon = Daemon::with(store.clone());
        let effects = daemon.receive("e1", r#"{"total": 1}"#);
        let running = daemon.execution("text");
        let cancelled = Execution {
            status: Status::Cancelled,
            strands: r#"{"version":1,"last":0,"strands":[],"abandoned":[[1,1]]}"#.into(),
            ended_at: Some(daemon.clock.now()),
            revision: 2,
            ..running
        };
        store.apply(&[Change::ExecutionChanged(Box::new(cancelled))]).unwrap();
        daemon.run(effects);
        assert_eq!(daemon.history("text"), "cancelled: 1.1 sms.send completed");
    });
}

#[test]
fn a_loop_that_waits_for_weeks_goes_on_where_it_was_after_restarts() {
    on_every_store(|store| {
        let span = Span::default();
        let mut program = program("v1");
        let rule = program.rules.first_mut().unwrap();
        rule.condition = None;
        rule.locals = 3;
        let mut constant = |value| {
            rule.code.constants.push(value);
            let constant = ConstantId(u32::try_from(rule.code.constants.len()).unwrap() - 1);
            rule.code.nodes.push(Node { operation: Operation::Constant(constant), span });
            NodeId(u32::try_from(rule.code.nodes.len()).unwrap() - 1)
        };
        let numbers = constant(Value::List([Value::Int(1), Value::Int(2), Value::Int(3)].into()));
        let zero = constant(Value::Int(0));
        let week = constant(Value::Period(hence_types::Period::days(7)));
        rule.code.nodes.push(Node { operation: Operation::Local(LocalId(2)), span });
        let element = NodeId(u32::try_from(rule.code.nodes.len()).unwrap() - 1);
        let (list, position) = (LocalId(0), LocalId(1));
        let mut call = rule.then[1].clone();
        if let Step::Act { arguments, policy, .. } = &mut call {
            arguments[0].value = element;
            policy.label = Some("remind".into());
        }
        rule.then = vec![
            Step::Let { local: list, value: numbers, span },
            Step::Let { local: position, value: zero, span },
            Step::Each { list, position, element: LocalId(2), end: 6, span },
            Step::Wait { time: week, span },
            call,
            Step::Jump(2),
        ];
        let begun = Daemon::start(
            store,
            program.clone(),
            Arc::new(ManualClock::new("2026-01-01T00:00Z".parse().unwrap())),
        );
        let other = begun.receive("e1", r#"{"total": 1}"#);
        assert!(other.iter().any(|effect| matches!(effect, Effect::WakeAt { .. })));
        begun.do_now(other);
        let (mut daemon, mut calls) = (begun, Vec::new());
        while let Some(at) = daemon.driver.store().next_due().unwrap().earliest() {
            daemon = daemon.restarted(program.clone());
            assert!(daemon.driver.recover().unwrap().is_empty(), "what waits is left alone");
            daemon.move_to(at);
            calls.extend(daemon.calls());
        }
        assert_eq!(calls, [r#"mail.send {"n":1}"#, r#"mail.send {"n":2}"#, r#"mail.send {"n":3}"#]);
        assert_eq!(daemon.clock.now().to_string(), "2026-01-22T00:00:00Z");
        let steps = daemon.driver.store().steps(&daemon.execution("vip").id).unwrap();
        assert!(steps.iter().all(|step| step.label.as_deref() == Some("remind")));
    });
}
