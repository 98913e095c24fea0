//! What the daemon takes over HTTP: `cargo bench -p hence-server`.
//!
//! Starts the daemon on a file of this disk with 10,000 rules and sends what clients would, from threads of this process:
//! generator and daemon share the machine. Webhooks of GitHub, signed, are answered when they are durable; their payloads are
//! GitHub's published examples where `cargo xtask setup` has fetched them, else the fixtures. Prints
//!
//! - accepted events a second with 64 clients that send one after the other, and how often the same disk makes 4 KiB durable;
//! - the time to the answer at 1,000 events a second, counted from when each was to be sent, so that a stall counts in full;
//! - the same with 9,000 connections that say nothing and 200 that send their request byte by byte;
//! - evaluations (`POST /v1/evaluate`) and decisions a second, and the time to the answer.
//!
//! `SECONDS=5` takes longer or shorter for each, `RULES=10000` other numbers of rules.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may stop at a defect of its own")]

use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hence_connectors::{ConnectionSettings, Secrets};
use hence_project::{Project, Texts};
use hence_server::{Options, Surface, SystemClock, serve};
use hence_store::Sqlite;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value as Json, json};
use sha2::Sha256;

const SECRET: &str = "the-bench-signs-with-this";

/// How many clients send at a time.
const CLIENTS: usize = 64;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (rules, seconds) = (number("RULES", 10_000), number("SECONDS", 5));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let handle = runtime.block_on(serve(options(folder.path(), rules), std::future::pending())).unwrap();
    let (address, token) = (handle.address(), handle.first_token().unwrap().to_owned());
    let payloads = payloads();
    let sizes: Vec<usize> = payloads.iter().map(|(_, body)| body.len()).collect();
    println!(
        "{rules} rules; {} payloads of {} to {} bytes, {} on average",
        payloads.len(),
        sizes.iter().min().unwrap(),
        sizes.iter().max().unwrap(),
        sizes.iter().sum::<usize>() / sizes.len()
    );
    let duration = Duration::from_secs(seconds as u64);
    let signatures = payloads.iter().map(|(_, body)| signature(body)).collect();
    let hooks = Arc::new(Hooks { address, payloads, signatures, next: AtomicUsize::new(0) });

    // Once to warm up.
    closed(&hooks, Duration::from_secs(1));
    for _ in 0..3 {
        let flushes = flushes(folder.path());
        let (count, times) = closed(&hooks, duration);
        let rate = count as f64 / duration.as_secs_f64();
        println!(
            "webhooks, {CLIENTS} clients: {rate:.0} a second, {}; the disk flushes {flushes:.0} times a second",
            told(times)
        );
    }
    for _ in 0..3 {
        let times = paced(&hooks, 1_000, duration);
        println!("webhooks, 1,000 a second: {}", told(times));
    }
    let quiet: Vec<TcpStream> = (0..9_000).map_while(|_| TcpStream::connect(address).ok()).collect();
    let slow = SlowLoris::start(address, 200);
    let times = paced(&hooks, 1_000, duration);
    println!("the same beside {} idle connections and 200 slow ones: {}", quiet.len(), told(times));
    drop(slow);
    drop(quiet);

    let order =
        json!({"event": "github.issues.opened", "rule": "r0", "data": json_of(&hooks.payloads, "issues")});
    let body = order.to_string();
    let request = request("/v1/evaluate", &[("authorization", &format!("Bearer {token}"))], body.as_bytes());
    let (count, times) = repeated(address, &request, duration);
    println!("evaluations: {:.0} a second, {}", count as f64 / duration.as_secs_f64(), told(times));
    handle.stop();
    runtime.block_on(handle.stopped()).unwrap();
}

