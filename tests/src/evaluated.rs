//! `eval/`: what each event means to each rule it triggers, and why.

use std::path::Path;
use std::sync::Arc;

use hence_builtins::Context;
use hence_diagnostics::Span;
use hence_engine::{EventSequence, Match, verdicts};
use hence_ir::Rule;
use hence_vm::{Marks, Predicate, Slots, explain};

use crate::case::{Failed, Mode};
use crate::{events, expected, stages};

pub(crate) fn eval(rule: &Path, mode: Mode) -> Result<(), Failed> {
    let project = stages::runnable(rule)?;
    let source = |span: Span| project.sources.slice(span).to_owned();
    let mut out = String::new();
    for event in events::read(rule)? {
        let stored = event.into_stored(EventSequence(1));
        out.push_str(&format!("== {} {}\n", stored.event.id, stored.event.name));
        for verdict in verdicts(project.program(), &stored, &project.manifest.zone) {
            let Some(rule) = project.program().get(verdict.rule) else { continue };
            let context = Context { now: stored.event.received_at, zone: project.manifest.zone.clone() };
            compiled(rule, &verdict.slots, &context)?;
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

/// Checks that the condition as machine code comes to what the interpreter comes to.
fn compiled(rule: &Rule, slots: &Slots, context: &Context) -> Result<(), Failed> {
    let expected = hence_vm::verdict(rule, slots, context);
    let predicate = Arc::new(Predicate::new(rule));
    let compiled = hence_jit::compile(std::slice::from_ref(&predicate)).map_err(|error| error.to_string())?;
    let verdicts = compiled.iter().map(|compiled| compiled.verdict(rule, slots, context));
    for verdict in verdicts.chain([predicate.verdict(rule, slots, context)]) {
        if verdict != expected {
            return Err(format!("{}: compiled it comes to {verdict:?}, not to {expected:?}", rule.name));
        }
    }
    Ok(())
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
