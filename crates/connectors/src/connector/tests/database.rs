//! What connections to databases are set to.

use super::*;

const BOOK: &str = r#"{
  "hence": 1, "id": "book", "title": "Book", "version": "1",
  "actions": { "add": { "class": "idempotent", "call": { "kind": "sql", "statements": ["SELECT 1"] } } },
  "connection": { "settings": { "database": {} } }
}"#;

fn book(pairs: &[(&str, &str)], text: &str) -> Connectors {
    let mut sources = hence_diagnostics::Sources::new();
    let file = sources.add("book.json", text);
    let (catalog, diagnostics) = hence_schema::catalog(&mut sources, &[file]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ("book", *name, *value)).collect();
    let secret = |name: &str| match name {
        "URL" => Some("postgres://me:in-the-url@127.0.0.1:1/book".to_owned()),
        "PASSWORD" => Some("beside-it".to_owned()),
        _ => None,
    };
    Connectors::new(Arc::new(catalog), settings(&pairs), Secrets::new(secret, None))
}

fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
    book(pairs, BOOK).problems().iter().map(|problem| problem.message.clone()).collect()
}

#[test]
fn the_password_of_a_database_is_a_secret_and_any_connection_to_one_has_it() {
    assert_eq!(problems(&[("database", "secret:URL")]), [""; 0]);
    let beside = [("database", "postgres://me@h/book"), ("database_password", "secret:PASSWORD")];
    assert_eq!(problems(&beside), [""; 0]);
    let plain = [("database", "postgres://me@h/book"), ("database_password", "beside-it")];
    assert_eq!(
        problems(&plain),
        ["setting `database_password` of integration `book` is secret: it is given as `secret:NAME`"]
    );
    assert_eq!(
        problems(&[("database", "postgres://me:in-the-url@h/book")]),
        ["setting `database` of integration `book` has a password: it is given as `secret:NAME` in \
          `database_password`, or the whole URL is"]
    );
    assert_eq!(
        problems(&[("database", "postgres://me@h/book?sslmode=prefer")]),
        [
            "setting `database` of integration `book`: the URL of the database has `sslmode=prefer`, which does not \
          verify who answers: there are `verify-full`, with `sslrootcert` for certificates of one's own, and \
          `disable`"
        ]
    );
}

#[tokio::test]
async fn a_database_is_asked_where_the_operator_says_and_its_password_is_masked() {
    // Nobody listens at this port: it is tried, and not refused.
    let connectors = book(&[("database", "secret:URL")], BOOK);
    let failure = connectors.call(&request("book.add", json!({}))).await.unwrap_err();
    assert!(failure.message.contains("Connection refused"), "{}", failure.message);
    assert!(failure.certain && failure.retryable);
    assert_eq!(connectors.secrets().mask("it is in-the-url"), "it is ***");

    let by_itself = BOOK.replace("{}", r#"{ "default": "postgres://me@127.0.0.1:1/book" }"#);
    let connectors = book(&[], &by_itself);
    let failure = connectors.call(&request("book.add", json!({}))).await.unwrap_err();
    assert!(failure.message.contains("is an address of a private network"), "{}", failure.message);
}
