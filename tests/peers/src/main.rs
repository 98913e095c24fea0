//! Hence beside its peers: `cargo run --release --manifest-path tests/peers/Cargo.toml [-- simple|medium|complex|rules]`.
//!
//! Contenders of a table run in turns on the same generated events, and before anything is measured all of them are asked
//! for their answers, which must be the same. A contender that cannot say what a table asks is not in it.

mod conditions;
mod evaluators;
mod order;
mod policies;
mod rules;
mod turns;

#[expect(dead_code, reason = "the bench of the index uses the rest")]
#[path = "../../../crates/index/benches/rules/build.rs"]
mod build;
#[path = "../../../crates/jit/src/sample.rs"]
mod sample;

fn main() {
    let filters: Vec<String> = std::env::args().skip(1).collect();
    let wanted =
        |name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    for workload in conditions::workloads() {
        if wanted(workload.name) {
            conditions::compare(&workload);
        }
    }
    for count in [100, 1_000, 10_000] {
        if wanted("rules") {
            rules::compare(count);
        }
    }
}
