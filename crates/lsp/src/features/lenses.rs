//! What can be run from within a file: its tests, and its rules on sample events.

use std::sync::Arc;

use hence_builtins::Context;
use hence_diagnostics::Span;
use hence_diagnostics::render::{TextOptions, text};
use hence_schema::sample;
use hence_store::Memory;
use hence_syntax::ast::{Expectation, ItemKind, TestClauseKind};
use hence_types::jiff::Timestamp;
use hence_vm::{EventInput, Marks, Verdict};

use crate::view::View;

/// Something that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lens {
    /// The name it stands above.
    pub span: Span,
    /// What it is called.
    pub title: String,
    /// What it runs.
    pub runs: Runs,
}

/// What a lens runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runs {
    /// These tests.
    Tests(Vec<String>),
    /// A rule, on a sample of its event.
    Rule(String),
}

/// A test that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The title.
    pub name: String,
    /// Whether everything was as expected.
    pub passed: bool,
    /// What was not, as text for people.
    pub report: String,
    /// The place of the first expectation that was not met.
    pub failed_at: Option<Span>,
}

/// Returns the rules of a file by their names, with the places of these.
pub fn rules(view: View<'_>) -> Vec<(String, Span)> {
    let named = view.items().into_iter().filter_map(|item| match &item.item.kind {
        ItemKind::Rule(rule) => Some((rule.name.text.clone(), rule.name.span)),
        _ => None,
    });
    named.collect()
}

/// Returns what can be run from within a file.
pub fn lenses(view: View<'_>) -> Vec<Lens> {
    let mut lenses = Vec::new();
    for item in view.items() {
        match &item.item.kind {
            ItemKind::Test(test) => {
                let titles = vec![test.title.0.clone()];
                lenses.push(Lens {
                    span: test.title.1,
                    title: "run test".to_owned(),
                    runs: Runs::Tests(titles),
                });
            }
            ItemKind::Rule(rule) => {
                let span = rule.name.span;
                let titles = tests_of(view, &rule.name.text);
                if !titles.is_empty() {
                    let title = if titles.len() == 1 {
                        "run 1 test".to_owned()
                    } else {
                        format!("run {} tests", titles.len())
                    };
                    lenses.push(Lens { span, title, runs: Runs::Tests(titles) });
                }
                if !item.facts.broken {
                    let runs = Runs::Rule(rule.name.text.clone());
                    lenses.push(Lens { span, title: "explain on a sample event".to_owned(), runs });
                }
            }
            _ => {}
        }
    }
    lenses
}

/// Returns the titles of the tests that expect something of a rule.
fn tests_of(view: View<'_>, rule: &str) -> Vec<String> {
    let tests = &view.project().checked.declarations.tests;
    let speaks = |place| {
        let Some(ItemKind::Test(test)) = view.item(place).map(|item| &item.item.kind) else { return false };
        test.clauses.iter().any(|clause| match &clause.kind {
            TestClauseKind::Expect(Expectation::Rule(expected)) => {
                expected.name().is_some_and(|name| name.text == rule)
            }
            _ => false,
        })
    };
    let of_rule = tests.iter().filter(|(_, declared)| speaks(declared.place));
    of_rule.map(|(title, _)| title.to_string()).collect()
}

/// Runs tests of a project, all of them where none is named, as long as it is to go on.
pub fn run_tests(view: View<'_>, titles: &[String], goes_on: &dyn Fn() -> bool) -> Vec<Ran> {
    let project = view.project();
    let tests = hence_testing::tests(project).into_iter();
    let wanted = tests.filter(|test| titles.is_empty() || titles.iter().any(|title| title == test.name));
    let ran = wanted.take_while(|_| goes_on()).map(|test| {
        let report = hence_testing::run(project, &test, Arc::new(Memory::new()));
        let mut shown = String::new();
        for failure in &report.failures {
            shown.push_str(&text(&project.sources, &[failure.diagnostic()], TextOptions::default()));
            for line in &failure.difference {
                shown.push_str(&format!("  {} {}\n", line.mark(), line.text()));
            }
        }
        Ran {
            name: report.name.clone(),
            passed: report.passed(),
            report: shown,
            failed_at: report.failures.first().map(|failure| failure.span),
        }
    });
    ran.collect()
}

/// Explains why a rule matches a sample of its event or does not, as text for people.
pub fn explain(view: View<'_>, name: &str, now: Timestamp) -> Option<String> {
    explained(view, name, now).map(|(_, text)| text)
}

/// Returns whether a rule matches a sample of its event.
pub(crate) fn matches_sample(view: View<'_>, name: &str, now: Timestamp) -> Option<bool> {
    explained(view, name, now).map(|(verdict, _)| verdict == Verdict::Matched)
}

fn explained(view: View<'_>, name: &str, now: Timestamp) -> Option<(Verdict, String)> {
    let project = view.project();
    let rule = project.program().rule(name)?;
    let trigger = rule.triggers.first()?;
    let payload = match project.catalog.event_by_full_name(trigger) {
        Some(event) => sample(event).to_string(),
        None => project.catalog.entry_point(trigger)?.examples.first()?.to_string(),
    };
    let source = trigger.split('.').next().unwrap_or_default();
    let input = EventInput { name: trigger, id: "sample", time: now, source, payload: &payload };
    let slots = hence_vm::decode(&rule.plan, &input);
    let context = Context { now, zone: rule.zone(&project.manifest.zone).clone() };
    let explanation = hence_vm::explain(rule, &slots, &context);
    let text = explanation.render(&|span: Span| project.sources.slice(span).to_owned(), Marks::Unicode);
    Some((explanation.verdict, text))
}
