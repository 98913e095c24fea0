//! What an update comes to is what a check of everything comes to, whatever was edited.

use std::path::{Path, PathBuf};

use hence_diagnostics::{FileId, Sources};
use hence_syntax::Parsed;
use hence_types::jiff::tz::TimeZone;

use super::*;
use crate::check;

/// A generator of numbers that is the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }

    fn piece(&mut self) -> &'static str {
        PIECES[self.below(PIECES.len())]
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Rules, tests and definitions that have to do with each other, spread over files.
const TEXTS: &[&str] = &[
    "const limit = 100 EUR\nconst more = limit + 1 EUR\nfn is_big(amount: money) -> bool = amount > limit\n",
    "fn is_large(amount: money) -> bool = is_big(amount) and amount > more\n\nrule large\nwhen shop.order.created\nif   is_large(total)\nthen log.write(message: \"{limit}\")\n",
    "rule big\nwhen shop.order.created\nif   is_big(total) and note is present\nthen log.write(message: \"{note}\")\n\nrule small\nwhen shop.order.created\nif   total < 10 EUR and total > 20 EUR\nthen log.write(message: \"small\")\n",
    "test \"a big order\"\n  given shop.order.created { total: 500 EUR, note: \"x\" }\n  expect big ran\n  expect small not ran because total < 10 EUR\n  expect large not ran because amount > more\n",
    "rule twin\nwhen shop.order.created\nif   total > limit\nthen log.write(message: \"twin\")\n\n// hence: allow duplicate-rule — on purpose\nrule other_twin\nwhen shop.order.created\nif   total > limit\nthen log.write(message: \"twin\")\n",
    "table fee(total: money) -> percent {\n  | < 10 EUR | 5%\n  | >= 10 EUR | 2%\n}\n\nrule fees\nwhen shop.order.created\nif   fee(total) > 3%\nthen log.write(message: \"fee\")\n",
    "rule recalculate\nwhen manual with (since: date, reason: string?)\nthen log.write(message: \"{since}\")\n",
    "test \"somebody starts it\"\n  given manual.recalculate { since: 2026-01-01 }\n  expect recalculate ran\n",
];

const PIECES: &[&str] = &[
    ".",
    "(",
    ")",
    "{",
    "}",
    "\"",
    "\n",
    " ",
    "rule x\n",
    "when ",
    "if ",
    "then ",
    "total",
    "limit",
    "is_big",
    "more",
    "const more = 1\n",
    "fn is_big(a: int) -> int = a\n",
    "test \"a big order\"\n",
    "rule big\n",
    "// hence: allow never-true — x\n",
    "not ",
    "10 EUR",
    "\n\nconst total = 3 EUR\n",
    "ä",
    "const = 1\n",
];

/// A project that is edited.
struct Edited {
    sources: Sources,
    ids: Vec<FileId>,
    files: Vec<Parsed>,
}

impl Edited {
    fn new(texts: &[String]) -> Self {
        let mut sources = Sources::new();
        hence_schema::catalog(&mut sources, &[]);
        let ids: Vec<FileId> = texts
            .iter()
            .enumerate()
            .map(|(i, text)| sources.add(format!("{i}.rule"), text.as_str()))
            .collect();
        let files = ids.iter().map(|id| hence_syntax::parse(&sources, *id)).collect();
        Self { sources, ids, files }
    }

    fn text(&self, index: usize) -> String {
        self.files[index].text.to_string()
    }

    fn set(&mut self, index: usize, text: &str) {
        self.sources.set_text(self.ids[index], text);
        let before = self.files[index].clone();
        self.files[index] = hence_syntax::parse_again(&self.sources, self.ids[index], before);
        let fresh = hence_syntax::parse(&self.sources, self.ids[index]);
        assert_eq!(self.files[index].items, fresh.items, "{text}");
        assert_eq!(self.files[index].diagnostics, fresh.diagnostics, "{text}");
    }
}

