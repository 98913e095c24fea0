//! Feeds: rows of databases that become events. Each is asked on a task of its own, as often as its integration says.
//!
//! Where a database says that there are new rows, the feed is asked at once. A row is acknowledged after its event is
//! durable. Whatever goes wrong in between has it come again, and the inbox knows it by its id. A row that is no event
//! stays where it is, is told of once, and keeps no others back.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use hence_connectors::{Fed, Fetched, Hints};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::receive::{self, Arrival};
use crate::rules::Rules;

/// How many events are written at once.
const AT_ONCE: usize = 500;

/// How long to wait before a feed that failed is asked again, at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Asks the feeds of all integrations that have the settings they need, anew whenever other rules run, until the daemon
/// stops.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let mut changes = app.deployer.changes();
    while !stop.is_cancelled() {
        changes.mark_unchanged();
        let until = stop.child_token();
        let tasks = start(&app, &until);
        tokio::select! {
            () = stop.cancelled() => {}
            changed = changes.changed() => drop(changed),
        }
        until.cancel();
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a feed broke off");
            }
        }
    }
}

fn start(app: &App, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    let mut tasks = Vec::new();
    let rules = app.rules();
    for integration in rules.catalog.integrations.values().filter(|one| !one.is_deferred()) {
        let problems = rules.connectors.problems();
        if problems.iter().any(|problem| problem.integration == integration.id) {
            continue;
        }
        for (name, feed) in &integration.feeds {
            let every = feed.every.try_into().unwrap_or(BACKOFF.1);
            let asked = Asked {
                app: app.clone(),
                rules: Arc::clone(&rules),
                integration: integration.id.clone(),
                name: name.clone(),
                every,
                refused: 0,
                problems: HashSet::new(),
            };
            tasks.push(tokio::spawn(asked.run(stop.clone())));
        }
    }
    tasks
}

/// A feed that is asked.
struct Asked {
    app: App,
    rules: Arc<Rules>,
    integration: String,
    name: String,
    every: Duration,
    /// How many rows were no events when the feed was asked last.
    refused: usize,
    /// What was wrong with them.
    problems: HashSet<String>,
}

impl Asked {
    async fn run(mut self, stop: CancellationToken) {
        let mut backoff = BACKOFF.0;
        let hints = self.rules.connectors.listen(&self.integration, &self.name);
        while !stop.is_cancelled() {
            let wait = match self.ask().await {
                Ok(is_more) => {
                    backoff = BACKOFF.0;
                    if is_more { Duration::ZERO } else { self.every }
                }
                Err(error) => {
                    tracing::error!(integration = %self.integration, feed = %self.name, %error, "the feed gives no answer");
                    let wait = backoff;
                    backoff = (backoff * 2).min(BACKOFF.1);
                    wait
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = hint(hints.as_ref()) => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Takes the next rows. Returns whether there may be more of them at once.
    async fn ask(&mut self) -> Result<bool, String> {
        let connectors = &self.rules.connectors;
        let fetched = connectors.fetch(&self.integration, &self.name, self.refused).await;
        let Fetched { events, refused, is_full } = fetched.map_err(|error| error.to_string())?;
        let new: Vec<&String> = refused.iter().filter(|problem| !self.problems.contains(*problem)).collect();
        for problem in &new {
            tracing::error!(integration = %self.integration, feed = %self.name, %problem, "a row is no event and stays");
        }
        self.app.metrics.fed(&self.integration, &self.name, events.len(), new.len());
        // Behind those that were not known to be none there may be others.
        let is_more = is_full && refused.len() > self.refused;
        self.refused = refused.len();
        self.problems = refused.into_iter().collect();
        if events.is_empty() {
            return Ok(is_more && self.acknowledges());
        }
        // A listing can be larger than what is taken in at once.
        for events in events.chunks(AT_ONCE) {
            self.keep(events).await?;
        }
        let acknowledged = connectors.acknowledge(&self.integration, &self.name, &events).await;
        acknowledged.map_err(|error| error.to_string())?;
        // Where nothing is acknowledged the same rows would come again at once.
        Ok(is_full && self.acknowledges())
    }

    fn acknowledges(&self) -> bool {
        let integration = self.rules.catalog.integrations.get(&self.integration);
        let feed = integration.and_then(|integration| integration.feeds.get(&self.name));
        feed.is_some_and(|feed| feed.acknowledge.is_some())
    }

    /// Has events in the inbox; they are durable when it returns.
    async fn keep(&self, events: &[Fed]) -> Result<(), String> {
        let mut arrivals = Vec::new();
        for fed in events {
            let event = receive::find(&self.rules.catalog, &self.integration, &fed.event);
            arrivals.push(Arrival {
                source: &self.integration,
                event: event.map_err(|problem| problem.to_string())?,
                id: Some(fed.id.clone()),
                occurred_at: fed.occurred_at,
                payload: &fed.payload,
                trace: None,
            });
        }
        receive::store(&self.app, arrivals).await.map_err(|problem| problem.to_string())?;
        Ok(())
    }
}

/// Waits until the database says that there are new rows; for ever where it does not.
async fn hint(hints: Option<&Hints>) {
    match hints {
        Some(hints) => hints.next().await,
        None => std::future::pending().await,
    }
}
