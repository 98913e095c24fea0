//! What came of tests, for people.

use std::time::Duration;

use hence_diagnostics::render::{TextOptions, text};
use hence_diagnostics::{Sources, Span};
use hence_testing::{Atom, Coverage, Line, Report};

use super::Ran;
use crate::output;

const RED: &str = "31";
const GREEN: &str = "32";

fn paint(text: &str, colour: &str, on: bool) -> String {
    if on { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// Prints the line of a test.
pub(super) fn line(report: &Report) {
    let on = output::result_colours();
    let mark = if report.passed() { paint("✓", GREEN, on) } else { paint("✗", RED, on) };
    output::result(&format!("{mark} {}\n", report.name));
}

/// Prints what was not as expected, with the place of each expectation.
pub(super) fn failures(sources: &Sources, ran: &[Ran]) {
    let on = output::colours();
    let options = TextOptions { color: on, ..TextOptions::default() };
    for failure in ran.iter().flat_map(|ran| &ran.report.failures) {
        let diagnostic = failure.diagnostic();
        output::remark(&format!("\n{}", text(sources, &[diagnostic], options).trim_end()));
        if !failure.difference.is_empty() {
            let lines: Vec<String> = failure.difference.iter().map(|line| shown(line, on)).collect();
            output::remark(&format!("\n{}", lines.join("\n")));
        }
    }
}

fn shown(line: &Line, on: bool) -> String {
    let text = format!("  {} {}", line.mark(), line.text());
    match line {
        Line::Both(_) => text,
        Line::Expected(_) => paint(&text, RED, on),
        Line::Actual(_) => paint(&text, GREEN, on),
    }
}

/// Prints how many tests there were, and what became of them.
pub(super) fn summary(ran: &[Ran], took: Duration) {
    if ran.is_empty() {
        output::remark("no tests; one is such as: test \"a big order makes a VIP\" given … expect …");
        return;
    }
    let failed = ran.iter().filter(|ran| !ran.report.passed()).count();
    let passed = ran.len() - failed;
    let on = output::colours();
    let failed = match failed {
        0 => "none failed".to_owned(),
        more => paint(&format!("{more} failed"), RED, on),
    };
    output::remark(&format!("\n{passed} passed, {failed} ({} ms)", took.as_millis()));
}

/// Returns the coverage as text: each rule, and below it what was not seen.
pub(super) fn coverage(sources: &Sources, coverage: &Coverage) -> String {
    let (all, covered) = coverage.count();
    let mut out = format!("\ncoverage: {covered} of {all} parts of conditions seen true and false\n");
    let width = coverage.rules.iter().map(|rule| rule.rule.chars().count()).max().unwrap_or(0);
    for rule in &coverage.rules {
        let covered = rule.atoms.iter().filter(|atom| atom.seen.is_covered()).count();
        out.push_str(&format!("  {:width$}  {covered}/{}\n", rule.rule, rule.atoms.len()));
        for atom in rule.atoms.iter().filter(|atom| !atom.seen.is_covered()) {
            let words: Vec<&str> = sources.slice(atom.span).split_whitespace().collect();
            out.push_str(&format!(
                "    {}: `{}` {}\n",
                place(sources, atom.span),
                words.join(" "),
                never(atom)
            ));
        }
    }
    out
}

fn never(atom: &Atom) -> String {
    let missing = match (atom.seen.held, atom.seen.failed) {
        (false, false) => "never evaluated",
        (false, true) => "never true",
        (true, false) => "never false",
        (true, true) => "",
    };
    if !atom.seen.undecided {
        missing.to_owned()
    } else if atom.seen.held || atom.seen.failed {
        format!("{missing}, but undecided")
    } else {
        "only undecided".to_owned()
    }
}

/// Returns a place as `file:line:column`.
pub(super) fn place(sources: &Sources, span: Span) -> String {
    match sources.get(span.file) {
        Some(source) => {
            let at = source.line_column(span.start);
            format!("{}:{}:{}", source.name(), at.line, at.column)
        }
        None => String::new(),
    }
}
