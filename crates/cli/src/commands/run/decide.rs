//! `hence run --entry-point`: decisions.

use std::path::Path;

use hence_engine::{Decision, DecisionEffect, Question, decide};
use hence_ir::Program;
use hence_project::Project;
use hence_schema::check_payload;
use hence_types::jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::{Ending, events, output};

/// Prints a decision for each context. A context that is not as its schema says is told where, and decides nothing.
pub(super) fn run(
    project: &Project,
    program: &Program,
    entry_point: &str,
    data: &Path,
    now: Timestamp,
    is_json: bool,
) -> anyhow::Result<Ending> {
    let declared = events::entry_point(entry_point, &project.catalog)?;
    let mut wrong = false;
    for (index, context) in events::documents(data)?.iter().enumerate() {
        let id = format!("event-{}", index + 1);
        let mismatches = check_payload(&declared.context, context.get());
        if !mismatches.is_empty() {
            wrong = true;
            if is_json {
                let places = mismatches.iter().map(|mismatch| {
                    json!({ "pointer": mismatch.path, "expected": mismatch.expected, "found": mismatch.found })
                });
                let json =
                    json!({ "entry_point": entry_point, "schema_mismatches": places.collect::<Vec<_>>() });
                output::result(&format!("{json}\n"));
            } else {
                let mut text = format!("{entry_point} {id}\n");
                for mismatch in &mismatches {
                    text.push_str(&format!("  ! breaks its schema: {mismatch}\n"));
                }
                output::result(&text);
            }
            continue;
        }
        let question = Question { entry_point, context: context.get(), id: &id, at: now };
        let decision = decide(program, &question, &project.manifest.zone);
        wrong |= decision.blocked().is_some() || !decision.failed.is_empty();
        if is_json {
            output::result(&format!("{}\n", decision.to_shown_json()));
        } else {
            output::result(&text(&decision, program, &id));
        }
    }
    Ok(if wrong { Ending::Wrong } else { Ending::Well })
}

fn text(decision: &Decision, program: &Program, id: &str) -> String {
    let mut text = format!("{} {id}\n", decision.entry_point);
    for decided in &decision.matched {
        let note = if decided.branch == hence_engine::Branch::Otherwise { " (otherwise)" } else { "" };
        text.push_str(&format!("  ✓ {}{note}\n", decided.rule));
        for answer in decision.answers.iter().filter(|answer| answer.rule == decided.rule) {
            text.push_str(&format!("      {}\n", effect(&answer.effect)));
        }
        for overruled in decision.overruled.iter().filter(|overruled| overruled.rule == decided.rule) {
            let what = overruled.field.as_deref().map_or(String::new(), |field| format!("set {field} "));
            text.push_str(&format!("      {what}does not count: {}\n", overruled.why));
        }
    }
    for (rule, error) in &decision.failed {
        text.push_str(&format!("  ✗ {rule}\n      failed: {error}\n"));
    }
    let spoke = |name: &str| {
        decision.matched.iter().any(|decided| *decided.rule == *name)
            || decision.failed.iter().any(|(rule, _)| **rule == *name)
    };
    let others = decision.verdicts.iter().filter_map(|verdict| program.get(verdict.rule));
    let others: Vec<&str> = others.map(|rule| &*rule.name).filter(|name| !spoke(name)).collect();
    if !others.is_empty() {
        text.push_str(&format!("  – not matched: {}\n", others.join(", ")));
    } else if decision.verdicts.is_empty() {
        text.push_str("  – no rule is of this entry point\n");
    }
    match decision.blocked() {
        Some(reason) => text.push_str(&format!("  blocked: {reason}\n")),
        None => text.push_str("  not blocked\n"),
    }
    text
}

fn effect(effect: &DecisionEffect) -> String {
    match effect {
        DecisionEffect::Act { action, shown, .. } => {
            let arguments: Vec<String> =
                shown.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            format!("{action}({})", arguments.join(", "))
        }
        DecisionEffect::Set { field, shown, .. } => format!("set {field} = {shown}"),
        DecisionEffect::Block { reason } => format!("block {}", Json::from(reason.as_str())),
    }
}
