//! The example shop, from the webhook to the mail: `cargo run --example shop`.
//!
//! Starts a catcher for mail and HTTP on loopback, so that nothing leaves this machine, and the daemon on a fresh
//! SQLite store with the rules of this folder. Plays the events of `events.jsonl` as signed webhooks of the shop,
//! shows what goes out and what was recorded, and why one rule did not fire. Then the daemon goes on running for
//! you to try; with `--once` it ends instead.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use hence_builtins::Context;
use hence_connectors::catcher::Catcher;
use hence_connectors::{ConnectionSettings, Secrets};
use hence_diagnostics::Span;
use hence_jit::{Mode, Tiers};
use hence_project::Project;
use hence_server::{Options, SystemClock};
use hence_store::Sqlite;
use hence_types::jiff::Timestamp;
use hence_vm::{EventInput, Marks, explain};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use sha2::Sha256;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop");
const SECRET: &str = "the-shop-signs-with-this";

#[derive(serde::Deserialize)]
struct Line {
    event: String,
    id: String,
    data: Box<RawValue>,
}

fn main() -> anyhow::Result<()> {
    let once = std::env::args().any(|argument| argument == "--once");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(demonstrate(once))
}

async fn demonstrate(once: bool) -> anyhow::Result<()> {
    let project = Project::load(Path::new(FOLDER))?;
    if project.has_errors() {
        bail!("the example has mistakes: run `hence check examples/shop`");
    }
    // Where `hence.toml` and the rules send things to.
    let [mail, web] = [1025, 8026].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let catcher = Catcher::listen(mail, web, |line| println!("      {line}"))
        .await
        .context("the example needs the ports 1025 and 8026 of this machine")?;
    let store = std::env::temp_dir().join(format!("hence-example-shop-{}.db", std::process::id()));
    let opened = Arc::new(Sqlite::open(&store)?);
    let options = Options {
        loaded: project.clone().into(),
        source: None,
        watch: None,
        project: Some(project.root.clone()),
        connections: connections(&catcher),
        secrets: Secrets::new(|name: &str| (name == "SHOP_WEBHOOK_SECRET").then(|| SECRET.to_owned()), None),
        store: Arc::clone(&opened) as _,
        access: Arc::clone(&opened) as _,
        records: Arc::clone(&opened) as _,
        releases: opened,
        clock: Arc::new(SystemClock),
        listen: if once { SocketAddr::from(([127, 0, 0, 1], 0)) } else { project.manifest.server.listen },
        evaluator: Arc::new(Tiers::new(Mode::Auto)),
        keep_days: 0,
        surface: hence_server::Surface::default(),
        traces: None,
    };
    let daemon = hence_server::serve(options, hence_server::signalled()).await?;
    let address = format!("http://{}", daemon.address());
    println!(
        "The daemon runs on {address} with {} rules, its store is {}.",
        project.program().rules.len(),
        store.display()
    );
    let token = daemon.first_token().unwrap_or_default().to_owned();
    println!("What the rules send is caught on this machine:\n");

    let events = std::fs::read_to_string(Path::new(FOLDER).join("events.jsonl"))?;
    let events: Vec<Line> = events.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let client = reqwest::Client::new();
    for event in &events {
        deliver(&client, &address, &project, event).await?;
        // What a delivery causes is easier to follow before the next one comes.
        tokio::time::sleep(Duration::from_millis(if once { 0 } else { 150 })).await;
    }
    let executions = finished(&client, &address, &token).await?;
    report(&executions);
    println!("\nWhy did `vip_customer` not fire for evt-1? `hence why` tells:\n");
    println!("{}", why(&project, "vip_customer", &events, "evt-1")?);

    if once {
        daemon.stop();
    } else {
        println!("The daemon goes on; Ctrl-C ends it. Try for yourself, in another terminal:");
        println!("  TOKEN={token}");
        println!("  curl {address}/v1/executions?limit=3 -H \"authorization: Bearer $TOKEN\"");
        println!("  curl {address}/v1/events/shop/product.low_stock -H \"authorization: Bearer $TOKEN\" \\");
        println!("    -H 'content-type: application/json' \\");
        println!("    -d '{}'", stock_event(&events));
    }
    daemon.stopped().await?;
    for suffix in ["", "-wal", "-shm"] {
        let mut path = store.clone().into_os_string();
        path.push(suffix);
        // Not there where SQLite has tidied up itself.
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

/// All connections of the shop lead to the catcher.
fn connections(catcher: &Catcher) -> ConnectionSettings {
    let mut settings = ConnectionSettings::default();
    let web = format!("http://{}", catcher.http_address());
    settings.set("email", "host", &catcher.mail_address().ip().to_string());
    settings.set("email", "port", &catcher.mail_address().port().to_string());
    settings.set("email", "from", "Example Shop <shop@example.com>");
    settings.set("shop", "base_url", &web);
    settings.set("shop", "webhook_secret", "secret:SHOP_WEBHOOK_SECRET");
    settings.set("crm", "base_url", &format!("{web}/crm"));
    settings
}

/// Posts an event as the shop would: its own name for it in a header, the body signed.
async fn deliver(
    client: &reqwest::Client,
    address: &str,
    project: &Project,
    event: &Line,
) -> anyhow::Result<()> {
    let (integration, name) = event.event.split_once('.').context("an event's name has a dot")?;
    let found = project.catalog.integrations.get(integration);
    let webhook =
        found.and_then(|integration| integration.webhook.as_ref()).context("the shop sends webhooks")?;
    let mapping = webhook.mappings.iter().find(|mapping| mapping.event == name);
    let topic = &mapping.with_context(|| format!("the shop has no name for `{name}`"))?.provider;
    let body = event.data.get().to_owned();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
    mac.update(body.as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    let response = client
        .post(format!("{address}/hooks/{integration}"))
        .header("content-type", "application/json")
        .header("x-shop-topic", topic)
        .header("x-shop-delivery", &event.id)
        .header("x-shop-hmac-sha256", signature)
        .body(body)
        .send()
        .await?;
    println!("{} POST /hooks/{integration} {topic} {}", response.status().as_u16(), event.id);
    Ok(())
}

/// Waits until every execution has ended and returns them, oldest first.
async fn finished(client: &reqwest::Client, address: &str, token: &str) -> anyhow::Result<Vec<Json>> {
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let answer =
            client.get(format!("{address}/v1/executions?limit=200")).bearer_auth(token).send().await?;
        let answer = answer.error_for_status()?.text().await?;
        let answer: Json = serde_json::from_str(&answer)?;
        let mut items = answer.get("items").and_then(Json::as_array).cloned().unwrap_or_default();
        let open = |item: &Json| {
            matches!(item.get("status").and_then(Json::as_str), Some("pending" | "running" | "waiting"))
        };
        if !items.is_empty() && !items.iter().any(open) {
            items.reverse();
            return Ok(items);
        }
    }
    bail!("the executions did not end within ten seconds")
}

fn report(executions: &[Json]) {
    println!("\nOne record for each match, kept with the result of every step:\n");
    let text = |execution: &Json, name: &str| {
        execution.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    for execution in executions {
        let event = execution.get("event").unwrap_or(&Json::Null);
        println!(
            "  {:<10} {:<22} {:<28} {}",
            text(execution, "status"),
            text(execution, "rule"),
            text(event, "name"),
            text(event, "id"),
        );
    }
}

/// What `hence why RULE --data events.jsonl --id ID` prints.
fn why(project: &Project, rule: &str, events: &[Line], id: &str) -> anyhow::Result<String> {
    let rule = project.program().rule(rule).context("no such rule")?;
    let event = events.iter().find(|event| event.id == id).context("no such event")?;
    let now = Timestamp::now();
    let input = EventInput { name: &event.event, id, time: now, source: "shop", payload: event.data.get() };
    let slots = hence_vm::decode(&rule.plan, &input);
    let context = Context { now, zone: project.manifest.zone.clone() };
    let source = |span: Span| project.sources.slice(span).to_owned();
    Ok(explain(rule, &slots, &context).render(&source, Marks::Unicode))
}

fn stock_event(events: &[Line]) -> String {
    let event = events.iter().find(|event| event.event == "shop.product.low_stock");
    event.map(|event| event.data.get().to_owned()).unwrap_or_default()
}
