//! Settings, and actions looked up and performed.

use super::*;
use crate::catcher::Catcher;
use hence_diagnostics::Span;
use hence_schema::{Class, Connection, HttpCall, Integration, LogCall, Param, Setting, SmtpCall};
use hence_types::{Type, Wire};
use serde_json::json;

mod database;

fn span() -> Span {
    Span::default()
}

fn action(id: &str, name: &str, params: &[(&str, bool)], call: Call) -> (String, Action) {
    let param = |(name, sensitive): &(&str, bool)| {
        let param = Param {
            ty: Type::String,
            wire: Wire::Plain,
            doc: String::new(),
            sensitive: *sensitive,
            origin: span(),
        };
        (Arc::from(*name), param)
    };
    let action = Action {
        full_name: format!("{id}.{name}").into(),
        doc: String::new(),
        params: params.iter().map(param).collect(),
        result: None,
        read: false,
        class: Class::Idempotent,
        call,
        lookup: None,
        causes: Vec::new(),
        origin: span(),
    };
    (name.to_owned(), action)
}

fn integration(
    id: &str,
    settings: &[(&str, bool, Option<&str>)],
    actions: Vec<(String, Action)>,
) -> Integration {
    let setting = |(name, secret, default): &(&str, bool, Option<&str>)| {
        (
            (*name).to_owned(),
            Setting { doc: String::new(), secret: *secret, default: default.map(str::to_owned) },
        )
    };
    Integration {
        id: id.to_owned(),
        title: id.to_owned(),
        version: "1".to_owned(),
        doc: String::new(),
        types: IndexMap::new(),
        unions: IndexMap::new(),
        events: IndexMap::new(),
        entities: Default::default(),
        actions: actions.into_iter().collect(),
        entry_points: IndexMap::new(),
        feeds: IndexMap::new(),
        webhook: None,
        connection: Connection { settings: settings.iter().map(setting).collect() },
        origin: span(),
    }
}

fn catalog() -> Arc<Catalog> {
    let http = Call::Http(HttpCall {
        method: "POST".to_owned(),
        url: "/cards".to_owned(),
        query: Vec::new(),
        headers: IndexMap::from([("authorization".to_owned(), "Bearer {connection.token}".to_owned())]),
        body: Some(json!({"card": "{card}", "name": "{name}"})),
        encoding: Default::default(),
        missing: Vec::new(),
        error: None,
    });
    let crm_settings =
        [("base_url", false, None), ("token", true, Some("")), ("webhook_secret", true, Some(""))];
    let crm = integration(
        "crm",
        &crm_settings,
        vec![action("crm", "pay", &[("card", true), ("name", false)], http)],
    );
    let mail_call = SmtpCall {
        from: "a@x.org".into(),
        to: "{to}".into(),
        subject: String::new(),
        text: String::new(),
        html: Vec::new(),
    };
    let mail_settings =
        [("host", false, Some("127.0.0.1")), ("port", false, Some("25")), ("tls", false, Some("none"))];
    let mail = integration(
        "mail",
        &mail_settings,
        vec![action("mail", "send", &[("to", false)], Call::Smtp(mail_call))],
    );
    let log_call = Call::Log(LogCall { message: "{message} {{}}".into() });
    let log = integration("log", &[], vec![action("log", "write", &[("message", false)], log_call)]);
    let integrations = [crm, mail, log]
        .into_iter()
        .map(|integration| (integration.id.clone(), integration.into()))
        .collect();
    Arc::new(Catalog { integrations })
}

fn secrets() -> Secrets {
    Secrets::new(|name| (name == "TOKEN").then(|| "t0p-secret".to_owned()), None)
}

fn settings(pairs: &[(&str, &str, &str)]) -> ConnectionSettings {
    let mut settings = ConnectionSettings::default();
    pairs.iter().for_each(|(integration, name, value)| settings.set(integration, name, value));
    settings
}

fn request(action: &str, arguments: Json) -> Request {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    Request {
        action: action.into(),
        arguments,
        key: "k".to_owned(),
        attempt: 1,
        timeout: None,
        ..Request::default()
    }
}

