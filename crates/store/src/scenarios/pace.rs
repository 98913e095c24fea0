//! How often rules run, and for whom: `once`, `limit`, `rollout`, `variant`, `debounce`, `overlap`.

use super::*;

const CART: &str = "shop.cart.updated";

/// Returns the rule with these clauses; it writes the id of its cart, then waits an hour and writes it again.
fn rule(clauses: &str) -> String {
    format!(
        "rule remind\n{clauses}\nwhen shop.cart.updated\nthen log.write(message: \"first {{id}}\")\n wait 1 h\n \
         log.write(message: \"second {{id}}\")"
    )
}

/// A daemon that does what is due as time passes.
struct Timed {
    daemon: Daemon,
    text: String,
}

impl Timed {
    fn new(store: Arc<dyn Store>, clauses: &str) -> Self {
        let text = rule(clauses);
        Self { daemon: Daemon::of_rules(store, &text), text }
    }

    fn cart(&mut self, event: &str, cart: &str) {
        let payload = format!(r#"{{"id": "{cart}"}}"#);
        let effects = self.daemon.handle(event, CART, &payload).effects;
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Call(call) => {
                    let finished = block_on(self.daemon.driver.perform(call));
                    queue.extend(self.daemon.driver.complete(finished).unwrap());
                }
                // The store knows of it.
                Effect::WakeAt { .. } => {}
                Effect::Handle(_) | Effect::WatchAt(_) => panic!("{effect:?}"),
            }
        }
    }

    /// Lets so many minutes pass, and does what is due.
    fn pass(&mut self, minutes: i64) {
        let until = self.daemon.clock.now() + SignedDuration::from_mins(minutes);
        while let Some(at) =
            self.daemon.driver.store().next_due().unwrap().execution.filter(|at| *at <= until)
        {
            let wait = at.duration_since(self.daemon.clock.now()).max(SignedDuration::ZERO);
            self.daemon.clock.advance(wait);
            let now = self.daemon.clock.now();
            for execution in self.daemon.driver.store().due_executions(now, 1).unwrap() {
                let effects = self.daemon.driver.wake(&execution).unwrap();
                self.perform(effects);
            }
        }
        self.daemon.clock.advance(until.duration_since(self.daemon.clock.now()));
    }

    /// Starts anew on the same store, as after a crash; what was called before is forgotten.
    fn restart(&mut self) {
        self.daemon = self.daemon.restarted(rules(&self.text));
        let effects = self.daemon.driver.recover().unwrap();
        self.perform(effects);
    }

    /// Returns what was written to the log.
    fn written(&self) -> String {
        let calls = self.daemon.connector.calls.lock().unwrap();
        let texts = calls.iter().map(|call| call.arguments["message"].as_str().unwrap().to_owned());
        texts.collect::<Vec<_>>().join(", ")
    }
}

#[test]
fn once_is_once_for_each_key_through_restarts() {
    on_every_store(|store| {
        let mut timed = Timed::new(store, "once per id");
        timed.cart("e1", "a");
        timed.cart("e2", "a");
        timed.cart("e3", "b");
        timed.pass(10_000_000);
        timed.restart();
        timed.cart("e4", "a");
        let ran = "`once per id`: it ran before";
        let expected = format!("e1 completed, e2 throttled ({ran}), e3 completed, e4 throttled ({ran})");
        assert_eq!(timed.daemon.all(), expected);
        assert_eq!(timed.written(), "");
    });
}

#[test]
fn a_limit_counts_over_a_window_that_slides() {
    on_every_store(|store| {
        let mut timed = Timed::new(store.clone(), "limit 2 per 30 m by id");
        for (event, minutes) in [("e1", 0), ("e2", 20), ("e3", 9), ("e4", 1), ("e5", 10), ("e6", 10)] {
            timed.pass(minutes);
            timed.cart(event, "a");
        }
        timed.cart("e7", "b");
        // Begun at 0, 20, 30 and 50 minutes.
        let states: Vec<_> = timed.daemon.all().split(", ").map(|part| part.to_owned()).collect();
        let throttled: Vec<_> = states.iter().filter(|state| state.contains("throttled")).collect();
        let reason = "(`limit 2 per 30 m by id` is reached)";
        assert_eq!(throttled, [&format!("e3 throttled {reason}"), &format!("e5 throttled {reason}")]);
        assert_eq!(states.len(), 7);
    });
}

