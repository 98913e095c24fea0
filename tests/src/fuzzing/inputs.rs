//! What the targets are tried on: texts known to be hard, and valid texts damaged at random, the same in every run.

use std::path::Path;

use hence_project::Project;

use crate::case::Failed;
use crate::random::Random;

/// What damage puts into texts: words and marks of the language, and characters that are more than one byte.
const WORDS: &[&str] = &[
    "rule ",
    "when ",
    "if ",
    "then ",
    "otherwise ",
    "else ",
    "match ",
    "table ",
    "fn ",
    "const ",
    "test ",
    "for ",
    "each ",
    "let ",
    "stop ",
    "wait ",
    "matches /",
    "in ",
    "not ",
    "is missing ",
    "between ",
    "and ",
    "or ",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"{",
    "}\"",
    "'",
    "`",
    "//",
    "///",
    "|",
    "->",
    "..",
    ".",
    "?.",
    ",",
    ":",
    "=",
    "==",
    "-",
    "%",
    "_",
    "1 EUR",
    "3 days",
    "2026-11-27T09:00",
    "9999999999999999999999999999999",
    "\\",
    "\r\n",
    "\n",
    "\t",
    "\u{feff}",
    "\u{0}",
    "漢字",
    "e\u{301}",
    "👩‍👩‍👧",
    "\u{202e}",
    "ß",
    "\u{a0}",
    "“",
    "”",
];

/// Returns the valid inputs of a target that damage starts from.
pub(super) fn seeds(target: &str) -> Result<Vec<Vec<u8>>, Failed> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let files = |folder: &str, extension: &str| crate::cases::files(Path::new(folder), extension);
    match target {
        "bundle" => {
            let shop = Project::load(Path::new("../examples/shop")).map_err(|error| error.to_string())?;
            Ok(vec![
                read(Path::new("../crates/ir/fixtures/version-1.hence"))?,
                hence_ir::bundle::write(&shop.bundle()),
            ])
        }
        "csv" => files("corpus", "csv")?.iter().map(|path| read(path)).collect(),
        "integration" => {
            files("../crates/schema/integrations", "json")?.iter().map(|path| read(path)).collect()
        }
        _ => files("corpus", "rule")?.iter().map(|path| read(path)).collect(),
    }
}

/// Returns texts that are hard for a reason.
pub(super) fn hard(length: usize) -> Vec<String> {
    let rule = |condition: &str| format!("rule a\nwhen shop.order.created\nif {condition}\nthen stop\n");
    let deep = length / 10;
    let mut all = vec![
        String::new(),
        "\u{feff}".to_owned(),
        "\r\n".repeat(100),
        "漢字e\u{301}👩‍👩‍👧\u{202e}".repeat(100),
        "x".repeat(length),
        format!("\"{}", "y".repeat(length)),
        format!("const a = \"{}\"", "漢".repeat(length / 3)),
        "//".repeat(length / 2),
        rule(&"not ".repeat(deep)),
        rule(&"- ".repeat(deep)),
        rule(&format!("{}b", "a else ".repeat(deep))),
        rule(&format!("{}b", "a + ".repeat(deep))),
        rule(&format!("{}b", "a and ".repeat(deep))),
        rule(&format!("a{}", ".b".repeat(deep))),
        rule(&format!("a{}", "[0]".repeat(deep))),
        rule(&format!("{}1", "if a then ".repeat(deep))),
        rule(&format!("{}1", "if a then b else ".repeat(deep))),
        rule(&format!("{}1", "match a { else -> ".repeat(deep))),
        rule(&format!("a{}", " as int".repeat(deep))),
        rule(&format!("a{}", " is missing".repeat(deep))),
        rule(&format!("a{}", " in b".repeat(deep))),
        rule(&"\"{".repeat(deep)),
        format!("rule a\nwhen shop.order.created\nthen {}", "if a { ".repeat(deep)),
        format!("rule a\nwhen shop.order.created\nthen if a {{}} {}", "else if a { } ".repeat(deep)),
        format!("rule a\nwhen shop.order.created\nthen {}", "attempt { ".repeat(deep)),
        format!("rule a\nwhen {}b.c", "shop.order.created or ".repeat(deep)),
        format!("fn a(b: {}int{}) -> int = 1", "list<".repeat(deep), ">".repeat(deep)),
        format!("table t(a: int) -> int {{\n{}}}", "| 1 | 2\n".repeat(deep)),
        "rule a\n".repeat(deep),
        "{".repeat(deep),
        "[".repeat(deep),
        format!("{}1{}", "[".repeat(deep), "]".repeat(deep)),
        "{\"a\":".repeat(deep),
        "\"\"\"".repeat(deep),
        rule(&"a # ".repeat(deep)),
        rule(&"a # 'b' ".repeat(deep)),
        rule(&"a /^b/ ".repeat(deep)),
        rule(&"3d 9am 5€ ".repeat(deep)),
        format!("rule a\nwhen shop.order.created\nthen {}", "stop;\n".repeat(deep)),
        format!("rule a\nwhen shop.order.created\nthen {}", "foreach (a in b) {\n".repeat(deep)),
        format!("rule a\r\nwhen shop.order.created\r\nthen\r\n{}", "- 漢.字()\r\n".repeat(deep)),
        format!("rule a\nwhen shop.order.created\nthen {}", "let a = ) (\n".repeat(deep)),
        format!("const a = {{{}}}", "\"b\": 1, ".repeat(deep)),
        "pricing\n".repeat(deep),
        format!("rule a\n{}when b.c\nthen stop", "  offers\n".repeat(deep)),
    ];
    for bracket in ["(", "[", "{", "f(", "{a:"] {
        all.push(rule(&bracket.repeat(deep)));
    }
    all
}

/// Returns an input: a seed, damaged in some places.
pub(super) fn damaged(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let Some(mut data) = seeds.get(random.below(seeds.len())).cloned() else { return Vec::new() };
    for _ in 0..=random.below(6) {
        let (start, length) = (random.below(data.len() + 1), random.below(24));
        let end = (start + length).min(data.len());
        match random.below(8) {
            0 => drop(data.drain(start..end)),
            1 => {
                let piece: Vec<u8> = data.get(start..end).unwrap_or_default().repeat(1 + random.below(40));
                data.splice(start..start, piece);
            }
            2 => {
                if let Some(byte) = data.get_mut(start) {
                    *byte ^= 1 << random.below(8);
                }
            }
            3 => data.truncate(start.max(data.len() / 2)),
            4 => {
                let other = seeds.get(random.below(seeds.len())).map_or(&[][..], Vec::as_slice);
                let from = random.below(other.len());
                let piece = other.get(from..(from + 200).min(other.len())).unwrap_or_default().to_vec();
                data.splice(start..end, piece);
            }
            _ => {
                let word = WORDS.get(random.below(WORDS.len())).copied().unwrap_or_default();
                data.splice(start..start, word.bytes());
            }
        }
    }
    data
}