#[tokio::test]
async fn every_problem_of_the_settings_is_told_at_once() {
    let given = settings(&[
        ("crm", "tocken", "x"),
        ("crm", "token", "literal-token"),
        ("crm", "webhook_secret", "secret:GONE"),
        ("mail", "port", "many"),
        ("mial", "port", "25"),
    ]);
    let connectors = Connectors::new(catalog(), given, secrets());
    let messages: Vec<_> = connectors.problems().iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "there is no integration `mial`: is `mail` meant?",
            "integration `crm` has no setting `tocken`: is `token` meant?",
            "integration `crm` needs the setting `base_url`",
            "setting `token` of integration `crm` is secret: it is given as `secret:NAME`",
            "setting `webhook_secret` of integration `crm`: secret `GONE` is set neither in the environment nor in the \
         folder of secrets",
            "setting `port` of integration `mail`: `many` is no port: a number from 1 to 65535",
        ]
    );
    assert_eq!(connectors.problems()[4].code, Code::MissingSecret);
    let refused = connectors.call(&request("crm.pay", json!({}))).await.unwrap_err();
    assert!(refused.certain && !refused.retryable);
    assert!(connectors.call(&request("log.write", json!({"message": "x"}))).await.is_ok());
}

#[tokio::test]
async fn sensitive_arguments_and_secrets_are_sent_but_not_shown() {
    let catcher = Catcher::start().await.unwrap();
    catcher.answer_next(200, r#"{"seen": "4111-1111 t0p-secret"}"#);
    let base = format!("http://{}", catcher.http_address());
    let given = settings(&[("crm", "base_url", &base), ("crm", "token", "secret:TOKEN")]);
    let connectors = Connectors::new(catalog(), given, secrets());
    assert_eq!(connectors.problems(), []);
    let arguments = json!({"card": "4111-1111", "name": "Ann"});
    let response = connectors.call(&request("crm.pay", arguments.clone())).await.unwrap();
    let caught = catcher.requests().remove(0);
    assert_eq!(caught.json(), arguments);
    assert_eq!(caught.header("authorization"), Some("Bearer t0p-secret"));
    assert_eq!(response.detail["request"]["body"], json!({"card": "***", "name": "Ann"}));
    assert_eq!(response.detail["response"]["body"], json!({"seen": "*** ***"}));
}

#[tokio::test]
async fn what_comes_from_sensitive_fields_is_not_shown_whatever_the_action_declares() {
    let catcher = Catcher::start().await.unwrap();
    catcher.answer_next(500, r#"{"error": "no such person: Ann-Marie"}"#);
    let base = format!("http://{}", catcher.http_address());
    let connectors = Connectors::new(catalog(), settings(&[("crm", "base_url", &base)]), secrets());
    let sensitive = vec![json!("Ann-Marie")];
    let request = Request { sensitive, ..request("crm.pay", json!({"card": "1", "name": "Ann-Marie"})) };
    let failure = connectors.call(&request).await.unwrap_err();
    assert_eq!(catcher.requests().remove(0).json()["name"], "Ann-Marie");
    let shown = format!("{} {}", failure.message, failure.detail);
    assert!(!shown.contains("Ann-Marie") && shown.contains("no such person: ***"), "{shown}");
}

#[tokio::test]
async fn unknown_actions_are_refused() {
    let connectors = Connectors::new(catalog(), ConnectionSettings::default(), secrets());
    for action in ["crm.nope", "nope.x", "nope"] {
        let failure = connectors.call(&request(action, json!({}))).await.unwrap_err();
        assert!(failure.certain && !failure.retryable);
    }
}

#[test]
fn several_webhook_secrets_may_be_valid_at_once() {
    let given =
        settings(&[("crm", "base_url", "http://x"), ("crm", "webhook_secret", "secret:TOKEN secret:TOKEN")]);
    let connectors = Connectors::new(catalog(), given, secrets());
    assert_eq!(connectors.webhook_secrets("crm"), ["t0p-secret", "t0p-secret"]);
    assert_eq!(connectors.webhook_secrets("mail"), Vec::<&str>::new());
}

#[tokio::test]
async fn calls_reach_private_addresses_only_where_the_operator_opened_them() {
    let catcher = Catcher::start().await.unwrap();
    let url = format!("http://{}/x", catcher.http_address());
    let get = |given| {
        let connectors = Connectors::new(shipped(), given, secrets());
        let request = request("http.get", json!({ "url": url }));
        async move { connectors.call(&request).await }
    };
    let refused = get(ConnectionSettings::default()).await.unwrap_err();
    assert!(refused.message.contains("private network"), "{}", refused.message);
    assert!(refused.certain && !refused.retryable);
    assert_eq!(catcher.requests().len(), 0);
    let mut opened = ConnectionSettings::default();
    opened.allow("127.0.0.0/8".parse().unwrap());
    assert!(get(opened).await.is_ok());
    let base = format!("http://{}", catcher.http_address());
    assert!(get(settings(&[("crm", "base_url", &base)])).await.is_ok());
    assert_eq!(catcher.requests().len(), 2);
}

fn shipped() -> Arc<Catalog> {
    Arc::new(hence_schema::catalog(&mut hence_diagnostics::Sources::default(), &[]).0)
}

const SHIP: &str = r#"{
  "hence": 1, "id": "depot", "title": "Depot", "version": "1",
  "actions": { "ship": {
    "class": "queryable",
    "params": { "type": "object", "properties": { "order": { "type": "string" } } },
    "result": { "type": "object", "properties": { "id": { "type": "string" } } },
    "call": { "kind": "http", "method": "POST", "url": "/parcels", "body": { "order": "{order}", "key": "{call.key}" } },
    "lookup": {
      "call": { "kind": "http", "method": "GET", "url": "/parcels?key={call.key}", "missing": [404] },
      "done": "/parcels/0"
    }
  } },
  "connection": { "settings": { "base_url": {} } }
}"#;

fn depot(given: &[(&str, &str, &str)]) -> Connectors {
    let mut sources = hence_diagnostics::Sources::new();
    let file = sources.add("depot.json", SHIP);
    let (catalog, diagnostics) = hence_schema::catalog(&mut sources, &[file]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    Connectors::new(Arc::new(catalog), settings(given), secrets())
}

fn attempt(attempt: u32) -> Request {
    Request { attempt, ..request("depot.ship", json!({"order": "o1"})) }
}

#[tokio::test]
async fn what_can_be_asked_for_is_asked_for_before_it_is_done_once_more() {
    let catcher = Catcher::start().await.unwrap();
    let base = format!("http://{}", catcher.http_address());
    let depot = depot(&[("depot", "base_url", &base)]);
    let paths = || -> Vec<String> {
        catcher.requests().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    };
    catcher.answer_next(503, "");
    let failure = depot.call(&attempt(1)).await.unwrap_err();
    assert!(!failure.certain && failure.retryable);
    assert_eq!(paths(), ["POST /parcels"], "the first time there is nothing to ask for");

    catcher.answer_next(200, r#"{"parcels": []}"#);
    catcher.answer_next(201, r#"{"id": "p1"}"#);
    let made = depot.call(&attempt(2)).await.unwrap();
    assert_eq!(made.result, json!({"id": "p1"}));
    assert_eq!(paths()[1..], ["GET /parcels?key=k", "POST /parcels"]);
    let keys: Vec<_> =
        catcher.requests().iter().map(|request| request.header("idempotency-key").is_some()).collect();
    assert_eq!(keys, [true, false, true], "a question is not the call");

    catcher.answer_next(200, r#"{"parcels": [{"id": "p1"}]}"#);
    let found = depot.call(&attempt(3)).await.unwrap();
    assert_eq!(found.result, json!({"id": "p1"}));
    assert_eq!(found.detail["lookup"]["response"]["status"], json!(200));
    assert_eq!(paths()[3..], ["GET /parcels?key=k"]);

    catcher.answer_next(404, "");
    catcher.answer_next(201, r#"{"id": "p2"}"#);
    assert_eq!(depot.call(&attempt(2)).await.unwrap().result, json!({"id": "p2"}));

    catcher.answer_next(503, "down");
    let failure = depot.call(&attempt(2)).await.unwrap_err();
    assert!(
        failure.message.starts_with("whether `depot.ship` was done could not be asked: "),
        "{}",
        failure.message
    );
    assert!(!failure.certain && failure.retryable);
    assert_eq!(paths().len(), 7, "not known, so not done");
}

#[tokio::test]
async fn a_system_that_fails_again_and_again_is_left_alone_and_others_are_not() {
    let catcher = Catcher::start().await.unwrap();
    let base = format!("http://{}", catcher.http_address());
    let depot = depot(&[("depot", "base_url", &base), ("crm", "base_url", &base)]);
    for _ in 0..10 {
        catcher.answer_next(500, "");
        depot.call(&attempt(1)).await.unwrap_err();
    }
    let failure = depot.call(&attempt(1)).await.unwrap_err();
    assert_eq!(failure.message, "not called: `depot` failed too often and is left alone for a while");
    assert!(failure.certain && failure.retryable && !failure.postponed);
    assert!((1..=3).contains(&failure.after), "{}", failure.after);
    assert_eq!(catcher.requests().len(), 10);
    let tag = request("crm.add_tag", json!({"user": "m1", "tag": "vip"}));
    assert!(depot.call(&tag).await.is_ok());
}

#[tokio::test]
async fn no_call_is_made_after_the_stop_and_none_is_lost() {
    let catcher = Catcher::start().await.unwrap();
    let base = format!("http://{}", catcher.http_address());
    let depot = depot(&[("depot", "base_url", &base), ("depot", "concurrency", "1")]);
    assert_eq!(depot.problems(), []);
    depot.stop();
    let failure = depot.call(&attempt(1)).await.unwrap_err();
    assert!(failure.certain && failure.postponed, "{}", failure.message);
    assert_eq!(catcher.requests().len(), 0);
}

#[test]
fn how_many_calls_go_somewhere_at_a_time_is_a_number() {
    for (given, is_wrong) in [("8", false), ("0", true), ("many", true), ("-1", true)] {
        let depot = depot(&[("depot", "base_url", "http://x"), ("depot", "concurrency", given)]);
        let told: Vec<_> = depot.problems().iter().map(|problem| problem.message.clone()).collect();
        let expected = format!(
            "setting `concurrency` of integration `depot`: `{given}` is no number of calls from 1 to 65535"
        );
        assert_eq!(told, if is_wrong { vec![expected] } else { Vec::new() });
    }
}

#[tokio::test]
async fn a_question_in_a_database_does_not_stand_for_what_it_asks_for() {
    const BOOK: &str = r#"{
      "hence": 1, "id": "book", "title": "Book", "version": "1",
      "actions": { "enter": {
        "class": "queryable",
        "params": { "type": "object", "properties": { "text": { "type": "string" } } },
        "call": { "kind": "sql", "statements": ["INSERT INTO lines (key, text) VALUES ({call.key}, {text})"] },
        "lookup": { "call": { "kind": "sql", "statements": ["SELECT text FROM lines WHERE key = {call.key}"] } }
      } },
      "connection": { "settings": { "database": {} } }
    }"#;
    let folder = tempfile::tempdir().unwrap();
    let lines = rusqlite::Connection::open(folder.path().join("book.db")).unwrap();
    lines.execute_batch("CREATE TABLE lines (key TEXT, text TEXT)").unwrap();
    let mut sources = hence_diagnostics::Sources::new();
    let file = sources.add("book.json", BOOK);
    let (catalog, diagnostics) = hence_schema::catalog(&mut sources, &[file]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let mut given = settings(&[("book", "database", "sqlite:book.db")]);
    given.set_root(folder.path());
    let book = Connectors::new(Arc::new(catalog), given, secrets());
    let enter = Request { attempt: 2, ..request("book.enter", json!({"text": "a"})) };
    book.call(&enter).await.unwrap();
    let count = || lines.query_row("SELECT count(*) FROM lines", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count(), 1, "it had not been done, so it is");
    let again = book.call(&enter).await.unwrap();
    assert_eq!((again.result, count()), (json!({"text": "a"}), 1));
}
