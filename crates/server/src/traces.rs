//! Traces: what became of an event, from who sent it to whom rules call, as spans that a collector is sent.
//!
//! ```text
//! who sends ─ traceparent ─► receive EVENT ─► rule NAME ─► ACTION ─ traceparent ─► whom it calls
//! ```
//!
//! The trace of an event is kept with it, and events that it leads to have it through their cause. The spans of executions
//! and calls have ids that are derived from theirs, so a call knows the span it belongs to before that has ended, and after
//! a restart. Where no collector is set up, the `traceparent` of an event is handed on as it came.

mod context;
mod export;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hence_connectors::otlp::Collector;
use hence_engine::{Call, Clock, Execution, ExecutionId, Finished, Store, StoredEvent};
use hence_types::jiff::Timestamp;
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, oneshot};

pub(crate) use self::context::Context;
use self::export::{Message, Span, kind};
use crate::clock::{fresh_span, fresh_trace};
use crate::metrics::Metrics;

/// How many spans wait for the collector before further ones are dropped.
const WAITING: usize = 8192;
/// How many events are followed back to the one that came from outside.
const FOLLOWED: usize = 64;

/// Where spans are sent.
#[derive(Debug, Clone)]
pub struct Traces {
    /// The collector.
    pub collector: Collector,
    /// Of how many events in a hundred that come without a trace one is begun.
    pub percent: u8,
    /// How long spans are gathered.
    pub every: Duration,
}

/// Follows events.
pub(crate) struct Tracer {
    sender: Option<mpsc::Sender<Message>>,
    percent: u8,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    /// When this process began: executions before may have a trace that only the store knows.
    began: Timestamp,
    /// The traces of executions that have not ended.
    followed: Mutex<HashMap<ExecutionId, Context>>,
}

/// An event that is coming in.
pub(crate) struct Arriving {
    own: Context,
    parent: Option<Context>,
    began: Timestamp,
}

impl Arriving {
    /// Returns what is kept with the event.
    pub(crate) fn kept(&self) -> Arc<str> {
        self.own.to_string().into()
    }
}

impl Tracer {
    /// Returns a tracer, which sends spans if there is a collector.
    pub(crate) fn new(
        traces: Option<Traces>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let percent = traces.as_ref().map_or(0, |traces| traces.percent);
        let sender = traces.map(|traces| {
            let (sender, receiver) = mpsc::channel(WAITING);
            tokio::spawn(export::run(traces.collector, traces.every, receiver, Arc::clone(&metrics)));
            sender
        });
        let began = clock.now();
        Self { sender, percent, store, clock, metrics, began, followed: Mutex::default() }
    }

    /// Begins to follow an event that came with this context, or with none.
    pub(crate) fn arriving(&self, parent: Option<Context>) -> Option<Arriving> {
        let began = self.clock.now();
        if self.sender.is_none() {
            return parent.map(|own| Arriving { own, parent: None, began });
        }
        let own = match parent {
            Some(parent) => parent.with_span(fresh_span()),
            None => {
                let trace = fresh_trace();
                let share = u32::from(u16::from_be_bytes([trace[0], trace[1]])) * 100 / 65_536;
                (share < self.percent.into()).then(|| Context::new(trace, fresh_span()))?
            }
        };
        Some(Arriving { own, parent, began })
    }

    /// An event was taken.
    pub(crate) fn arrived(&self, arriving: &Arriving, event: &str, id: &str, duplicate: bool) {
        self.tell(&arriving.own, || Span {
            context: arriving.own,
            parent: arriving.parent,
            name: format!("receive {event}"),
            kind: kind::CONSUMER,
            began: arriving.began,
            ended: self.clock.now(),
            attributes: vec![
                ("hence.event.name", json!(event)),
                ("hence.event.id", json!(id)),
                ("hence.event.duplicate", json!(duplicate)),
            ],
            error: None,
        });
    }

    /// Follows the executions that an event started.
    pub(crate) fn started(&self, event: &StoredEvent, executions: &[ExecutionId]) {
        if executions.is_empty() {
            return;
        }
        if let Some(context) = self.of_event(event) {
            let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
            followed.extend(executions.iter().map(|execution| (execution.clone(), context)));
        }
    }