fn options(folder: &Path, rules: usize) -> Options {
    let texts = Texts::new([("rules/all.rule".to_owned(), Arc::from(text(rules)))]).unwrap();
    let project = Project::of_texts(&texts);
    assert!(!project.has_errors(), "{:?}", project.diagnostics().first());
    let store = Arc::new(Sqlite::open(&folder.join("hence.db")).unwrap());
    let mut connections = ConnectionSettings::default();
    connections.set("github", "webhook_secret", "secret:GITHUB");
    Options {
        loaded: project.into(),
        source: None,
        watch: None,
        project: None,
        connections,
        secrets: Secrets::new(|name: &str| (name == "GITHUB").then(|| SECRET.to_owned()), None),
        store: Arc::clone(&store) as _,
        access: Arc::clone(&store) as _,
        records: Arc::clone(&store) as _,
        releases: store,
        clock: Arc::new(SystemClock),
        listen: ([127, 0, 0, 1], 0).into(),
        evaluator: Arc::new(hence_vm::Predicates),
        keep_days: 0,
        surface: surface(),
        traces: None,
    }
}

/// No limit of requests a second: what is measured is what there is without one.
fn surface() -> Surface {
    let mut surface = Surface::default();
    (surface.limits.token_rate, surface.limits.hook_rate) = (0, 0);
    surface
}

/// Rules over what GitHub tells, of which few match: each names a repository of its own.
fn text(rules: usize) -> String {
    let events =
        ["issues.opened", "push", "pull_request.opened", "issue_comment.created", "pull_request.closed"];
    let mut text = String::new();
    for number in 0..rules {
        let event = events[number % events.len()];
        text.push_str(&format!(
            "rule r{number}\nwhen github.{event}\nif repository.full_name == \"octo/repo-{number}\" and sender.login != \"bot-{}\"\nthen log.write(message: \"{number}\")\n\n",
            number % 7
        ));
    }
    text
}

/// Returns events of GitHub by the name in the header, with their bodies.
fn payloads() -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let published = root.join("tests/node/node_modules/@octokit/webhooks-examples/api.github.com/index.json");
    let mut found = Vec::new();
    if let Ok(text) = std::fs::read_to_string(published) {
        let all: Vec<Json> = serde_json::from_str(&text).unwrap();
        for event in &all {
            let name = event["name"].as_str().unwrap();
            for example in event["examples"].as_array().unwrap() {
                found.push((name.to_owned(), example.to_string().into_bytes()));
            }
        }
        return found
            .into_iter()
            .filter(|(name, _)| ["issues", "push", "pull_request", "issue_comment"].contains(&name.as_str()))
            .collect();
    }
    for (name, file) in [
        ("issues", "issues_opened"),
        ("push", "push"),
        ("pull_request", "pull_request_closed"),
        ("issue_comment", "issue_comment_created_with_a_large_id"),
    ] {
        let file = root.join(format!("crates/connectors/fixtures/github/{file}.json"));
        let fixture: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        found.push((name.to_owned(), fixture["body"].to_string().into_bytes()));
    }
    found
}

fn json_of(payloads: &[(String, Vec<u8>)], name: &str) -> Json {
    let (_, body) = payloads.iter().find(|(one, _)| one == name).unwrap();
    serde_json::from_slice(body).unwrap()
}

/// Webhooks to be sent, each once.
struct Hooks {
    address: SocketAddr,
    payloads: Vec<(String, Vec<u8>)>,
    /// Of each payload: delivery ids are not signed.
    signatures: Vec<String>,
    next: AtomicUsize,
}

impl Hooks {
    fn next(&self) -> Vec<u8> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (name, body) = &self.payloads[number % self.payloads.len()];
        let delivery = format!("delivery-{number}");
        let headers = [
            ("x-github-event", &**name),
            ("x-github-delivery", &delivery),
            ("x-hub-signature-256", &self.signatures[number % self.payloads.len()]),
        ];
        request("/hooks/github", &headers, body)
    }
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn request(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut request = request.into_bytes();
    request.extend_from_slice(body);
    request
}

/// A connection that is used again and again.
struct Client(TcpStream, Vec<u8>);

