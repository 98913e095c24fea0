//! Limits: how often somebody may ask, how large and how slow a request may be, how many connections there may be. Every limit
//! is set small, so that reaching it takes no time.

use std::sync::Arc;
use std::time::Duration;

use hence_connectors::catcher::Catcher;
use hence_server::{Limits, Surface, serve};
use hence_types::jiff::SignedDuration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::sessions::Moved;
use crate::support::{Daemon, PATIENCE, options, settings};
use crate::tokens::made;

pub(crate) async fn limited(limits: Limits, clock: &Moved) -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    let catcher = Catcher::start().await.unwrap();
    let mut options = options(&folder, settings(&catcher));
    options.clock = Arc::new(clock.clone());
    options.surface = Surface { limits, ..Surface::default() };
    Daemon::new(serve(options, std::future::pending()).await.unwrap(), catcher, folder)
}

#[tokio::test]
async fn a_token_that_asks_too_often_is_told_when_to_ask_again_and_others_are_not() {
    let clock = Moved::now_on();
    let daemon = limited(Limits { token_rate: 3, ..Limits::default() }, &clock).await;
    let viewer = made(&daemon, "ann", "viewer").await;
    let ask = async |token: &str| {
        daemon
            .client
            .get(daemon.url("/v1/rules"))
            .header("authorization", format!("Bearer {token}"))
            .send()
            .await
            .unwrap()
    };
    let header = |answer: &reqwest::Response, name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    for left in [2, 1, 0] {
        let answer = ask(&viewer).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "ratelimit-policy"), "\"token\";q=3;w=1");
        assert_eq!(header(&answer, "ratelimit"), format!("\"token\";r={left};t=1"));
    }
    let answer = ask(&viewer).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "retry-after")), (429, "1".to_owned()));
    assert_eq!(header(&answer, "ratelimit"), "\"token\";r=0;t=1");
    let problem: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(problem["code"], "too-often");
    assert_eq!(ask(&daemon.token).await.status(), 200);
    // Nobody is counted who is not known.
    assert_eq!(ask("hence_wrong").await.status(), 401);
    clock.by(SignedDuration::from_secs(1));
    assert_eq!(ask(&viewer).await.status(), 200);
}

#[tokio::test]
async fn webhooks_are_counted_for_each_integration_before_anything_else_is_looked_at() {
    let clock = Moved::now_on();
    let daemon = limited(Limits { hook_rate: 2, ..Limits::default() }, &clock).await;
    let send = async |integration: &str| daemon.post(&format!("/hooks/{integration}"), &[], "{}").await;
    send("shop").await.problem(401, "invalid-signature");
    send("shop").await.problem(401, "invalid-signature");
    send("shop").await.problem(429, "too-often");
    assert_ne!(send("github").await.status, 429);
    send("nothing").await.problem(400, "unknown-integration");
    clock.by(SignedDuration::from_secs(1));
    send("shop").await.problem(401, "invalid-signature");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let daemon = limited(Limits { body: 100, ..Limits::default() }, &Moved::now_on()).await;
    let post = async |body: String| daemon.post("/v1/events/shop/order.created", &[], body).await;
    let told = post("x".repeat(101)).await.problem(413, "too-large");
    assert_eq!(told, "the body is larger than 100 bytes, which `[limits] body_kib` of hence.toml allows");
    post("x".repeat(100)).await.problem(400, "invalid-json");
    // A release has a limit of its own.
    daemon.post("/v1/releases", &[], "x".repeat(101)).await.problem(400, "invalid-json");
    let told = daemon.post("/v1/check", &[], "x".repeat(101)).await.problem(413, "too-large");
    assert!(told.contains("`[limits] body_kib`"), "{told}");
}

/// A connection that is spoken to by hand.
async fn connect(daemon: &Daemon) -> TcpStream {
    TcpStream::connect(daemon.handle.address()).await.unwrap()
}

