//! Browsers that are signed in: what their cookie is good for, and what it is not.

use std::sync::{Arc, Mutex};

use hence_engine::Clock;
use hence_types::jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use hence_connectors::ConnectionSettings;
use hence_connectors::catcher::Catcher;
use hence_server::serve;

use crate::support::{Daemon, daemon, options};
use crate::tokens::made;

/// A browser without anything but its cookies.
struct Browser<'a> {
    daemon: &'a Daemon,
    cookies: String,
    csrf: String,
}

/// An answer: its status, its cookies, its JSON.
type Answered = (u16, Vec<String>, Json);

async fn send(request: reqwest::RequestBuilder) -> Answered {
    let response = request.send().await.unwrap();
    let cookies = response.headers().get_all("set-cookie").iter();
    let cookies = cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
    let status = response.status().as_u16();
    (status, cookies, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
}

fn bare() -> reqwest::Client {
    let builder = reqwest::Client::builder().pool_max_idle_per_host(0);
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn signed_in<'a>(daemon: &'a Daemon, token: &str) -> Browser<'a> {
    let request = bare().post(daemon.url("/v1/session")).body(json!({"token": token}).to_string());
    let (status, cookies, answer) = send(request.header("origin", daemon.url(""))).await;
    assert_eq!(status, 201, "{answer}");
    let pairs: Vec<&str> = cookies.iter().map(|cookie| cookie.split(';').next().unwrap()).collect();
    Browser { daemon, cookies: pairs.join("; "), csrf: answer["csrf"].as_str().unwrap().to_owned() }
}

impl Browser<'_> {
    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answered {
        let request = bare().request(method.parse().unwrap(), self.daemon.url(path));
        let request = request.header("cookie", &self.cookies).body("{}");
        send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }
}

