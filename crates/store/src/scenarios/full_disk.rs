//! A store that cannot be written, or read, for a while.

use super::*;
use crate::Faulty;

#[test]
fn nothing_is_done_before_it_is_recorded_and_nothing_is_lost_on_a_full_disk() {
    let store = Arc::new(Faulty::over(Arc::new(Memory::new())));
    let daemon = Daemon::with(store.clone());
    let (_, new) = daemon.driver.accept(vec![event("e1", r#"{"total": 11}"#, daemon.clock.now())]).unwrap();
    let full = Error::Full { store: "x".into() };
    let set = |is_full: bool| store.fail_writes(is_full.then(|| full.clone()));

    set(true);
    assert_eq!(daemon.driver.handle_event(&new[0]).unwrap_err(), Error::Full { store: "x".into() });
    assert!(daemon.driver.accept(vec![event("e2", "{}", daemon.clock.now())]).is_err());
    assert_eq!(store.event(new[0].sequence).unwrap().unwrap().state, EventState::Accepted);

    set(false);
    let Effect::Call(call) = daemon.driver.handle_event(&new[0]).unwrap().effects.remove(0) else { panic!() };
    let finished = block_on(daemon.driver.perform(call));
    set(true);
    assert!(daemon.driver.complete(finished.clone()).is_err());
    set(false);
    daemon.run(daemon.driver.complete(finished).unwrap());
    assert_eq!(daemon.history("vip"), "completed: 1.1 crm.add completed, 2.1 mail.send completed");
}

#[test]
fn what_fired_is_handed_out_later_where_the_store_cannot_be_read_after_it_was_written() {
    let text = "rule hourly when every 1 hours then log.write(message: \"tick\")
        rule stuck when shop.product.stock falls below 10 then log.write(message: \"low\")";
    let store = Arc::new(Faulty::over(Arc::new(Memory::new())));
    let daemon = Daemon::of_rules(store.clone(), text);
    daemon.driver.recover().unwrap();
    for (id, stock) in [("e1", 20), ("e2", 5)] {
        daemon.accept(id, "shop.product.updated", &format!(r#"{{"id": 1, "stock": {stock}}}"#));
    }
    daemon.clock.advance(SignedDuration::from_hours(1));
    store.fail_reads_after_a_write(Error::Locked { store: "x".into() });
    assert!(daemon.driver.fire().is_err());
    store.fail_reads(None);
    store.fail_reads_after_a_write(Error::Locked { store: "x".into() });
    assert!(daemon.driver.look().is_err());
    store.fail_reads(None);
    let effects = daemon.driver.fire().unwrap().effects;
    let mut handed: Vec<_> = effects
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Handle(event) => Some(event.event.name.to_string()),
            Effect::Call(_) | Effect::WakeAt { .. } | Effect::WatchAt(_) => None,
        })
        .collect();
    handed.sort();
    assert_eq!(handed, ["hence.schedule.due", "shop.product.stock"]);
}
