//! Executions that end as soon as an event arrives.

use super::*;

const RULE: &str = r#"
rule remind
  until shop.payment.received where it.order_id == id and it.amount > 10 EUR
  until shop.order.cancelled where it.id == id
when shop.order.created
then wait 3 days
     log.write(message: "order {id}")
"#;
const CREATED: &str = "shop.order.created";
const PAID: &str = "shop.payment.received";
const CANCELLED: &str = "shop.order.cancelled";

fn paid(order: i64, cents: i64) -> String {
    format!(r#"{{"order_id": {order}, "amount": {cents}, "currency": "EUR"}}"#)
}

fn order(id: i64) -> String {
    format!(r#"{{"id": {id}}}"#)
}

#[test]
fn the_event_of_the_same_key_ends_an_execution_through_a_restart() {
    on_every_store(|store| {
        let daemon = Daemon::of_rules(store, RULE);
        daemon.handle("a", CREATED, &order(1));
        daemon.handle("b", CREATED, &order(2));
        assert!(daemon.handle("other", PAID, &paid(3, 5000)).stopped.is_empty());
        assert!(daemon.handle("less", PAID, &paid(1, 1000)).stopped.is_empty());
        let daemon = daemon.restarted(rules(RULE));
        daemon.driver.recover().unwrap();
        assert_eq!(daemon.handle("more", PAID, &paid(1, 1001)).stopped.len(), 1);
        assert!(daemon.handle("again", PAID, &paid(1, 1001)).stopped.is_empty());
        let ended = format!("a cancelled (`{PAID}` arrived: more), b waiting");
        assert_eq!(daemon.all(), ended);
        assert_eq!(daemon.handle("c", CANCELLED, &order(2)).stopped.len(), 1);
        let due = SignedDuration::from_hours(72);
        daemon.clock.advance(due);
        assert_eq!(
            daemon.all(),
            ended.replace("b waiting", &format!("b cancelled (`{CANCELLED}` arrived: c)"))
        );
        assert!(daemon.calls().is_empty());
    });
}

#[test]
fn an_ended_execution_is_not_found_any_more_and_its_timer_does_nothing() {
    on_every_store(|store| {
        let daemon = Daemon::of_rules(store.clone(), RULE);
        let effects = daemon.handle("a", CREATED, &order(1)).effects;
        daemon.handle("paid", PAID, &paid(1, 2000));
        daemon.run(effects);
        assert!(daemon.calls().is_empty());
        let daemon = daemon.restarted(rules(RULE));
        assert!(daemon.driver.recover().unwrap().is_empty());
        let effects = daemon.handle("b", CREATED, &order(2)).effects;
        daemon.run(effects);
        assert_eq!(daemon.calls(), [r#"log.write {"message":"order 2"}"#]);
        assert!(daemon.handle("late", PAID, &paid(2, 2000)).stopped.is_empty(), "it has completed");
    });
}

#[test]
fn what_counts_is_the_order_of_arrival_and_not_that_of_matching() {
    on_every_store(|store| {
        let daemon = Daemon::of_rules(store, RULE);
        let before = daemon.accept("before", PAID, &paid(1, 2000));
        let created = daemon.accept("created", CREATED, &order(1));
        let after = daemon.accept("after", PAID, &paid(1, 2000));
        // Another thread is faster with what came later.
        daemon.driver.handle_event(&after).unwrap();
        assert_eq!(daemon.driver.handle_event(&created).unwrap().stopped.len(), 1);
        daemon.driver.handle_event(&before).unwrap();
        assert_eq!(daemon.all(), format!("created cancelled (`{PAID}` arrived: after)"));

        let created = daemon.accept("second", CREATED, &order(2));
        let before = daemon.accept("none", PAID, &paid(3, 2000));
        daemon.driver.handle_event(&created).unwrap();
        daemon.driver.handle_event(&before).unwrap();
        assert!(daemon.all().ends_with("second waiting"));
    });
}

#[test]
fn an_earlier_event_that_is_matched_later_ends_nothing() {
    on_every_store(|store| {
        let daemon = Daemon::of_rules(store, RULE);
        let before = daemon.accept("before", PAID, &paid(1, 2000));
        daemon.handle("created", CREATED, &order(1));
        assert!(daemon.driver.handle_event(&before).unwrap().stopped.is_empty());
        assert_eq!(daemon.all(), "created waiting");
    });
}

#[test]
fn the_event_that_begins_an_execution_ends_those_before_it_only() {
    on_every_store(|store| {
        let text = "rule remind
            until shop.cart.updated where it.id == id
            when shop.cart.updated
            then wait 3 days
                 log.write(message: id)";
        let daemon = Daemon::of_rules(store, text);
        for id in ["a", "b", "c"] {
            daemon.handle(id, "shop.cart.updated", r#"{"id": "cart"}"#);
        }
        let by = |id| format!("cancelled (`shop.cart.updated` arrived: {id})");
        assert_eq!(daemon.all(), format!("a {}, b {}, c waiting", by("b"), by("c")));
    });
}

#[test]
fn an_event_that_was_matched_before_a_crash_reaches_those_who_wait() {
    on_every_store(|store| {
        let daemon = Daemon::of_rules(store.clone(), RULE);
        daemon.handle("created", CREATED, &order(1));
        // Matched, and nobody was told: the crash came between.
        let paid = daemon.accept("paid", PAID, &paid(1, 2000));
        store.apply(&[Change::EventMatched(paid.sequence)]).unwrap();
        let daemon = daemon.restarted(rules(RULE));
        daemon.driver.recover().unwrap();
        assert_eq!(daemon.all(), format!("created cancelled (`{PAID}` arrived: paid)"));
    });
}

#[test]
fn executions_of_a_former_version_are_ended_as_that_version_says() {
    on_every_store(|store| {
        // It makes a call, as what only waits is not kept in memory with the version that it began with.
        let text = RULE.replace("wait 3 days", "log.write(message: \"first\")");
        let daemon = Daemon::of_rules(store, &text);
        daemon.handle("old", CREATED, r#"{"id": 1, "number": "n1"}"#);
        let next = text.replace("it.id == id", "it.number == number");
        daemon.driver.load(Arc::new(rules(&next)));
        daemon.handle("new", CREATED, r#"{"id": 2, "number": "n2"}"#);
        daemon.handle("c1", CANCELLED, r#"{"id": 1, "number": "n2"}"#);
        let by = |id| format!("cancelled (`{CANCELLED}` arrived: {id})");
        assert_eq!(daemon.all(), format!("old {}, new {}", by("c1"), by("c1")));
    });
}

#[test]
fn a_call_under_way_is_not_taken_back() {
    on_every_store(|store| {
        let text = RULE.replace("wait 3 days", "log.write(message: \"first\")");
        let daemon = Daemon::of_rules(store, &text);
        let effects = daemon.handle("created", CREATED, &order(1)).effects;
        assert_eq!(daemon.handle("paid", PAID, &paid(1, 2000)).stopped.len(), 1);
        daemon.run(effects);
        assert_eq!(daemon.history("remind"), "cancelled: 1.1 log.write completed");
    });
}

#[test]
fn an_execution_that_failed_is_ended_by_what_came_meanwhile_when_it_is_taken_up_again() {
    on_every_store(|store| {
        let text = RULE.replace("wait 3 days", "log.write(message: \"first\")");
        let daemon = Daemon::of_rules(store, &text);
        daemon.answers([Err(Failure { message: "no such log".into(), certain: true, ..Failure::default() })]);
        daemon.run(daemon.handle("created", CREATED, &order(1)).effects);
        assert_eq!(daemon.all(), "created failed");
        daemon.handle("other", PAID, &paid(2, 2000));
        assert!(daemon.handle("paid", PAID, &paid(1, 2000)).stopped.is_empty());
        let id = daemon.execution("remind").id;
        let (state, effects) = daemon.driver.control(&id, Control::Retry { skip: false }).unwrap().unwrap();
        assert_eq!(effects, []);
        assert_eq!(state.status, Status::Cancelled);
        assert_eq!(daemon.all(), format!("created cancelled (`{PAID}` arrived: paid)"));
        assert_eq!(daemon.history("remind"), "cancelled: 1.1 log.write failed");
    });
}
