//! Waits for events on every store: found by their keys, through restarts, until their time is over.

use hence_ir::{Await, Key};

use super::*;

/// Returns a program whose rule waits up to a week for the payment of its order, then sends a mail.
fn waits_for_payment() -> Program {
    let span = Span::default();
    let mut program = program("v1").only("vip").unwrap();
    let rule = program.rules.first_mut().unwrap();
    rule.condition = None;
    rule.locals = 2;
    let number = hence_types::Field::plain(Type::Int);
    let fields = [("order".into(), number)].into_iter().collect();
    let payment = Arc::new(hence_types::Record { name: None, fields, origin: None });
    let mut node = |operation| {
        rule.code.nodes.push(Node { operation, span });
        NodeId(u32::try_from(rule.code.nodes.len()).unwrap() - 1)
    };
    let (total, it) = (node(Operation::Slot(SlotId(0))), node(Operation::Local(LocalId(0))));
    let order = node(Operation::Field { base: it, index: 0, name: "order".into() });
    let is_equal = Operation::Binary {
        operator: BinaryOperator::Equal,
        case: Case::Sensitive,
        left: order,
        right: total,
    };
    let condition = node(is_equal);
    let paid = node(Operation::Local(LocalId(1)));
    let paid = node(Operation::Field { base: paid, index: 0, name: "order".into() });
    rule.code.constants.push(Value::Period(hence_types::Period::days(7)));
    let week = ConstantId(u32::try_from(rule.code.constants.len()).unwrap() - 1);
    rule.code.nodes.push(Node { operation: Operation::Constant(week), span });
    let week = NodeId(u32::try_from(rule.code.nodes.len()).unwrap() - 1);
    let mut call = rule.then[1].clone();
    if let Step::Act { arguments, .. } = &mut call {
        arguments[0].value = paid;
    }
    let wait = Await {
        event: "shop.payment.received".into(),
        other: Returned { local: LocalId(0), ty: Type::Record(payment), wire: Wire::Plain },
        key: Some(Key { field: vec!["order".into()], value: total }),
        condition: Some(condition),
        limit: Some(week),
        result: Some(LocalId(1)),
        question: None,
        span,
    };
    rule.then = vec![Step::Await(Box::new(wait)), call];
    program
}

impl Daemon {
    /// Takes a payment in and does what follows.
    fn pay(&self, id: &str, order: u32) {
        let payload = format!(r#"{{"order": {order}}}"#);
        let paid = NewEvent { name: "shop.payment.received".into(), ..event(id, &payload, self.clock.now()) };
        let (_, new) = self.driver.accept(vec![paid]).unwrap();
        self.do_now(self.driver.handle_event(&new[0]).unwrap().effects);
    }
}

#[test]
fn a_wait_for_an_event_survives_restarts_and_ends_with_the_event_that_is_meant() {
    on_every_store(|store| {
        let clock = Arc::new(ManualClock::new("2026-01-01T00:00Z".parse().unwrap()));
        let begun = Daemon::start(store.clone(), waits_for_payment(), clock);
        begun.receive("e1", r#"{"total": 1}"#);
        begun.receive("e2", r#"{"total": 2}"#);
        let daemon = begun.restarted(waits_for_payment());
        assert!(daemon.driver.recover().unwrap().is_empty(), "what waits is left alone");
        daemon.pay("p1", 3);
        assert_eq!(daemon.calls(), [""; 0]);
        daemon.pay("p2", 2);
        daemon.pay("p3", 2);
        assert_eq!(daemon.calls(), [r#"mail.send {"n":2}"#]);
        let waits = |key: &str| store.waits("shop.payment.received", &[key.into()]).unwrap().len();
        assert_eq!((waits("order = 1"), waits("order = 2"), waits("")), (1, 0, 0));
    });
}

#[test]
fn a_wait_for_an_event_ends_with_its_time_or_with_the_execution() {
    on_every_store(|store| {
        let clock = Arc::new(ManualClock::new("2026-01-01T00:00Z".parse().unwrap()));
        let daemon = Daemon::start(store.clone(), waits_for_payment(), clock);
        let effects = daemon.receive("e1", r#"{"total": 1}"#);
        let [Effect::WakeAt { execution, at }] = &effects[..] else { panic!("{effects:?}") };
        // The payment arrives when the time is over, but before that was seen to.
        daemon.clock.advance(at.duration_since(daemon.clock.now()));
        daemon.pay("p1", 1);
        assert_eq!(daemon.calls(), [""; 0]);
        daemon.run(daemon.driver.wake(execution).unwrap());
        assert_eq!(daemon.calls(), ["mail.send {}"]);

        let effects = daemon.receive("e2", r#"{"total": 2}"#);
        let [Effect::WakeAt { execution, .. }] = &effects[..] else { panic!("{effects:?}") };
        daemon.driver.control(execution, CANCEL).unwrap().ok();
        for key in ["order = 1", "order = 2"] {
            assert_eq!(store.waits("shop.payment.received", &[key.into()]).unwrap(), []);
        }
    });
}
