//! The stored form of values: all come back, earlier versions are read.

use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp, civil};
use proptest::prelude::*;

use super::*;
use crate::{Amount, Currency, CurrencySource, Enumeration, Field, Period, RecordValue, Type, Wire};

/// Encodes, prints, parses and decodes.
fn round_trip(value: &Value) -> Result<Value, DecodeError> {
    let text = encode(value).to_string();
    decode(&serde_json::from_str(&text).unwrap())
}

/// Values have no `==` of their own, as the language's equality is another one; their printed form tells all.
#[track_caller]
fn same(left: &Value, right: &Value) {
    assert_eq!(format!("{left:?}"), format!("{right:?}"));
}

fn order() -> Arc<Record> {
    let status = Enumeration { name: Some("shop.Status".into()), values: vec!["paid".into()], origin: None };
    let money = Wire::Money { amount: Amount::Text, currency: CurrencySource::Sibling("currency".into()) };
    let line = Record {
        name: Some("shop.Line".into()),
        fields: [("sku".into(), Field::plain(Type::String.optional()))].into_iter().collect(),
        origin: None,
    };
    let fields: [(&str, Field); 5] = [
        ("status", Field::plain(Type::Enum(Arc::new(status)))),
        ("total", Field { wire: money, ..Field::plain(Type::Money(None)) }),
        ("card", Field { sensitive: true, ..Field::plain(Type::Money(Currency::parse("EUR"))) }),
        (
            "at",
            Field {
                wire: Wire::Each(Box::new(Wire::EpochMillis)),
                ..Field::plain(Type::List(Arc::new(Type::DateTime)))
            },
        ),
        ("lines", Field::plain(Type::Map(Arc::new(Type::Record(Arc::new(line)))))),
    ];
    let fields = fields.into_iter().map(|(name, field)| (name.into(), field)).collect();
    Arc::new(Record { name: Some("shop.Order".into()), fields, origin: None })
}

#[test]
fn a_record_keeps_its_shape_and_shares_it() {
    let shape = order();
    let missing = || std::iter::repeat_n(Value::Missing, 5).collect();
    let record = || Value::Record(Arc::new(RecordValue { shape: Arc::clone(&shape), fields: missing() }));
    let list = Value::List(Arc::new([record(), record()]));
    let encoded = encode(&list);
    assert_eq!(encoded.pointer("/shapes").and_then(Json::as_array).map(Vec::len), Some(2));
    let back = round_trip(&list).unwrap();
    same(&list, &back);
    let Some([Value::Record(first), Value::Record(second)]) = back.as_list() else { panic!("{back}") };
    assert!(Arc::ptr_eq(&first.shape, &second.shape));
}

#[test]
fn version_1_is_read() {
    let stored = json!({
        "version": 1,
        "shapes": [{ "name": "shop.Order", "fields": { "id": { "type": "int" }, "at": { "type": { "optional": "date" } } } }],
        "value": [
            null, true, 5, "x", { "decimal": "9.90" }, { "float": "0.1" }, { "percent": "15" }, { "money": ["1.50", "EUR"] },
            { "date": "2026-11-27" }, { "time": "09:00:00" }, { "datetime": "2026-11-27T09:00:00Z" },
            { "duration": [90, 0] }, { "period": [1, 3] }, { "json": "{\"a\": 1}" }, { "map": { "k": 1 } },
            { "record": [0, 7, null] }
        ]
    });
    assert_eq!(
        decode(&stored).unwrap().to_string(),
        "[missing, true, 5, \"x\", 9.90, 0.1, 15%, 1.50 EUR, 2026-11-27, 09:00, 2026-11-27T09:00Z, 90 s, \
         1 month + 3 days, {\"a\": 1}, { k: 1 }, { id: 7 }]"
    );
}

