//! What a condition costs: `cargo bench -p hence-jit` prints the tables of `docs/performance.md`.
//!
//! Contenders of a row run in turns, round after round, on the same orders; the least and the median of their rounds
//! are told. Before anything is measured all of them are asked for their answers, which must be the same. An argument
//! keeps to the tables that have it in their name, such as `cargo bench -p hence-jit -- simple`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at what it does not expect"
)]

#[path = "conditions/order.rs"]
mod order;
#[path = "../src/sample.rs"]
mod sample;

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hence_builtins::Context;
use hence_ir::Rule;
use hence_jit::{Compiled, compile};
use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_vm::{Decoder, EventInput, Predicate, Projection, Slots};

use order::{Constants, Order};

/// So many turns, of so many evaluations each.
const TURNS: usize = 200;
const RUNS: usize = 4_000;

/// An order of nearly one kilobyte.
const ORDER: &str = r#"{"id":"ord_8f14e45fceea167a","number":10482,"created_at":"2026-11-20T09:31:07Z","currency":"EUR","total":1249.90,"subtotal":1188.00,"tax":61.90,"discount":0,"status":"paid","channel":"web","customer":{"id":"cus_1679091c5a880faf","email":"ada.lovelace@example.com","first_name":"Ada","last_name":"Lovelace","tier":"gold","country":"DE","orders":17,"tags":["newsletter","vip"],"address":{"line1":"Hauptstraße 12","city":"Berlin","zip":"10115","country":"DE"}},"items":[{"sku":"SKU-1001","title":"Mechanical keyboard","qty":1,"price":189.00,"category":"electronics"},{"sku":"SKU-2044","title":"Desk lamp \"Luxo\"","qty":2,"price":79.50,"category":"home"},{"sku":"SKU-3177","title":"Office chair","qty":1,"price":840.00,"category":"furniture"}],"shipping":{"method":"express","price":12.90,"carrier":"dhl","promised":"2026-11-22"},"payment":{"method":"card","brand":"visa","last4":"4242","captured":true,"risk":0.07},"note":null,"utm":{"source":"newsletter","campaign":"black-friday"}}"#;

/// A condition by hand.
type Hand = fn(&Order, &Constants) -> bool;

/// A condition in every form.
struct Workload {
    name: &'static str,
    rule: Rule,
    exact: Hand,
    floats: Hand,
}

fn main() {
    let filters: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted =
        |name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    let workloads = [
        Workload {
            name: "simple",
            rule: sample::simple(),
            exact: order::simple,
            floats: order::simple_with_floats,
        },
        Workload {
            name: "medium",
            rule: sample::medium(),
            exact: order::medium,
            floats: order::medium_with_floats,
        },
        Workload {
            name: "complex",
            rule: sample::complex(),
            exact: order::complex,
            floats: order::complex_with_floats,
        },
    ];
    for workload in workloads.iter().filter(|workload| wanted(workload.name)) {
        evaluation(workload);
    }
    for workload in workloads.iter().filter(|workload| wanted("bytes") || wanted(workload.name)) {
        from_bytes(workload);
    }
    if wanted("compiling") {
        compiling(&workloads);
    }
}

fn context() -> Context {
    Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC }
}

fn input(payload: &str) -> EventInput<'_> {
    EventInput { name: sample::EVENT, id: "evt-1", time: Timestamp::UNIX_EPOCH, source: "shop", payload }
}

/// Orders that differ: of eight, six are as the conditions want them.
fn payloads() -> Vec<String> {
    let one = |place: usize| match place % 8 {
        3 => ORDER.replace("1249.90", "949.90").replace("840.00", "440.00"),
        6 => ORDER
            .replace("\"gold\"", "\"none\"")
            .replace("express", "standard")
            .replace("furniture", "garden"),
        place => {
            ORDER.replace("1249.90", &format!("12{place}9.90")).replace("840.00", &format!("84{place}.00"))
        }
    };
    (0..64).map(one).collect()
}

fn ready(rule: &Rule) -> Compiled {
    compile(&[Arc::new(Predicate::new(rule))]).unwrap().remove(0)
}

