//! `hence lsp`

use std::path::PathBuf;

use hence_engine::Status;
use hence_lsp::{Activity, Daemon, Options};
use hence_types::jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::Ending;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Speaks on standard input and output, as it does anyway; editors say so.
    #[arg(long)]
    stdio: bool,
    /// The address of the daemon that runs the rules: lenses then tell what each rule did in the last 24 hours.
    #[arg(long, env = "HENCE_SERVER", value_name = "URL")]
    server: Option<String>,
    /// A token of the daemon.
    #[arg(long, env = "HENCE_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// How many executions of a rule are counted at most: so many pages of so many.
const PAGES: usize = 4;
const PAGE: usize = 500;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    // There is no other way to speak, so there is nothing to choose.
    let Arguments { stdio: _, server, token } = arguments;
    let daemon = server.as_ref().map(|server| {
        let (server, token) = (server.clone(), token.clone());
        Daemon::new(move |rule| activity(&server, token.as_deref(), rule))
    });
    match hence_lsp::stdio(Options { cache: cache(), daemon, ..Options::default() })? {
        hence_lsp::Ended::Orderly => Ok(Ending::Well),
        hence_lsp::Ended::Abrupt => Ok(Ending::Wrong),
    }
}

/// Asks a daemon what a rule did in the last 24 hours; nothing if it does not answer.
fn activity(server: &str, token: Option<&str>, rule: &str) -> Option<Activity> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let since = Timestamp::now().checked_sub(SignedDuration::from_hours(24)).ok()?;
    let query = |name: &str, value: &str| {
        form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
    };
    let path =
        format!("/v1/executions?{}&{}&limit={PAGE}", query("rule", rule), query("since", &since.to_string()));
    let mut activity = Activity::default();
    let mut cursor = String::new();
    for _ in 0..PAGES {
        let path =
            if cursor.is_empty() { path.clone() } else { format!("{path}&{}", query("cursor", &cursor)) };
        let text = runtime.block_on(hence_connectors::daemon::get(server, &path, token)).ok()?;
        let page: Json = serde_json::from_str(&text).ok()?;
        for execution in page.get("items")?.as_array()? {
            let status = Status::parse(execution.get("status")?.as_str()?)?;
            activity.fired += u64::from(status.is_begun());
            activity.failed += u64::from(status == Status::Failed);
        }
        match page.get("next").and_then(Json::as_str) {
            Some(next) => cursor = next.to_owned(),
            None => return Some(activity),
        }
    }
    Some(Activity { more: true, ..activity })
}

/// Returns the user's folder for what can be made again.
fn cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = folder("XDG_CACHE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("hence").join(env!("CARGO_PKG_VERSION")))
}