impl Client {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream, vec![0; 1 << 16])
    }

    /// Sends a request and returns the status of its answer, which is read whole.
    fn send(&mut self, request: &[u8]) -> u16 {
        let Self(stream, buffer) = self;
        stream.write_all(request).unwrap();
        let mut filled = 0;
        loop {
            let read = stream.read(&mut buffer[filled..]).unwrap();
            assert!(read > 0, "the daemon closed the connection");
            filled += read;
            let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&buffer[..end]).unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let (whole, status) = (
                end + 4 + length.parse::<usize>().unwrap(),
                head.split(' ').nth(1).unwrap().parse().unwrap(),
            );
            if filled >= whole {
                return status;
            }
            buffer.resize(whole.max(buffer.len()), 0);
        }
    }
}

/// Has clients send one event after the other; returns how many were accepted and how long each took.
fn closed(hooks: &Arc<Hooks>, duration: Duration) -> (usize, Vec<Duration>) {
    let end = Instant::now() + duration;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let hooks = Arc::clone(hooks);
            std::thread::spawn(move || {
                let (mut client, mut times) = (Client::new(hooks.address), Vec::new());
                while Instant::now() < end {
                    let request = hooks.next();
                    let begun = Instant::now();
                    assert_eq!(client.send(&request), 202);
                    times.push(begun.elapsed());
                }
                times
            })
        })
        .collect();
    let times: Vec<Duration> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    (times.len(), times)
}

/// Sends so many events a second; returns how long each took from when it was to be sent.
fn paced(hooks: &Arc<Hooks>, rate: usize, duration: Duration) -> Vec<Duration> {
    let start = Instant::now() + Duration::from_millis(50);
    let total = rate * duration.as_secs() as usize;
    let turn = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (hooks, turn) = (Arc::clone(hooks), Arc::clone(&turn));
            std::thread::spawn(move || {
                let (mut client, mut times) = (Client::new(hooks.address), Vec::new());
                loop {
                    let number = turn.fetch_add(1, Ordering::Relaxed);
                    if number >= total {
                        return times;
                    }
                    let request = hooks.next();
                    let at = start
                        + Duration::from_secs(1) * u32::try_from(number).unwrap()
                            / u32::try_from(rate).unwrap();
                    std::thread::sleep(at.saturating_duration_since(Instant::now()));
                    assert_eq!(client.send(&request), 202);
                    times.push(at.elapsed());
                }
            })
        })
        .collect();
    clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
}

/// Has eight clients send the same request one after the other.
fn repeated(address: SocketAddr, request: &[u8], duration: Duration) -> (usize, Vec<Duration>) {
    let end = Instant::now() + duration;
    let times: Vec<Duration> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(move || {
                    let (mut client, mut times) = (Client::new(address), Vec::new());
                    while Instant::now() < end {
                        let begun = Instant::now();
                        assert_eq!(client.send(request), 200);
                        times.push(begun.elapsed());
                    }
                    times
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    (times.len(), times)
}

/// Clients that send a request a byte at a time.
struct SlowLoris(Arc<AtomicBool>);

impl SlowLoris {
    fn start(address: SocketAddr, count: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        std::thread::spawn(move || {
            let connect = || TcpStream::connect(address).unwrap();
            let mut streams: Vec<TcpStream> = (0..count).map(|_| connect()).collect();
            let head = b"POST /hooks/github HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n";
            for byte in head.iter().chain(std::iter::repeat(&b'x')) {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                for stream in &mut streams {
                    if stream.write_all(&[*byte]).is_err() {
                        *stream = connect();
                    }
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        Self(stop)
    }
}

impl Drop for SlowLoris {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Returns how often a second 4 KiB of a file that is there already are written and durable.
fn flushes(folder: &Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("flushes")).unwrap();
    file.write_all(&[0; 4096]).unwrap();
    file.sync_all().unwrap();
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < Duration::from_millis(300) {
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(&[1; 4096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

fn told(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!(
        "p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, longest {:.0} ms",
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    )
}
