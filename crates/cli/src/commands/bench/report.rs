//! What was measured, for people and for programs.

use std::fmt::Write;

use hence_index::{Filing, Part, Selects};
use hence_project::Project;
use serde_json::{Value as Json, json};

use super::measure::{Cost, Measured, MeasuredRule};

/// Longer texts of conditions are cut off for people.
const SHOWN: usize = 72;

/// Returns the report for people, with so many rules of each kind.
pub(super) fn text(project: &Project, measured: &[Measured], top: usize) -> String {
    let mut text = String::new();
    for (place, own) in measured.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        // Writing to a text cannot fail.
        let _ = event(&mut text, project, own, top);
    }
    text
}

fn event(text: &mut String, project: &Project, own: &Measured, top: usize) -> std::fmt::Result {
    let made = if own.is_made { ", made of examples and schema" } else { "" };
    let events = counted(own.events, "event");
    writeln!(
        text,
        "{}: {}, {events} of {} bytes{made}",
        own.event,
        counted(own.rules.len(), "rule"),
        own.bytes
    )?;
    let beyond = |later: Cost, earlier: Cost| (later.least - earlier.least).max(0.0);
    writeln!(text, "  decode      {:>9}", nanoseconds(own.decode.least))?;
    writeln!(text, "  match       {:>9}", nanoseconds(beyond(own.matched, own.decode)))?;
    writeln!(
        text,
        "  conditions  {:>9}  with the values they read",
        nanoseconds(beyond(own.all, own.matched))
    )?;
    writeln!(
        text,
        "  all         {:>9}  median {}",
        nanoseconds(own.all.least),
        nanoseconds(own.all.median)
    )?;
    let average = |count: fn(&MeasuredRule) -> usize| {
        own.rules.iter().map(count).sum::<usize>() as f64 / own.events.max(1) as f64
    };
    writeln!(
        text,
        "  {:.2} rules match an event, {:.2} have their condition evaluated; {} looked at for every event",
        average(|rule| rule.matches),
        average(|rule| rule.evaluated),
        own.always,
    )?;
    hottest(text, own, top)?;
    unused(text, project, own, top)
}

/// The rules whose evaluations cost most.
fn hottest(text: &mut String, own: &Measured, top: usize) -> std::fmt::Result {
    let mut rules: Vec<&MeasuredRule> = own.rules.iter().filter(|rule| rule.evaluated > 0).collect();
    rules.sort_by(|left, right| right.an_event(own.events).total_cmp(&left.an_event(own.events)));
    if rules.is_empty() {
        return writeln!(text, "  the index decides every condition");
    }
    writeln!(text, "  hottest rules:")?;
    for rule in rules.into_iter().take(top) {
        let percent = rule.evaluated * 100 / own.events.max(1);
        let (each, event) =
            (nanoseconds(rule.evaluation.unwrap_or(0.0)), nanoseconds(rule.an_event(own.events)));
        writeln!(text, "    {event:>9} an event  {}, evaluated for {percent} %, {each} each", rule.name)?;
    }
    Ok(())
}

/// Rules that no key leads to, and parts of conditions that could not be keys.
fn unused(text: &mut String, project: &Project, own: &Measured, top: usize) -> std::fmt::Result {
    let always = own.rules.iter().filter_map(|rule| Some((rule, rule.filing.as_ref()?)));
    let mut always: Vec<_> = always.filter(|(_, filing)| filing.keys.is_empty()).collect();
    let count = always.len();
    if count == 0 {
        return Ok(());
    }
    always.truncate(top);
    writeln!(text, "  looked at for every event:")?;
    for (rule, filing) in &always {
        writeln!(text, "    {}: {}", rule.name, why(filing))?;
        for Part { node, selects } in &filing.parts {
            if let Selects::Nothing(reason) = selects {
                writeln!(text, "      `{}`: {reason}", shortened(&source(project, rule, *node)))?;
            }
        }
    }
    if count > always.len() {
        writeln!(text, "    and {} more", count - always.len())?;
    }
    Ok(())
}

/// Why a rule has no keys.
fn why(filing: &Filing) -> &'static str {
    if filing.has_otherwise {
        "it says what to do otherwise, so it runs for every event"
    } else if filing.parts.is_empty() {
        "it has no condition"
    } else if filing.parts.iter().any(|part| matches!(part.selects, Selects::Share(_))) {
        "what could be a key may fail before it is asked"
    } else {
        "no part of its condition selects events"
    }
}

/// Returns the report for programs.
pub(super) fn json(project: &Project, measured: &[Measured]) -> Json {
    let cost = |cost: Cost| json!({ "least": cost.least, "median": cost.median });
    let events: Vec<Json> = measured
        .iter()
        .map(|own| {
            json!({
                "event": own.event,
                "made": own.is_made,
                "events": own.events,
                "bytes": own.bytes,
                "nanoseconds": {
                    "decode": cost(own.decode),
                    "decode_and_match": cost(own.matched),
                    "all": cost(own.all),
                },
                "looked_at_always": own.always,
                "rules": own.rules.iter().map(|rule| rule_json(project, own, rule)).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "events": events })
}

fn rule_json(project: &Project, own: &Measured, rule: &MeasuredRule) -> Json {
    let filing = rule.filing.as_ref();
    let parts = filing.map(|filing| filing.parts.as_slice()).unwrap_or_default().iter().map(|part| {
        let text = source(project, rule, part.node);
        match part.selects {
            Selects::Share(share) => json!({ "text": text, "share": share }),
            Selects::Nothing(reason) => {
                json!({ "text": text, "unused": reason.as_str(), "why": reason.to_string() })
            }
        }
    });
    json!({
        "rule": rule.name,
        "matches": rule.matches,
        "evaluated": rule.evaluated,
        "nanoseconds_an_evaluation": rule.evaluation,
        "nanoseconds_an_event": rule.an_event(own.events),
        "keys": filing.map(|filing| filing.keys.as_slice()).unwrap_or_default(),
        "otherwise": filing.is_some_and(|filing| filing.has_otherwise),
        "parts": parts.collect::<Vec<_>>(),
    })
}

fn source(project: &Project, rule: &MeasuredRule, node: hence_ir::NodeId) -> String {
    let node = project.program().get(rule.id).and_then(|rule| rule.code.node(node));
    node.map(|node| project.sources.slice(node.span).to_owned()).unwrap_or_default()
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((place, _)) => format!("{}…", line.get(..place).unwrap_or_default()),
        None => line,
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn nanoseconds(nanoseconds: f64) -> String {
    if nanoseconds < 10_000.0 {
        format!("{nanoseconds:.0} ns")
    } else {
        format!("{:.1} µs", nanoseconds / 1e3)
    }
}
