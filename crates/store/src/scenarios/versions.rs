//! Executions go on in the version of their rule that they began with, whatever is loaded meanwhile.

use super::*;
use hence_engine::Caches;

const OLD: &str = r#"
rule remind
when shop.order.created
then wait 3 days
     log.write(message: "old")

rule chase
when shop.order.created
then let paid = wait for shop.payment.received where it.order_id == id, up to 7 days
     if paid is present {
       log.write(message: "old, paid")
     }
"#;

const NEW: &str = r#"
rule remind
when shop.order.created
then log.write(message: "new")
"#;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn order(id: u32) -> String {
    format!(r#"{{"id": {id}}}"#)
}

#[test]
fn a_wait_outlives_the_version_of_its_rule_and_the_rule_itself() {
    on_every_store(|store| {
        let daemon = Daemon::of_rules(store.clone(), OLD);
        daemon.handle("e1", "shop.order.created", &order(1));
        let kept: Vec<String> =
            store.kept_rules().unwrap().iter().map(|(rule, _)| rule.to_string()).collect();
        assert_eq!(kept, ["chase", "remind"]);

        let daemon = daemon.restarted(rules(NEW));
        daemon.do_now(daemon.driver.recover().unwrap());
        daemon.do_now(daemon.handle("e2", "shop.order.created", &order(2)).effects);
        assert_eq!(daemon.calls(), [r#"log.write {"message":"new"}"#]);
        // The rule `chase` is gone, and its execution still hears of the payment.
        let payment = r#"{"order_id": 1, "amount": 2000, "currency": "EUR"}"#;
        daemon.do_now(daemon.handle("p1", "shop.payment.received", payment).effects);
        let daemon = daemon.restarted(rules(NEW));
        daemon.do_now(daemon.driver.recover().unwrap());
        daemon.move_to(daemon.clock.now() + DAY * 3);
        assert_eq!(daemon.calls(), [r#"log.write {"message":"old"}"#]);
        assert_eq!(daemon.all(), "e1 completed, e1 completed, e2 completed");
    });
}

#[test]
fn a_version_that_is_loaded_over_goes_on_though_nothing_of_it_is_in_memory() {
    on_every_store(|store| {
        let daemon = Daemon::of_rules(store, OLD);
        daemon.handle("e1", "shop.order.created", &order(1));
        daemon.driver.load(Arc::new(rules(NEW)));
        daemon.move_to(daemon.clock.now() + DAY * 3);
        assert_eq!(daemon.calls(), [r#"log.write {"message":"old"}"#]);
        // The execution waited in the store, and was read once with its version; its call found it in memory.
        let Caches { executions, rule_versions } = daemon.driver.caches();
        assert_eq!((executions.misses, rule_versions.misses), (1, 1));
        assert!(executions.hits > 0, "{executions:?}");
        assert!(executions.hits > 0, "{executions:?}");
    });
}
