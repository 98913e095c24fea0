//! Strands on every store: calls at the same time, through restarts, each with a key of its own.

use super::*;

/// Returns a program whose rule sends the numbers of a list, two at a time, and then says so.
fn sends_numbers() -> Program {
    let span = Span::default();
    let mut program = program("v1").only("vip").unwrap();
    let rule = program.rules.first_mut().unwrap();
    rule.condition = None;
    rule.locals = 3;
    let mut node = |operation| {
        rule.code.nodes.push(Node { operation, span });
        NodeId(u32::try_from(rule.code.nodes.len()).unwrap() - 1)
    };
    let element = node(Operation::Local(LocalId(2)));
    let mut constant = |value| {
        rule.code.constants.push(value);
        let constant = ConstantId(u32::try_from(rule.code.constants.len()).unwrap() - 1);
        rule.code.nodes.push(Node { operation: Operation::Constant(constant), span });
        NodeId(u32::try_from(rule.code.nodes.len()).unwrap() - 1)
    };
    let numbers = constant(Value::List([1, 2, 3].map(Value::Int).into()));
    let zero = constant(Value::Int(0));
    let call = |value, action: &str| Step::Act {
        action: action.into(),
        class: Class::Idempotent,
        arguments: vec![Argument { name: "n".into(), wire: Wire::Plain, sensitive: false, value }],
        result: None,
        policy: hence_ir::Policy::default(),
        span,
    };
    let (list, position) = (LocalId(0), LocalId(1));
    rule.then = vec![
        Step::Let { local: list, value: numbers, span },
        Step::Let { local: position, value: zero, span },
        Step::Batches { list, position, element: LocalId(2), at_a_time: 2, end: 5, span },
        call(element, "mail.send"),
        Step::Join,
        call(zero, "mail.done"),
    ];
    program
}

fn calls(effects: Vec<Effect>) -> Vec<hence_engine::Call> {
    let call = |effect| if let Effect::Call(call) = effect { call } else { panic!("{effect:?}") };
    effects.into_iter().map(call).collect()
}

fn start(store: Arc<dyn Store>) -> Daemon {
    let clock = Arc::new(ManualClock::new("2026-01-01T00:00Z".parse().unwrap()));
    Daemon::start(store, sends_numbers(), clock)
}

#[test]
fn calls_at_the_same_time_survive_a_restart_with_their_keys_whatever_their_order() {
    let run = |store: Arc<dyn Store>, first: usize, restarts: bool| {
        let mut daemon = start(store);
        let mut open = calls(daemon.receive("e1", r#"{"total": 1}"#));
        assert_eq!(open.len(), 2);
        let mut keys = Vec::new();
        while !open.is_empty() {
            if restarts {
                daemon = daemon.restarted(sends_numbers());
                let mut again = calls(daemon.driver.recover().unwrap());
                again.sort_by_key(|call| call.sequence);
                open.sort_by_key(|call| call.sequence);
                let key = |call: &hence_engine::Call| (call.sequence, call.request.key.clone());
                assert!(again.iter().map(key).eq(open.iter().map(key)));
                open = again;
            }
            let call = open.remove(first.min(open.len() - 1));
            keys.push((Json::from(call.request.arguments.clone()).to_string(), call.request.key.clone()));
            let finished = block_on(daemon.driver.perform(call));
            open.extend(calls(daemon.driver.complete(finished).unwrap()));
        }
        let execution = daemon.execution("vip");
        assert_eq!((execution.status, &*execution.strands), (Status::Completed, ""));
        keys.sort();
        keys
    };
    on_every_store(|store| {
        let memory = || -> Arc<dyn Store> { Arc::new(Memory::new()) };
        let keys = run(store, 0, true);
        assert_eq!(keys.len(), 4);
        let distinct: std::collections::BTreeSet<_> = keys.iter().map(|(_, key)| key).collect();
        assert_eq!(distinct.len(), 4);
        assert_eq!(run(memory(), 1, false), keys);
        assert_eq!(run(memory(), 1, true), keys);
    });
}

#[test]
fn what_comes_of_a_call_whose_strand_was_ended_is_recorded_and_nothing_follows() {
    on_every_store(|store| {
        let daemon = start(store);
        let mut open = calls(daemon.receive("e1", r#"{"total": 1}"#));
        let (second, first) = (open.pop().unwrap(), open.pop().unwrap());
        daemon.answers([Err(Failure { message: "no".into(), certain: true, ..Failure::default() })]);
        let failed = block_on(daemon.driver.perform(first));
        assert_eq!(daemon.driver.complete(failed).unwrap(), []);
        assert_eq!(daemon.history("vip"), "failed: 1.1 mail.send failed, 2.1 mail.send started");
        let done = block_on(daemon.driver.perform(second));
        assert_eq!(daemon.driver.complete(done).unwrap(), []);
        assert_eq!(daemon.history("vip"), "failed: 1.1 mail.send failed, 2.1 mail.send completed");
    });
}