#[test]
fn limits_of_several_keys_stand_side_by_side() {
    on_every_store(|store| {
        let mut timed = Timed::new(store, "once per id, today limit 3 per 7 days");
        for (event, cart) in [("e1", "a"), ("e2", "a"), ("e3", "b"), ("e4", "c"), ("e5", "d")] {
            timed.cart(event, cart);
        }
        timed.pass(24 * 60);
        timed.cart("e6", "a");
        timed.pass(7 * 24 * 60);
        timed.cart("e7", "a");
        let all = timed.daemon.all();
        let begun = |event: &str| !all.contains(&format!("{event} throttled"));
        let begun = ["e1", "e2", "e3", "e4", "e5", "e6", "e7"].map(begun);
        assert_eq!(begun, [true, false, true, true, false, false, true], "{all}");
    });
}

#[test]
fn otherwise_counts_for_no_limit() {
    on_every_store(|store| {
        let text = "rule vip once per id when shop.cart.updated if total > 10 EUR
            then log.write(message: \"big\") otherwise log.write(message: \"small\")";
        let daemon = Daemon::of_rules(store, text);
        for (event, total) in [("e1", "5"), ("e2", "20"), ("e3", "5"), ("e4", "20")] {
            let payload = format!(r#"{{"id": "a", "total": "{total}", "currency": "EUR"}}"#);
            let effects = daemon.handle(event, CART, &payload).effects;
            daemon.run(effects);
        }
        let ran = "`once per id`: it ran before";
        assert_eq!(daemon.all(), format!("e1 completed, e2 completed, e3 completed, e4 throttled ({ran})"));
    });
}

#[test]
fn a_key_that_is_missing_has_no_answer() {
    on_every_store(|store| {
        let daemon = Daemon::of_rules(store, &rule("once per id"));
        let handled = daemon.handle("e1", CART, r#"{"id": null}"#);
        let [verdict] = &handled.verdicts[..] else { panic!() };
        let hence_engine::Match::Undecided(error) = &verdict.result else { panic!("{verdict:?}") };
        assert_eq!(error.to_string(), "the key of `once per id` is missing [H5002]");
        assert_eq!(daemon.all(), "");
    });
}

#[test]
fn a_rollout_lets_the_same_keys_in_always_and_more_keep_them() {
    let inside = |share: u32| -> Vec<u32> {
        let daemon = Daemon::of_rules(Arc::new(Memory::new()), &rule(&format!("rollout {share}% by id")));
        let runs = |cart: &u32| {
            let handled = daemon.handle(&format!("e{cart}"), CART, &format!(r#"{{"id": "{cart}"}}"#));
            !handled.executions.is_empty()
        };
        (0..300).filter(runs).collect()
    };
    let (tenth, half) = (inside(10), inside(50));
    assert_eq!(tenth, inside(10));
    assert!((15..=50).contains(&tenth.len()) && (120..=180).contains(&half.len()), "{}", half.len());
    assert!(tenth.iter().all(|cart| half.contains(cart)));
    assert_eq!((inside(0).len(), inside(100).len()), (0, 300));
}

#[test]
fn variants_are_recorded_and_counted_and_the_same_key_keeps_its_own() {
    on_every_store(|store| {
        let text = rule("variant short 30%, long 70% by id").replace("first {id}", "{variant} {id}");
        let daemon = Daemon::of_rules(store.clone(), &text);
        for event in 0..200 {
            let payload = format!(r#"{{"id": "{}"}}"#, event % 100);
            let effects = daemon.handle(&format!("e{event}"), CART, &payload).effects;
            let Some(Effect::Call(call)) = effects.into_iter().next() else { panic!() };
            daemon.driver.complete(block_on(daemon.driver.perform(call))).unwrap();
        }
        let counts = store.variants("remind").unwrap();
        let [(long, of_long), (short, of_short)] = &counts[..] else { panic!("{counts:?}") };
        assert_eq!((&**long, &**short, of_long + of_short), ("long", "short", 200));
        assert!((90..=180).contains(of_long), "{of_long}");
        let mut written: Vec<String> = daemon.calls();
        written.sort();
        written.dedup();
        assert_eq!(written.len(), 100, "each key has one variant");
        let page = store.executions(&ExecutionFilter::default(), None, 1000).unwrap();
        assert!(page.items.iter().all(|execution| execution.variant.is_some()));
    });
}

#[test]
fn debounce_runs_once_with_the_last_event_after_it_has_been_quiet() {
    on_every_store(|store| {
        let mut timed = Timed::new(store, "debounce 10 m by id");
        timed.cart("e1", "a");
        timed.pass(9);
        timed.cart("e2", "a");
        timed.cart("e3", "b");
        timed.pass(9);
        assert_eq!(timed.written(), "");
        timed.restart();
        timed.pass(1);
        let mut written: Vec<_> = timed.written().split(", ").map(str::to_owned).collect();
        written.sort();
        assert_eq!(written, ["first a", "first b"]);
        let replaced = "e1 skipped (`debounce 10 m by id`: e2 came after it)";
        assert_eq!(timed.daemon.all(), format!("{replaced}, e2 waiting, e3 waiting"));
        timed.pass(100);
        timed.cart("e4", "a");
        assert!(timed.daemon.all().ends_with("e4 pending"));
    });
}

#[test]
fn an_event_that_is_matched_late_does_not_take_the_place_of_a_later_one() {
    on_every_store(|store| {
        let daemon = Daemon::of_rules(store, &rule("debounce 10 m by id"));
        let early = daemon.accept("early", CART, r#"{"id": "a"}"#);
        daemon.handle("late", CART, r#"{"id": "a"}"#);
        daemon.driver.handle_event(&early).unwrap();
        let all = daemon.all();
        assert_eq!(all, "late pending, early skipped (`debounce 10 m by id`: late came after it)");
    });
}

#[test]
fn limits_count_what_runs_and_not_what_was_replaced() {
    on_every_store(|store| {
        let mut timed = Timed::new(store, "debounce 10 m by id limit 1 per 1 h by id");
        for event in ["e1", "e2", "e3"] {
            timed.cart(event, "a");
            timed.pass(1);
        }
        timed.pass(10);
        timed.cart("e4", "a");
        timed.pass(11);
        assert_eq!(timed.written(), "first a");
        assert!(timed.daemon.all().ends_with("e4 throttled (`limit 1 per 1 h by id` is reached)"));
    });
}

#[test]
fn overlap_skip_runs_one_at_a_time() {
    on_every_store(|store| {
        let mut timed = Timed::new(store, "overlap skip by id");
        timed.cart("e1", "a");
        timed.cart("e2", "a");
        timed.cart("e3", "b");
        timed.pass(60);
        timed.cart("e4", "a");
        let skipped = "e2 skipped (`overlap skip by id`: e1 still runs)";
        assert_eq!(timed.daemon.all(), format!("e1 completed, {skipped}, e3 completed, e4 waiting"));
    });
}

#[test]
fn overlap_queue_runs_one_after_the_other_in_order_through_restarts() {
    on_every_store(|store| {
        let mut timed = Timed::new(store, "overlap queue by id");
        for event in ["e1", "e2", "e3", "e4"] {
            timed.cart(event, "a");
        }
        timed.cart("other", "b");
        assert_eq!(timed.daemon.all(), "e1 waiting, e2 pending, e3 pending, e4 pending, other waiting");
        timed.restart();
        assert_eq!(timed.daemon.all(), "e1 waiting, e2 pending, e3 pending, e4 pending, other waiting");
        timed.pass(60);
        assert!(
            timed.daemon.all().starts_with("e1 completed, e2 waiting, e3 pending"),
            "{}",
            timed.daemon.all()
        );
        // The next one begins also where the one before is cancelled, or is itself.
        let page = timed.daemon.driver.store().executions(&ExecutionFilter::default(), None, 10).unwrap();
        let id = |event: &str| page.items.iter().find(|found| &*found.event_id == event).unwrap().id.clone();
        timed.daemon.driver.control(&id("e3"), CANCEL).unwrap().ok();
        timed.daemon.driver.control(&id("e2"), CANCEL).unwrap().ok();
        let all = "e1 completed, e2 cancelled, e3 cancelled, e4 running, other completed";
        assert_eq!(timed.daemon.all(), all);
        timed.restart();
        timed.pass(60);
        assert!(timed.daemon.all().contains("e4 completed"), "{}", timed.daemon.all());
    });
}

#[test]
fn a_queue_goes_on_behind_a_paused_execution_that_a_restart_ends() {
    on_every_store(|store| {
        let text = "rule mail\n  overlap queue by id\nwhen shop.cart.updated\nthen email.send(to: \"a@example.com\", subject: \"s\", body: \"b\")\n";
        let daemon = Daemon::of_rules(store.clone(), text);
        let called = daemon.handle("e1", CART, r#"{"id": "a"}"#).effects;
        assert!(matches!(&*called, [Effect::Call(_)]));
        daemon.handle("e2", CART, r#"{"id": "a"}"#);
        let filter = ExecutionFilter { status: Some(Status::Running), ..ExecutionFilter::default() };
        let running = store.executions(&filter, None, 2).unwrap().items.remove(0);
        daemon.driver.control(&running.id, Control::Pause).unwrap().unwrap();
        // The call was under way and must not be repeated, so its execution fails; the next is begun and called.
        let daemon = daemon.restarted(rules(text));
        let effects = daemon.driver.recover().unwrap();
        assert!(matches!(&*effects, [Effect::Call(_)]), "{effects:?}");
    });
}

#[test]
fn a_queue_goes_on_after_a_crash_between_an_end_and_the_next_beginning() {
    on_every_store(|store| {
        let mut timed = Timed::new(store.clone(), "overlap queue by id");
        timed.cart("e1", "a");
        timed.cart("e2", "a");
        let filter = ExecutionFilter { status: Some(Status::Waiting), ..ExecutionFilter::default() };
        let running = store.executions(&filter, None, 2).unwrap().items.remove(0);
        let revision = running.revision + 1;
        let id = running.id.clone();
        let over = Execution {
            status: Status::Completed,
            ended_at: Some(timed.daemon.clock.now()),
            revision,
            ..running
        };
        store.apply(&[Change::ExecutionChanged(Box::new(over)), Change::WaitsEnded(id)]).unwrap();
        timed.restart();
        assert_eq!(timed.daemon.all(), "e1 completed, e2 waiting");
    });
}

#[test]
fn a_long_queue_of_rules_that_end_at_once_needs_no_room_on_the_stack() {
    let text = "rule remind overlap queue by id when shop.cart.updated then if total > 10 EUR { wait 1 h }";
    let daemon = Daemon::of_rules(Arc::new(Memory::new()), text);
    let cart = |total: u32| format!(r#"{{"id": "a", "total": "{total}", "currency": "EUR"}}"#);
    let effects = daemon.handle("first", CART, &cart(20)).effects;
    for event in 0..1000 {
        daemon.handle(&format!("e{event}"), CART, &cart(1));
    }
    daemon.run(effects);
    let filter = ExecutionFilter { status: Some(Status::Completed), ..ExecutionFilter::default() };
    assert_eq!(daemon.driver.store().executions(&filter, None, 9999).unwrap().items.len(), 1001);
}

#[test]
fn overlap_restart_ends_the_first() {
    on_every_store(|store| {
        let mut timed = Timed::new(store, "overlap restart by id");
        timed.cart("e1", "a");
        timed.pass(30);
        timed.cart("e2", "a");
        timed.pass(60);
        assert_eq!(timed.written(), "first a, first a, second a");
        let ended = "e1 cancelled (`overlap restart by id`: e2 came after it)";
        assert_eq!(timed.daemon.all(), format!("{ended}, e2 completed"));
    });
}

#[test]
fn an_event_that_ends_a_rule_also_ends_what_is_held_or_stands_in_a_queue() {
    on_every_store(|store| {
        for clauses in ["debounce 10 m by id", "overlap queue by id"] {
            let clauses = format!("{clauses} until shop.cart.abandoned where it.id == id");
            let store: Arc<dyn Store> =
                if clauses.starts_with("debounce") { store.clone() } else { Arc::new(Memory::new()) };
            let mut timed = Timed::new(store, &clauses);
            timed.cart("e1", "a");
            timed.cart("e2", "a");
            let handled = timed.daemon.handle("gone", "shop.cart.abandoned", r#"{"id": "a"}"#);
            timed.perform(handled.effects);
            timed.pass(1000);
            assert!(!timed.written().contains("second"), "{}", timed.written());
            assert!(timed.daemon.all().contains("e2 cancelled"), "{}", timed.daemon.all());
        }
    });
}

#[test]
fn events_of_one_key_on_many_threads_begin_one_execution() {
    on_every_store(|store| {
        for (round, clauses) in
            ["once per id", "overlap skip by id", "limit 1 per 1 h by id"].iter().enumerate()
        {
            let text = rule(clauses).replace("rule remind", &format!("rule remind{round}"));
            let daemon = Daemon::of_rules(store.clone(), &text);
            let events: Vec<_> = (0..16)
                .map(|event| daemon.accept(&format!("{round}.{event}"), CART, r#"{"id": "a"}"#))
                .collect();
            std::thread::scope(|scope| {
                for events in events.chunks(4) {
                    let driver = &daemon.driver;
                    scope.spawn(move || {
                        events.iter().for_each(|event| drop(driver.handle_event(event).unwrap()));
                    });
                }
            });
            let filter =
                ExecutionFilter { rule: Some(format!("remind{round}").into()), ..ExecutionFilter::default() };
            let all = store.executions(&filter, None, 100).unwrap().items;
            let begun = all.iter().filter(|execution| execution.status.is_begun()).count();
            assert_eq!((all.len(), begun), (16, 1), "{clauses}");
        }
    });
}
