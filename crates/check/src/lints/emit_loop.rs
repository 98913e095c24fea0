//! Rules that start each other in a circle, by the events that they emit.

use std::collections::{BTreeMap, BTreeSet};

use hence_diagnostics::{Code, Diagnostic, Span};
use hence_syntax::ast::{Item, ItemKind, Step, StepKind};

use crate::condition::Scope;
use crate::known::Emits;

/// Reports circles of rules, all of which emit events.
pub(crate) fn emit_loops(emitting: &[&Emits], diagnostics: &mut Vec<Diagnostic>) {
    let mut by_event: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, node) in emitting.iter().enumerate() {
        for event in &node.starts {
            by_event.entry(event).or_default().push(at);
        }
    }
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for (at, node) in emitting.iter().enumerate() {
        if told.contains(&at) {
            continue;
        }
        let Some((circle, span)) = circle(at, emitting, &by_event) else { continue };
        told.extend(&circle);
        let names: Vec<String> =
            circle.iter().filter_map(|at| emitting.get(*at)).map(|node| format!("`{}`", node.name)).collect();
        let message = if names.len() == 1 {
            format!("`{}` starts itself with this event", node.name)
        } else {
            format!("rules start each other in a circle: {}", names.join(", "))
        };
        diagnostics.push(
            Diagnostic::new(Code::EmitLoop, span, message)
                .label("the circle goes on here")
                .help("the engine ends it after 16 events; let a condition end it, or emit another event"),
        );
    }
}

/// Returns the rules of the shortest circle through a rule, and where it emits the event that begins it.
fn circle(
    start: usize,
    nodes: &[&Emits],
    by_event: &BTreeMap<&str, Vec<usize>>,
) -> Option<(Vec<usize>, Span)> {
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut paths: Vec<(Vec<usize>, Option<Span>)> = vec![(vec![start], None)];
    while !paths.is_empty() {
        let mut longer = Vec::new();
        for (path, begun) in paths {
            let Some(node) = path.last().and_then(|at| nodes.get(*at)) else { continue };
            for (event, span) in &node.emits {
                let begun = begun.or(Some(*span));
                for next in by_event.get(event.as_str()).into_iter().flatten() {
                    if *next == start {
                        return Some((path, begun?));
                    }
                    if seen.insert(*next) {
                        let path = path.iter().copied().chain([*next]).collect();
                        longer.push((path, begun));
                    }
                }
            }
        }
        paths = longer;
    }
    None
}

/// Returns what a rule emits; nothing for one that emits nothing or does not run.
pub(super) fn emits(scope: &Scope<'_>, item: &Item) -> Option<Box<Emits>> {
    let ItemKind::Rule(rule) = &item.kind else { return None };
    let mut emits = Vec::new();
    collect(&rule.then, &mut emits);
    collect(rule.otherwise.as_deref().unwrap_or_default(), &mut emits);
    if scope.facts.header.disabled || emits.is_empty() {
        return None;
    }
    let starts = scope.facts.events.iter().map(ToString::to_string).collect();
    Some(Box::new(Emits { name: rule.name.text.clone(), starts, emits }))
}

fn collect(steps: &[Step], emits: &mut Vec<(String, Span)>) {
    for step in steps {
        if let StepKind::Emit { event, .. } = &step.kind {
            emits.push((event.text(), event.span));
        }
        for block in step.blocks() {
            collect(&block.steps, emits);
        }
    }
}
