//! `hence serve`: the daemon as a process of its own, sent what a provider sends, watched where it sends things to.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine as _;
use hence_connectors::catcher::Catcher;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Value as Json, json};
use sha2::Sha256;
use tempfile::TempDir;

use crate::support::{command, folder, hence, order, write};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const SECRET: &str = "the-shop-signs-with-this";

const RULES: &str = r##"
rule confirm "Confirmation"
  priority 8
when shop.order.created
then email.send(
       to: customer.email,
       subject: "Your order {number}",
       body: "Thank you for {total}.",
     )

rule big_order
when shop.order.created
if   total > 1000 EUR
then crm.add_tag(user: customer.id, tag: "big")

rule small_order
when shop.order.created
if   total < 10 EUR
then log.write(message: "small")
"##;

/// Returns a project whose mails and calls go to the catcher.
pub(crate) fn project(catcher: &Catcher) -> TempDir {
    let mail = catcher.mail_address();
    let manifest = format!(
        "name = \"shop\"\ntimezone = \"Europe/Berlin\"\n\n\
         [connections.email]\nhost = \"{}\"\nport = \"{}\"\nfrom = \"shop@example.com\"\n\n\
         [connections.crm]\nbase_url = \"http://{}\"\n\n\
         [connections.shop]\nwebhook_secret = \"secret:SHOP_SECRET\"\n",
        mail.ip(),
        mail.port(),
        catcher.http_address()
    );
    folder(&[("hence.toml", &manifest), ("rules/orders.rule", RULES)])
}

/// A running daemon. Killed where a test ends before it does.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) address: String,
    /// An administrator's token.
    pub(crate) token: String,
    log: mpsc::Receiver<String>,
    pub(crate) client: reqwest::Client,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer of the daemon.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Json,
}

impl Daemon {
    /// Starts the daemon and waits until it says where it listens.
    fn start(folder: &Path) -> Self {
        Self::serving(folder, &[])
    }

    /// Starts the daemon with further arguments.
    pub(crate) fn serving(folder: &Path, further: &[&str]) -> Self {
        Self::serving_in(folder, further, &[])
    }

    /// Starts the daemon with further arguments, in a further environment.
    pub(crate) fn serving_in(folder: &Path, further: &[&str], environment: &[(&str, &str)]) -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--store", "data/hence.db"];
        let arguments = [&arguments, further].concat();
        let mut child = command(folder, &arguments)
            .env("SHOP_SECRET", SECRET)
            .envs(environment.iter().copied())
            .spawn()
            .unwrap();
        let (lines, log) = mpsc::channel();
        let errors = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            // Reads on when nobody listens any more, so that the daemon never waits to write its log.
            for line in errors.lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let (mut heard, kept) = (Vec::new(), folder.join("token"));
        let address = loop {
            let line = log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it did not start: {heard:#?}"));
            if let Some(address) = line.strip_prefix("hence listens on ") {
                break address.to_owned();
            }
            if let Some((_, first)) = line.split_once("is shown only now: ") {
                std::fs::write(&kept, first).unwrap();
            }
            heard.push(line);
        };
        let token = std::fs::read_to_string(&kept).unwrap();
        Self { child, address, log, client: client(&token), token }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.client.get(format!("{}{path}", self.address))).await
    }

    /// Delivers an order as the shop does.
    pub(crate) async fn deliver(&self, id: &str, signature: &str, body: &[u8]) -> Answer {
        let request = self
            .client
            .post(format!("{}/hooks/shop", self.address))
            .header("content-type", "application/json")
            .header("x-shop-topic", "orders/create")
            .header("x-shop-delivery", id)
            .header("x-shop-hmac-sha256", signature);
        answer(request.body(body.to_vec())).await
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Json) -> bool) -> Json {
        let asking = async {
            loop {
                let answer = self.get(path).await.json;
                if wanted(&answer) {
                    return answer;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap()
    }

    /// Asks the daemon to load everything anew, as a service manager does.
    pub(crate) fn hang_up(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    }

    /// Waits until something stands in the log and returns the lines up to that, and those of the same message.
    pub(crate) fn logged(&self, wanted: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.contains(wanted)) {
            let line = self.log.recv_timeout(PATIENCE);
            lines.push(line.unwrap_or_else(|_| panic!("`{wanted}` is not in the log: {lines:#?}")));
        }
        // A message of several lines is written at once.
        while let Ok(line) = self.log.recv_timeout(Duration::from_millis(300)) {
            lines.push(line);
        }
        lines
    }

    /// Asks the daemon to end, as a service manager does, and returns how it ended and what it logged.
    pub(crate) async fn end(mut self) -> (ExitStatus, Vec<String>) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let ending = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                tokio::task::yield_now().await;
            }
        };
        let status = tokio::time::timeout(PATIENCE, ending).await.unwrap();
        let log = self.log.iter().collect();
        (status, log)
    }
}

/// A client that uses every connection once: the daemon closes those of bodies it refuses unread.
fn client(token: &str) -> reqwest::Client {
    let bearer = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
    reqwest::Client::builder().pool_max_idle_per_host(0).default_headers(headers).build().unwrap()
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    Answer { status, json: serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default() }
}

