//! What an event costs: `cargo bench -p hence-index` prints the table of `docs/performance.md`.
//!
//! Contenders of a row run in turns, round after round, on the same generated events; the least and the median of
//! their rounds are told. Before anything is measured the index is compared with evaluating every rule. An argument
//! keeps to the rows that have it in their name, such as `cargo bench -p hence-index -- tenants`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at what it does not expect"
)]

#[path = "rules/build.rs"]
mod build;
#[path = "rules/measure.rs"]
mod measure;
#[path = "rules/workload.rs"]
mod workload;

use std::hint::black_box;
use std::time::Instant;

use hence_builtins::Context;
use hence_index::{Decision, Index};
use hence_ir::{Rule, RuleId, SlotId};
use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_vm::{EventInput, MergedProjection};

use measure::{Contender, Turn, nanoseconds, rounds};
use workload::Workload;

fn main() {
    let filters: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted =
        |name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    if wanted("decode") {
        decode();
    }
    for count in [1_000, 10_000, 100_000] {
        if wanted("mixed") {
            many(&workload::mixed(count));
        }
    }
    for count in [10_000, 100_000] {
        if wanted("tenants") {
            many(&workload::tenants(count));
        }
    }
    if wanted("detection") {
        many(&workload::detection(4_000));
    }
    if wanted("changes") {
        changes(100_000);
    }
}

fn input(payload: &str) -> EventInput<'_> {
    EventInput { name: build::EVENT, id: "evt-1", time: Timestamp::UNIX_EPOCH, source: "shop", payload }
}

fn context() -> Context {
    Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC }
}

/// From the bytes of an order to typed values, and to the verdict of one rule.
fn decode() {
    let order = workload::ORDER;
    println!("\n## decode: one order of {} bytes\n", order.len());
    let rule = workload::order_rule();
    let index = Index::new(build::EVENT, [(RuleId(0), &rule)]);
    let reading = |count: usize| {
        let mut merged = MergedProjection::default();
        let plan = workload::order_plan(count);
        let mapping = merged.add(&plan);
        let reads: Vec<_> = (0..count as u32).map(|slot| mapping.read(SlotId(slot)).unwrap()).collect();
        move || {
            let event = input(black_box(order));
            let decoded = merged.decode(&event);
            for read in &reads {
                black_box(decoded.view(*read));
            }
        }
    };
    let (two, eight) = (reading(2), reading(8));
    let find = || {
        let event = input(black_box(order));
        let found = index.find(&index.projection().decode(&event));
        assert!(found.len() == 1 && found[0].decision == Decision::Holds);
    };
    let interpret = || {
        let event = input(black_box(order));
        let decoded = index.projection().decode(&event);
        let slots = decoded.slots(index.mapping(RuleId(0)).unwrap());
        assert!(hence_vm::verdict(&rule, &slots, &context()).unwrap());
    };
    let skip = || {
        black_box(serde_json::from_str::<serde::de::IgnoredAny>(black_box(order)).unwrap());
    };
    let quotes = || {
        black_box(black_box(order).bytes().filter(|byte| *byte == b'"').count());
    };
    let contenders: Vec<Contender<'_>> = vec![
        ("serde_json, skipping everything", &skip),
        ("two fields, typed", &two),
        ("eight fields, typed", &eight),
        ("bytes to verdict, index", &find),
        ("bytes to verdict, interpreter", &interpret),
        ("counting quotes", &quotes),
    ];
    rounds(60, 2_000, &contenders);
}

fn index_of(rules: &[Rule]) -> Index {
    Index::new(build::EVENT, (0..).map(RuleId).zip(rules))
}

