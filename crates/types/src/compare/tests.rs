//! Equality and order.

use std::sync::Arc;

use indexmap::IndexMap;
use proptest::prelude::*;

use super::*;
use crate::{Decimal, Field, Money, Record, RecordValue, Type};

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn money(amount: i64, currency: &str) -> Value {
    Value::Money(Money { amount: Decimal::from(amount), currency: Currency::parse(currency).unwrap() })
}

fn record(members: &[(&str, Value)]) -> Value {
    let fields = members.iter().map(|(name, _)| (Arc::from(*name), Field::plain(Type::Json))).collect();
    let shape = Arc::new(Record { name: None, fields, origin: None });
    let fields = members.iter().map(|(_, value)| value.clone()).collect();
    Value::Record(Arc::new(RecordValue { shape, fields }))
}

#[test]
fn numbers_are_equal_by_value() {
    assert!(equal(&Value::Int(5), &decimal("5.0")));
    assert!(equal(&decimal("0.3"), &decimal("0.30")));
    assert!(equal(&Value::Float(0.1), &decimal("0.1")));
    assert!(equal(&Value::Float(0.0), &Value::Float(-0.0)));
    assert!(!equal(&Value::Int(9_007_199_254_740_993), &Value::Float(9_007_199_254_740_992.0)));
}

#[test]
fn values_of_different_families_are_not_equal() {
    assert!(!equal(&Value::Int(120), &Value::text("120")));
    assert!(!equal(&Value::Missing, &Value::text("")));
    assert!(equal(&Value::Missing, &Value::Missing));
    assert!(!equal(&Value::Percent(Decimal::from(5)), &Value::Int(5)));
}

#[test]
fn money_is_equal_only_in_one_currency() {
    assert!(equal(&money(5, "EUR"), &money(5, "EUR")));
    assert!(!equal(&money(0, "EUR"), &money(0, "USD")));
    let [left, right] = ["EUR", "USD"].map(|currency| Currency::parse(currency).unwrap());
    assert_eq!(compare(&money(5, "EUR"), &money(4, "USD")), Err(Incomparable::Currencies { left, right }));
}

#[test]
fn records_are_equal_by_the_names_of_their_fields() {
    let left = record(&[("a", Value::Int(1)), ("b", Value::Missing)]);
    let right = record(&[("c", Value::Missing), ("a", decimal("1.0"))]);
    assert!(equal(&left, &right));
    let map: IndexMap<Arc<str>, Value> = [("a".into(), Value::Int(1))].into_iter().collect();
    assert!(equal(&left, &Value::Map(Arc::new(map))));
    assert!(!equal(&left, &record(&[("a", Value::Int(2))])));
    assert!(!equal(&left, &record(&[("a", Value::Int(1)), ("d", Value::Int(1))])));
}

#[test]
fn json_is_equal_by_content() {
    let json = |text: &str| Value::Json(text.into());
    assert!(equal(&json(r#"{"a":[1,2.0]}"#), &json(r#"{ "a" : [1.0, 2] }"#)));
    assert!(!equal(&json("9007199254740993"), &json("9007199254740992")));
}

#[test]
fn deep_values_are_compared_in_one_pass() {
    let nested = |end: &str| Value::Json(format!("{}{end}{}", "{\"a\":".repeat(60), "}".repeat(60)).into());
    assert!(equal(&nested("1"), &nested("1.0")));
    assert!(!equal(&nested("1"), &nested("2")));
}

fn number() -> impl Strategy<Value = Value> {
    let near = prop_oneof![Just(0.0), Just(0.1), Just(1e-29), Just(1.5e-28), Just(9_007_199_254_740_992.0)];
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        (-3i64..3).prop_map(Value::Int),
        (any::<i64>(), 0u32..=28).prop_map(|(digits, scale)| Value::Decimal(Decimal::new(digits, scale))),
        any::<f64>().prop_map(Value::Float),
        near.prop_map(Value::Float),
    ]
}

proptest! {
    #[test]
    fn the_order_of_numbers_is_total(a in number(), b in number(), c in number()) {
        let order = |left: &Value, right: &Value| compare(left, right).unwrap();
        prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
        prop_assert_eq!(equal(&a, &b), order(&a, &b).is_eq());
        if order(&a, &b).is_le() && order(&b, &c).is_le() {
            prop_assert!(order(&a, &c).is_le());
        }
    }
}
