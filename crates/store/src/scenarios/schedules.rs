//! Schedules and many waits, on every store.

use hence_engine::Target;
use hence_ir::{Header, Watch, WatchKind};
use hence_schedule::{Missed, Recurrence, Schedule};

use super::*;

/// The rule `tick` calls `sms.send` every so many seconds.
fn ticking(seconds: u32, missed: Missed) -> Program {
    let mut program = program("v1");
    program.rules.remove(0);
    program.events.clear();
    let schedule = Schedule { recurrence: Recurrence::Seconds(seconds), zone: None, missed };
    let rule = &mut program.rules[0];
    rule.name = "tick".into();
    rule.triggers = vec!["hence.schedule.due".into()];
    rule.watches = vec![Watch { trigger: 0, kind: WatchKind::Schedule(schedule) }];
    rule.plan.slots[0].source = Source::Payload(vec!["due".into()]);
    rule.plan.slots[0].ty = Type::DateTime;
    program
}

fn at(text: &str) -> Timestamp {
    format!("2026-01-01T{text}Z").parse().unwrap()
}

/// Starts at midnight.
fn begin(store: Arc<dyn Store>, program: Program) -> Daemon {
    let daemon = Daemon::start(store, program, Arc::new(ManualClock::new(at("00:00"))));
    assert!(daemon.driver.recover().unwrap().is_empty());
    daemon
}