/// From values to the verdict.
fn evaluation(workload: &Workload) {
    let Workload { name, rule, exact, floats } = workload;
    println!("\n## {name}: evaluation\n");
    let (context, constants) = (context(), Constants::new());
    let payloads = payloads();
    let orders: Vec<Order> = payloads.iter().map(|payload| Order::read(payload)).collect();
    let projection = Projection::new(&rule.plan);
    let slots: Vec<Slots> = payloads.iter().map(|payload| projection.decode(&input(payload))).collect();
    let predicate = Predicate::new(rule);
    let compiled = ready(rule);
    let expected: Vec<bool> = orders.iter().map(|order| exact(order, &constants)).collect();
    assert!(expected.contains(&true) && expected.contains(&false));
    for ((order, slots), expected) in orders.iter().zip(&slots).zip(expected) {
        assert_eq!(floats(order, &constants), expected);
        assert_eq!(hence_vm::verdict(rule, slots, &context), Ok(expected));
        assert_eq!(predicate.verdict(rule, slots, &context), Ok(expected));
        assert_eq!(compiled.verdict(rule, slots, &context), Ok(expected));
    }
    let by_hand = |hand: Hand| {
        for order in &orders {
            black_box(hand(black_box(order), &constants));
        }
    };
    let exact = || {
        for order in &orders {
            black_box((workload.exact)(black_box(order), &constants));
        }
    };
    let floats = || by_hand(*floats);
    let compiled = || {
        for slots in &slots {
            black_box(compiled.verdict(rule, black_box(slots), &context).is_ok_and(|truth| truth));
        }
    };
    let predicate = || {
        for slots in &slots {
            black_box(predicate.verdict(rule, black_box(slots), &context).is_ok_and(|truth| truth));
        }
    };
    let interpreter = || {
        for slots in &slots {
            black_box(hence_vm::verdict(rule, black_box(slots), &context).is_ok_and(|truth| truth));
        }
    };
    let contenders: [(&str, &dyn Fn()); 5] = [
        ("Rust by hand, exact decimals", &exact),
        ("Rust by hand, floats", &floats),
        ("machine code", &compiled),
        ("predicate", &predicate),
        ("interpreter, the tree", &interpreter),
    ];
    rounds(&contenders, slots.len(), RUNS / slots.len());
}

/// From a payload's bytes to the verdict.
fn from_bytes(workload: &Workload) {
    let Workload { name, rule, exact, .. } = workload;
    println!("\n## {name}: from bytes\n");
    let (context, constants) = (context(), Constants::new());
    let (projection, predicate, compiled) = (Projection::new(&rule.plan), Predicate::new(rule), ready(rule));
    let skip = || {
        black_box(serde_json::from_str::<serde::de::IgnoredAny>(black_box(ORDER)).unwrap());
    };
    let by_hand = || assert!(exact(&Order::read(black_box(ORDER)), &constants));
    let fresh = || {
        black_box(projection.decode(&input(black_box(ORDER))));
    };
    // Event after event is read into the same memory.
    let decoder = RefCell::new(Decoder::new(&projection));
    let read = |then: &dyn Fn(&Slots) -> bool| {
        assert!(then(decoder.borrow_mut().decode(&input(black_box(ORDER)))));
    };
    let decode = || read(&|slots| black_box(slots).mismatches.is_empty());
    let compiled = || read(&|slots| compiled.verdict(rule, slots, &context).unwrap());
    let predicate = || read(&|slots| predicate.verdict(rule, slots, &context).unwrap());
    let interpreter = || read(&|slots| hence_vm::verdict(rule, slots, &context).unwrap());
    let contenders: [(&str, &dyn Fn()); 7] = [
        ("`serde_json`, skipping everything", &skip),
        ("`serde_json` to a struct, Rust by hand", &by_hand),
        ("slots alone, of their own memory", &fresh),
        ("slots alone", &decode),
        ("slots, machine code", &compiled),
        ("slots, predicate", &predicate),
        ("slots, interpreter", &interpreter),
    ];
    rounds(&contenders, 1, RUNS / 8);
}

/// What it costs to make conditions ready.
fn compiling(workloads: &[Workload]) {
    println!("\n## compiling\n");
    for Workload { name, rule, .. } in workloads {
        println!("{name}\n");
        let one = || drop(black_box(ready(rule)));
        let lower = || drop(black_box(Predicate::new(rule)));
        let predicates: Vec<Arc<Predicate>> = (0..64).map(|_| Arc::new(Predicate::new(rule))).collect();
        let together = || drop(black_box(compile(&predicates).unwrap()));
        rounds(&[("to a predicate", &lower)], 1, 100);
        rounds(&[("to machine code, alone", &one)], 1, 1);
        rounds(&[("to machine code, 64 together, each", &together)], 64, 1);
    }
}

/// Runs contenders in turns and prints the least and the median time of an event, and the ratio to the first.
fn rounds(contenders: &[(&str, &dyn Fn())], events: usize, runs: usize) {
    let mut times: Vec<Vec<Duration>> = vec![Vec::with_capacity(TURNS); contenders.len()];
    for _ in 0..TURNS {
        for ((_, run), times) in contenders.iter().zip(&mut times) {
            let start = Instant::now();
            (0..runs).for_each(|_| run());
            times.push(start.elapsed());
        }
    }
    let mut first = None;
    for ((name, _), times) in contenders.iter().zip(&mut times) {
        times.sort_unstable();
        let each = |time: Duration| time.as_nanos() as f64 / (events * runs) as f64;
        let (least, median) = (each(times[0]), each(times[TURNS / 2]));
        let first = *first.get_or_insert(least);
        println!("| {name} | {least:.1} ns | {median:.1} ns | {:.2} |", least / first);
    }
}
