//! What the daemon counts and measures, for Prometheus: `GET /metrics`, in the OpenMetrics text format.
//!
//! Counters and times are of this process and begin at its start. What there is, executions by state and events that wait,
//! is asked of the store when somebody looks.

use std::fmt::Write as _;
use std::time::Duration;

use hence_engine::{Counts, Finished};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper ends of the classes of times, in seconds.
const TIMES: [f64; 14] =
    [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 300.0];

/// The metrics of a daemon.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    events: Family<Arrived, Counter>,
    executions: Counter,
    matching: Histogram,
    commits: Histogram,
    calls: Family<Called, Histogram, fn() -> Histogram>,
    retries: Counter,
    feeds: Family<Fed, Counter>,
    reloads: Family<Reloaded, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Arrived {
    integration: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Called {
    action: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Fed {
    integration: String,
    feed: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reloaded {
    outcome: &'static str,
}

/// What became of an event at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is in the inbox.
    Accepted,
    /// It was there before.
    Duplicate,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let times = || Histogram::new(TIMES);
        let mut registry = Registry::with_prefix("hence");
        let metrics = Self {
            events: Family::default(),
            executions: Counter::default(),
            matching: times(),
            commits: times(),
            calls: Family::new_with_constructor(times),
            retries: Counter::default(),
            feeds: Family::default(),
            reloads: Family::default(),
            registry: Registry::default(),
        };
        registry.register("events", "Events that came in, by what became of them", metrics.events.clone());
        registry.register("executions_started", "Executions that events started", metrics.executions.clone());
        let matching = "Time to find and start the rules of an event";
        registry.register_with_unit("matching", matching, Unit::Seconds, metrics.matching.clone());
        let commits = "Time until events that were written together are durable";
        registry.register_with_unit("inbox_commit", commits, Unit::Seconds, metrics.commits.clone());
        let calls = "Time that calls of actions took, by what came of them";
        registry.register_with_unit("calls", calls, Unit::Seconds, metrics.calls.clone());
        registry.register("call_repeats", "Attempts of calls after the first", metrics.retries.clone());
        registry.register("feed_rows", "Rows of feeds, by what became of them", metrics.feeds.clone());
        let reloads = "Times that the rules' place was loaded anew, by what came of it";
        registry.register("reloads", reloads, metrics.reloads.clone());
        Self { registry, ..metrics }
    }

    pub(crate) fn arrived(&self, integration: &str, outcome: Outcome) {
        let outcome = match outcome {
            Outcome::Accepted => "accepted",
            Outcome::Duplicate => "duplicate",
        };
        self.events.get_or_create(&Arrived { integration: integration.to_owned(), outcome }).inc();
    }

    pub(crate) fn matched(&self, executions: usize, took: Duration) {
        self.executions.inc_by(executions as u64);
        self.matching.observe(took.as_secs_f64());
    }

    pub(crate) fn committed(&self, took: Duration) {
        self.commits.observe(took.as_secs_f64());
    }

    pub(crate) fn called(&self, action: &str, attempt: u32, finished: &Finished, took: Duration) {
        let outcome = match &finished.result {
            Ok(_) => "done",
            Err(failure) if failure.postponed => "put_off",
            Err(failure) if failure.retryable => "failed",
            Err(_) => "refused",
        };
        self.calls.get_or_create(&Called { action: action.to_owned(), outcome }).observe(took.as_secs_f64());
        if attempt > 1 {
            self.retries.inc();
        }
    }

    pub(crate) fn fed(&self, integration: &str, feed: &str, taken: usize, refused: usize) {
        for (outcome, rows) in [("taken", taken), ("refused", refused)] {
            let fed = Fed { integration: integration.to_owned(), feed: feed.to_owned(), outcome };
            self.feeds.get_or_create(&fed).inc_by(rows as u64);
        }
    }

    pub(crate) fn reloaded(&self, succeeded: bool) {
        let outcome = if succeeded { "loaded" } else { "refused" };
        self.reloads.get_or_create(&Reloaded { outcome }).inc();
    }

    /// Returns everything as text, with what the store has.
    pub(crate) fn render(&self, counts: &Counts, rules: usize) -> String {
        let mut page = String::new();
        let mut gauge = |name: &str, help: &str, values: &[(&str, u64)]| {
            // Writing to a string does not fail.
            let _ = writeln!(page, "# HELP {name} {help}.\n# TYPE {name} gauge");
            for (labels, value) in values {
                let _ = writeln!(page, "{name}{labels} {value}");
            }
        };
        gauge("hence_rules", "Rules that are loaded", &[("", rules as u64)]);
        gauge("hence_inbox_events", "Events that are kept", &[("", counts.events)]);
        gauge(
            "hence_inbox_waiting",
            "Events whose rules have not been looked for",
            &[("", counts.unmatched)],
        );
        let states: Vec<(String, u64)> = counts
            .executions
            .iter()
            .map(|(status, count)| (format!("{{status=\"{}\"}}", status.as_str()), *count))
            .collect();
        let states: Vec<(&str, u64)> =
            states.iter().map(|(labels, count)| (labels.as_str(), *count)).collect();
        gauge("hence_executions", "Executions that are kept, by state", &states);
        // Nor does this.
        let _ = text::encode(&mut page, &self.registry);
        page
    }
}