/// An event against many rules.
fn many(workload: &Workload) {
    let Workload { name, rules, events } = workload;
    println!("\n## {name}: {} rules, {} events of {} bytes\n", rules.len(), events.len(), events[0].len());
    let start = Instant::now();
    let index = index_of(rules);
    let built = start.elapsed();
    let before = measure::resident();
    let second = index_of(rules);
    let bytes = measure::resident().saturating_sub(before) as f64 / rules.len() as f64;
    drop(second);
    let matches = compare(&index, rules, events);
    println!(
        "built in {:.3} s, {bytes:.0} B a rule, {} rules looked at always, {matches:.1} matches an event\n",
        built.as_secs_f64(),
        index.unselective(),
    );
    let find = |event: &str| {
        black_box(index.find(&index.projection().decode(&input(event))));
    };
    let decode = |event: &str| {
        black_box(index.projection().decode(&input(event)));
    };
    let evaluate = |event: &str| {
        black_box(evaluate_all(&index, rules, &input(event)));
    };
    let contenders = [
        Turn { name: "decode and match, index", events: events.len(), every: 1, run: &find },
        Turn { name: "decode only", events: events.len(), every: 1, run: &decode },
        Turn { name: "decode and evaluate all", events: EVALUATED, every: TURNS / 4, run: &evaluate },
    ];
    let mut least = Vec::new();
    for (turn, (min, median)) in contenders.iter().zip(measure::events(TURNS, events, &contenders)) {
        least.push(min);
        println!("| {} | {:.2} µs | {:.2} µs |", turn.name, min / 1e3, median / 1e3);
    }
    let beyond = (least[0] / 1e3 - 1.0).max(0.0) / matches;
    println!(
        "\nevaluating all costs {:.0} times as much; {beyond:.3} µs a match beyond 1 µs",
        least[2] / least[0]
    );
}

/// So many events are evaluated against all rules: that takes long.
const EVALUATED: usize = 4;

/// So many times each contender takes its turn; evaluating all takes fewer.
const TURNS: usize = 40;

fn evaluate_all(index: &Index, rules: &[Rule], event: &EventInput<'_>) -> Vec<RuleId> {
    let decoded = index.projection().decode(event);
    let context = context();
    let mut told = Vec::new();
    for (id, rule) in (0..).map(RuleId).zip(rules) {
        let slots = decoded.slots(index.mapping(id).unwrap());
        if !matches!(hence_vm::verdict(rule, &slots, &context), Ok(false)) {
            told.push(id);
        }
    }
    told
}

/// Checks that index and evaluation tell the same; returns how many rules match an event.
fn compare(index: &Index, rules: &[Rule], events: &[String]) -> f64 {
    let context = context();
    let mut matches = 0;
    for (place, event) in events.iter().enumerate() {
        let event = input(event);
        let decoded = index.projection().decode(&event);
        let mut found = Vec::new();
        for one in index.find(&decoded) {
            let is_told = one.decision != Decision::Open || {
                let slots = decoded.slots(index.mapping(one.rule).unwrap());
                !matches!(hence_vm::verdict(&rules[one.rule.0 as usize], &slots, &context), Ok(false))
            };
            if is_told {
                found.push(one.rule);
            }
        }
        matches += found.len();
        if place < EVALUATED {
            assert_eq!(found, evaluate_all(index, rules, &event));
        }
    }
    matches as f64 / events.len() as f64
}

/// Adding and removing rules of a large index.
fn changes(count: usize) {
    println!("\n## changes: an index of {count} mixed rules\n");
    let Workload { rules, .. } = workload::mixed(count + 2_000);
    let index = index_of(&rules[..count]);
    let more: Vec<_> = (0..).map(RuleId).zip(&rules).skip(count).collect();
    let change = |publishes: bool, removes: bool| {
        let mut times = Vec::new();
        for _ in 0..5 {
            let mut index = index.clone();
            if removes {
                more.iter().for_each(|(id, rule)| index.add(*id, rule));
            }
            let mut kept = index.clone();
            let start = Instant::now();
            for (id, rule) in &more {
                if removes {
                    index.remove(*id, rule);
                } else {
                    index.add(*id, rule);
                }
                if publishes {
                    kept = index.clone();
                }
            }
            times.push(start.elapsed());
            black_box(kept);
        }
        let (min, median) = nanoseconds(&times, more.len());
        format!("{:.2} µs | {:.2} µs |", min / 1e3, median / 1e3)
    };
    println!("| add, many at once | {}", change(false, false));
    println!("| add, each for readers to see | {}", change(true, false));
    println!("| remove, many at once | {}", change(false, true));
    println!("| remove, each for readers to see | {}", change(true, true));
}