    /// Returns the trace of an event: its own, or that of the event that led to it.
    fn of_event(&self, event: &StoredEvent) -> Option<Context> {
        let mut found = event.event.trace.clone();
        let mut cause = event.event.cause;
        for _ in 0..FOLLOWED {
            if found.is_some() {
                break;
            }
            let before = self.store.event(cause?.event).ok()??;
            (found, cause) = (before.event.trace, before.event.cause);
        }
        Context::parse(&found?)
    }

    /// Returns the trace of an execution, if it has one.
    fn of(&self, execution: &ExecutionId) -> Option<Context> {
        let followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner).get(execution).copied();
        // Those that began in this process are known, so that the store is asked for no others.
        if followed.is_some() || !self.is_old(execution) {
            return followed;
        }
        let known = self.store.execution(execution).ok()??;
        let context = self.of_event(&self.store.event(known.event).ok()??)?;
        self.followed.lock().unwrap_or_else(PoisonError::into_inner).insert(execution.clone(), context);
        Some(context)
    }

    /// Gives a call that is about to be made the trace that it is a part of.
    pub(crate) fn calling(&self, call: &mut Call) {
        let Some(context) = self.of(&call.execution) else { return };
        let handed_on = match &self.sender {
            None => context,
            Some(_) => context.with_span(call_span(&call.execution, call.sequence, call.request.attempt)),
        };
        call.request.trace = Some(handed_on.to_string().into());
    }

    /// A call came to its end.
    pub(crate) fn called(&self, call: &Called, finished: &Finished) {
        let Some(context) = &call.context else { return };
        let (execution, own) = (&finished.execution, *context);
        self.tell(&own, || Span {
            context: own,
            parent: Some(own.with_span(execution_span(execution))),
            name: call.action.to_string(),
            kind: kind::CLIENT,
            began: call.began,
            ended: self.clock.now(),
            attributes: vec![
                ("hence.action", json!(*call.action)),
                ("hence.execution", json!(execution.as_str())),
                ("hence.attempt", json!(call.attempt)),
            ],
            error: finished.result.as_ref().err().map(|failure| failure.message.clone()),
        });
    }

    /// Looks whether executions that something was done to have ended.
    pub(crate) fn settled(&self, executions: &[ExecutionId]) {
        for id in executions {
            if !self.follows(id) {
                continue;
            }
            let Ok(Some(execution)) = self.store.execution(id) else { continue };
            let Some(ended) = execution.ended_at else { continue };
            let followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
            if let Some(context) = followed {
                self.tell(&context, || span_of(&execution, context, ended));
            }
        }
    }

    /// Sends what waits for the collector.
    pub(crate) async fn finish(&self) {
        let Some(sender) = &self.sender else { return };
        let (done, told) = oneshot::channel();
        if sender.send(Message::Finish(done)).await.is_ok() {
            // Nobody answers if the collector's task broke off.
            let _ = told.await;
        }
    }

    /// Returns whether the store has to be asked for the trace of an execution.
    pub(crate) fn has_to_ask(&self, execution: &ExecutionId) -> bool {
        !self.follows(execution) && self.is_old(execution)
    }

    /// Returns whether any of these is followed.
    pub(crate) fn follows_any(&self, executions: &[ExecutionId]) -> bool {
        executions.iter().any(|execution| self.follows(execution))
    }

    fn follows(&self, execution: &ExecutionId) -> bool {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner).contains_key(execution)
    }

    /// Returns whether an execution may have begun before this process: its id tells when it did.
    fn is_old(&self, execution: &ExecutionId) -> bool {
        let began = uuid::Uuid::parse_str(execution.as_str()).ok().and_then(|id| id.get_timestamp());
        let milliseconds = began.map(|began| {
            let (seconds, nanoseconds) = began.to_unix();
            i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000)
                + i64::from(nanoseconds / 1_000_000)
        });
        milliseconds.is_none_or(|began| began <= self.began.as_millisecond())
    }

    fn tell(&self, context: &Context, span: impl FnOnce() -> Span) {
        let Some(sender) = self.sender.as_ref().filter(|_| context.is_sampled()) else { return };
        if sender.try_send(Message::Span(Box::new(span()))).is_err() {
            self.metrics.traced("dropped", 1);
        }
    }
}

