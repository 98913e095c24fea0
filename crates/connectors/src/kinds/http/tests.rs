//! Requests against servers on the loopback address, well and badly behaved.

use super::*;
use crate::catcher::Catcher;
use crate::secrets::Secrets;
use indexmap::IndexMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

struct Setup {
    settings: IndexMap<String, String>,
    arguments: Json,
    call: HttpCall,
    wants_result: bool,
    secrets: Secrets,
}

fn setup(base: &str) -> Setup {
    let text =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let secrets = Secrets::none();
    secrets.remember("t0p");
    Setup {
        settings: text(&[("base_url", base), ("token", "t0p"), ("none", "")]),
        arguments: json!({"user": "ann/b", "tag": "vip", "tags": ["a&b", "c"], "id": 820982911946154508_i64}),
        call: HttpCall {
            method: "post".to_owned(),
            url: "/members/{user}/tags?t={connection.token}".to_owned(),
            query: text(&[("tags", "{tags}"), ("page", "{page}"), ("q", "a {tag}")]).into_iter().collect(),
            headers: text(&[("authorization", "Bearer {connection.token}"), ("x-none", "{connection.none}")]),
            body: Some(json!({"tag": "{tag}", "id": "{id}", "gone": "{gone}", "t": "{connection.token}"})),
            encoding: Default::default(),
            missing: Vec::new(),
            error: None,
        },
        wants_result: false,
        secrets,
    }
}

fn within(total: Duration, allowed: &[&str]) -> Clients {
    Clients::within(total, Guard::new(allowed.iter().map(|text| text.parse().unwrap()).collect())).unwrap()
}

impl Setup {
    async fn run(&self) -> Result<Response, Failure> {
        self.run_with(&within(Duration::from_millis(500), &["127.0.0.0/8"])).await
    }

    async fn run_with(&self, clients: &Clients) -> Result<Response, Failure> {
        let request = Request {
            action: "crm.add_tag".into(),
            arguments: self.arguments.as_object().unwrap().clone(),
            key: "key-1".to_owned(),
            attempt: 1,
            timeout: None,
            ..Request::default()
        };
        let scope = Scope { arguments: &request.arguments, settings: &self.settings, key: &request.key };
        let mask = self.secrets.mask_with([]);
        call(clients, &self.call, scope, &request, (Purpose::Do, self.wants_result), &mask).await
    }
}

/// Answers every connection with these bytes after the head of its request, then closes it.
async fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(&answer).await;
            if answer.is_empty() {
                // Neither answers nor closes.
                std::future::pending::<()>().await;
            }
        }
    });
    base
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test]
async fn the_request_carries_everything_and_the_history_no_secret() {
    let catcher = Catcher::start().await.unwrap();
    catcher.answer_next(201, r#"{"id": 7, "echo": "t0p"}"#);
    let setup = setup(&format!("http://{}/api/", catcher.http_address()));
    let response = setup.run().await.unwrap();
    assert_eq!(response.result, json!({"id": 7, "echo": "t0p"}));
    let request = catcher.requests().remove(0);
    let address = "/api/members/ann%2Fb/tags?t=t0p&tags=a%26b&tags=c&q=a+vip";
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", address));
    assert_eq!(request.json(), json!({"tag": "vip", "id": 820982911946154508_i64, "t": "t0p"}));
    assert_eq!(request.header("idempotency-key"), Some("key-1"));
    assert_eq!(request.header("authorization"), Some("Bearer t0p"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("x-none"), None);
    assert!(request.header("user-agent").unwrap().starts_with("hence/"));
    let shown = response.detail.to_string();
    assert!(!shown.contains("t0p"), "{shown}");
    assert_eq!(response.detail["request"]["body"]["t"], "***");
    assert_eq!(response.detail["response"], json!({"status": 201, "body": {"id": 7, "echo": "***"}}));
}

#[tokio::test]
async fn the_answers_status_says_whether_to_try_again() {
    let catcher = Catcher::start().await.unwrap();
    let setup = setup(&format!("http://{}", catcher.http_address()));
    let cases = [
        (400, false, true),
        (404, false, true),
        (408, true, false),
        (409, false, true),
        (429, true, true),
        (500, true, false),
        (503, true, false),
        (302, false, true),
    ];
    for (status, retryable, certain) in cases {
        catcher.answer_next(status, "{\"error\": \"t0p is wrong\"}\nmore");
        let failure = setup.run().await.unwrap_err();
        assert_eq!((failure.retryable, failure.certain), (retryable, certain), "{status}");
        assert!(failure.message.contains(&status.to_string()), "{}", failure.message);
        assert!(!failure.message.contains("t0p") && !failure.message.contains("more"), "{}", failure.message);
        assert_eq!(failure.detail["response"]["status"], status);
    }
}

#[tokio::test]
async fn a_refused_connection_is_certain() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure = setup(&base).run_with(&within(TOTAL_TIMEOUT, &["127.0.0.0/8"])).await.unwrap_err();
    assert!(failure.certain && failure.retryable, "{}", failure.message);
    assert!(failure.message.starts_with("no connection to `127.0.0.1:"), "{}", failure.message);
    assert!(failure.detail["response"].is_null());
}

#[tokio::test]
async fn no_answer_or_half_an_answer_is_not_certain() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":".to_vec();
    for answer in [Vec::new(), half, b"HTTP/1.1".to_vec()] {
        let failure = setup(&server(answer).await).run().await.unwrap_err();
        assert!(!failure.certain && failure.retryable, "{}", failure.message);
    }
}

