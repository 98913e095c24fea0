//! The wire: every spelling in and out, mismatches, exact digits.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{Decimal, Enumeration, Field, Money, Period, Record, Type, Value, equal};

/// Reads a value alone; the literal it means and what does not match, `path: expected, found`.
fn read_alone(json: &str, ty: &Type, wire: &Wire) -> (String, Vec<String>) {
    let mut mismatches = Vec::new();
    let value = read(Some(json), ty, wire, Place::default(), &mut mismatches);
    (value.to_string(), told(&mismatches))
}

fn told(mismatches: &[Mismatch]) -> Vec<String> {
    mismatches.iter().map(|one| format!("{}: {}, {}", one.path, one.expected, one.found)).collect()
}

#[track_caller]
fn reads(json: &str, ty: &Type, wire: &Wire, literal: &str) {
    assert_eq!(read_alone(json, ty, wire), (literal.to_owned(), vec![]), "{json}");
}

#[track_caller]
fn mismatches(json: &str, ty: &Type, wire: &Wire, told: &str) {
    assert_eq!(read_alone(json, ty, wire), ("missing".to_owned(), vec![told.to_owned()]), "{json}");
}

fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

fn money(amount: Amount, currency: CurrencySource) -> Wire {
    Wire::Money { amount, currency }
}

fn status() -> Type {
    let values = vec!["paid".into(), "open".into()];
    Type::Enum(Arc::new(Enumeration { name: None, values, origin: None }))
}

fn field(ty: Type, wire: Wire) -> Field {
    Field { wire, ..Field::plain(ty) }
}

fn record(fields: Vec<(&str, Field)>) -> Type {
    let fields = fields.into_iter().map(|(name, field)| (name.into(), field)).collect();
    Type::Record(Arc::new(Record { name: None, fields, origin: None }))
}

#[test]
fn numbers_are_read_digit_for_digit() {
    reads("820982911946154508", &Type::Int, &Wire::Plain, "820982911946154508");
    reads("5.0", &Type::Int, &Wire::Plain, "5");
    reads("5e0", &Type::Int, &Wire::Plain, "5");
    reads("0.10", &Type::Decimal, &Wire::Plain, "0.10");
    reads("12345678901234567890.12345678", &Type::Decimal, &Wire::Plain, "12345678901234567890.12345678");
    reads("\"19.90\"", &Type::Decimal, &Wire::Text, "19.90");
    reads("\" 7 \"", &Type::Int, &Wire::Text, "7");
    reads("1e-3", &Type::Float, &Wire::Plain, "0.001");
    reads("15", &Type::Percent, &Wire::Plain, "15%");
    reads("\"7.5 %\"", &Type::Percent, &Wire::Text, "7.5%");
}

#[test]
fn numbers_without_room_are_mismatches() {
    mismatches("9223372036854775808", &Type::Int, &Wire::Plain, ": int, 9223372036854775808");
    mismatches("5.5", &Type::Int, &Wire::Plain, ": int, 5.5");
    mismatches("1e40", &Type::Decimal, &Wire::Plain, ": decimal, 1e40");
    mismatches("1e400", &Type::Float, &Wire::Plain, ": float, 1e400");
}

#[test]
fn another_json_type_is_a_mismatch() {
    mismatches("\"120\"", &Type::Int, &Wire::Plain, ": int, \"120\"");
    mismatches("120", &Type::Decimal, &Wire::Text, ": decimal as text, 120");
    mismatches("1", &Type::Bool, &Wire::Plain, ": bool, 1");
    mismatches("5", &Type::String, &Wire::Plain, ": string, 5");
    mismatches("{}", &Type::List(Arc::new(Type::Int)), &Wire::Plain, ": list<int>, {}");
    mismatches("\"x\"", &status(), &Wire::Plain, ": \"paid\" | \"open\", \"x\"");
    let long = format!("\"{}\"", "x".repeat(100));
    mismatches(&long, &Type::Int, &Wire::Plain, &format!(": int, \"{}…", "x".repeat(39)));
}

#[test]
fn null_and_absence_are_missing() {
    reads("null", &Type::Int.optional(), &Wire::Plain, "missing");
    mismatches("null", &Type::Int, &Wire::Plain, ": int, null");
    reads("null", &Type::Json, &Wire::Plain, "missing");
    let mut found = Vec::new();
    assert!(read(None, &Type::Int.optional(), &Wire::Plain, Place::default(), &mut found).is_missing());
    assert_eq!(told(&found), [""; 0]);
    assert!(read(None, &Type::Int, &Wire::Plain, Place::default(), &mut found).is_missing());
    assert_eq!(told(&found), [": int, nothing"]);
}

