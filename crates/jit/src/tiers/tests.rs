//! That every tier gives the interpreter's answers, and that hot conditions are compiled.

use std::sync::Arc;

use hence_builtins::Context;
use hence_ir::{Program, Rule, RuleId};
use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_vm::{Conditions, Evaluator, EventInput, Slots};

use super::{HOT, Mode, Tiers, WARM};
use crate::sample::{EVENT, complex, medium, simple};

fn context() -> Context {
    Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC }
}

fn slots(rule: &Rule, payload: &str) -> Slots {
    let time = Timestamp::UNIX_EPOCH;
    hence_vm::decode(&rule.plan, &EventInput { name: EVENT, id: "evt-1", time, source: "shop", payload })
}

fn program() -> Arc<Program> {
    Arc::new(Program { rules: vec![simple(), medium(), complex()], events: Vec::new() })
}

/// Evaluates all conditions on some events and compares with the interpreter.
fn agree(conditions: &dyn Conditions, program: &Program) {
    let order = r#"{"id":"ord_1","total":1249.90,"subtotal":1188.00,"tax":61.90,"discount":0,"status":"paid",
        "channel":"web","created_at":"2026-11-20T09:31:07Z","shipping":{"method":"express"},
        "customer":{"email":"ada@example.com","tier":"gold","country":"DE","orders":17},
        "items":[{"sku":"a","qty":2,"price":79.50,"category":"home"},{"sku":"b","qty":1,"price":840.00,
        "category":"furniture"}]}"#;
    let payloads = [
        order.to_owned(),
        order.replace("1249.90", "999.99").replace("furniture", "garden"),
        order.replace("\"gold\"", "null").replace("840.00", "null"),
        order.replace("1188.00", "79228162514264337593543950335").replace("2026-11-20", "2026-12-20"),
        "{}".to_owned(),
    ];
    for (id, rule) in (0..).map(RuleId).zip(&program.rules) {
        for payload in &payloads {
            let slots = slots(rule, payload);
            let expected = hence_vm::verdict(rule, &slots, &context());
            assert_eq!(conditions.verdict(id, rule, &slots, &context()), expected, "{payload}");
        }
        let slots = slots(rule, order);
        assert_eq!(conditions.verdict(id, rule, &slots, &context()), Ok(true));
    }
}

#[test]
fn every_mode_answers_as_the_interpreter_does() {
    for mode in Mode::ALL {
        let program = program();
        let conditions = Tiers::new(mode).load(&program);
        for _ in 0..2 * WARM {
            agree(&*conditions, &program);
        }
        let tiers = conditions.tiers();
        assert_eq!(tiers.ready + tiers.compiled + tiers.declined, 3, "{mode}: {tiers:?}");
        match mode {
            Mode::Off => assert_eq!(tiers.ready, 3),
            Mode::Always => assert_eq!(tiers.ready, 0),
            Mode::Auto => {}
        }
    }
}

#[test]
fn a_hot_condition_is_compiled_in_the_background() {
    let program = program();
    let tiers = Tiers::new(Mode::Auto);
    let loaded = tiers.loaded(&program);
    let rule = &program.rules[0];
    let slots = slots(rule, r#"{"total":1249.90,"customer":{"tier":"gold"}}"#);
    let verdict = || loaded.verdict(RuleId(0), rule, &slots, &context());
    for _ in 0..HOT / 2 {
        assert_eq!(verdict(), Ok(true));
    }
    assert!(loaded.rules[0].compiled.get().is_none());
    for _ in 0..HOT {
        assert_eq!(verdict(), Ok(true));
    }
    // The thread ends when nobody can hand over more, and has done all that was handed over then.
    let (rules, thread) = (Arc::clone(&loaded.rules), tiers.thread.lock().unwrap().take().unwrap());
    drop((loaded, tiers));
    thread.join().unwrap();
    assert!(rules[0].compiled.get().is_some_and(Option::is_some));
    assert!(rules[1].compiled.get().is_none());
}

#[test]
fn a_program_that_is_gone_is_not_compiled() {
    let program = program();
    let tiers = Tiers::new(Mode::Auto);
    let loaded = tiers.loaded(&program);
    let weak = Arc::downgrade(&loaded.rules);
    let sender = loaded.compiler.clone().unwrap();
    drop(loaded);
    assert!(sender.send(super::Hot { rules: weak.clone(), place: 0 }).is_ok());
    assert!(weak.upgrade().is_none());
}

#[test]
fn modes_are_words() {
    for mode in Mode::ALL {
        assert_eq!(mode.to_string().parse(), Ok(mode));
    }
    assert_eq!("fast".parse::<Mode>(), Err("`fast` is none of off, auto, always".to_owned()));
}
