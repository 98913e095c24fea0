//! Where items start, and what is said where that is not plain.

use hence_diagnostics::{Sources, apply};

use crate::{parse, tree};

/// Parses and returns what is said and the names of the items; the fixes must leave nothing to say.
#[track_caller]
fn check(text: &str, messages: &[&str], names: &[&str]) {
    let mut sources = Sources::new();
    let file = sources.add("a.rule", text);
    let parsed = parse(&sources, file);
    let said: Vec<String> = parsed
        .diagnostics
        .iter()
        .map(|diagnostic| format!("{} {}", diagnostic.code, diagnostic.message))
        .collect();
    assert_eq!(said, messages);
    let found: Vec<&str> =
        parsed.items.iter().map(|item| item.name().map_or("?", |name| name.text.as_str())).collect();
    assert_eq!(found, names);
    let fixes: Vec<_> = parsed.diagnostics.iter().filter_map(|diagnostic| diagnostic.fixes.first()).collect();
    if !fixes.is_empty() {
        let mended = apply(text, fixes);
        let file = sources.add("b.rule", mended.clone());
        let again = parse(&sources, file);
        assert!(again.diagnostics.is_empty(), "{mended}\n{:?}", again.diagnostics);
        let before: Vec<String> = parsed.items.iter().map(tree::print).collect();
        let after: Vec<String> = again.items.iter().map(tree::print).collect();
        assert_eq!(before, after);
    }
}

const RULE: &str = "rule a\nwhen x.y\nthen stop\n";

#[test]
fn a_misspelt_keyword_starts_an_item_after_others_too() {
    check(
        &format!(
            "cosnt x = 1\n{RULE}\nRule b\nwhen x.y\nthen stop\nrul c \"T\"\n  priority 3\nwhen x.y\nthen stop\nfun d(x: int) -> int = x\nconstant e = 2"
        ),
        &[
            "H0101 unexpected `cosnt`; did you mean `const`?",
            "H0101 unexpected `Rule`; did you mean `rule`?",
            "H0101 unexpected `rul`; did you mean `rule`?",
            "H0101 unexpected `fun`; did you mean `fn`?",
            "H0101 unexpected `constant`; did you mean `const`?",
        ],
        &["x", "a", "b", "c", "d", "e"],
    );
}

#[test]
fn a_forgotten_keyword_is_missed() {
    check(
        "a \"T\"\nwhen x.y\nthen stop\nb\nwhen x.y\nthen stop\nc = 1\nd(x: int) -> int = x",
        &[
            "H0101 `rule` is missing before `a`",
            "H0101 `rule` is missing before `b`",
            "H0101 `const` is missing before `c`",
            "H0101 `fn` is missing before `d`",
        ],
        &["a", "b", "c", "d"],
    );
    check("let x = 1\n", &["H0101 unexpected `let`; did you mean `const`?"], &["x"]);
    check("when x.y\nthen stop\n", &["H0104 `rule` and a name are missing before `when`"], &[]);
}

#[test]
fn steps_without_indentation_stay_steps() {
    check("rule a\nwhen x.y\nthen\nlet x = 1\nrule_x.y(rule: 1)\nfn.x(\nconst: 1)\nstop", &[], &["a"]);
}

#[test]
fn indented_items_are_items() {
    check(
        "  const x = 1\n\n  rule a\n  when x.y\n  then b.c(\n    rule: 1,\n  )\n\n  fn f(x: int) -> int = x\n  rule b\n  when x.y\n  then stop",
        &[],
        &["x", "a", "f", "b"],
    );
    check(
        "const x = 1\n  rulle a\n  when x.y\n  then stop",
        &["H0101 unexpected `rulle`; did you mean `rule`?"],
        &["x", "a"],
    );
}

#[test]
fn imports_are_not_needed() {
    check(
        &format!("import shop\nuse \"shop.rule\"\n\n{RULE}package a.b\n{RULE}"),
        &["H0104 there is no `import`", "H0104 there is no `use`", "H0104 there is no `package`"],
        &["a", "a"],
    );
}

#[test]
fn external_functions_and_groups_end_the_item_before() {
    let external = "extern fn x() -> int from \"x.wasm\"\n";
    check(&format!("{RULE}{external}{RULE}group g = first\n"), &[], &["a", "x", "a", "g"]);
}

#[test]
fn a_group_is_an_item_and_a_clause_is_none() {
    check("rule a\ngroup g\nwhen x.y\nthen stop\n", &[], &["a"]);
}