#[tokio::test]
async fn bodies_are_json_text_nothing_or_too_large() {
    let setup_of = |base: String| setup(&base);
    let text = setup_of(server(ok("thanks")).await).run().await.unwrap();
    assert_eq!(text.result, json!("thanks"));
    let nothing = setup_of(server(ok("")).await).run().await.unwrap();
    assert_eq!(nothing.result, Json::Null);
    let large = server(ok(&"x".repeat(BODY_LIMIT + 1))).await;
    let mut setup = setup(&large);
    let ignored = setup.run_with(&within(TOTAL_TIMEOUT, &["127.0.0.0/8"])).await.unwrap();
    assert_eq!(ignored.result, Json::Null);
    assert!(ignored.detail["response"]["body"].as_str().unwrap().len() < 2100);
    setup.wants_result = true;
    let failure = setup.run_with(&within(TOTAL_TIMEOUT, &["127.0.0.0/8"])).await.unwrap_err();
    assert!(!failure.certain && !failure.retryable);
    assert!(failure.message.ends_with("is larger than 1 MiB"), "{}", failure.message);
}

#[tokio::test]
async fn a_secret_at_the_cut_of_an_excerpt_is_not_shown_by_halves() {
    let body = format!("{}t0p{}", "x".repeat(2046), "y".repeat(100));
    let failure = setup(&server(ok(&body)).await).run().await.unwrap();
    let shown = failure.detail["response"]["body"].as_str().unwrap();
    assert!(shown.ends_with("x**…") && !shown.contains("t0"), "{shown}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is() {
    let catcher = Catcher::start().await.unwrap();
    let base = format!("http://{}", catcher.http_address());
    let refuse = async |change: fn(&mut Setup), expected: &str| {
        let mut setup = setup(&base);
        change(&mut setup);
        let failure = setup.run().await.unwrap_err();
        assert!(failure.certain && !failure.retryable);
        assert!(failure.message.contains(expected), "{}", failure.message);
    };
    refuse(|s| s.arguments = json!({"user": ".."}), "would have a part `.` or `..`").await;
    refuse(|s| s.arguments = json!({}), "`user` has no value").await;
    refuse(|s| s.call.method = "GE T".to_owned(), "is no HTTP method").await;
    refuse(|s| s.settings = IndexMap::new(), "the connection has no setting `token`").await;
    refuse(
        |s| {
            s.settings.insert("base_url".to_owned(), "ftp://x".to_owned());
        },
        "neither HTTP nor HTTPS",
    )
    .await;
    refuse(
        |s| {
            s.arguments = json!({"user": "a", "note": "a\r\nx: y"});
            s.call.headers.insert("x-note".to_owned(), "{note}".to_owned());
        },
        "header `x-note` has a line break or NUL",
    )
    .await;
    assert_eq!(catcher.requests(), []);
}

#[test]
fn relative_addresses_go_to_the_base_and_absolute_ones_do_not() {
    let base = "http://crm.test/api/".to_owned();
    let go = |url: &str| target(url, Some(&base)).map(|url| url.to_string());
    assert_eq!(go("/members").unwrap(), "http://crm.test/api/members");
    assert_eq!(go("@evil.test/x").unwrap(), "http://crm.test/api/@evil.test/x");
    assert_eq!(go("//evil.test/x").unwrap(), "http://crm.test/api/evil.test/x");
    assert_eq!(go("https://other.test/x").unwrap(), "https://other.test/x");
    assert!(target("/members", None).is_err());
}

#[test]
fn a_password_in_the_address_is_not_shown() {
    let url = Url::parse("http://ann:pass@crm.test/x").unwrap();
    let prepared = Prepared { method: Method::GET, url, headers: HeaderMap::new(), body: None };
    assert_eq!(prepared.shown_url(), "http://ann:***@crm.test/x");
}

#[tokio::test]
async fn a_form_is_sent_as_one() {
    let catcher = Catcher::start().await.unwrap();
    let mut setup = setup(&format!("http://{}", catcher.http_address()));
    setup.call.body = Some(json!({"To": "{user}", "Body": "a & {tag}", "Gone": "{gone}"}));
    setup.call.encoding = Encoding::Form;
    setup.run().await.unwrap();
    let request = catcher.requests().remove(0);
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.body, "To=ann%2Fb&Body=a+%26+vip");
}

