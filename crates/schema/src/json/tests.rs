//! Reading JSON with places: what is read, what is told.

use hence_diagnostics::Sources;
use proptest::prelude::*;

use super::*;

/// Asserts what is said of a text: each as `the text under the place: message`, then fixed texts.
#[track_caller]
fn check(text: &str, expected: &[&str]) -> Parsed {
    let mut sources = Sources::new();
    let file = sources.add("a.json", text);
    let parsed = parse(file, text);
    let said: Vec<String> = parsed
        .diagnostics
        .iter()
        .map(|found| format!("{}: {}", sources.slice(found.primary.span), found.message))
        .collect();
    assert_eq!(said, expected, "{text}");
    parsed
}

/// Asserts that the text has one slip, after which reading goes on, and whose fix gives valid JSON.
#[track_caller]
fn check_fix(text: &str, expected: &str, fixed: &str) {
    let parsed = check(text, &[expected]);
    let edit = &parsed.diagnostics[0].fixes[0].edits[0];
    let mut mended = text.to_owned();
    mended.replace_range(edit.span.range(), &edit.text);
    assert_eq!(mended, fixed);
    let value: serde_json::Value = serde_json::from_str(fixed).unwrap();
    assert_eq!(parsed.root.unwrap().to_json(), value);
}

#[test]
fn every_value_and_every_name_has_its_place() {
    let text = "\u{feff}{ \"a/b\": [1.50, {\"~\": \"ä\\n\"}], \"\": null }";
    let mut sources = Sources::new();
    let file = sources.add("a.json", text);
    let root = parse(file, text).root.unwrap();
    let under = |pointer: &str| root.pointer(pointer).map(|node| sources.slice(node.span));
    assert_eq!(under("/a~1b"), Some("[1.50, {\"~\": \"ä\\n\"}]"));
    assert_eq!(under("/a~1b/0"), Some("1.50"));
    assert_eq!(under("/a~1b/1/~0"), Some("\"ä\\n\""));
    assert_eq!(under("/"), Some("null"));
    assert_eq!(under("/a~1b/2"), None);
    assert_eq!(under("/a~1b/0/x"), None);
    assert_eq!(under("a"), None);
    assert_eq!(root.pointer_name("/a~1b/1/~0").map(|span| sources.slice(span)), Some("\"~\""));
    assert_eq!(root.pointer_name("/a~1b/1"), None);
    assert_eq!(root.pointer("/a~1b/0").unwrap().value, Value::Number("1.50".into()));
}