#[test]
fn times_are_read_in_their_spellings() {
    reads("\"2026-11-27T10:00:00+0100\"", &Type::DateTime, &Wire::Plain, "2026-11-27T09:00Z");
    reads("\"2026-11-27 09:00:00Z\"", &Type::DateTime, &Wire::Plain, "2026-11-27T09:00Z");
    reads("1795770000", &Type::DateTime, &Wire::EpochSeconds, "2026-11-27T09:00Z");
    reads("1795770000.25", &Type::DateTime, &Wire::EpochSeconds, "2026-11-27T09:00:00.25Z");
    reads("1795770000250", &Type::DateTime, &Wire::EpochMillis, "2026-11-27T09:00:00.25Z");
    reads("-1", &Type::DateTime, &Wire::EpochSeconds, "1969-12-31T23:59:59Z");
    reads("\"09:00:00Z\"", &Type::Time, &Wire::Plain, "09:00");
    reads("\"PT90S\"", &Type::Duration, &Wire::Plain, "90 s");
    reads("\"P1M\"", &Type::Period, &Wire::Plain, "1 month");
    mismatches(
        "\"2026-11-27T10:00:00\"",
        &Type::DateTime,
        &Wire::Plain,
        ": datetime, \"2026-11-27T10:00:00\"",
    );
    mismatches("1e20", &Type::DateTime, &Wire::EpochSeconds, ": datetime as seconds since 1970, 1e20");
}