#[test]
fn damage_is_an_error() {
    assert_eq!(decode(&json!({})).unwrap_err(), DecodeError::Version { found: None });
    assert_eq!(decode(&json!({ "version": 2 })).unwrap_err(), DecodeError::Version { found: Some(2) });
    for value in [
        json!(1.5),
        json!({}),
        json!({ "record": [0] }),
        json!({ "record": [] }),
        json!({ "decimal": "x" }),
        json!({ "duration": [1, 1_000_000_000] }),
        json!({ "money": ["1", "euro"] }),
        json!({ "period": [1] }),
        json!({ "unheard": 1 }),
    ] {
        let stored = json!({ "version": 1, "shapes": [], "value": value });
        assert!(matches!(decode(&stored), Err(DecodeError::Malformed { .. })), "{stored}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let decimal = || {
        (any::<i128>(), 0u32..=28).prop_map(|(digits, scale)| {
            Decimal::try_from_i128_with_scale(digits >> 32, scale).unwrap_or(Decimal::NEGATIVE_ONE)
        })
    };
    let date = (-9999i16..=9999, 1i8..=12, 1i8..=28)
        .prop_map(|(year, month, day)| civil::Date::new(year, month, day).unwrap());
    let time =
        (0i8..24, 0i8..60, 0i8..60, 0i32..1_000_000_000).prop_map(|(hour, minute, second, nanosecond)| {
            civil::Time::new(hour, minute, second, nanosecond).unwrap()
        });
    let instant = (Timestamp::MIN.as_nanosecond()..Timestamp::MAX.as_nanosecond())
        .prop_map(|nanosecond| Timestamp::from_nanosecond(nanosecond).unwrap());
    let scalar = prop_oneof![
        Just(Value::Missing),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        decimal().prop_map(Value::Decimal),
        decimal().prop_map(Value::Percent),
        any::<String>().prop_map(Value::text),
        date.prop_map(Value::Date),
        time.prop_map(Value::Time),
        instant.prop_map(Value::DateTime),
        (any::<i64>(), 0i32..1_000_000_000).prop_map(|(seconds, nanoseconds)| {
            Value::Duration(SignedDuration::new(
                seconds,
                if seconds < 0 { -nanoseconds } else { nanoseconds },
            ))
        }),
        (any::<i32>(), any::<i32>()).prop_map(|(months, days)| Value::Period(Period { months, days })),
        (decimal(), "[A-Z]{3}").prop_map(|(amount, currency)| {
            Value::Money(Money { amount, currency: Currency::parse(&currency).unwrap() })
        }),
        any::<String>().prop_map(|text| Value::Json(json!(text).to_string().into())),
    ];
    let types = prop_oneof![
        Just(Type::Int),
        Just(Type::String.optional()),
        Just(Type::List(Arc::new(Type::Decimal))),
        Just(Type::Record(order()).optional()),
    ];
    scalar.prop_recursive(4, 32, 6, move |inner| {
        let members = prop::collection::vec((any::<String>(), inner.clone()), 0..4);
        let fields = prop::collection::vec(("[a-z+ ]{1,3}", types.clone(), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(|list| Value::List(list.into())),
            members.prop_map(|members| {
                let map: IndexMap<Arc<str>, Value> =
                    members.into_iter().map(|(name, value)| (name.into(), value)).collect();
                Value::Map(Arc::new(map))
            }),
            (any::<Option<String>>(), fields).prop_map(|(name, fields)| {
                let mut shape = Record { name: name.map(Arc::from), ..Record::default() };
                let mut values = Vec::new();
                for (name, ty, value) in fields {
                    if shape.fields.insert(name.into(), Field::plain(ty)).is_none() {
                        values.push(value);
                    }
                }
                Value::Record(Arc::new(RecordValue { shape: Arc::new(shape), fields: values.into() }))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_comes_back_exactly(value in value()) {
        let back = round_trip(&value).unwrap();
        prop_assert_eq!(format!("{value:?}"), format!("{back:?}"));
    }
}
