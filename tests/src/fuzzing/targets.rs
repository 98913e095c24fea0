//! What is tried on any bytes: each function returns, whatever it is given, or panics where a promise is broken.

use std::sync::Arc;

use hence_diagnostics::render::{TextOptions, json, text};
use hence_diagnostics::{Diagnostic, FileId, Sources, apply};
use hence_ir::bundle;
use hence_project::Project;
use hence_syntax::{Parsed, parse, read_tables, tree};
use hence_vm::Predicate;

use super::conditions::{self, Maker};

/// A target.
pub type Target = fn(&[u8]);

/// The targets, by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("lex", lex),
    ("parse", parsing),
    ("format", format),
    ("check", check),
    ("bundle", bundles),
    ("csv", csv),
    ("integration", integration),
    ("jit", jit),
];

/// How many events a random condition is evaluated on.
const EVENTS: usize = 200;

/// Tokens follow each other without gap and cover the text.
pub fn lex(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut end = 0;
    for token in hence_syntax::lex(FileId::default(), &text) {
        assert_eq!(token.span.start, end, "a gap between tokens");
        assert!(
            text.get(token.span.range()).is_some_and(|slice| !slice.is_empty()),
            "a token inside a character"
        );
        end = token.span.end;
    }
    assert_eq!(end as usize, text.len(), "text after the last token");
}

/// Parsing gives a tree, and every diagnostic of it can be shown.
pub fn parsing(data: &[u8]) {
    let (sources, parsed) = read(&String::from_utf8_lossy(data));
    let _ = trees(&parsed);
    show(&sources, &parsed.diagnostics);
}

/// The canonical text says what the text says, and is the canonical text of itself.
pub fn format(data: &[u8]) {
    let (sources, before) = read(&String::from_utf8_lossy(data));
    let once = hence_syntax::format(&sources, before.file).text;
    let (sources, after) = read(&once);
    assert_eq!(trees(&before), trees(&after), "formatting changes the tree");
    assert_eq!(comments(&before), comments(&after), "formatting loses a comment");
    assert_eq!(
        hence_syntax::format(&sources, after.file).text,
        once,
        "formatting twice is not formatting once"
    );
}

/// A text is checked, compiled, and every fix of it can be applied.
pub fn check(data: &[u8]) {
    let given = String::from_utf8_lossy(data);
    let project = Project::of_text("a.rule", &given);
    show(&project.sources, &project.diagnostics());
    for one in &project.diagnostics() {
        for fix in &one.fixes {
            let _ = apply(&given, [fix]);
        }
    }
}

/// What is read as a bundle is written as the same bundle.
pub fn bundles(data: &[u8]) {
    if let Ok(read) = bundle::read(data) {
        let bytes = bundle::write(&read);
        let again = bundle::read(&bytes);
        assert!(
            again.is_ok_and(|again| bundle::write(&again) == bytes),
            "a bundle changes when it is written"
        );
    }
}

/// The rows of a table are read from any text.
pub fn csv(data: &[u8]) {
    let rule = "table fees(total: money, tier: string?) -> percent from \"a.csv\"\n\nconst all = fees(1 EUR, \"a\")\n";
    let mut sources = Sources::new();
    let (catalog, _) = hence_schema::catalog(&mut sources, &[]);
    let file = sources.add("a.rule", rule);
    let rows = sources.add("a.csv", String::from_utf8_lossy(data).into_owned());
    let mut parsed = parse(&sources, file);
    read_tables(&mut sources, &mut parsed, |_, _| Ok(rows));
    let files = [parsed];
    let checked = hence_check::check(&files, &catalog, &hence_types::jiff::tz::TimeZone::UTC);
    let [parsed] = &files;
    show(&sources, &parsed.diagnostics);
    show(&sources, &checked.diagnostics());
}

/// An integration file is read, and what is wrong with it can be shown.
pub fn integration(data: &[u8]) {
    let mut sources = Sources::new();
    let file = sources.add("a.json", String::from_utf8_lossy(data).into_owned());
    let (_, diagnostics) = hence_schema::catalog(&mut sources, &[file]);
    show(&sources, &diagnostics);
}

/// Predicates and compiled conditions answer as the interpreter does, failures included, for random conditions and
/// events; the bytes choose them.
pub fn jit(data: &[u8]) {
    let seed = data.iter().fold(data.len() as u64, |seed, byte| {
        seed.wrapping_mul(0x100_0000_01b3).wrapping_add(u64::from(*byte)) ^ seed >> 29
    });
    let mut maker = Maker::new(seed);
    let (rule, context) = (maker.rule(), conditions::context());
    let predicate = Arc::new(Predicate::new(&rule));
    let compiled = hence_jit::compile(std::slice::from_ref(&predicate));
    assert_eq!(compiled.as_ref().err(), None, "for {:?}", rule.code);
    let compiled = compiled.unwrap_or_default();
    for _ in 0..EVENTS {
        let slots = maker.slots();
        let expected = hence_vm::verdict(&rule, &slots, &context);
        let shown = || format!("for {:?} and {:?}", rule.code, slots.values);
        assert_eq!(predicate.verdict(&rule, &slots, &context), expected, "predicate {}", shown());
        for compiled in &compiled {
            assert_eq!(compiled.verdict(&rule, &slots, &context), expected, "compiled {}", shown());
        }
    }
}

fn read(text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::new();
    let file = sources.add("a.rule", text);
    let parsed = parse(&sources, file);
    (sources, parsed)
}

fn trees(parsed: &Parsed) -> Vec<String> {
    parsed.items.iter().map(tree::print).collect()
}

fn comments(parsed: &Parsed) -> Vec<&str> {
    let comments = parsed.tokens().iter().filter_map(|token| parsed.text.get(token.span.range()));
    comments.filter(|text| text.starts_with("//")).map(str::trim_end).collect()
}

/// Shows diagnostics in every way that draws on the text; of many, the first.
fn show(sources: &Sources, diagnostics: &[Diagnostic]) {
    let some = diagnostics.get(..diagnostics.len().min(20)).unwrap_or_default();
    let _ = text(sources, some, TextOptions::default());
    let _ = json(sources, some);
    for one in some {
        for label in std::iter::once(&one.primary).chain(&one.secondary) {
            let source = sources.get(label.span.file);
            assert!(
                source.is_some_and(|source| source.text().get(label.span.range()).is_some()),
                "a label inside a character: {one:?}"
            );
        }
    }
}
