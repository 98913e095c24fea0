//! `eval/`: what each event means to each rule it triggers, and why.

use std::path::Path;

use hence_builtins::Context;
use hence_diagnostics::Span;
use hence_engine::{EventSequence, Match, verdicts};
use hence_vm::{Marks, explain};

use crate::case::{Failed, Mode};
use crate::{events, expected, stages};

pub(crate) fn eval(rule: &Path, mode: Mode) -> Result<(), Failed> {
    let project = stages::runnable(rule)?;
    let source = |span: Span| project.sources.slice(span).to_owned();
    let mut out = String::new();
    for event in events::read(rule)? {
        let stored = event.into_stored(EventSequence(1));
        out.push_str(&format!("== {} {}\n", stored.event.id, stored.event.name));
        for verdict in verdicts(&project.program, &stored, &project.manifest.zone) {
            let Some(rule) = project.program.get(verdict.rule) else { continue };
            let context = Context { now: stored.event.received_at, zone: project.manifest.zone.clone() };
            let explanation = explain(rule, &verdict.slots, &context).render(&source, Marks::Unicode);
            out.push_str(&format!("{}: {}\n", rule.name, outcome(&verdict.result)));
            // The first line says which rule and event it is about, which stands above already.
            for line in explanation.lines().skip(1) {
                out.push_str(&format!("  {line}\n"));
            }
        }
    }
    expected::compare(rule, &out, mode)
}

/// Returns what an event means to a rule, in words.
pub(crate) fn outcome(result: &Match) -> String {
    match result {
        Match::Matched(branch) => format!("matched, {}", branch.as_str()),
        Match::NotMatched => "not matched".to_owned(),
        Match::Undecided(error) => format!("undecided, {error}"),
        Match::Failed(error) => format!("failed, {error}"),
        Match::Skipped(skip) => format!("skipped, {skip}"),
    }
}
