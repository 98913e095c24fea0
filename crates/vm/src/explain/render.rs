//! Explanations as text for people.

use std::fmt::Write;

use hence_diagnostics::Span;

use super::{Explanation, Flip, Outcome, Part, Verdict};

/// The characters an explanation is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Marks {
    /// `✓ ✗ ? –` and lines.
    #[default]
    Unicode,
    /// `+ x ? -` and lines of ASCII characters.
    Ascii,
}

/// Longer values are cut off.
const SHOWN: usize = 80;

impl Marks {
    fn of(self, outcome: &Outcome) -> &'static str {
        match (self, outcome) {
            (Marks::Unicode, Outcome::Truth(true)) => "✓",
            (Marks::Unicode, Outcome::Truth(false)) => "✗",
            (Marks::Unicode, Outcome::NotEvaluated) => "–",
            (Marks::Ascii, Outcome::Truth(true)) => "+",
            (Marks::Ascii, Outcome::Truth(false)) => "x",
            (Marks::Ascii, Outcome::NotEvaluated) => "-",
            (_, Outcome::Value(_) | Outcome::Missing | Outcome::Fault(_)) => "?",
        }
    }

    /// Returns what stands before a child, and before the lines below it.
    fn branch(self, last: bool) -> (&'static str, &'static str) {
        match (self, last) {
            (Marks::Unicode, false) => ("├ ", "│ "),
            (Marks::Unicode, true) => ("└ ", "  "),
            (Marks::Ascii, false) => ("|-", "| "),
            (Marks::Ascii, true) => ("`-", "  "),
        }
    }
}

impl Explanation {
    /// Returns the explanation as text, ending with a line break. `source` gives the text of a place in a
    /// rule.
    pub fn render(&self, source: &dyn Fn(Span) -> String, marks: Marks) -> String {
        let mut drawing = Drawing { source, marks, out: String::new() };
        drawing.line("", &self.headline());
        match &self.condition {
            Some(condition) => drawing.part(condition, "", ""),
            None => drawing.line("", "no condition: every event matches"),
        }
        if let Verdict::Undecided(failure) = &self.verdict {
            let place = text(source, failure.span);
            let line = format!("undecided: {failure} in `{place}`{}", failure.where_clause());
            drawing.line("", &line);
        }
        for mismatch in &self.mismatches {
            drawing.line("", &mismatch.to_string());
        }
        for flip in &self.flips {
            drawing.line("", &self.sentence(flip, source));
        }
        drawing.out
    }

    /// Returns the first line of the explanation: the rule, the verdict, the event.
    fn headline(&self) -> String {
        let verdict = match self.verdict {
            Verdict::Matched => "matched",
            Verdict::NotMatched => "did not match",
            Verdict::Undecided(_) => "could not be decided for",
        };
        format!("{} {verdict} {} {}", self.rule, self.event, self.id)
    }

    /// Returns a flip as a sentence: "would match if `total` were at least 1000.01 EUR".
    pub(super) fn sentence(&self, flip: &Flip, source: &dyn Fn(Span) -> String) -> String {
        let verdict = if self.verdict == Verdict::Matched { "would not match" } else { "would match" };
        format!("{verdict} if `{}` {}", text(source, flip.span), flip.change)
    }
}

/// Returns the source text of a place on one line.
pub(super) fn text(source: &dyn Fn(Span) -> String, span: Span) -> String {
    let text = source(span);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { "…".to_owned() } else { lines.join(" ") }
}

pub(crate) fn shortened(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((place, _)) => format!("{}…", value.get(..place).unwrap_or_default()),
        None => value.to_owned(),
    }
}

struct Drawing<'a> {
    source: &'a dyn Fn(Span) -> String,
    marks: Marks,
    out: String,
}

impl Drawing<'_> {
    fn line(&mut self, before: &str, text: &str) {
        self.out.push_str(before);
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Draws a condition: `first` stands before its line, `rest` before the lines below it.
    fn part(&mut self, part: &Part, first: &str, rest: &str) {
        let mut line = format!("{} ", self.marks.of(&part.outcome));
        if let Some((place, _)) = &part.element {
            let _ = write!(line, "[{place}] ");
        }
        line.push_str(&text(self.source, part.span));
        match &part.outcome {
            Outcome::NotEvaluated => line.push_str("   (not evaluated)"),
            Outcome::Missing => line.push_str("   (missing)"),
            Outcome::Value(value) => {
                let _ = write!(line, " = {}", shortened(value));
            }
            // The fault is told once, where it arose.
            Outcome::Fault(fault) if !part.children.iter().any(is_fault) => {
                let _ = write!(line, "   ({fault})");
            }
            Outcome::Fault(_) | Outcome::Truth(_) => {}
        }
        self.line(first, &line);
        self.below(part, rest);
    }

    /// Draws the parts of a part: first the values, then the conditions.
    fn below(&mut self, part: &Part, rest: &str) {
        let shown = |child: &&Part| !child.is_constant;
        let (conditions, values): (Vec<&Part>, Vec<&Part>) =
            part.children.iter().filter(shown).partition(|child| child.is_condition);
        for value in values {
            self.value(value, &format!("{rest}  "));
        }
        let last = conditions.len().saturating_sub(1);
        for (place, condition) in conditions.into_iter().enumerate() {
            let (branch, below) = self.marks.branch(place == last);
            self.part(condition, &format!("{rest}{branch}"), &format!("{rest}{below}"));
        }
    }

    fn value(&mut self, part: &Part, before: &str) {
        let mut line = String::new();
        if let Some((place, _)) = &part.element {
            let _ = write!(line, "[{place}] ");
        }
        line.push_str(&text(self.source, part.span));
        match &part.outcome {
            Outcome::Truth(truth) => {
                let _ = write!(line, " = {truth}");
            }
            Outcome::Value(value) => {
                let _ = write!(line, " = {}", shortened(value));
            }
            Outcome::Missing => line.push_str(" is missing"),
            Outcome::Fault(fault) if !part.children.iter().any(is_fault) => {
                let _ = write!(line, ": {fault}");
            }
            Outcome::Fault(_) => line.push_str(" failed"),
            Outcome::NotEvaluated => return,
        }
        self.line(before, &line);
        self.below(part, before);
    }
}

fn is_fault(part: &Part) -> bool {
    matches!(part.outcome, Outcome::Fault(_))
}