/// Everything that is known, as text.
fn shown(checked: &Checked) -> String {
    let mut text = format!("{:#?}\n{:?}\n", checked.diagnostics(), checked.declarations);
    for (place, facts) in checked.items() {
        text.push_str(&format!("{place:?} {facts:?}\n"));
    }
    text
}

fn edit(text: &str, random: &mut Random) -> String {
    let at = text.floor_char_boundary(random.below(text.len() + 1));
    let mut new = text.to_owned();
    match random.below(4) {
        0 => new.insert_str(at, random.piece()),
        1 => {
            let end = text.ceil_char_boundary((at + random.below(12)).min(text.len()));
            new.replace_range(at..end.max(at), "");
        }
        2 => {
            let end = text.ceil_char_boundary((at + random.below(4)).min(text.len()));
            new.replace_range(at..end.max(at), random.piece());
        }
        // A word takes the place of another, everywhere or once.
        _ => {
            let words: Vec<&str> = text
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .filter(|w| !w.is_empty())
                .collect();
            if let (false, all) = (words.is_empty(), random.below(2) == 0) {
                let (old, word) = (*random.pick(&words), *random.pick(&words));
                new = if all { text.replace(old, word) } else { text.replacen(old, word, 1) };
            }
        }
    }
    new
}

/// Edits texts and compares; now and then an edit is taken back, as authors do.
#[track_caller]
fn edits_and_checks(texts: &[String], random: &mut Random, rounds: usize) {
    let mut sources = Sources::new();
    let (catalog, _) = hence_schema::catalog(&mut sources, &[]);
    let mut edited = Edited::new(texts);
    let mut checked = check(&edited.files, &catalog, &TimeZone::UTC);
    for _ in 0..rounds {
        let mut changed = Vec::new();
        for _ in 0..=random.below(6) / 5 {
            let index = random.below(texts.len());
            let text = match random.below(5) {
                0 => texts[index].clone(),
                1 => format!("\n{}", edited.text(index)),
                _ => edit(&edited.text(index), random),
            };
            edited.set(index, &text);
            changed.push(index);
        }
        let before: Vec<Vec<_>> = (0..texts.len()).map(|file| checked.found(file).to_vec()).collect();
        let changes = checked.update(&edited.files, &changed, &catalog, &TimeZone::UTC);
        let fresh = check(&edited.files, &catalog, &TimeZone::UTC);
        let all: Vec<String> = (0..texts.len()).map(|index| edited.text(index)).collect();
        let (now, wanted) = (shown(&checked), shown(&fresh));
        if now != wanted {
            let differs = now.lines().zip(wanted.lines()).find(|(a, b)| a != b);
            panic!("{changed:?}: {differs:#?}\n{}", all.join("\n--------\n"));
        }
        for (file, found) in before.iter().enumerate() {
            assert!(changes.files.contains(&file) || checked.found(file) == found, "{file} changed untold");
        }
    }
}

/// How many rounds are made; `UPDATE_ROUNDS=20` makes twenty times as many.
fn rounds(number: u64) -> u64 {
    let times = std::env::var("UPDATE_ROUNDS").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    number * times
}

#[test]
fn edits_of_files_that_use_each_other_come_to_what_a_fresh_check_finds() {
    let texts: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    for seed in 0..rounds(12) {
        edits_and_checks(&texts, &mut Random(seed), 20);
    }
}

fn corpus() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.join("tests/corpus"), root.join("examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rule") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn edits_of_the_corpus_come_to_what_a_fresh_check_finds() {
    let corpus = corpus();
    let mut random = Random(7);
    for _ in 0..rounds(10) {
        let texts = (0..5).filter_map(|_| std::fs::read_to_string(random.pick(&corpus)).ok());
        let mut texts: Vec<String> = texts.filter(|text| text.len() < 8000).collect();
        texts.push(TEXTS[0].to_owned());
        edits_and_checks(&texts, &mut random, 8);
    }
}