#[tokio::test]
async fn an_answer_of_200_that_has_an_error_is_a_failure() {
    let catcher = Catcher::start().await.unwrap();
    let mut setup = setup(&format!("http://{}", catcher.http_address()));
    setup.call.error = Some("/errors/0/message".to_owned());
    catcher.answer_next(200, r#"{"errors": [{"message": "no board t0p"}], "data": null}"#);
    let failure = setup.run().await.unwrap_err();
    assert!(failure.message.ends_with("it did not succeed: no board ***"), "{}", failure.message);
    assert_eq!((failure.certain, failure.retryable), (true, false));
    catcher.answer_next(200, r#"{"data": {"id": 7}, "errors": []}"#);
    assert_eq!(setup.run().await.unwrap().result["data"]["id"], 7);
}

#[tokio::test]
async fn a_read_of_what_is_not_there_is_missing_and_no_failure() {
    let catcher = Catcher::start().await.unwrap();
    let mut setup = setup(&format!("http://{}", catcher.http_address()));
    setup.wants_result = true;
    setup.call.missing = vec![404];
    catcher.answer_next(404, "{\"error\": \"no such member\"}");
    let response = setup.run().await.unwrap();
    assert_eq!(response.result, Json::Null);
    assert_eq!(response.detail["response"]["status"], 404);
    catcher.answer_next(410, "{\"error\": \"gone\"}");
    assert!(setup.run().await.is_err());
}

#[tokio::test]
async fn the_wait_that_an_answer_asks_for_is_told() {
    let asked = async |head: &str| {
        let answer = format!("HTTP/1.1 503 Busy\r\n{head}content-length: 0\r\n\r\n").into_bytes();
        let failure = setup(&server(answer).await).run().await.unwrap_err();
        failure.after
    };
    assert_eq!(asked("retry-after: 120\r\n").await, 120);
    let date = "date: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
    assert_eq!(asked(&format!("{date}retry-after: Wed, 21 Oct 2015 07:29:30 GMT\r\n")).await, 90);
    for nothing in
        ["", "retry-after: soon\r\n", "retry-after: -5\r\n", "retry-after: Wed, 21 Oct 2015 07:29:30 GMT\r\n"]
    {
        assert_eq!(asked(nothing).await, 0, "{nothing}");
    }
    assert_eq!(asked(&format!("{date}retry-after: Wed, 21 Oct 2015 07:27:00 GMT\r\n")).await, 0);
}