#[test]
fn lists_are_read_element_by_element() {
    let tags = Type::List(Arc::new(Type::String));
    reads("\"vip, , new \"", &tags, &Wire::CommaSeparated, r#"["vip", "new"]"#);
    reads("\"\"", &tags, &Wire::CommaSeparated, "[]");
    let numbers = Type::List(Arc::new(Type::Decimal));
    reads(r#"["1.0", "2"]"#, &numbers, &Wire::Each(Box::new(Wire::Text)), "[1.0, 2]");
    let (value, told) = read_alone(r#"[1, "x", null]"#, &numbers, &Wire::Plain);
    assert_eq!(value, "[1, missing, missing]");
    assert_eq!(told, ["/1: decimal, \"x\"", "/2: decimal, null"]);
    let statuses = Type::List(Arc::new(status()));
    let (value, told) = read_alone("\"paid,x\"", &statuses, &Wire::CommaSeparated);
    assert_eq!(value, r#"["paid", missing]"#);
    assert_eq!(told, [r#"/1: "paid" | "open", "x""#]);
}

#[test]
fn records_ignore_what_is_not_declared_and_take_the_last_of_doubles() {
    let ty = record(vec![("a", Field::plain(Type::Int)), ("b", Field::plain(Type::String.optional()))]);
    reads(r#"{"z": [1, {"a": 2}], "a": "x", "a": 2}"#, &ty, &Wire::Plain, "{ a: 2 }");
    let (value, told) = read_alone(r#"{"a~/": 1}"#, &ty, &Wire::Plain);
    assert_eq!((value.as_str(), told), ("{ }", vec!["/a: int, nothing".to_owned()]));
    let map = Type::Map(Arc::new(Type::Int));
    reads(r#"{"k": "x", "k": 3, "j": 1}"#, &map, &Wire::Plain, "{ k: 3, j: 1 }");
    assert_eq!(read_alone(r#"{"a/b~": "x"}"#, &map, &Wire::Plain).1, [r#"/a~1b~0: int, "x""#]);
}

#[test]
fn money_finds_its_currency() {
    let eur = Type::Money(Some(euro()));
    reads("\"9.9\"", &eur, &money(Amount::Text, CurrencySource::Fixed(euro())), "9.90 EUR");
    reads("9.9", &eur, &money(Amount::Number, CurrencySource::Fixed(euro())), "9.90 EUR");
    reads("990", &eur, &money(Amount::MinorUnits, CurrencySource::Fixed(euro())), "9.90 EUR");
    reads(r#"{"amount": "9.90", "currency": "EUR"}"#, &Type::Money(None), &Wire::Plain, "9.90 EUR");

    let line = record(vec![
        (
            "price",
            field(Type::Money(None), money(Amount::MinorUnits, CurrencySource::Sibling("unit".into()))),
        ),
        ("tax", field(Type::Money(None), money(Amount::Text, CurrencySource::Payload("currency".into())))),
    ]);
    let order = record(vec![("lines", Field::plain(Type::List(Arc::new(line))))]);
    let json = r#"{"lines": [{"price": 990, "unit": "jpy", "tax": "1"}], "currency": "KWD"}"#;
    reads(json, &order, &Wire::Plain, "{ lines: [{ price: 990 JPY, tax: 1.000 KWD }] }");
    let json = r#"{"lines": [{"price": 990, "unit": "coins", "tax": "1"}]}"#;
    let told = read_alone(json, &order, &Wire::Plain).1;
    assert_eq!(
        told,
        [
            "/lines/0/price: a currency such as EUR in `unit` beside the amount, \"coins\"",
            "/lines/0/tax: a currency such as EUR in `currency` of the payload, nothing"
        ]
    );
}

#[test]
fn a_field_read_alone_looks_its_currency_up_in_the_given_objects() {
    let object = Members::parse(r#"{"total": "5", "currency": "USD"}"#).unwrap();
    let mut found = Vec::new();
    let place = Place { pointer: "/total", object: Some(&object), ..Place::default() };
    let wire = money(Amount::Text, CurrencySource::Sibling("currency".into()));
    let value = read(object.get("total"), &Type::Money(None), &wire, place, &mut found);
    assert_eq!(value.to_string(), "5.00 USD");
    let value = read(object.get("total"), &Type::Money(Some(euro())), &wire, place, &mut found);
    assert!(value.is_missing());
    assert_eq!(told(&found), ["/total: money (EUR) as text, \"USD\""]);
}

#[test]
fn sensitive_values_are_not_shown_in_mismatches() {
    let card = Field { sensitive: true, ..Field::plain(Type::Int) };
    let (_, told) = read_alone(r#"{"card": "4111"}"#, &record(vec![("card", card)]), &Wire::Plain);
    assert_eq!(told, ["/card: int, a text (masked)"]);
}

#[test]
fn json_is_kept_as_it_stands() {
    reads(r#"{"a": [1.50, null]}"#, &Type::Json, &Wire::Plain, r#"{"a": [1.50, null]}"#);
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    assert_eq!(read_alone(&deep, &Type::Json, &Wire::Plain).1.len(), 1);
    let deep_text = format!("[\"{}\"]", "[".repeat(65));
    reads(&deep_text, &Type::Json, &Wire::Plain, &deep_text);
}

#[test]
fn a_broken_producer_is_not_told_of_endlessly() {
    let json = format!("[{}1]", "\"x\",".repeat(1000));
    assert_eq!(read_alone(&json, &Type::List(Arc::new(Type::Int)), &Wire::Plain).1.len(), 100);
}

#[track_caller]
fn writes(value: &Value, wire: &Wire, json: &str) {
    let mut written = String::new();
    write_raw(value, wire, &mut written);
    assert_eq!(written, json);
}

#[test]
fn values_are_written_with_all_their_digits() {
    let decimal = Value::Decimal("12345678901234567890.10".parse().unwrap());
    writes(&decimal, &Wire::Plain, "12345678901234567890.10");
    writes(&decimal, &Wire::Text, "\"12345678901234567890.10\"");
    writes(&Value::Float(0.1), &Wire::Plain, "0.1");
    writes(&Value::Float(f64::NAN), &Wire::Plain, "null");
    writes(&Value::text("a\"\n"), &Wire::Plain, r#""a\"\n""#);
    assert_eq!(write(&Value::Int(5), &Wire::Text), serde_json::json!("5"));
    assert_eq!(write(&Value::Int(i64::MAX), &Wire::Plain), serde_json::json!(i64::MAX));
}

#[test]
fn money_is_written_as_it_is_read() {
    let price = Value::Money(Money { amount: "9.9".parse().unwrap(), currency: euro() });
    writes(&price, &Wire::Plain, r#"{"amount":"9.90","currency":"EUR"}"#);
    let fixed = || CurrencySource::Fixed(euro());
    writes(&price, &money(Amount::Text, fixed()), "\"9.90\"");
    writes(&price, &money(Amount::Number, fixed()), "9.90");
    writes(&price, &money(Amount::MinorUnits, fixed()), "990");
    let third = Value::Money(Money { amount: "3.335".parse().unwrap(), currency: euro() });
    writes(&third, &money(Amount::MinorUnits, fixed()), "334");
    let huge = Value::Money(Money { amount: Decimal::MAX, currency: euro() });
    writes(&huge, &money(Amount::MinorUnits, fixed()), "7922816251426433759354395033500");
}

#[test]
fn lists_and_records_are_written_by_their_spellings() {
    let tags = Value::List(Arc::new([Value::text("a"), Value::text("b")]));
    writes(&tags, &Wire::CommaSeparated, "\"a,b\"");
    writes(&tags, &Wire::Plain, r#"["a","b"]"#);
    let ty = record(vec![
        ("at", field(Type::DateTime, Wire::EpochMillis)),
        ("note", Field::plain(Type::String.optional())),
        ("amounts", field(Type::List(Arc::new(Type::Decimal)), Wire::Each(Box::new(Wire::Text)))),
    ]);
    let json = r#"{"at":1795770000250,"amounts":["1.0"]}"#;
    let value = read(Some(json), &ty, &Wire::Plain, Place::default(), &mut Vec::new());
    writes(&value, &Wire::Plain, json);
}

fn scalar_of_some_type() -> impl Strategy<Value = (Type, Wire, Value)> {
    let decimal = (any::<i64>(), 0u32..=28).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let instant = -62_167_219_200_000_i64..253_402_207_200_000;
    let wire = prop_oneof![Just(Wire::Plain), Just(Wire::Text)];
    let amount = prop_oneof![Just(Amount::Text), Just(Amount::Number)];
    prop_oneof![
        (any::<i64>(), wire.clone()).prop_map(|(int, wire)| (Type::Int, wire, Value::Int(int))),
        (decimal.clone(), wire.clone()).prop_map(|(value, wire)| (
            Type::Decimal,
            wire,
            Value::Decimal(value)
        )),
        (decimal.clone(), wire).prop_map(|(value, wire)| (Type::Percent, wire, Value::Percent(value))),
        (decimal, amount).prop_map(|(value, amount)| {
            let value = Value::Money(Money { amount: value, currency: euro() });
            (Type::Money(None), money(amount, CurrencySource::Fixed(euro())), value)
        }),
        any::<f64>().prop_filter("finite", |float| float.is_finite()).prop_map(|float| (
            Type::Float,
            Wire::Plain,
            Value::Float(float)
        )),
        any::<String>().prop_map(|text| (Type::String, Wire::Plain, Value::text(text))),
        (any::<i32>(), any::<i32>()).prop_map(|(months, days)| {
            (Type::Period, Wire::Plain, Value::Period(Period { months, days }))
        }),
        (any::<i32>(), 0i32..1_000_000_000).prop_map(|(seconds, nanoseconds)| {
            let duration = jiff::SignedDuration::new(i64::from(seconds), nanoseconds);
            (Type::Duration, Wire::Plain, Value::Duration(duration))
        }),
        (instant, prop_oneof![Just(Wire::Plain), Just(Wire::EpochSeconds), Just(Wire::EpochMillis)])
            .prop_map(|(millis, wire)| {
                let instant = jiff::Timestamp::from_millisecond(millis).unwrap();
                (Type::DateTime, wire, Value::DateTime(instant))
            }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back((ty, wire, value) in scalar_of_some_type()) {
        let mut json = String::new();
        write_raw(&value, &wire, &mut json);
        let mut found = Vec::new();
        let back = read(Some(&json), &ty, &wire, Place::default(), &mut found);
        prop_assert_eq!(told(&found), Vec::<String>::new(), "{}", json);
        prop_assert!(equal(&value, &back), "{} {} {}", value, json, back);
    }

    #[test]
    fn any_text_is_read_without_panic(json in "[-\\[\\]{}\",:0-9eE.+a-z\\\\ ]{0,40}|\\PC{0,20}") {
        let ty = record(vec![("a", Field::plain(Type::List(Arc::new(Type::Json))))]);
        for ty in [ty, Type::Json, Type::Int, Type::Decimal, Type::Float, Type::DateTime, Type::Money(None)] {
            let _ = read_alone(&json, &ty, &Wire::Plain);
            let _ = read_alone(&json, &ty, &Wire::EpochSeconds);
        }
        let _ = read_any(&json);
    }
}

#[test]
fn the_depth_of_brackets_is_that_of_a_walk_byte_by_byte() {
    let by_bytes = |text: &str| {
        let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
        for byte in text.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = quoted,
                b'"' => quoted = !quoted,
                b'[' | b'{' if !quoted => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        deepest
    };
    let long = format!(r#"{{"a": "{}\" [", "b": [[{{}}]]}}"#, "x".repeat(200));
    let texts = [
        "",
        "1",
        "[]",
        "[[], [[]]]",
        r#"{"a]": "[[", "b": [1]}"#,
        r#"["\\", ["\"["]]"#,
        &long,
        // No JSON: a control character, a wrong escape and a text that has no end.
        "[\"a\nb[\", [[[[]]]]]",
        r#"["\x[", [[]]]"#,
        r#"["abc [[["#,
        r#"["abc\"#,
        r#"["\u12"[[[]"#,
        "]][",
    ];
    for text in texts {
        assert_eq!(scan::nesting(text), by_bytes(text), "{text}");
    }
}
