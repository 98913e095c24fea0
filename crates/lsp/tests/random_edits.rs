//! Edits at random places of the corpus: nothing that an editor asks ends in a panic, and what is told of a text that
//! came to be by edits is what is told of it when it is read afresh.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends by panicking"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hence_diagnostics::Span;
use hence_lsp::View;
use hence_lsp::features::{
    calls, code_actions, completion, definition, folding, formatting, highlight, hover, inlay, lenses, links,
    refactor, references, rename, selection, semantic, signature, symbols,
};
use hence_project::Live;
use hence_types::jiff::Timestamp;

/// Every so many files are taken; which ones does not change from run to run.
const EVERY: usize = 40;
const EDITS: usize = 6;

/// Texts that are put in, of all kinds of tokens.
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
    "customer.",
    "test \"",
    "as ",
    "3 days",
    "10 EUR",
    "ä😀",
    "\r\n",
    "// ",
    "`",
    "/",
    "match x { ",
    "| ",
    "for each row in ",
    "?.",
    "\t",
    "not ",
];

/// A generator of numbers that is the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

fn corpus() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus")];
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

fn edited(text: &str, random: &mut Random) -> String {
    let at = text.floor_char_boundary(random.below(text.len() + 1));
    let mut new = text.to_owned();
    match random.below(3) {
        0 => new.insert_str(at, PIECES[random.below(PIECES.len())]),
        1 => {
            let end = text.ceil_char_boundary((at + random.below(12)).min(text.len()));
            new.replace_range(at..end.max(at), "");
        }
        _ => {
            let end = text.ceil_char_boundary((at + random.below(4)).min(text.len()));
            new.replace_range(at..end.max(at), PIECES[random.below(PIECES.len())]);
        }
    }
    new
}

/// Asks everything that can be asked at a place.
fn ask_all(view: View<'_>, offset: u32) {
    let here = Span::new(view.file, offset, offset);
    let whole = Span::new(view.file, 0, view.text().len() as u32);
    if let Some(found) = completion::completion(view, offset) {
        for proposal in found.proposals.iter().take(5) {
            completion::documentation(view, proposal);
        }
    }
    signature::signature(view, offset);
    hover::hover(view, offset);
    definition::definition(view, offset);
    definition::type_definition(view, offset);
    references::references(view, offset, true);
    highlight::highlights(view, offset);
    let _ = rename::rename(view, offset, "renamed");
    code_actions::at(view, here);
    refactor::at(view, Span::new(view.file, offset, whole.end), Timestamp::UNIX_EPOCH);
    if let Some(found) = calls::prepare(view, offset) {
        calls::incoming(view, &found.name);
        calls::outgoing(view, &found.name);
    }
    for range in selection::ranges(view, offset).windows(2) {
        assert!(range[1].start <= range[0].start && range[0].end <= range[1].end);
    }
    formatting::on_type(view, offset, '\n');
    formatting::on_type(view, offset, '}');
    formatting::range(view, here);
    symbols::outline(view);
    folding::folds(view);
    links::links(view);
    lenses::lenses(view);
    inlay::hints(view, whole, Timestamp::UNIX_EPOCH);
    let parts = semantic::parts(view, None);
    assert!(parts.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
}

#[test]
fn random_edits_end_in_no_panic_and_tell_what_a_fresh_look_tells() {
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    let path = root.join("edited.rule");
    for (number, file) in corpus().iter().enumerate().step_by(EVERY) {
        let Ok(mut text) = std::fs::read_to_string(file) else { continue };
        let mut random = Random(number as u64 + 1);
        let buffers = |text: &str| BTreeMap::from([(path.clone(), Arc::from(text))]);
        let mut live = Live::load(&path, buffers(&text)).unwrap();
        for _ in 0..EDITS {
            text = edited(&text, &mut random);
            live.set(&path, Some(Arc::from(text.as_str()))).unwrap();
            let view = View::new(&live, live.file(&path).unwrap());
            let offset = text.floor_char_boundary(random.below(text.len() + 1)) as u32;
            ask_all(view, offset);
        }
        let fresh = Live::load(&path, buffers(&text)).unwrap();
        let shown = |live: &Live| {
            let project = live.project();
            hence_diagnostics::render::json(&project.sources, &project.diagnostics())
        };
        assert_eq!(shown(&live), shown(&fresh), "{} became:\n{text}", file.display());
    }
}