/// A call under way.
pub(crate) struct Called {
    action: Arc<str>,
    attempt: u32,
    context: Option<Context>,
    began: Timestamp,
}

impl Called {
    pub(crate) fn new(call: &Call, began: Timestamp) -> Self {
        let context = call.request.trace.as_deref().and_then(Context::parse);
        Self { action: Arc::clone(&call.request.action), attempt: call.request.attempt, context, began }
    }
}

fn span_of(execution: &Execution, context: Context, ended: Timestamp) -> Span {
    let error = execution.error.as_ref();
    Span {
        context: context.with_span(execution_span(&execution.id)),
        parent: Some(context),
        name: format!("rule {}", execution.rule),
        kind: kind::INTERNAL,
        began: execution.started_at,
        ended,
        attributes: vec![
            ("hence.rule", json!(*execution.rule)),
            ("hence.rule.version", json!(*execution.rule_version)),
            ("hence.execution", json!(execution.id.as_str())),
            ("hence.status", Json::from(execution.status.as_str())),
        ],
        error: error.map(|error| format!("{}: {}", error.code, error.message)),
    }
}

/// The id of the span of an execution.
fn execution_span(execution: &ExecutionId) -> [u8; 8] {
    derived(&[execution.as_str().as_bytes()])
}

/// The id of the span of an attempt of a call.
fn call_span(execution: &ExecutionId, sequence: u32, attempt: u32) -> [u8; 8] {
    derived(&[execution.as_str().as_bytes(), &sequence.to_le_bytes(), &attempt.to_le_bytes()])
}

fn derived(parts: &[&[u8]]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    let mut id = [0; 8];
    hasher.finalize_xof().fill(&mut id);
    id
}

#[cfg(test)]
mod tests {
    use hence_engine::{Accepted, Cause, ManualClock, NewEvent};
    use hence_store::Memory;

    use super::*;

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn an_event_that_a_rule_led_to_has_the_trace_of_the_first() {
        let store = Memory::new();
        let mut cause = None;
        let mut last = None;
        for depth in 0..3 {
            let event = NewEvent {
                id: format!("e{depth}").into(),
                source: "shop".into(),
                name: "shop.order.created".into(),
                received_at: Timestamp::UNIX_EPOCH,
                occurred_at: Timestamp::UNIX_EPOCH,
                payload: "{}".into(),
                mismatches: Vec::new(),
                target: None,
                cause,
                trace: (depth == 0).then(|| TRACE.into()),
            };
            let accepted = store.accept(std::slice::from_ref(&event)).unwrap();
            let Some(Accepted::New(sequence)) = accepted.first() else { panic!("{accepted:?}") };
            cause = Some(Cause { event: *sequence, depth: depth + 1 });
            last = Some(event.into_stored(*sequence));
        }
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let tracer = Tracer::new(None, Arc::new(store), clock, Arc::new(Metrics::new()));
        let execution = ExecutionId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
        tracer.started(&last.unwrap(), std::slice::from_ref(&execution));
        assert_eq!(tracer.of(&execution).map(|context| context.to_string()).as_deref(), Some(TRACE));
    }

    #[test]
    fn the_id_of_an_execution_tells_whether_it_began_before() {
        // Of the 29th of June 2023.
        let execution = ExecutionId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
        for (began, is_old) in [("2023-06-01T00:00:00Z", false), ("2023-07-31T00:00:00Z", true)] {
            let clock = Arc::new(ManualClock::new(began.parse().unwrap()));
            let tracer = Tracer::new(None, Arc::new(Memory::new()), clock, Arc::new(Metrics::new()));
            assert_eq!(tracer.has_to_ask(&execution), is_old);
        }
    }
}
