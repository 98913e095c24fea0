//! Reading of payloads: what is found, what counts as missing and is noted, and that it agrees with parsing the
//! whole payload.

use std::sync::Arc;

use hence_ir::{Plan, Slot, SlotId, Source};
use hence_types::{Amount, CurrencySource, Field, Record, Type, Value, Wire, equal};
use proptest::prelude::*;
use serde_json::json;

use super::{MergedProjection, ReadId, Slots, View, decode};
use crate::sample::{euro, event, in_euro, money};

fn slot(path: &[&str], ty: Type, wire: Wire) -> Slot {
    let path = path.iter().map(|name| Arc::from(*name)).collect();
    Slot { source: Source::Payload(path), ty, wire, sensitive: false }
}

fn plain(path: &str, ty: Type) -> Slot {
    let path: Vec<&str> = path.split('.').collect();
    slot(&path, ty, Wire::Plain)
}

fn plan(slots: impl IntoIterator<Item = Slot>) -> Plan {
    Plan { slots: slots.into_iter().collect() }
}

fn read(slots: impl IntoIterator<Item = Slot>, payload: &str) -> Slots {
    decode(&plan(slots), &event(payload))
}

/// Reads one slot and shows it; what is not as declared is shown behind.
#[track_caller]
fn check(slot: Slot, payload: &str, expected: &str) {
    let slots = read([slot], payload);
    let values = slots.values.iter().map(ToString::to_string);
    let mismatches = slots.mismatches.iter().map(ToString::to_string);
    assert_eq!(values.chain(mismatches).collect::<Vec<_>>().join("; "), expected, "{payload}");
}

#[test]
fn nested_fields_are_read_and_the_rest_is_skipped() {
    let payload = r#"{"skip":[1,{"a":{"b":2}}],"a":{"x":null,"b":7,"c":{}},"b":9}"#;
    check(plain("a.b", Type::Int), payload, "7");
}

#[test]
fn numbers_are_read_digit_for_digit() {
    let payload = r#"{"id":820982911946154508,"rate":0.1000000000000000000000000001}"#;
    check(plain("id", Type::Int), payload, "820982911946154508");
    check(plain("rate", Type::Decimal), payload, "0.1000000000000000000000000001");
}

