//! What the daemon counts and measures, for Prometheus: `GET /metrics`, in the OpenMetrics text format.
//!
//! Counters and times are of this process and begin at its start. What there is, executions by state and events that wait,
//! is asked of the store when somebody looks.

use std::fmt::Write as _;
use std::time::Duration;

use hence_engine::{Caches, Commits, Counts, Evaluation, Finished, Lookup};
use hence_vm::InTiers;
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
    steps: Family<Called, Histogram, fn() -> Histogram>,
    retries: Counter,
    feeds: Family<Fed, Counter>,
    spans: Family<Sent, Counter>,
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

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sent {
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
            steps: Family::new_with_constructor(times),
            retries: Counter::default(),
            feeds: Family::default(),
            spans: Family::default(),
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
        let steps = "Time from when a step was to be done until what came of it was durable";
        registry.register_with_unit("steps", steps, Unit::Seconds, metrics.steps.clone());
        registry.register("call_repeats", "Attempts of calls after the first", metrics.retries.clone());
        registry.register("feed_rows", "Rows of feeds, by what became of them", metrics.feeds.clone());
        let spans = "Spans of traces, by what became of them";
        registry.register("spans", spans, metrics.spans.clone());
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

    /// Takes note of a call; returns what came of it.
    pub(crate) fn called(
        &self,
        action: &str,
        attempt: u32,
        finished: &Finished,
        took: Duration,
    ) -> &'static str {
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
        outcome
    }

    /// Takes note of the whole of an attempt of a step: from when it was to be made, with waiting for other calls and
    /// the call, until what came of it was durable.
    pub(crate) fn stepped(&self, action: &str, outcome: &'static str, took: Duration) {
        self.steps.get_or_create(&Called { action: action.to_owned(), outcome }).observe(took.as_secs_f64());
    }

    pub(crate) fn traced(&self, outcome: &'static str, spans: usize) {
        self.spans.get_or_create(&Sent { outcome }).inc_by(spans as u64);
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
    pub(crate) fn render(
        &self,
        counts: &Counts,
        rules: usize,
        evaluation: Evaluation,
        caches: Caches,
        commits: Commits,
    ) -> String {
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
        let InTiers { ready, compiled, declined } = evaluation.conditions;
        let tiers = [
            ("{tier=\"ready\"}", ready),
            ("{tier=\"compiled\"}", compiled),
            ("{tier=\"declined\"}", declined),
        ];
        gauge("hence_conditions", "Conditions of rules by the tier that they are evaluated in", &tiers);
        let mut counter = |name: &str, help: &str, value: String| {
            let _ = writeln!(page, "# HELP {name} {help}.\n# TYPE {name} counter\n{name}_total {value}");
        };
        let seconds = Duration::from_nanos(commits.nanoseconds).as_secs_f64();
        let since = "since the rules were loaded";
        let filed = format!("Rules of the events that came, {since}");
        counter("hence_index_rules", &filed, evaluation.filed.to_string());
        let found = format!("Rules that the index did not pass over, {since}");
        counter("hence_index_candidates", &found, evaluation.found.to_string());
        counter("hence_store_commits", "Transactions of the store", commits.count.to_string());
        counter(
            "hence_store_writes",
            "Writes that shared the transactions of the store",
            commits.writes.to_string(),
        );
        counter(
            "hence_store_commit_seconds",
            "Time that the transactions of the store took",
            seconds.to_string(),
        );
        let help = "Looks into what is kept in memory: hits, and misses after which the store was asked";
        let _ = writeln!(page, "# HELP hence_cache_lookups {help}.\n# TYPE hence_cache_lookups counter");
        for (cache, Lookup { hits, misses }) in
            [("executions", caches.executions), ("rule_versions", caches.rule_versions)]
        {
            for (outcome, count) in [("hit", hits), ("miss", misses)] {
                let labels = format!("{{cache=\"{cache}\",outcome=\"{outcome}\"}}");
                let _ = writeln!(page, "hence_cache_lookups_total{labels} {count}");
            }
        }
        // Nor does this.
        let _ = text::encode(&mut page, &self.registry);
        page
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_query_of_the_dashboard_names_metrics_that_there_are_and_every_metric_is_in_it() {
        let metrics = Metrics::new();
        // A family is told of once something is in it.
        metrics.arrived("shop", Outcome::Accepted);
        let result = Ok(hence_engine::Response::default());
        let execution = hence_engine::ExecutionId::parse("00000000-0000-7000-8000-000000000000").unwrap();
        let finished = Finished { execution, sequence: 1, attempt: 1, result };
        let outcome = metrics.called("crm.add_tag", 1, &finished, Duration::ZERO);
        metrics.stepped("crm.add_tag", outcome, Duration::ZERO);
        metrics.fed("shop", "orders", 1, 0);
        metrics.traced("sent", 1);
        metrics.reloaded(true);
        let counts = Counts { executions: vec![(hence_engine::Status::Failed, 1)], ..Counts::default() };
        let page = metrics.render(&counts, 1, Evaluation::default(), Caches::default(), Commits::default());
        let mut families = BTreeSet::new();
        let mut known = BTreeSet::new();
        for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
            let (name, kind) = line.split_once(' ').unwrap();
            families.insert(name.to_owned());
            let endings: &[&str] = match kind {
                "counter" => &["_total"],
                "histogram" => &["_bucket", "_count", "_sum"],
                _ => &[""],
            };
            known.extend(endings.iter().map(|ending| format!("{name}{ending}")));
        }
        let dashboard: serde_json::Value =
            serde_json::from_str(include_str!("../../../docs/grafana.json")).unwrap();
        let mut used = BTreeSet::new();
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().unwrap() {
                let query = target["expr"].as_str().unwrap();
                let names = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                for name in names.filter(|name| name.starts_with("hence_")) {
                    assert!(known.contains(name), "{name} of `{query}` is no metric: {known:?}");
                    used.insert(name.to_owned());
                }
            }
        }
        for family in families {
            assert!(used.iter().any(|name| name.starts_with(&family)), "{family} is in no panel");
            let documented = include_str!("../../../docs/operations.md");
            assert!(documented.contains(&family), "{family} is not in docs/operations.md");
        }
    }
}