/// Returns the times for which the rule was started, in the order it was, as its calls show them.
fn ticks(daemon: &Daemon) -> String {
    let calls = daemon.calls();
    let ticks = calls.iter().map(|call| {
        let (_, time) = call.split_once('T').unwrap_or_default();
        time.get(..5).unwrap_or_default().to_owned()
    });
    ticks.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_schedule_starts_its_rule_at_its_times() {
    on_every_store(|store| {
        let daemon = begin(store.clone(), ticking(900, Missed::Once));
        for time in ["00:14", "00:15", "00:16", "00:30"] {
            daemon.move_to(at(time));
        }
        assert_eq!(ticks(&daemon), "00:15 00:30");
        assert_eq!(store.next_due().unwrap().timer, Some(at("00:45")));
        let events = store.events(&EventFilter::default(), None, 10).unwrap().items;
        let [second, first] = &events[..] else { panic!("{events:?}") };
        assert_eq!(*first.event.payload, *r#"{"due":"2026-01-01T00:15:00Z"}"#);
        let payload = r#"{"due":"2026-01-01T00:30:00Z","previous":"2026-01-01T00:15:00Z"}"#;
        assert_eq!(*second.event.payload, *payload);
        assert_eq!(second.event.target, Some(Target { rule: "tick".into(), trigger: 0 }));
    });
}

#[test]
fn times_missed_while_nothing_ran_are_made_up_for_as_the_schedule_says() {
    for (missed, expected) in [
        (Missed::Once, "00:15 01:00 01:15"),
        (Missed::All, "00:15 00:30 00:45 01:00 01:15"),
        (Missed::Skip, "00:15 01:15"),
    ] {
        on_every_store(|store| {
            let daemon = begin(store.clone(), ticking(900, missed));
            daemon.move_to(at("00:15"));
            let before = ticks(&daemon);
            let daemon = daemon.restarted(ticking(900, missed));
            daemon.clock.advance(SignedDuration::from_mins(50));
            assert!(daemon.driver.recover().unwrap().is_empty());
            daemon.move_to(at("01:05"));
            daemon.move_to(at("01:15"));
            assert_eq!(format!("{before} {}", ticks(&daemon)), expected);
        });
    }
}

#[test]
fn a_firing_that_a_crash_cuts_off_before_its_rule_ran_is_taken_up() {
    on_every_store(|store| {
        let daemon = begin(store.clone(), ticking(900, Missed::Once));
        daemon.clock.advance(SignedDuration::from_mins(15));
        assert_eq!(daemon.driver.fire().unwrap().effects.len(), 1);
        let daemon = daemon.restarted(ticking(900, Missed::Once));
        assert!(daemon.driver.recover().unwrap().is_empty());
        for stored in store.unmatched(10).unwrap() {
            daemon.do_now(daemon.driver.handle_event(&stored).unwrap().effects);
        }
        daemon.move_to(at("00:20"));
        assert_eq!(ticks(&daemon), "00:15");
    });
}

#[test]
fn a_rule_that_goes_away_or_is_disabled_is_no_longer_started_and_begins_anew() {
    on_every_store(|store| {
        let daemon = begin(store.clone(), ticking(900, Missed::All));
        let load = |program: Program| {
            daemon.driver.load(Arc::new(program));
            daemon.driver.watch().unwrap();
        };
        load(Program::default());
        assert_eq!((store.watched().unwrap(), store.next_due().unwrap().timer), (Vec::new(), None));
        daemon.move_to(at("01:00"));
        load(ticking(900, Missed::All));
        daemon.move_to(at("01:15"));
        let mut disabled = ticking(900, Missed::All);
        disabled.rules[0].header = Header { disabled: true, ..Header::default() };
        load(disabled);
        daemon.move_to(at("02:00"));
        load(ticking(900, Missed::All));
        daemon.move_to(at("02:15"));
        assert_eq!(ticks(&daemon), "01:15 02:15");
    });
}

#[test]
fn another_schedule_begins_anew_and_the_same_goes_on() {
    on_every_store(|store| {
        let daemon = begin(store.clone(), ticking(900, Missed::Once));
        daemon.driver.load(Arc::new(ticking(900, Missed::Once)));
        daemon.driver.watch().unwrap();
        daemon.move_to(at("00:15"));
        daemon.driver.load(Arc::new(ticking(3600, Missed::Once)));
        daemon.driver.watch().unwrap();
        daemon.move_to(at("00:30"));
        daemon.move_to(at("01:00"));
        assert_eq!(ticks(&daemon), "00:15 01:00");
    });
}

#[test]
fn a_rule_outside_its_window_is_not_started() {
    on_every_store(|store| {
        let mut program = ticking(900, Missed::Once);
        program.rules[0].header.from = Some(at("00:20"));
        let daemon = begin(store, program);
        daemon.move_to(at("00:15"));
        daemon.move_to(at("00:30"));
        assert_eq!(ticks(&daemon), "00:30");
    });
}

#[test]
fn an_event_that_is_addressed_starts_no_other_rule_and_none_that_does_not_watch() {
    on_every_store(|store| {
        let mut program = ticking(900, Missed::Once);
        let other = Rule { name: "other".into(), ..program.rules[0].clone() };
        program.rules.push(other);
        let daemon = begin(store, program.clone());
        let target = |rule: &str, trigger| Some(Target { rule: rule.into(), trigger });
        let send = |id: &str, target| {
            let payload = r#"{"due":"2026-01-01T00:15:00Z"}"#;
            let event =
                NewEvent { name: "hence.schedule.due".into(), target, ..event(id, payload, at("00:15")) };
            let (_, new) = daemon.driver.accept(vec![event]).unwrap();
            daemon.driver.handle_event(&new[0]).unwrap().verdicts.len()
        };
        assert_eq!(send("e1", target("other", 0)), 1);
        assert_eq!(send("e2", target("other", 1)), 0);
        assert_eq!(send("e3", target("gone", 0)), 0);
        assert_eq!(send("e4", None), 0);
    });
}

#[test]
fn what_waits_is_not_kept_in_memory_and_wakes_only_when_it_is_due() {
    on_every_store(|store| {
        let mut program = program("v1");
        let span = Span::default();
        let rule = &mut program.rules[1];
        rule.code.constants.push(Value::Duration(SignedDuration::from_hours(1)));
        let constant = ConstantId(u32::try_from(rule.code.constants.len() - 1).unwrap());
        rule.code.nodes.push(Node { operation: Operation::Constant(constant), span });
        let hour = NodeId(u32::try_from(rule.code.nodes.len() - 1).unwrap());
        rule.then.insert(0, Step::Wait { time: hour, span });
        let daemon = Daemon::start(store.clone(), program, Arc::new(ManualClock::new(at("00:00"))));
        for number in 0..20 {
            daemon.do_now(daemon.receive(&format!("e{number}"), r#"{"total": 1}"#));
            daemon.clock.advance(SignedDuration::from_mins(1));
        }
        assert_eq!(daemon.driver.active(), 0);
        daemon.move_to(at("01:04"));
        assert_eq!(daemon.calls().len(), 5);
        assert_eq!(store.next_due().unwrap().execution, Some(at("01:05")));
        daemon.run(Vec::new());
        assert_eq!(daemon.calls().len(), 20);
    });
}
