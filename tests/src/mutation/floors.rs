//! `mutations/`: figures that must not fall, of a sample that is the same in every run.

use std::sync::OnceLock;

use super::measure::Judged;
use super::mutants::{self, Kind, Mutant};
use super::seeds::{self, Seed};
use super::table::{Score, by_kind, print};
use super::{SAMPLE, judge, pairs};
use crate::case::{Case, Failed};

/// Least shares in percent, most spurious diagnostics a file.
struct Floors {
    detected: f64,
    placed: f64,
    restored: f64,
    spurious: f64,
}

/// What the project aims at.
const ALL: Floors = Floors { detected: 98.0, placed: 95.0, restored: 85.0, spurious: 0.02 };

/// A kind alone has few mutants in the sample, so that one of them is several percent.
const KIND: Floors = Floors { detected: 90.0, placed: 80.0, restored: 60.0, spurious: 0.1 };

/// One of so many files, and of so many pairs of mistakes in one, is tried.
const PAIRED: usize = 17;

/// Two mistakes so many tokens apart have nothing to do with each other.
const FAR: usize = 8;

/// With fewer mutants than this, shares say nothing.
const FEW: usize = 20;

/// Returns the tests of the floors.
pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("mutations/all kinds together keep to the floors", |_| {
            let judged = sample()?;
            let mut score = Score::default();
            judged.iter().for_each(|one| score.add(one));
            hold(&score, &ALL, "all").map_err(|failed| format!("{failed}\n\n{}", print(judged)))
        }),
        Case::new("mutations/each kind keeps to the floors", |_| {
            let judged = sample()?;
            for (kind, score) in by_kind(judged) {
                if score.found >= FEW {
                    hold(&score, &KIND, kind.name())
                        .map_err(|failed| format!("{failed}\n\n{}", print(judged)))?;
                }
            }
            Ok(())
        }),
        Case::new("mutations/two mistakes far apart are both told", |_| {
            let (count, both) = two_mistakes(&seeds::all()?);
            let enough = both * 100 >= count * 90;
            if enough { Ok(()) } else { Err(format!("{both} of {count}")) }
        }),
    ]
}

/// Makes two simple mistakes in a file, far apart, and counts those files of which exactly two things are said.
fn two_mistakes(seeds: &[Seed]) -> (usize, usize) {
    let simple = [Kind::DropComma, Kind::Foreign, Kind::MisspellKeyword];
    let wrong = |seed: &Seed, text: &str| -> Vec<Mutant> {
        let all = mutants::all(text).into_iter().filter(|mutant| simple.contains(&mutant.kind));
        all.filter(|mutant| seed.judge(&mutant.text).diagnostics.len() == 1).collect()
    };
    let (mut count, mut both) = (0, 0);
    for seed in seeds.iter().step_by(PAIRED) {
        let singles = wrong(seed, &seed.text);
        let Some(first) = singles.first() else { continue };
        // The tokens of the second are counted in the text with the first.
        let second = mutants::all(&first.text).into_iter().filter(|mutant| {
            let alone = singles.iter().any(|single| single.kind == mutant.kind && single.at == mutant.at);
            alone && mutant.at > first.at + FAR
        });
        for second in second.step_by(PAIRED) {
            count += 1;
            both += usize::from(seed.judge(&second.text).diagnostics.len() == 2);
        }
    }
    (count, both)
}

/// Judges the sample, once.
fn sample() -> Result<&'static [Judged], Failed> {
    static SAMPLE_JUDGED: OnceLock<Result<Vec<Judged>, Failed>> = OnceLock::new();
    let judged = SAMPLE_JUDGED.get_or_init(|| {
        let seeds = seeds::all()?;
        Ok(judge(&pairs(&seeds, SAMPLE)))
    });
    judged.as_deref().map_err(Clone::clone)
}

fn hold(score: &Score, floors: &Floors, name: &str) -> Result<(), Failed> {
    let least = [
        ("detected", score.detected(), floors.detected),
        ("placed", score.placed(), floors.placed),
        ("restored by the top fix", score.restored(), floors.restored),
    ];
    let few_fixes = score.fixable < FEW;
    for (what, found, floor) in least {
        if found < floor && !(few_fixes && what.starts_with("restored")) {
            return Err(format!("{name}: {found:.2}% {what}, less than {floor}%"));
        }
    }
    if score.spurious() > floors.spurious {
        return Err(format!("{name}: {:.4} spurious diagnostics a file", score.spurious()));
    }
    Ok(())
}