#[test]
fn of_two_fields_of_one_name_the_last_counts_with_all_that_is_in_it() {
    check(plain("a", Type::Int), r#"{"a":1,"a":2}"#, "2");
    check(plain("a.b", Type::Int.optional()), r#"{"a":{"b":1},"a":{"c":2}}"#, "missing");
    check(plain("a.b", Type::Int.optional()), r#"{"a":{"b":1},"a":null}"#, "missing");
    check(plain("a.b", Type::Int), r#"{"a":5,"a":{"b":2}}"#, "2");
    check(plain("a.b.c", Type::Int.optional()), r#"{"a":{"b":{"c":1}},"a":{"d":2}}"#, "missing");
}

#[test]
fn names_are_compared_after_their_escapes() {
    check(plain("a.b", Type::Int), r#"{"\u0061":{"b":2}}"#, "2");
}

#[test]
fn what_is_absent_or_null_is_missing_and_noted_where_it_is_promised() {
    check(plain("a", Type::Int.optional()), "{}", "missing");
    check(plain("a", Type::Int.optional()), r#"{"a":null}"#, "missing");
    check(plain("a", Type::Int), "{}", "missing; `a` counts as missing: expected int, found nothing");
    check(
        plain("a", Type::Int),
        r#"{"a":null}"#,
        "missing; `a` counts as missing: expected int, found `null`",
    );
}

#[test]
fn a_field_of_an_object_that_is_not_there_is_missing_but_no_mismatch() {
    check(plain("a.b.c", Type::Int), "{}", "missing");
    check(plain("a.b.c", Type::Int), r#"{"a":null}"#, "missing");
    check(plain("a.b.c", Type::Int), r#"{"a":{"b":null}}"#, "missing");
}

#[test]
fn a_field_of_something_that_is_no_object_is_a_mismatch() {
    for (other, kind) in [
        ("[1]", "a list"),
        ("\"x\"", "a text"),
        ("1", "a number"),
        ("1e999", "a number"),
        ("true", "a truth value"),
    ] {
        check(
            plain("a.b", Type::Int),
            &format!(r#"{{"a":{other}}}"#),
            &format!(
                "missing; `a.b` counts as missing: expected int, found {kind} in place of the object around it"
            ),
        );
    }
}

#[test]
fn a_value_of_another_type_is_missing_and_noted() {
    check(
        slot(&["total"], Type::Money(Some(euro())), in_euro()),
        r#"{"total":"abc"}"#,
        "missing; `total` counts as missing: expected money (EUR) as text, found `\"abc\"`",
    );
}

#[test]
fn a_mismatch_inside_of_a_value_names_its_place() {
    let tags = plain("customer.tags", Type::List(Arc::new(Type::Int)));
    let slots = read([tags], r#"{"customer":{"tags":[1,"x"]}}"#);
    let mismatch = slots.mismatches.first().unwrap();
    assert_eq!((mismatch.path.as_str(), mismatch.slot), ("customer.tags[1]", Some(SlotId(0))));
}

#[test]
fn a_sensitive_value_is_not_shown_by_its_mismatch() {
    let card = Slot { sensitive: true, ..plain("card", Type::Int) };
    let slots = read([card], r#"{"card":"4111-1111"}"#);
    assert_eq!(slots.mismatches.first().unwrap().found, "a text (masked)");
}

#[test]
fn a_payload_that_is_no_object_leaves_everything_missing_and_is_noted_once() {
    for payload in ["[1]", "", "null", "7", "{\"a\":", "{\"a\":1} x", "nonsense"] {
        let slots = read([plain("a", Type::Int), plain("b.c", Type::Int)], payload);
        assert!(slots.values.iter().all(Value::is_missing), "{payload}");
        let mismatches: Vec<_> = slots.mismatches.iter().map(|mismatch| mismatch.slot).collect();
        assert_eq!(mismatches, [None], "{payload}");
    }
}

#[test]
fn a_number_or_text_out_of_bounds_where_nobody_reads_does_no_harm() {
    for other in ["1e999", "-1e999", r#""\ud800""#, r#"{"\ud800":1}"#] {
        for payload in
            [format!(r#"{{"x":{other},"a":{{"b":1}}}}"#), format!(r#"{{"a":{{"x":{other},"b":1}}}}"#)]
        {
            check(plain("a.b", Type::Int), &payload, "1");
        }
    }
}

#[test]
fn deep_nesting_is_survived_read_or_not() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let payload = format!(r#"{{"deep":{deep},"a":1}}"#);
    check(plain("a", Type::Int), &payload, "1");
    let slots = read([plain("deep", Type::Json.optional()), plain("a", Type::Int)], &payload);
    assert!(slots.values.first().unwrap().is_missing());
    assert!(equal(slots.values.get(1).unwrap(), &Value::Int(1)));
}

fn amount(currency: CurrencySource) -> Wire {
    Wire::Money { amount: Amount::Text, currency }
}

#[test]
fn an_amount_takes_its_currency_from_beside_it_wherever_that_stands() {
    let wire = amount(CurrencySource::Sibling("currency".into()));
    for order in [r#"{"tax":"1.50","currency":"USD"}"#, r#"{"currency":"USD","tax":"1.50"}"#] {
        let payload = format!(r#"{{"currency":"EUR","order":{order}}}"#);
        check(slot(&["order", "tax"], Type::Money(None), wire.clone()), &payload, "1.50 USD");
    }
}

#[test]
fn an_amount_takes_its_currency_from_the_payload() {
    let wire = amount(CurrencySource::Payload("currency".into()));
    let payload = r#"{"order":{"tax":"1.50","currency":"USD"},"currency":"CHF"}"#;
    check(slot(&["order", "tax"], Type::Money(None), wire.clone()), payload, "1.50 CHF");
    let list = slot(&["all"], Type::List(Arc::new(Type::Money(None))), Wire::Each(Box::new(wire)));
    check(list, r#"{"all":["1.00","2.00"],"currency":"CHF"}"#, "[1.00 CHF, 2.00 CHF]");
}

#[test]
fn an_amount_in_a_record_in_a_list_takes_its_currency_from_the_payload() {
    let mut line = Record::default();
    let wire = amount(CurrencySource::Payload("currency".into()));
    line.fields.insert("price".into(), Field { wire, ..Field::plain(Type::Money(None)) });
    let lines = plain("order.lines", Type::List(Arc::new(Type::Record(Arc::new(line)))));
    check(lines, r#"{"order":{"lines":[{"price":"2.00"}]},"currency":"CHF"}"#, "[{ price: 2.00 CHF }]");
}

#[test]
fn the_whole_payload_and_its_fields_are_read_side_by_side() {
    let mut shape = Record::default();
    shape.fields.insert("a".into(), Field::plain(Type::Int));
    let whole = slot(&[], Type::Record(Arc::new(shape)), Wire::Plain);
    let payload = r#" {"b":{"c":2},"a":1} "#;
    let slots = read([whole, plain("b", Type::Json), plain("b.c", Type::Int)], payload);
    let shown: Vec<String> = slots.values.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["{ a: 1 }", r#"{"c":2}"#, "2"]);
    assert_eq!(slots.mismatches, []);
}

#[test]
fn the_envelope_is_read_whatever_the_payload_is() {
    let slot = |source| Slot { source, ty: Type::String, wire: Wire::Plain, sensitive: false };
    let slots = read([Source::Id, Source::Name, Source::Origin, Source::Time].map(slot), "nonsense");
    let shown: Vec<String> = slots.values.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["\"evt-7\"", "\"shop.order.created\"", "\"shop\"", "1970-01-01T00:00Z"]);
    assert_eq!(slots.mismatches, []);
    assert_eq!((&*slots.event, &*slots.id), ("shop.order.created", "evt-7"));
}

#[test]
fn a_merged_projection_gives_every_rule_what_it_alone_would_read() {
    let plans = [
        plan([plain("a", Type::Int), slot(&["total"], Type::Money(Some(euro())), in_euro())]),
        plan([]),
        plan([plain("a", Type::String), plain("a", Type::Int), plain("b.c", Type::Int)]),
    ];
    let mut merged = MergedProjection::default();
    let mappings = plans.each_ref().map(|plan| merged.add(plan));
    assert_eq!(merged.mapping(&plans[2]).as_ref(), Some(&mappings[2]));
    for payload in [r#"{"a":1,"b":{"c":"x"},"total":"2"}"#, r#"{"a":"x","total":null}"#, "[]"] {
        let event = event(payload);
        let decoded = merged.decode(&event);
        for (mapping, plan) in mappings.iter().zip(&plans) {
            if plan.slots.is_empty() {
                continue;
            }
            let (together, alone) = (decoded.slots(mapping), decode(plan, &event));
            assert_eq!(together.mismatches, alone.mismatches);
            assert_eq!(together.values.len(), alone.values.len());
            assert!(together.values.iter().zip(&alone.values).all(|(left, right)| equal(left, right)));
        }
    }
    let decoded = merged.decode(&event(r#"{"total":"2"}"#));
    assert!(equal(decoded.slots(&mappings[0]).values.get(1).unwrap(), &money("2")));
    assert!(merged.mapping(&plan([plain("other", Type::Int)])).is_none());
    assert!(matches!(decoded.view(ReadId(99)), View::Value(Value::Missing)));
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|truth| json!(truth)),
        any::<i64>().prop_map(|int| json!(int)),
        "[a-c\"\\\\é]{0,3}".prop_map(|text| json!(text)),
    ];
    let inner = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(serde_json::Value::Array),
            proptest::collection::vec(("[a-c]", inner), 0..4)
                .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
        ]
    });
    proptest::collection::vec(("[a-c]", inner), 0..4)
        .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect()))
}

fn any_type() -> impl Strategy<Value = Type> {
    prop_oneof![
        Just(Type::Int),
        Just(Type::String),
        Just(Type::Bool),
        Just(Type::List(Arc::new(Type::Int))),
        Just(Type::Json),
    ]
}

/// The plain way: parse everything, walk down.
fn walk<'a>(mut value: &'a serde_json::Value, path: &[String]) -> Option<&'a serde_json::Value> {
    for name in path {
        value = value.as_object()?.get(name)?;
    }
    Some(value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn reading_agrees_with_parsing_the_whole_payload(
        payload in any_json(),
        reads in proptest::collection::vec((proptest::collection::vec("[a-c]", 1..4), any_type()), 1..5),
        harm in any::<bool>(),
    ) {
        let mut text = payload.to_string();
        if harm {
            // Forces the careful way: no text can say this number.
            text = format!(r#"{{"z":{{"y":1e999}},{}"#, text.trim_start_matches('{'));
            text = text.replace(",}", "}");
        }
        let slots: Vec<Slot> = reads
            .iter()
            .map(|(path, ty)| {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                slot(&path, ty.clone().optional(), Wire::Plain)
            })
            .chain(harm.then(|| slot(&["z", "y", "x"], Type::Int.optional(), Wire::Plain)))
            .collect();
        let found = read(slots, &text);
        for ((path, ty), value) in reads.iter().zip(&found.values) {
            let raw = walk(&payload, path).map(ToString::to_string);
            let place = hence_types::wire::Place::default();
            let expected =
                hence_types::wire::read(raw.as_deref(), &ty.clone().optional(), &Wire::Plain, place, &mut Vec::new());
            prop_assert!(equal(value, &expected), "{path:?} in {text}: {value} is not {expected}");
        }
    }
}