pub(crate) fn sign(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_webhook_becomes_a_mail_and_a_call_and_history() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let daemon = Daemon::start(project.path());
    let body = serde_json::to_vec(&order()).unwrap();
    let answer = daemon.deliver("d1", &sign(&body), &body).await;
    assert_eq!(answer.status, 202, "{answer:?}");

    let mails = catcher.wait_for_mails(1, PATIENCE).await.unwrap();
    assert_eq!(mails[0].to, ["robin@example.com"]);
    assert_eq!(mails[0].subject(), "Your order #1042");
    assert!(mails[0].text().contains("Thank you for 1199.00 EUR."), "{}", mails[0].source);
    let requests = catcher.wait_for_requests(1, PATIENCE).await.unwrap();
    assert!(requests[0].path.contains("cus_7f3k2a"), "{requests:?}");
    assert!(requests[0].body.contains("big"), "{requests:?}");

    let completed = |page: &Json| page["items"].as_array().is_some_and(|items| items.len() == 2);
    let page = daemon.until("/v1/executions?status=completed", completed).await;
    let confirm = page["items"].as_array().unwrap().iter().find(|item| item["rule"] == "confirm").unwrap();
    let id = confirm["id"].as_str().unwrap().to_owned();
    let execution = daemon.get(&format!("/v1/executions/{id}")).await.json;
    assert_eq!(execution["steps"][0]["action"], "email.send");
    assert_eq!(execution["steps"][0]["status"], "completed");
    assert_eq!(execution["steps"][0]["arguments"]["to"], "robin@example.com");

    let why = ["why", "--execution", &id, "--server", &daemon.address, "--token", &daemon.token];
    let ran = hence(project.path(), &why).exits(0);
    assert!(ran.out.starts_with("confirm matched shop.order.created d1\n"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_are_not_genuine_are_refused() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let daemon = Daemon::start(project.path());
    let body = serde_json::to_vec(&order()).unwrap();
    let signature = sign(&body);
    let forged = String::from_utf8(body.clone()).unwrap().replace("1199.00", "0.01").into_bytes();
    assert_eq!(daemon.deliver("d1", &signature, &forged).await.status, 401);
    assert_eq!(daemon.deliver("d2", "bm9uc2Vuc2U=", &body).await.status, 401);
    assert_eq!(daemon.deliver("d3", "", &body).await.status, 401);
    let unknown = daemon.client.post(format!("{}/hooks/shp", daemon.address)).body(body.clone());
    let unknown = answer(unknown).await;
    assert_eq!(unknown.status, 400, "{unknown:?}");
    assert!(unknown.json["detail"].as_str().unwrap().contains("shp"), "{unknown:?}");
    let large = vec![b' '; 2 << 20];
    assert_eq!(daemon.deliver("d4", &sign(&large), &large).await.status, 413);
    assert_eq!(daemon.get("/v1/executions").await.json["items"], json!([]));
    assert!(catcher.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn history_outlives_the_daemon_and_deliveries_count_once() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let body = serde_json::to_vec(&order()).unwrap();
    let signature = sign(&body);
    let completed = |page: &Json| page["items"].as_array().is_some_and(|items| items.len() == 2);

    let daemon = Daemon::start(project.path());
    assert_eq!(daemon.deliver("d1", &signature, &body).await.status, 202);
    daemon.until("/v1/executions?status=completed", completed).await;
    let again = daemon.deliver("d1", &signature, &body).await;
    assert_eq!((again.status, &again.json["events"][0]["duplicate"]), (202, &json!(true)), "{again:?}");
    let (status, log) = daemon.end().await;
    assert_eq!(status.code(), Some(0), "{log:#?}");
    assert!(log.iter().all(|line| !line.contains(SECRET)), "{log:#?}");

    let daemon = Daemon::start(project.path());
    let page = daemon.get("/v1/executions?status=completed").await.json;
    assert!(completed(&page), "{page}");
    let again = daemon.deliver("d1", &signature, &body).await;
    assert_eq!((again.status, &again.json["events"][0]["duplicate"]), (202, &json!(true)), "{again:?}");
    assert_eq!(daemon.deliver("d2", &signature, &body).await.status, 202);
    catcher.wait_for_mails(2, PATIENCE).await.unwrap();
    daemon
        .until("/v1/executions?status=completed", |page| {
            page["items"].as_array().is_some_and(|items| items.len() == 4)
        })
        .await;
    assert_eq!(catcher.mails().len(), 2);
    assert_eq!(daemon.end().await.0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_beyond_this_machine_are_refused() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let ran = hence(project.path(), &["serve", "--listen", "0.0.0.0:0", "--store", "data/hence.db"]).exits(2);
    assert!(ran.err.contains("can be reached from other machines"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_loaded_anew_and_is_as_it_was_is_not_called_other_rules() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let daemon = Daemon::start(project.path());
    daemon.hang_up();
    let log = daemon.logged("the rules are as they were");
    assert!(log.iter().all(|line| !line.contains("other rules run")), "{log:#?}");
    write(project.path(), "rules/orders.rule", RULES.replace("small", "tiny").as_bytes());
    daemon.logged("other rules run");
}

#[test]
fn every_line_of_what_keeps_the_daemon_from_starting_says_who_speaks() {
    let settings = "[connections.shop]\nwebhook_secret = \"secret:GONE\"\n\
                    [connections.crm]\nbase_url = \"secret:ALSO_GONE\"\n";
    let place =
        folder(&[("hence.toml", &format!("name = \"shop\"\n{settings}")), ("rules/orders.rule", RULES)]);
    let refused = hence(place.path(), &["serve", "--listen", "127.0.0.1:0"]).exits(2).err;
    let told: Vec<&str> = refused.lines().filter(|line| line.contains("GONE")).collect();
    assert_eq!(told.len(), 2, "{refused}");
    assert!(told.iter().all(|line| line.starts_with("hence: ")), "{refused}");
}
