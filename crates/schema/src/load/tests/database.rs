//! What is said of statements, feeds and questions that are wrong.

use super::problems::check;

/// Asserts what is said of an integration with a feed `changes` and a setting `database`.
#[track_caller]
fn check_feed(feed: &str, expected: &[&str]) {
    let event = r#""events": { "e": { "payload": { "type": "object" } } }"#;
    let settings = r#""connection": { "settings": { "database": {} } }"#;
    check(&format!(r#"{event}, {settings}, "feeds": {{ "changes": {feed} }}"#), expected);
}

#[test]
fn a_placeholder_of_a_statement_stands_without_quotes() {
    check(
        r#""actions": { "act": { "class": "idempotent", "call": { "kind": "sql", "statements": ["SELECT '{call.key}'"] } } },
           "connection": { "settings": { "database": {} } }"#,
        &["H0202 call.key: `{call.key}` stands in quotes, where it would be text and no value \
             (leave the quotes away: a placeholder is a value)"],
    );
}

#[test]
fn statements_need_a_database() {
    check(
        r#""actions": { "act": { "class": "idempotent", "call": { "kind": "sql", "statements": ["SELECT 1"] } } }"#,
        &["H0202 \"sql\": statements need the connection's setting `database` \
             (add `\"database\": {}` to the settings of `connection`)"],
    );
    check(
        r#""feeds": { "f": { "every": "PT1S", "select": "SELECT 1 AS id", "event": "e" } },
           "events": { "e": { "payload": { "type": "object" } } }"#,
        &["H0202 \"SELECT 1 AS id\": statements need the connection's setting `database` \
             (add `\"database\": {}` to the settings of `connection`)"],
    );
}

#[test]
fn a_feed_says_how_often_what_and_of_which_event() {
    check_feed(r#"{ "every": "PT5S", "select": "SELECT 1 AS id LIMIT {limit}", "event": "e" }"#, &[]);
    check_feed(
        r#"{ "every": "5 s", "select": "SELECT 1 AS id LIMIT {limits}", "event": "f" }"#,
        &[
            "H0202 \"5 s\": the time between two questions is a duration such as `PT5S` or `PT1H`; found `5 s`",
            "H0202 limits: `select` has no parameter `limits` (did you mean `{limit}`?)",
            "H0203 \"f\": `a` has no event `f`",
        ],
    );
    check_feed(
        r#"{ "every": "PT5M", "select": "SELECT 1 AS id", "event": "e", "listen": "hence_outbox" }"#,
        &[],
    );
    check_feed(
        r#"{ "every": "PT5M", "select": "SELECT 1 AS id", "event": "e", "listen": "a; DROP" }"#,
        &[
            "H0202 \"a; DROP\": the name of a channel is up to 63 lower-case letters, digits and `_`, no digit \
             first; found `a; DROP`",
        ],
    );
    check_feed(
        r#"{ "every": "PT0S", "select": "SELECT 1" }"#,
        &["H0202 \"PT0S\": the time between two questions is longer than nothing"],
    );
}

#[test]
fn what_can_be_asked_for_says_how() {
    let act = |class: &str, lookup: &str| {
        format!(
            r#""actions": {{ "act": {{ "class": "{class}", "call": {{ "kind": "log", "message": "" }}{lookup} }} }}"#
        )
    };
    let lookup = r#", "lookup": { "call": { "kind": "http", "method": "GET", "url": "https://a.example/{call.key}" } }"#;
    check(&act("queryable", lookup), &[]);
    check(
        &act("queryable", ""),
        &["H0202 \"act\": `act` has no member `lookup` \
             (an action that is `queryable` needs `lookup`: how to ask whether it was done)"],
    );
    check(
        &act("idempotent", lookup),
        &["H0202 \"lookup\": `lookup` belongs to actions that are `queryable`"],
    );
    check(
        &act("queryable", r#", "lookup": { "call": { "kind": "log", "message": "" } }"#),
        &["H0202 \"log\": a question is a call of the kind `http` or `sql`"],
    );
}