#[tokio::test]
async fn a_cookie_is_strict_out_of_reach_of_scripts_and_kept_as_a_hash() {
    let daemon = daemon().await;
    let request = bare().post(daemon.url("/v1/session")).body(json!({"token": daemon.token}).to_string());
    let (status, cookies, answer) = send(request).await;
    assert_eq!((status, &answer["token"], &answer["role"]), (201, &json!("first"), &json!("admin")));
    let [session, csrf] = &cookies[..] else { panic!("{cookies:?}") };
    let flags = "; Path=/; Max-Age=43200; SameSite=Strict";
    assert!(session.starts_with("hence_session=hence_") && session.ends_with(&format!("{flags}; HttpOnly")));
    assert_eq!(*csrf, format!("hence_csrf={}{flags}", answer["csrf"].as_str().unwrap()));
    let secret = session.split(['=', ';']).nth(1).unwrap();
    let (folder, _catcher) = daemon.stop().await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[tokio::test]
async fn a_session_may_what_its_token_may_and_ends_with_it() {
    let daemon = daemon().await;
    let viewer = made(&daemon, "ann", "viewer").await;
    let browser = signed_in(&daemon, &viewer).await;
    let (status, _, me) = browser.ask("GET", "/v1/session", &[]).await;
    assert_eq!((status, &me["token"], &me["csrf"]), (200, &json!("ann"), &json!(browser.csrf)));
    assert_eq!(browser.ask("GET", "/v1/rules", &[]).await.0, 200);
    assert_eq!(browser.ask("GET", "/v1/tokens", &[]).await.2["code"], "forbidden");
    daemon.ask("DELETE", "/v1/tokens/ann", Some(&daemon.token), "").await;
    assert_eq!(browser.ask("GET", "/v1/rules", &[]).await.2["code"], "unauthorized");
}

#[tokio::test]
async fn what_changes_something_needs_the_page_and_what_it_repeats() {
    let daemon = daemon().await;
    let browser = signed_in(&daemon, &daemon.token).await;
    let other = signed_in(&daemon, &daemon.token).await;
    let own = daemon.url("");
    let path = "/v1/rules/confirm/run";
    let refused = [
        (vec![], "foreign-origin"),
        (vec![("hence-csrf", &*browser.csrf)], "foreign-origin"),
        (vec![("origin", &*own)], "csrf"),
        (vec![("origin", &own), ("hence-csrf", "")], "csrf"),
        (vec![("origin", &own), ("hence-csrf", &other.csrf)], "csrf"),
        // Another port of this machine is another origin, though cookies do not tell ports apart.
        (vec![("origin", "http://127.0.0.1:1"), ("hence-csrf", &browser.csrf)], "foreign-origin"),
        (vec![("origin", "https://evil.example"), ("hence-csrf", &browser.csrf)], "foreign-origin"),
        (vec![("origin", "null"), ("hence-csrf", &browser.csrf)], "foreign-origin"),
    ];
    for (headers, code) in refused {
        let (status, _, answer) = browser.ask("POST", path, &headers).await;
        assert_eq!((status, &answer["code"]), (403, &json!(code)), "{headers:?}");
    }
    let (_, _, taken) = browser.ask("POST", path, &[("origin", &own), ("hence-csrf", &browser.csrf)]).await;
    assert_eq!(taken["code"], "not-manual");
    // What only asks is refused to the pages of others as well.
    let (status, _, _) = browser.ask("GET", "/v1/live", &[("origin", "http://127.0.0.1:1")]).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_both_are_recorded() {
    let daemon = daemon().await;
    let browser = signed_in(&daemon, &daemon.token).await;
    let own = daemon.url("");
    let headers = [("origin", &*own), ("hence-csrf", &*browser.csrf)];
    let (status, cookies, _) = browser.ask("DELETE", "/v1/session", &headers).await;
    assert_eq!((status, cookies.len()), (204, 2));
    assert!(cookies.iter().all(|cookie| cookie.contains("Max-Age=0")), "{cookies:?}");
    assert_eq!(browser.ask("GET", "/v1/rules", &[]).await.0, 401);
    let lines = daemon.get("/v1/audit").await.json;
    let actions: Vec<_> =
        lines["items"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["DELETE /v1/session", "POST /v1/session"]);
    daemon.ask("DELETE", "/v1/session", Some(&daemon.token), "").await.problem(409, "no-session");
}

/// A clock that the test moves.
#[derive(Debug, Clone)]
pub(crate) struct Moved(pub(crate) Arc<Mutex<Timestamp>>);

impl Moved {
    pub(crate) fn now_on() -> Self {
        Self(Arc::new(Mutex::new(Timestamp::now())))
    }

    pub(crate) fn by(&self, duration: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(duration).unwrap();
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

async fn on(clock: &Moved) -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(&folder, ConnectionSettings::default());
    options.clock = Arc::new(clock.clone());
    let handle = serve(options, std::future::pending()).await.unwrap();
    Daemon::new(handle, Catcher::start().await.unwrap(), folder)
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let clock = Moved::now_on();
    let daemon = on(&clock).await;
    let browser = signed_in(&daemon, &daemon.token).await;
    clock.by(SignedDuration::from_mins(12 * 60 - 1));
    assert_eq!(browser.ask("GET", "/v1/rules", &[]).await.0, 200);
    clock.by(SignedDuration::from_mins(1));
    assert_eq!(browser.ask("GET", "/v1/rules", &[]).await.0, 401);
}

#[tokio::test]
async fn a_link_shows_a_page_and_signs_in_once_within_an_hour() {
    let clock = Moved::now_on();
    let daemon = on(&clock).await;
    let link = daemon.handle.sign_in().unwrap();
    let response = bare().get(&link).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    let text = link.split("link=").nth(1).unwrap();
    assert!(response.text().await.unwrap().contains(&format!("value=\"{text}\"")));
    let follow = async |origin: &str| {
        let request = bare().post(daemon.url("/v1/session")).body(format!("link={text}"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        send(request.header("origin", origin)).await
    };
    assert_eq!(follow("https://evil.example").await.2["code"], "foreign-origin");
    let (status, cookies, _) = follow(&daemon.url("")).await;
    assert_eq!((status, cookies.len()), (303, 2));
    assert_eq!(follow(&daemon.url("")).await.0, 401);
    let refused = bare().get(daemon.url("/sign-in?link=%22%3E%3Cscript%3E")).send().await.unwrap();
    assert_eq!(refused.status(), 400);

    let late = Moved::now_on();
    let daemon = on(&late).await;
    late.by(SignedDuration::from_hours(1));
    let link = daemon.handle.sign_in().unwrap();
    let body = json!({"link": link.split("link=").nth(1).unwrap()}).to_string();
    assert_eq!(send(bare().post(daemon.url("/v1/session")).body(body)).await.0, 401);
}

#[tokio::test]
async fn a_socket_with_a_cookie_is_for_pages_of_the_daemon_alone() {
    let daemon = daemon().await;
    let browser = signed_in(&daemon, &daemon.token).await;
    let connect = async |origin: Option<&str>| {
        let mut request = daemon.url("/lsp").replace("http:", "ws:").into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "hence.lsp".parse().unwrap());
        headers.insert("cookie", browser.cookies.parse().unwrap());
        origin.map(|origin| headers.insert("origin", origin.parse().unwrap()));
        match connect_async(request).await {
            Ok(_) => 101,
            Err(Error::Http(answer)) => answer.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(connect(Some(&daemon.url(""))).await, 101);
    assert_eq!(connect(None).await, 403);
    assert_eq!(connect(Some("http://127.0.0.1:1")).await, 403);
    assert_eq!(connect(Some("https://evil.example")).await, 403);
}

#[tokio::test]
async fn a_session_outlives_a_restart_of_the_daemon() {
    let daemon = daemon().await;
    let (cookies, csrf) = {
        let browser = signed_in(&daemon, &daemon.token).await;
        (browser.cookies.clone(), browser.csrf.clone())
    };
    let (folder, catcher) = daemon.stop().await;
    let connections = crate::support::settings(&catcher);
    let daemon = crate::support::daemon_on(folder, catcher, connections).await;
    let browser = Browser { daemon: &daemon, cookies, csrf };
    let (status, _, me) = browser.ask("GET", "/v1/session", &[]).await;
    assert_eq!((status, &me["csrf"]), (200, &json!(browser.csrf)));
}