#[test]
fn a_slip_is_reported_with_its_fix_and_reading_goes_on() {
    check_fix(r#"[1, 2,]"#, ",: a comma stands before `]`, but nothing follows it", "[1, 2]");
    check_fix(r#"{"a": 1 , }"#, ",: a comma stands before `}`, but nothing follows it", r#"{"a": 1  }"#);
    check_fix("{\"a\": 1\n \"b\": 2}", ": a comma is missing before `\"`", "{\"a\": 1,\n \"b\": 2}");
    check_fix("[1 [2]]", ": a comma is missing before `[`", "[1, [2]]");
    check_fix("{a: 1}", "a: the name `a` has no quotes", r#"{"a": 1}"#);
    check_fix("{'a': 1}", "'a': texts stand between double quotes in JSON", r#"{"a": 1}"#);
    check_fix(r#"{"a" = 1}"#, "=: expected `:` after the name `a`, found `=`", r#"{"a" : 1}"#);
    check_fix("[True]", "True: expected a value, found `True`", "[true]");
    check_fix("[None]", "None: expected a value, found `None`", "[null]");
    check_fix("[paid]", "paid: expected a value, found `paid`", r#"["paid"]"#);
    check_fix("[+1]", "+1: `+1` is not a number of JSON", "[1]");
    check_fix("[007]", "007: `007` is not a number of JSON", "[7]");
    check_fix("[-.5]", "-.5: `-.5` is not a number of JSON", "[-0.5]");
    check_fix("[1_000.]", "1_000.: `1_000.` is not a number of JSON", "[1000]");
    check_fix("[\"a\tb\"]", "\t: the character U+0009 cannot stand in a text as it is", r#"["a\tb"]"#);
}

#[test]
fn problems_without_a_fix_are_reported_and_reading_goes_on() {
    check("{\"a\": 1, // one\n \"b\": /* two */ 2}", &["// one: JSON has no comments"]);
    check(r#"["\q"]"#, &["\\q: `\\q` is not an escape"]);
    check(r#"["\u12"]"#, &["\\u: `\\u` is not followed by four hexadecimal digits"]);
    check(
        r#"["\ud83d", "\ud83d\u0041"]"#,
        &[
            "\\ud83d: the escape is half of a character, its other half is missing",
            "\\ud83d: the escape is half of a character, its other half is missing",
        ],
    );
    check("[1e999]", &["1e999: the number `1e999` is too large"]);
    check("[1, 2] 3", &["3: expected the end of the file, found `3`"]);
    let all = check(
        r#"{"a": 1, "b": 2, "a": 3, "b": 4}"#,
        &["\"a\": the member `a` is given twice", "\"b\": the member `b` is given twice"],
    );
    assert_eq!(all.diagnostics[0].secondary[0].span, Span::new(FileId::default(), 1, 4));
    assert_eq!(all.root.unwrap().get("a").unwrap().value, Value::Number("1".into()));
}

#[test]
fn reading_stops_where_nothing_has_a_sure_meaning() {
    for (text, expected) in [
        ("", ": expected a value, found the end of the file"),
        ("{\"a\": [1, 2", "[: the list is never closed"),
        ("{\"a\": [1],", "{: the object is never closed"),
        ("{\"a\": ", "{: the object is never closed"),
        ("[", "[: the list is never closed"),
        ("{\"a\": 1]", "]: expected `,` or `}`, found `]`"),
        ("[1}", "}: expected `,` or `]`, found `}`"),
        ("[,1]", ",: expected a value, found `,`"),
        ("{\"a\": }", "}: expected a value, found `}`"),
        ("{\"a\" 1}", "1: expected `:` after the name `a`, found `1`"),
        ("{1: 2}", "1: expected the name of a member in quotes, found `1`"),
        ("[\"a\n\"]", "\"a: the text is never closed"),
        ("[“a”]", "“: expected a value, found `“`"),
        ("[\u{a0}1]", "\u{a0}: expected a value, found the character U+00A0"),
    ] {
        assert_eq!(check(text, &[expected]).root, None);
    }
    let deep = "[".repeat(65);
    check(&deep, &["[: lists and objects nest more than 64 levels deep"]);
    let level = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert!(check(&level, &[]).root.is_some());
}

#[test]
fn a_file_full_of_slips_is_given_up_after_twenty() {
    let slips = "[True, ".repeat(60);
    let parsed = parse(FileId::default(), &slips);
    assert_eq!((parsed.diagnostics.len(), parsed.root), (20, None));
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn valid_json_is_read_as_serde_reads_it(value in json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let parsed = parse(FileId::default(), &text);
            prop_assert_eq!(parsed.diagnostics.len(), 0, "{}", text);
            let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(parsed.root.unwrap().to_json(), expected);
        }
    }

    #[test]
    fn no_text_is_accepted_that_serde_refuses(text in r#"[\[\]{}:,"'\\u0-9a-f.eE+\-tn \n/]{0,24}|\PC*"#) {
        let parsed = parse(FileId::default(), &text);
        for found in &parsed.diagnostics {
            prop_assert!(text.get(found.primary.span.range()).is_some());
        }
        if parsed.diagnostics.is_empty() {
            let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(parsed.root.unwrap().to_json(), expected);
        } else if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
            // Only repeated members are JSON to serde and a problem here.
            prop_assert!(parsed.diagnostics.iter().all(|found| found.message.contains("given twice")), "{}", value);
        }
    }
}
