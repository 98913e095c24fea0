//! What templates become.

use super::*;
use serde_json::json;

fn settings() -> IndexMap<String, String> {
    IndexMap::from([("token".to_owned(), "t0p".to_owned()), ("empty".to_owned(), String::new())])
}

fn with<T>(arguments: Json, read: impl FnOnce(Scope<'_>) -> T) -> T {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    read(Scope { arguments: &arguments, settings: &settings(), key: "key-1" })
}

#[test]
fn a_text_mixes_literals_arguments_and_settings() {
    let arguments = json!({"name": "Ann", "count": 3, "tags": ["a", "b"], "none": null, "data": {"a": [1]}});
    with(arguments, |scope| {
        assert_eq!(text("{name} has {count}", scope).unwrap(), "Ann has 3");
        assert_eq!(text("{connection.token}{absent}{none}.", scope).unwrap(), "t0p.");
        assert_eq!(text("{tags} {data}", scope).unwrap(), r#"a, b {"a":[1]}"#);
        assert_eq!(text("{{name}} }}{{", scope).unwrap(), "{name} }{");
    });
}

#[test]
fn a_value_is_never_read_as_a_template() {
    with(json!({"name": "{connection.token}"}), |scope| {
        assert_eq!(text("<{name}>", scope).unwrap(), "<{connection.token}>");
        assert_eq!(json(&json!({"a": "{name}"}), scope).unwrap(), Some(json!({"a": "{connection.token}"})));
    });
}

#[test]
fn brackets_without_a_partner_are_errors() {
    with(json!({}), |scope| {
        for source in ["{", "}", "{a", "a}", "{a{b}}", "{{a}"] {
            assert_eq!(text(source, scope), Err(TemplateError::Unbalanced(source.to_owned())), "{source}");
        }
        let message = text("{", scope).unwrap_err().to_string();
        assert!(message.ends_with("`{{` and `}}` stand for the brackets themselves"), "{message}");
        assert_eq!(text("{connection.x}", scope), Err(TemplateError::UnknownSetting("x".to_owned())));
    });
}

#[test]
fn a_whole_placeholder_keeps_its_json_type_and_goes_missing_with_its_member() {
    let arguments = json!({"id": 820982911946154508_i64, "tags": ["a"], "total": "9.99", "nothing": null});
    with(arguments, |scope| {
        let body = json!({"id": "{id}", "tags": "{tags}", "total": "{total}", "label": "no {id}", "gone": "{absent}",
            "null": "{nothing}", "list": ["{absent}", "{id}", true, 1.5]});
        let expected = json!({"id": 820982911946154508_i64, "tags": ["a"], "total": "9.99",
            "label": "no 820982911946154508", "null": null, "list": [820982911946154508_i64, true, 1.5]});
        assert_eq!(json(&body, scope).unwrap(), Some(expected));
        assert_eq!(json(&json!("{absent}"), scope).unwrap(), None);
        assert_eq!(json(&json!("{tags}"), scope).unwrap(), Some(json!(["a"])));
    });
}

#[test]
fn values_in_urls_are_encoded_unless_the_url_is_one_placeholder() {
    with(json!({"user": "a/b ü?&#", "url": "http://x.test/a?b=c d"}), |scope| {
        assert_eq!(url("/members/{user}/tags", scope).unwrap(), "/members/a%2Fb%20%C3%BC%3F%26%23/tags");
        assert_eq!(url("/m?q={user}&r={absent}", scope).unwrap(), "/m?q=a%2Fb%20%C3%BC%3F%26%23&r=");
        assert_eq!(url("{url}", scope).unwrap(), "http://x.test/a?b=c d");
        assert_eq!(url("{connection.token}/x", scope).unwrap(), "t0p/x");
    });
}

#[test]
fn a_value_cannot_leave_its_place_in_a_path() {
    for value in [".", ".."] {
        let error = with(json!({"user": value}), |scope| url("/members/{user}/tags", scope));
        assert!(matches!(error, Err(TemplateError::DotSegment(_))), "{value}");
    }
    let empty = with(json!({"user": ""}), |scope| url("/members/{user}/tags", scope));
    assert_eq!(empty, Err(TemplateError::EmptyInPath("user".to_owned())));
    let harmless = with(json!({"user": "ann.b"}), |scope| url("/members/{user}", scope));
    assert_eq!(harmless.unwrap(), "/members/ann.b");
}

#[test]
fn header_values_refuse_line_breaks_and_go_missing_whole() {
    with(json!({"note": "a\r\nX-Evil: 1", "nul": "\0"}), |scope| {
        assert_eq!(header("x", "Bearer {connection.token}", scope).unwrap().as_deref(), Some("Bearer t0p"));
        assert_eq!(header("x", "Bearer {connection.empty}", scope).unwrap(), None);
        assert_eq!(header("x", "fixed", scope).unwrap().as_deref(), Some("fixed"));
        assert_eq!(
            header("x-note", "{note}", scope),
            Err(TemplateError::HeaderInjection("x-note".to_owned()))
        );
        assert!(header("x-note", "{nul}", scope).is_err());
    });
}
