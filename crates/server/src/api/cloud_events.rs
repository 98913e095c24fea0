//! CloudEvents 1.0 over HTTP: one event in headers and body (binary), one as JSON (structured), or many (batch).
//!
//! The attribute `type` is the event's full name, such as `shop.order.created`. `source` and `id` together say which
//! event it is, as the specification has it: the same again is acknowledged, and runs no rules.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hence_connectors::ingress;
use hence_schema::Catalog;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::events::unreadable;
use super::executions::instant;
use crate::app::App;
use crate::problem::Problem;
use crate::receive::{Arrival, find, store, trace};
use crate::traces::Context;

/// The version of the specification.
const VERSION: &str = "1.0";

/// The media types of the modes in which all of an event is in the body.
const STRUCTURED: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

/// The most events of a batch.
const MOST: usize = 1000;

/// An event as its sender wrote it. Attributes that mean nothing to us are passed over.
#[derive(Deserialize)]
struct CloudEvent<'a> {
    specversion: Option<String>,
    id: Option<String>,
    source: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    time: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    data_base64: Option<String>,
    /// The extension for distributed tracing, which counts before the header of the request.
    traceparent: Option<String>,
}

/// Takes events: `POST /v1/events`.
pub(super) async fn receive(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let body = body?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        STRUCTURED => {
            let document = ingress::validate(&body).map_err(unreadable)?;
            let event: CloudEvent<'_> = serde_json::from_str(document.get()).map_err(malformed)?;
            one(&app, event, trace(&headers)).await
        }
        BATCH => {
            let document = ingress::validate(&body).map_err(unreadable)?;
            let events: Vec<CloudEvent<'_>> = serde_json::from_str(document.get()).map_err(malformed)?;
            batch(&app, events, trace(&headers)).await
        }
        _ if headers.contains_key("ce-specversion") => {
            let data = ingress::validate(&body).map_err(unreadable)?;
            let attribute = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(decoded);
            let event = CloudEvent {
                specversion: attribute("ce-specversion"),
                id: attribute("ce-id"),
                source: attribute("ce-source"),
                kind: attribute("ce-type"),
                time: attribute("ce-time"),
                data: Some(data),
                data_base64: None,
                traceparent: attribute("ce-traceparent"),
            };
            one(&app, event, trace(&headers)).await
        }
        _ => {
            let detail = format!(
                "CloudEvents come as `{STRUCTURED}`, as `{BATCH}`, or with headers `ce-specversion` and others; a payload \
                 alone goes to `/v1/events/INTEGRATION/EVENT`"
            );
            Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "no-cloud-event",
                "Unsupported media type",
                detail,
            ))
        }
    }
}

async fn one(
    app: &App,
    event: CloudEvent<'_>,
    trace: Option<Context>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let read = event.read(trace)?;
    let rules = app.rules();
    let answer =
        store(app, vec![read.arrival(&rules.catalog)?]).await?.into_iter().next().unwrap_or_default();
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// Takes all events of a batch, or none.
async fn batch(
    app: &App,
    events: Vec<CloudEvent<'_>>,
    trace: Option<Context>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if events.len() > MOST {
        let detail = format!("a batch has {MOST} events at most, this one {}", events.len());
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail));
    }
    let at = |index: usize| move |problem: Problem| problem.with("pointer", format!("/{index}"));
    let read: Vec<Read> = events
        .into_iter()
        .enumerate()
        .map(|(index, event)| event.read(trace).map_err(at(index)))
        .collect::<Result<_, _>>()?;
    let rules = app.rules();
    let arrivals =
        read.iter().enumerate().map(|(index, read)| read.arrival(&rules.catalog).map_err(at(index)));
    let answers = store(app, arrivals.collect::<Result<_, _>>()?).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"events": answers}))))
}

/// An event with everything it needs.
struct Read {
    integration: String,
    name: String,
    id: String,
    source: String,
    occurred_at: Option<hence_types::jiff::Timestamp>,
    payload: String,
    trace: Option<Context>,
}

impl CloudEvent<'_> {
    fn read(self, trace: Option<Context>) -> Result<Read, Problem> {
        let needed = |value: Option<String>, name: &str| {
            let value = value.filter(|value| !value.is_empty());
            value.ok_or_else(|| invalid(format!("the attribute `{name}` is missing")))
        };
        let version = needed(self.specversion, "specversion")?;
        if version != VERSION {
            return Err(invalid(format!("`specversion` is `{VERSION}`, not `{version}`")));
        }
        let (id, source, kind) =
            (needed(self.id, "id")?, needed(self.source, "source")?, needed(self.kind, "type")?);
        let (integration, name) = kind.split_once('.').ok_or_else(|| {
            invalid(format!(
                "`type` is the full name of an event, such as `shop.order.created`, not `{kind}`"
            ))
        })?;
        let payload = match (self.data, self.data_base64) {
            (Some(data), None) => data.get().to_owned(),
            (None, Some(text)) => {
                let bytes =
                    STANDARD.decode(text).map_err(|_| invalid("`data_base64` is no base64".to_owned()))?;
                ingress::validate(&bytes).map_err(unreadable)?.get().to_owned()
            }
            (Some(_), Some(_)) => return Err(invalid("there are both `data` and `data_base64`".to_owned())),
            (None, None) => return Err(invalid("the payload, `data`, is missing".to_owned())),
        };
        let occurred_at = self.time.as_deref().map(instant).transpose()?;
        Ok(Read {
            integration: integration.to_owned(),
            name: name.to_owned(),
            id,
            source,
            occurred_at,
            payload,
            trace: self.traceparent.as_deref().and_then(Context::parse).or(trace),
        })
    }
}

impl Read {
    fn arrival<'a>(&'a self, catalog: &'a Catalog) -> Result<Arrival<'a>, Problem> {
        Ok(Arrival {
            source: &self.source,
            event: find(catalog, &self.integration, &self.name)?,
            id: Some(self.id.clone()),
            occurred_at: self.occurred_at,
            payload: &self.payload,
            trace: self.trace,
        })
    }
}

/// Decodes the percent-encoding of an attribute in a header; what is no UTF-8 is left as it is.
fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(value).decode_utf8().map_or_else(|_| value.to_owned(), Into::into)
}

fn invalid(detail: String) -> Problem {
    Problem::bad_request("invalid-cloud-event", detail)
}

fn malformed(error: serde_json::Error) -> Problem {
    invalid(format!("the body is no CloudEvent: {error}"))
}
