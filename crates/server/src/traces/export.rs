//! Spans on their way to the collector: gathered for a while, sent together, and dropped if they cannot be sent. What the
//! daemon does never waits for it.

use std::sync::Arc;
use std::time::Duration;

use hence_connectors::otlp::Collector;
use hence_types::jiff::Timestamp;
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, oneshot};

use super::context::Context;
use crate::metrics::Metrics;

/// How many spans are sent together at most.
const TOGETHER: usize = 512;

/// What a span is, as OTLP numbers it.
pub(super) mod kind {
    pub(crate) const INTERNAL: u8 = 1;
    pub(crate) const CLIENT: u8 = 3;
    pub(crate) const CONSUMER: u8 = 5;
}

/// Something that took time.
pub(super) struct Span {
    pub(super) context: Context,
    pub(super) parent: Option<Context>,
    pub(super) name: String,
    pub(super) kind: u8,
    pub(super) began: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) attributes: Vec<(&'static str, Json)>,
    pub(super) error: Option<String>,
}

/// What the exporter is told.
pub(super) enum Message {
    Span(Box<Span>),
    /// To send what there is, and to say when it has.
    Finish(oneshot::Sender<()>),
}

/// Sends spans until nobody is left who has any.
pub(super) async fn run(
    collector: Collector,
    every: Duration,
    mut receiver: mpsc::Receiver<Message>,
    metrics: Arc<Metrics>,
) {
    let mut gathered: Vec<Span> = Vec::new();
    let mut ticking = tokio::time::interval(every.max(Duration::from_millis(1)));
    ticking.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let finished = tokio::select! {
            _ = ticking.tick() => None,
            heard = receiver.recv() => match heard {
                Some(Message::Span(span)) => {
                    gathered.push(*span);
                    if gathered.len() < TOGETHER {
                        continue;
                    }
                    None
                }
                Some(Message::Finish(done)) => Some(done),
                None => {
                    send(&collector, &mut gathered, &metrics).await;
                    return;
                }
            },
        };
        send(&collector, &mut gathered, &metrics).await;
        if let Some(done) = finished {
            // Whoever asked may have given up.
            let _ = done.send(());
        }
    }
}

async fn send(collector: &Collector, gathered: &mut Vec<Span>, metrics: &Metrics) {
    if gathered.is_empty() {
        return;
    }
    let spans = std::mem::take(gathered);
    match collector.send(&request(&spans)).await {
        Ok(()) => metrics.traced("sent", spans.len()),
        Err(error) => {
            metrics.traced("dropped", spans.len());
            tracing::warn!(%error, spans = spans.len(), "the collector of traces takes nothing");
        }
    }
}

/// Returns an `ExportTraceServiceRequest` in the JSON of OTLP: ids as hexadecimal digits, instants as texts.
fn request(spans: &[Span]) -> Json {
    json!({"resourceSpans": [{
        "resource": {"attributes": [
            attribute("service.name", &json!("hence")),
            attribute("service.version", &json!(env!("CARGO_PKG_VERSION"))),
        ]},
        "scopeSpans": [{
            "scope": {"name": "hence", "version": env!("CARGO_PKG_VERSION")},
            "spans": spans.iter().map(shown).collect::<Vec<_>>(),
        }],
    }]})
}

fn shown(span: &Span) -> Json {
    let attributes: Vec<Json> = span.attributes.iter().map(|(name, value)| attribute(name, value)).collect();
    let mut shown = json!({
        "traceId": span.context.trace_text(),
        "spanId": span.context.span_text(),
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": span.began.as_nanosecond().to_string(),
        "endTimeUnixNano": span.ended.as_nanosecond().to_string(),
        "attributes": attributes,
        "status": match &span.error {
            None => json!({}),
            Some(error) => json!({"code": 2, "message": error}),
        },
    });
    if let (Some(parent), Some(members)) = (span.parent, shown.as_object_mut()) {
        members.insert("parentSpanId".to_owned(), parent.span_text().into());
    }
    shown
}

fn attribute(name: &str, value: &Json) -> Json {
    let value = match value {
        Json::Bool(value) => json!({"boolValue": value}),
        Json::Number(value) => json!({"intValue": value.to_string()}),
        Json::String(value) => json!({"stringValue": value}),
        Json::Null | Json::Array(_) | Json::Object(_) => json!({"stringValue": value.to_string()}),
    };
    json!({"key": name, "value": value})
}
