//! How values and types are written.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::time::{parse_instant, parse_time};
use crate::{Currency, Decimal, Enumeration, Field, Money, Period, Record, RecordValue, Type, Value};
use jiff::{SignedDuration, civil::date};

fn money(amount: &str, currency: &str) -> Value {
    Value::Money(Money { amount: amount.parse().unwrap(), currency: Currency::parse(currency).unwrap() })
}

fn enumeration(name: Option<&str>, values: &[&str]) -> Type {
    let values = values.iter().map(|value| Arc::from(*value)).collect();
    Type::Enum(Arc::new(Enumeration { name: name.map(Arc::from), values, origin: None }))
}

fn record(name: Option<&str>, fields: &[&str]) -> Arc<Record> {
    let fields = fields.iter().map(|name| (Arc::from(*name), Field::plain(Type::Int))).collect();
    Arc::new(Record { name: name.map(Arc::from), fields, origin: None })
}

#[test]
fn types_read_as_authors_write_them() {
    let order = Type::Record(record(Some("shop.Order"), &["id"]));
    let cases = [
        (Type::Int, "int"),
        (Type::Money(None), "money"),
        (Type::Money(Currency::parse("EUR")), "money (EUR)"),
        (Type::List(Arc::new(order)), "list<shop.Order>"),
        (Type::String.optional(), "string?"),
        (enumeration(Some("shop.OrderStatus"), &["paid"]), "shop.OrderStatus"),
        (enumeration(None, &["a", "b"]), r#""a" | "b""#),
        (enumeration(None, &["a", "b"]).optional(), r#"("a" | "b")?"#),
        (enumeration(None, &["a", "b", "c", "d", "e"]), r#""a" | "b" | "c" | "d" | …"#),
        (Type::Record(record(None, &["a", "+1"])), "{ a, `+1` }"),
        (Type::Record(record(None, &["a", "b", "c", "d", "e"])), "{ a, b, c, d, … }"),
        (Type::Record(record(None, &[])), "{ }"),
    ];
    for (ty, text) in cases {
        assert_eq!(ty.to_string(), text);
    }
}

#[test]
fn values_read_as_literals() {
    let two = RecordValue {
        shape: record(None, &["a", "b-c", "d"]),
        fields: Box::new([Value::Int(1), Value::text("x"), Value::Missing]),
    };
    let map: IndexMap<Arc<str>, Value> = [("k".into(), Value::Bool(true))].into_iter().collect();
    let cases = [
        (Value::Missing, "missing"),
        (Value::Decimal("9.90".parse().unwrap()), "9.90"),
        (Value::Float(0.5), "0.5"),
        (Value::Float(1e300), "1e300"),
        (Value::text("say \"{x}\"\n\u{1}"), r#""say \"{{x}}\"\n\u{1}""#),
        (Value::Date(date(2026, 11, 27)), "2026-11-27"),
        (Value::Time(parse_time("09:00").unwrap()), "09:00"),
        (Value::Time(parse_time("09:00:30.50").unwrap()), "09:00:30.5"),
        (Value::DateTime(parse_instant("2026-11-27T11:00+01:00").unwrap()), "2026-11-27T10:00Z"),
        (Value::DateTime(parse_instant("2026-11-27T10:00:07Z").unwrap()), "2026-11-27T10:00:07Z"),
        (Value::Duration(SignedDuration::from_secs(90)), "90 s"),
        (Value::Duration(SignedDuration::from_mins(15)), "15 m"),
        (Value::Duration(SignedDuration::from_hours(24)), "24 h"),
        (Value::Duration(SignedDuration::from_millis(-1500)), "-1.5 s"),
        (Value::Duration(SignedDuration::ZERO), "0 s"),
        (Value::Period(Period::days(3)), "3 days"),
        (Value::Percent(Decimal::from(15)), "15%"),
        (money("9.9", "EUR"), "9.90 EUR"),
        (money("10", "EUR"), "10.00 EUR"),
        (money("9.905", "EUR"), "9.905 EUR"),
        (money("10", "JPY"), "10 JPY"),
        (money("-1.5", "KWD"), "-1.500 KWD"),
        (Value::List(Arc::new([Value::Int(1), Value::text("a")])), r#"[1, "a"]"#),
        (Value::Record(Arc::new(two)), "{ a: 1, `b-c`: \"x\" }"),
        (Value::Map(Arc::new(map)), "{ k: true }"),
        (Value::Map(Arc::default()), "{ }"),
    ];
    for (value, text) in cases {
        assert_eq!(value.to_string(), text);
    }
}

#[test]
fn texts_stand_unquoted_inside_texts_and_missing_values_leave_nothing() {
    assert_eq!(Value::text("say \"{x}\"").to_text(), "say \"{x}\"");
    assert_eq!(Value::Missing.to_text(), "");
    assert_eq!(money("9.9", "EUR").to_text(), "9.90 EUR");
}
