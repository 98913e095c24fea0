//! Figures by kind of mutation, and the table of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::measure::{Judged, Outcome};
use super::mutants::Kind;

/// What was counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Score {
    pub(super) all: usize,
    pub(super) same: usize,
    pub(super) valid: usize,
    pub(super) found: usize,
    pub(super) placed: usize,
    pub(super) fixable: usize,
    pub(super) restored: usize,
    pub(super) spurious: usize,
}

impl Score {
    pub(super) fn add(&mut self, judged: &Judged) {
        self.all += 1;
        match &judged.outcome {
            Outcome::Same => self.same += 1,
            Outcome::Valid(_) => self.valid += 1,
            Outcome::Missed => {}
            Outcome::Found(found) => {
                self.found += 1;
                self.placed += usize::from(found.placed);
                self.fixable += usize::from(found.fixable);
                self.restored += usize::from(found.restored && found.fixable);
                self.spurious += found.spurious;
            }
        }
    }

    /// Of the mutants that are mistakes, the share that is found, in percent.
    pub(super) fn detected(&self) -> f64 {
        share(self.found, self.all - self.same - self.valid)
    }

    /// Of those found, the share whose place is right.
    pub(super) fn placed(&self) -> f64 {
        share(self.placed, self.found)
    }

    /// Of those with a fix, the share whose fix restores the meaning.
    pub(super) fn restored(&self) -> f64 {
        share(self.restored, self.fixable)
    }

    /// Diagnostics beside the first, for each file with a mistake.
    pub(super) fn spurious(&self) -> f64 {
        self.spurious as f64 / self.found.max(1) as f64
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 100.0 } else { part as f64 * 100.0 / of as f64 }
}

/// Counts by kind.
pub(super) fn by_kind(judged: &[Judged]) -> BTreeMap<Kind, Score> {
    let mut scores: BTreeMap<Kind, Score> = BTreeMap::new();
    for one in judged {
        scores.entry(one.kind).or_default().add(one);
    }
    scores
}

/// Prints the table, with a line of all at its end.
pub(super) fn print(judged: &[Judged]) -> String {
    let mut table = String::from(
        "mutation                     n   same  valid  detected  placed  fixable  restored  spurious\n",
    );
    for (kind, score) in by_kind(judged) {
        row(&mut table, kind.name(), &score);
    }
    let mut all = Score::default();
    judged.iter().for_each(|one| all.add(one));
    row(&mut table, "all", &all);
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for one in judged {
        if let Outcome::Valid(reason) = one.outcome {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    table.push_str("\nvalid as well, and not what was meant:\n");
    for (reason, count) in reasons {
        let _ = writeln!(table, "{count:7}  {reason}");
    }
    table
}

fn row(table: &mut String, name: &str, score: &Score) {
    let _ = writeln!(
        table,
        "{name:24} {:6} {:6} {:6} {:8.2}% {:6.2}% {:7.1}% {:8.2}% {:9.4}",
        score.all,
        score.same,
        score.valid,
        score.detected(),
        score.placed(),
        share(score.fixable, score.found),
        score.restored(),
        score.spurious(),
    );
}
