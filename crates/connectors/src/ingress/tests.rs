//! How deliveries become events.

use super::*;
use hence_schema::Signature;
use indexmap::IndexMap;
use reqwest::header::{HeaderName, HeaderValue};

fn webhook(event: EventName, mappings: &[(&str, Json, &str)]) -> Webhook {
    let mapping = |(provider, when, event): &(&str, Json, &str)| Mapping {
        provider: (*provider).to_owned(),
        when: when.as_object().cloned().unwrap_or_default().into_iter().collect::<IndexMap<_, _>>(),
        event: (*event).to_owned(),
    };
    Webhook {
        event,
        mappings: mappings.iter().map(mapping).collect(),
        delivery_header: Some("x-delivery".to_owned()),
        delivery_pointers: Vec::new(),
        payload_pointer: String::new(),
        batch_pointer: None,
        challenge: None,
        signature: Signature::None,
    }
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
}

fn events(webhook: &Webhook, headers: &HeaderMap, body: &str) -> Vec<IncomingEvent> {
    match read(webhook, "shop", headers, body.as_bytes()) {
        Ok(Delivery::Events(events)) => events,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_header_names_the_event_and_digits_survive() {
    let webhook =
        webhook(EventName::Header("x-event".to_owned()), &[("orders/create", json!({}), "order.created")]);
    let body = r#"{ "id": 820982911946154508, "total": 0.10000000000000000001, "big": 1e400 }"#;
    let events = events(&webhook, &headers(&[("x-event", "orders/create"), ("x-delivery", "d1")]), body);
    let expected = IncomingEvent {
        name: "shop.order.created".into(),
        delivery: Some("d1".into()),
        payload: body.into(),
    };
    assert_eq!(events, [expected]);
}

#[test]
fn header_and_body_name_the_event_together() {
    let name = EventName::HeaderAndBody("x-github-event".to_owned(), "/action".to_owned());
    let mappings = [
        ("issues.opened", json!({}), "issue.opened"),
        ("push", json!({}), "push"),
        ("pull_request.*", json!({}), "any"),
    ];
    let webhook = webhook(name, &mappings);
    let name = |event: &'static str, body: &str| {
        events(&webhook, &headers(&[("x-github-event", event)]), body)[0].name.clone()
    };
    assert_eq!(name("issues", r#"{"action": "opened"}"#), "shop.issue.opened");
    assert_eq!(name("push", r#"{"action": 5}"#), "shop.push");
    assert_eq!(name("pull_request", r#"{"action": "closed"}"#), "shop.any");
    let unknown =
        read(&webhook, "shop", &headers(&[("x-github-event", "issues")]), br#"{"action": "edited"}"#);
    let Err(IngressError::UnknownEvent { provider, known, .. }) = unknown else { panic!("{unknown:?}") };
    assert_eq!((provider.as_str(), known.len()), ("issues.edited", 3));
}

#[test]
fn the_first_mapping_whose_conditions_hold_is_taken() {
    let mappings = [
        ("update", json!({"/event/columnType": "color", "/event/deep/0": 1}), "status.changed"),
        ("update", json!({}), "column.changed"),
    ];
    let mut webhook = webhook(EventName::Body("/event/type".to_owned()), &mappings);
    webhook.payload_pointer = "/event".to_owned();
    webhook.delivery_pointers = vec!["/event/uuid".to_owned()];
    let found = |body: &str| events(&webhook, &HeaderMap::new(), body)[0].clone();
    let status =
        found(r#"{"event": {"type": "update", "columnType": "color", "deep": [1.0, 2], "uuid": 17}}"#);
    assert_eq!(status.name, "shop.column.changed", "1.0 is not 1 as JSON");
    let status = found(r#"{"event": {"type": "update", "columnType": "color", "deep": [1], "uuid": "u"}}"#);
    assert_eq!(status.name, "shop.status.changed");
    assert_eq!(status.delivery.as_deref(), Some("u"));
    assert_eq!(status.payload, r#"{"type": "update", "columnType": "color", "deep": [1], "uuid": "u"}"#);
    let other = found(r#"{"event": {"type": "update", "columnType": "text", "uuid": 17}}"#);
    assert_eq!((other.name.as_str(), other.delivery.as_deref()), ("shop.column.changed", Some("17")));
}

#[test]
fn an_id_is_made_of_all_its_parts_or_there_is_none() {
    let mut webhook = webhook(EventName::Body("/status".to_owned()), &[("*", json!({}), "a")]);
    webhook.delivery_header = None;
    webhook.delivery_pointers = vec!["/id".to_owned(), "/status".to_owned()];
    let id = |body: &str| events(&webhook, &HeaderMap::new(), body)[0].delivery.clone();
    assert_eq!(id(r#"{"id": 7, "status": "sent"}"#).as_deref(), Some("7:sent"));
    assert_eq!(id(r#"{"status": "sent"}"#), None);
    assert_eq!(id(r#"{"id": "", "status": "sent"}"#), None);
}

#[test]
fn a_batch_gives_its_events_in_order_with_ids_of_their_own() {
    let mappings = [("a", json!({}), "a"), ("b", json!({}), "b")];
    let mut webhook = webhook(EventName::Body("/type".to_owned()), &mappings);
    webhook.batch_pointer = Some("/events".to_owned());
    webhook.payload_pointer = "/data".to_owned();
    let body = r#"{"events": [{"type": "a", "data": {"x": 1}}, {"type": "b", "data": {"x": 2}}]}"#;
    let both = events(&webhook, &headers(&[("x-delivery", "d")]), body);
    let seen: Vec<_> =
        both.iter().map(|e| (e.name.as_str(), e.delivery.as_deref(), e.payload.as_str())).collect();
    assert_eq!(seen, [("shop.a", Some("d:0"), r#"{"x": 1}"#), ("shop.b", Some("d:1"), r#"{"x": 2}"#)]);
    let single = events(&webhook, &headers(&[("x-delivery", "d")]), r#"{"type": "a", "data": 1}"#);
    assert_eq!(single[0].delivery.as_deref(), Some("d"));
    assert_eq!(events(&webhook, &HeaderMap::new(), r#"{"events": []}"#), []);
}

#[test]
fn a_handshake_is_echoed_only_where_the_integration_has_one() {
    let mut webhook = webhook(EventName::Body("/event/type".to_owned()), &[("a", json!({}), "a")]);
    let body = br#"{"challenge": "3eZbrw", "token": "t"}"#;
    let refused = read(&webhook, "shop", &HeaderMap::new(), body);
    assert_eq!(refused, Err(IngressError::NoEventName("a text at `/event/type` of the body".to_owned())));
    webhook.challenge = Some("challenge".to_owned());
    let echoed = read(&webhook, "shop", &HeaderMap::new(), body);
    assert_eq!(echoed, Ok(Delivery::Challenge(json!({"challenge": "3eZbrw"}))));
    let event = br#"{"challenge": "x", "event": {"type": "a"}}"#;
    assert!(matches!(read(&webhook, "shop", &HeaderMap::new(), event), Ok(Delivery::Events(_))));
}

#[test]
fn bodies_that_are_no_json_or_too_deep_are_clean_errors() {
    let webhook = webhook(EventName::Header("x-event".to_owned()), &[("a", json!({}), "a")]);
    let check = |body: &[u8]| read(&webhook, "shop", &headers(&[("x-event", "a")]), body);
    let deep = "[".repeat(100_000);
    assert_eq!(check(deep.as_bytes()), Err(IngressError::Body(Defect::TooDeep)));
    let deep = format!("{deep}{}", "]".repeat(100_000));
    assert_eq!(check(deep.as_bytes()), Err(IngressError::Body(Defect::TooDeep)));
    let limit = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(check(limit(DEPTH_LIMIT).as_bytes()).is_ok());
    assert_eq!(check(limit(DEPTH_LIMIT + 1).as_bytes()), Err(IngressError::Body(Defect::TooDeep)));
    assert!(
        check(br#"{"text": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[["}"#)
            .is_ok()
    );
    assert_eq!(check(b"\xff"), Err(IngressError::Body(Defect::NotUtf8)));
    for body in ["", "{", "{} {}", "nope", r#"{"a":}"#] {
        assert!(matches!(check(body.as_bytes()), Err(IngressError::Body(Defect::InvalidJson(_)))), "{body}");
    }
}

#[test]
fn pointers_reach_through_objects_arrays_and_escapes() {
    let body = r#"{"a/b": {"~": [10, {"x": null}]}, "a": 1, "a": 2, "01": [7]}"#;
    let raw = validate(body.as_bytes()).unwrap();
    let find = |pointer: &str| at(raw, pointer).map(RawValue::get);
    assert_eq!(find("/a~1b/~0/1/x"), Some("null"));
    assert_eq!(find("/a~1b/~0/0"), Some("10"));
    assert_eq!(find("/a"), Some("2"));
    assert_eq!(find("/01/0"), Some("7"));
    for pointer in ["/01/00", "/01/1", "/a/b", "/none", "a", "/a~1b/~0/-"] {
        assert_eq!(find(pointer), None, "{pointer}");
    }
}

#[test]
fn stars_stand_for_text_between_dots() {
    for (pattern, name) in
        [("a.*", "a.b"), ("*", "a"), ("a*c", "abc"), ("*.x", "q.x"), ("a*b*c", "aXbYc"), ("a*", "a")]
    {
        assert!(matches_pattern(pattern, name), "{pattern} {name}");
    }
    for (pattern, name) in
        [("a.*", "a"), ("*", "a.b"), ("a.*", "a.b.c"), ("a*c", "ab"), ("a*b*c", "aXc"), ("ab*b", "ab")]
    {
        assert!(!matches_pattern(pattern, name), "{pattern} {name}");
    }
}

#[test]
fn a_form_is_an_object_of_texts_and_its_only_field_payload_is_json() {
    let named = webhook(EventName::Body("/kind".to_owned()), &[("paid", json!({}), "order.paid")]);
    let form = headers(&[("content-type", "application/x-www-form-urlencoded; charset=utf-8")]);
    let payload = |body: &str| events(&named, &form, body).remove(0).payload;
    assert_eq!(
        payload("kind=paid&name=a+%26+%22b%22&tag=1&tag=2&tag=3"),
        r#"{"kind":"paid","name":"a & \"b\"","tag":["1","2","3"]}"#
    );
    let wrapped = "payload=%7B%22kind%22%3A%22paid%22%2C%22id%22%3A820982911946154508%7D";
    assert_eq!(payload(wrapped), r#"{"kind":"paid","id":820982911946154508}"#);
    assert!(read(&named, "shop", &HeaderMap::new(), b"kind=paid").is_err());
}
