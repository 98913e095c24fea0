//! The dialect of JSON Schema: which type each form becomes, and what is refused.

use hence_diagnostics::Sources;

use super::*;
use crate::{Catalog, load};

/// Reads types of an integration `a`, which must be without problems.
#[track_caller]
fn types(types: &str) -> Catalog {
    let mut sources = Sources::new();
    let text =
        format!(r#"{{ "hence": 1, "id": "a", "title": "A", "version": "1", "types": {{ {types} }} }}"#);
    let file = sources.add("a.json", text);
    let loaded = load(&sources, file);
    assert_eq!(loaded.diagnostics, []);
    Catalog {
        integrations: loaded.integration.into_iter().map(|found| (found.id.clone(), found.into())).collect(),
    }
}

/// Asserts what a schema means, with its spelling in an object where it is not plain.
#[track_caller]
fn check(schema: &str, ty: &Type, wire: &Wire) {
    let catalog = types(&format!(
        r#""T": {{ "type": "object", "required": ["f"], "properties": {{ "c": {{ "type": "string" }}, "f": {schema} }} }}"#
    ));
    let Some(Type::Record(record)) = catalog.named_type("a", "T") else { panic!("{schema}") };
    let field = &record.fields["f"];
    assert_eq!((&field.ty, &field.wire), (ty, wire), "{schema}");
}

#[test]
fn every_keyword_and_format_has_its_type() {
    let plain = Wire::Plain;
    check("{}", &Type::Json, &plain);
    check(r#"{ "type": "object" }"#, &Type::Json, &plain);
    check(r#"{ "type": "boolean" }"#, &Type::Bool, &plain);
    check(r#"{ "type": ["boolean", "null"] }"#, &Type::Bool.optional(), &plain);
    check(r#"{ "type": "integer", "format": "int64" }"#, &Type::Int, &plain);
    check(r#"{ "type": "integer", "format": "epoch-seconds" }"#, &Type::DateTime, &Wire::EpochSeconds);
    check(r#"{ "type": "number" }"#, &Type::Decimal, &plain);
    check(r#"{ "type": "number", "format": "double" }"#, &Type::Float, &plain);
    check(r#"{ "type": "number", "format": "percent" }"#, &Type::Percent, &plain);
    check(r#"{ "type": "string", "format": "uuid" }"#, &Type::String, &plain);
    check(r#"{ "type": "string", "format": "date" }"#, &Type::Date, &plain);
    check(r#"{ "type": "string", "format": "time" }"#, &Type::Time, &plain);
    check(r#"{ "type": "string", "format": "date-time" }"#, &Type::DateTime, &plain);
    check(r#"{ "type": "string", "format": "duration" }"#, &Type::Duration, &plain);
    check(r#"{ "type": "string", "format": "period" }"#, &Type::Period, &plain);
    check(r#"{ "type": "string", "format": "decimal" }"#, &Type::Decimal, &Wire::Text);
    check(r#"{ "type": "string", "format": "integer" }"#, &Type::Int, &Wire::Text);
    check(r#"{ "type": "string", "format": "percent" }"#, &Type::Percent, &Wire::Text);
    let texts = Type::List(Arc::new(Type::String));
    check(r#"{ "type": "string", "format": "comma-separated" }"#, &texts, &Wire::CommaSeparated);
    check(r#"{ "type": "array", "items": { "type": "string" } }"#, &texts, &plain);
    check(r#"{ "type": "array" }"#, &Type::List(Arc::new(Type::Json)), &plain);
    let numbers = Type::Map(Arc::new(Type::Int.optional()));
    let each = Wire::Each(Box::new(Wire::Text));
    check(
        r#"{ "type": "object", "additionalProperties": { "type": ["string", "null"], "format": "integer" } }"#,
        &numbers,
        &each,
    );
}

#[test]
fn money_says_how_it_is_spelt_and_where_its_currency_stands() {
    let wire = |amount, currency| Wire::Money { amount, currency };
    let euro = Currency::parse("EUR").unwrap();
    check(
        r#"{ "type": "string", "format": "money", "currency": "EUR" }"#,
        &Type::Money(Some(euro)),
        &wire(Amount::Text, CurrencySource::Fixed(euro)),
    );
    check(
        r#"{ "type": "number", "format": "money", "currency": { "field": "c" } }"#,
        &Type::Money(None),
        &wire(Amount::Number, CurrencySource::Sibling("c".into())),
    );
    check(
        r#"{ "type": "array", "items": { "type": "integer", "format": "money-minor", "currency": { "payload": "c" } } }"#,
        &Type::List(Arc::new(Type::Money(None))),
        &Wire::Each(Box::new(wire(Amount::MinorUnits, CurrencySource::Payload("c".into())))),
    );
}

#[test]
fn fixed_sets_of_texts_keep_their_order_and_name() {
    let catalog =
        types(r#""S": { "type": ["string", "null"], "enum": ["b", "a", null] }, "C": { "const": "x" }"#);
    let Some(Type::Optional(inner)) = catalog.named_type("a", "S") else { panic!() };
    let Type::Enum(set) = &**inner else { panic!() };
    assert_eq!((set.name.as_deref(), set.values.as_slice()), (Some("a.S"), &["b".into(), "a".into()][..]));
    let Some(Type::Enum(single)) = catalog.named_type("a", "C") else { panic!() };
    assert_eq!(single.values, ["x".into()]);
}

#[test]
fn a_reference_takes_over_type_spelling_and_secrecy() {
    let catalog = types(
        r##""P": { "type": "string", "format": "decimal", "sensitive": true },
           "T": { "type": "object", "properties": { "p": { "$ref": "#/types/P", "description": "D" } } }"##,
    );
    let Some(Type::Record(record)) = catalog.named_type("a", "T") else { panic!() };
    let field = &record.fields["p"];
    assert_eq!((&field.ty, &field.wire, field.sensitive), (&Type::Decimal.optional(), &Wire::Text, true));
    assert_eq!(field.doc, "D");
}

#[test]
fn all_of_merges_the_fields_of_objects() {
    let catalog = types(
        r##""Base": { "type": "object", "required": ["id"], "properties": {
                "id": { "type": "integer" }, "currency": { "type": "string" } } },
           "T": { "type": "object", "required": ["note"], "allOf": [
                { "$ref": "#/types/Base" },
                { "type": "object", "properties": { "note": { "type": "string" },
                  "sum": { "type": "string", "format": "money", "currency": { "field": "currency" } } } } ],
                "properties": { "own": { "type": "boolean" } } }"##,
    );
    let Some(Type::Record(record)) = catalog.named_type("a", "T") else { panic!() };
    let fields: Vec<_> =
        record.fields.iter().map(|(name, field)| (&**name, field.ty.is_optional())).collect();
    let expected = [("id", false), ("currency", true), ("note", false), ("sum", true), ("own", true)];
    assert_eq!((record.name.as_deref(), fields.as_slice()), (Some("a.T"), &expected[..]));
}

#[test]
fn a_circle_of_references_ends_in_json_wherever_it_is_entered() {
    let catalog = types(
        r##""Order": { "type": "object", "required": ["buyer"], "properties": { "buyer": { "$ref": "#/types/Buyer" } } },
           "Buyer": { "type": "object", "required": ["orders"], "properties": {
                "orders": { "type": "array", "items": { "$ref": "#/types/Order" } } } },
           "Self": { "$ref": "#/types/Self" }"##,
    );
    let field = |ty: &Type, name: &str| {
        let Type::Record(record) = ty else { panic!("{ty:?}") };
        record.fields[name].ty.clone()
    };
    let order = catalog.named_type("a", "Order").unwrap();
    assert_eq!(field(&field(order, "buyer"), "orders"), Type::List(Arc::new(Type::Json)));
    let buyer = catalog.named_type("a", "Buyer").unwrap();
    let Type::List(inner) = field(buyer, "orders") else { panic!() };
    assert_eq!(field(&inner, "buyer"), Type::Json);
    assert_eq!(catalog.named_type("a", "Self"), Some(&Type::Json));
}

#[test]
fn types_that_all_refer_to_each_other_are_read_in_bounds() {
    let names: Vec<String> = (0..14).map(|number| format!("T{number}")).collect();
    let fields: Vec<String> =
        names.iter().map(|name| format!(r##""{name}": {{ "$ref": "#/types/{name}" }}"##)).collect();
    let schema = format!(r#"{{ "type": "object", "properties": {{ {} }} }}"#, fields.join(", "));
    let all: Vec<String> = names.iter().map(|name| format!(r#""{name}": {schema}"#)).collect();
    let catalog = types(&all.join(", "));
    assert_eq!(catalog.integrations["a"].types.len(), 14);
}

#[test]
fn a_chain_of_types_that_is_too_long_is_reported() {
    let mut all: Vec<String> = (0..200)
        .map(|number| {
            let next = number + 1;
            format!(r##""T{number}": {{ "type": "array", "items": {{ "$ref": "#/types/T{next}" }} }}"##)
        })
        .collect();
    all.push(r#""T200": {}"#.to_owned());
    let text = format!(
        r#"{{ "hence": 1, "id": "a", "title": "A", "version": "1", "types": {{ {} }} }}"#,
        all.join(", ")
    );
    let mut sources = Sources::new();
    let file = sources.add("a.json", text);
    let loaded = load(&sources, file);
    let found = &loaded.diagnostics[0];
    assert_eq!(found.message, "the type nests more than 64 levels deep");
}

const UNION: &str = r##"
    "Card": { "type": "object", "required": ["kind", "brand"], "properties": {
        "kind": { "type": "string", "const": "card" }, "brand": { "type": "string" }, "country": { "type": "string" } } },
    "Transfer": { "type": "object", "required": ["kind", "country"], "properties": {
        "kind": { "type": "string", "const": "transfer" }, "country": { "type": "string" } } },
    "Payment": { "oneOf": [{ "$ref": "#/types/Card" }, { "$ref": "#/types/Transfer" }], "discriminator": { "propertyName": "kind" } }
"##;

#[test]
fn a_union_is_a_record_of_the_fields_of_all_its_types() {
    let catalog = types(UNION);
    let Some(Type::Record(record)) = catalog.named_type("a", "Payment") else { panic!("no record") };
    let fields: Vec<String> =
        record.fields.iter().map(|(name, field)| format!("{name}: {}", field.ty)).collect();
    assert_eq!(fields, [r#"kind: "card" | "transfer""#, "brand: string?", "country: string?"]);
    let union = catalog.union("a.Payment").unwrap();
    assert_eq!(&*union.tag, "kind");
    let always = |name: &str| union.variants[name].always.join(" ");
    assert_eq!(
        (always("a.Card"), always("a.Transfer")),
        ("kind brand".to_owned(), "kind country".to_owned())
    );
    let sample = crate::sample_value(catalog.named_type("a", "Payment").unwrap()).to_string();
    assert_eq!(crate::check_payload(record, &sample), []);
}