/// Reads until the daemon closes the connection.
async fn heard(stream: &mut TcpStream) -> String {
    let mut told = Vec::new();
    let reading = stream.read_to_end(&mut told);
    // A connection that is reset is closed, too.
    let _ = tokio::time::timeout(PATIENCE, reading).await.unwrap();
    String::from_utf8_lossy(&told).into_owned()
}

#[tokio::test]
async fn a_head_or_a_body_that_does_not_come_to_an_end_is_not_waited_for() {
    let limits =
        Limits { head: Duration::from_millis(50), request: Duration::from_millis(50), ..Limits::default() };
    let daemon = limited(limits, &Moved::now_on()).await;
    for begun in ["", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: a"] {
        let mut stream = connect(&daemon).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert!(!heard(&mut stream).await.contains("200 OK"), "{begun}");
    }
    let mut stream = connect(&daemon).await;
    let begun = "POST /hooks/shop HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(begun.as_bytes()).await.unwrap();
    let told = heard(&mut stream).await;
    assert!(told.starts_with("HTTP/1.1 408 ") && told.contains("\"code\":\"timeout\""), "{told}");
    // One that is done and asks nothing more is not kept for ever.
    let mut stream = connect(&daemon).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    assert!(heard(&mut stream).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let short = Duration::from_millis(50);
    let daemon = limited(Limits { head: short, request: short, ..Limits::default() }, &Moved::now_on()).await;
    let mut stream = connect(&daemon).await;
    let head = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(1_000_000));
    let _ = stream.write_all(head.as_bytes()).await;
    let told = heard(&mut stream).await;
    assert!(told.starts_with("HTTP/1.1 431 "), "{told}");
}

#[tokio::test]
async fn idle_connections_and_slow_clients_take_nobody_s_place() {
    let daemon = limited(Limits { connections: 20, ..Limits::default() }, &Moved::now_on()).await;
    let mut held = Vec::new();
    for number in 0..200 {
        let mut stream = connect(&daemon).await;
        let begun = match number % 3 {
            0 => "",
            1 => "GET /healthz HTTP/1.1\r\nhost: loc",
            _ => "POST /hooks/shop HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{",
        };
        // The daemon may have closed it for those that came after.
        let _ = stream.write_all(begun.as_bytes()).await;
        held.push(stream);
        if number % 20 == 0 {
            let answer = tokio::time::timeout(PATIENCE, daemon.get("/v1/rules")).await.unwrap();
            assert_eq!(answer.status, 200);
        }
    }
    assert_eq!(daemon.get("/v1/rules").await.status, 200);
    // The first made room; the last are still there.
    assert_eq!(heard(&mut held[0]).await, "");
}

#[tokio::test]
async fn an_answer_that_is_being_given_keeps_its_connection() {
    let daemon = limited(Limits { connections: 2, ..Limits::default() }, &Moved::now_on()).await;
    let mut watching = daemon.client.get(daemon.url("/v1/live")).send().await.unwrap();
    for _ in 0..10 {
        assert_eq!(daemon.get("/v1/rules").await.status, 200);
    }
    let order = crate::support::order("paid").to_string();
    assert_eq!(daemon.post("/v1/events/shop/order.created?id=e1", &[], order).await.status, 202);
    let told = tokio::time::timeout(PATIENCE, watching.chunk()).await.unwrap().unwrap().unwrap();
    assert!(told.starts_with(b"event: event\n"), "{told:?}");
}

#[tokio::test]
async fn what_is_under_way_is_answered_when_the_daemon_stops_and_idle_connections_do_not_hold_it() {
    let daemon = limited(Limits::default(), &Moved::now_on()).await;
    let mut idle = connect(&daemon).await;
    let mut begun = connect(&daemon).await;
    begun
        .write_all(b"POST /hooks/nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(daemon.get("/healthz").await.status, 200);
    daemon.handle.stop();
    begun.write_all(b"{}").await.unwrap();
    assert!(heard(&mut begun).await.starts_with("HTTP/1.1 400 "));
    assert_eq!(heard(&mut idle).await, "");
    tokio::time::timeout(PATIENCE, daemon.stop()).await.unwrap();
}
