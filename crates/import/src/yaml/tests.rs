//! YAML as descriptions have it, and as they should not.

use hence_diagnostics::{Code, Sources};
use serde_json::json;

use super::*;

fn read(text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", text);
    let parsed = parse(file, text);
    (sources, parsed)
}

#[track_caller]
fn value(text: &str) -> serde_json::Value {
    let (_, parsed) = read(text);
    assert_eq!(parsed.diagnostics, []);
    parsed.root.unwrap().to_json()
}

#[track_caller]
fn refused(text: &str) -> (String, String) {
    let (sources, parsed) = read(text);
    let first = &parsed.diagnostics[0];
    assert_eq!(first.code, Code::InvalidYaml);
    (first.message.clone(), sources.slice(first.primary.span).to_owned())
}

#[test]
fn plain_scalars_are_what_the_core_schema_says() {
    assert_eq!(
        value("[1, +2, -3, 007, 0x1F, 0o17, 1.50, .5, 1., 1e3, 0.1e-2]").to_string(),
        "[1,2,-3,7,31,15,1.50,0.5,1,1e+3,0.1e-2]"
    );
    assert_eq!(
        value("[true, False, null, ~, yes, 2026-01-31, 1_000, '7', !!str 8, .inf, 1.2.3]"),
        json!([true, false, null, null, "yes", "2026-01-31", "1_000", "7", "8", ".inf", "1.2.3"])
    );
    assert_eq!(value("200: ok\nempty:\n"), json!({"200": "ok", "empty": null}));
}

#[test]
fn digits_of_numbers_are_kept() {
    assert_eq!(
        value("[12345678901234567890123, 0.10000000000000000001]").to_string(),
        "[12345678901234567890123,0.10000000000000000001]"
    );
}

#[test]
fn anchors_and_merge_keys_give_what_is_not_said_itself() {
    let text = "base: &base { a: 1, b: 2 }\nother: &other { c: 3 }\none:\n  <<: *base\n  b: 4\nboth:\n  <<: [*base, *other]\nsame: *base\n";
    let value = value(text);
    assert_eq!(value["one"], json!({"b": 4, "a": 1}));
    assert_eq!(value["both"], json!({"a": 1, "b": 2, "c": 3}));
    assert_eq!(value["same"], json!({"a": 1, "b": 2}));
}

#[test]
fn values_know_their_bytes_though_the_library_counts_characters() {
    let text = "grüße: \"ä\"\nname: Zoë\n";
    let (sources, parsed) = read(text);
    let root = parsed.root.unwrap();
    assert_eq!(sources.slice(root.pointer("/name").unwrap().span), "Zoë");
    assert_eq!(sources.slice(root.pointer("/grüße").unwrap().span), "\"ä\"");
    assert_eq!(sources.slice(root.pointer_name("/name").unwrap()), "name");
}

#[test]
fn what_is_wrong_is_shown_at_its_line() {
    let (message, at) = refused("a: 1\nb: [1, 2\nc: 3\n");
    assert!(message.starts_with("this is no YAML: "), "{message}");
    assert!(!at.is_empty());
    assert_eq!(refused("a: 1\na: 2\n"), ("`a` is given twice".to_owned(), "a".to_owned()));
    assert_eq!(refused("? [a, b]\n: 1\n").0, "the name of a member is a text");
    assert_eq!(refused("a: 1\n---\nb: 2\n").0, "a second document begins here, but a description is one");
    assert_eq!(refused("a: &x [*x]\n").0, "the alias stands within what it is an alias of");
}

#[test]
fn deep_nesting_and_aliases_of_aliases_come_to_an_end() {
    assert!(refused(&"- ".repeat(100_000)).0.contains("64 levels deep"));
    let deep = refused(&"[".repeat(100_000)).0;
    assert!(deep.contains("64 levels deep") || deep.starts_with("this is no YAML"), "{deep}");
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = level - 1;
        let items = vec![format!("*a{before}"); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert!(refused(&bomb).0.contains("the aliases of the file stand for more than"));
}
