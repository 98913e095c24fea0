//! `/hooks`: the webhooks of providers. The signature is checked over the bytes as they came.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use hence_connectors::ingress::{self, Delivery, IngressError};
use hence_connectors::signatures::{self, Keys, Rejection};
use hence_diagnostics::nearest;
use hence_schema::Signature;
use serde_json::{Value, json};

use super::events::unreadable;
use crate::app::App;
use crate::problem::Problem;
use crate::receive::{Arrival, find, store, trace};

/// Has deliveries of an integration come at their pace. What is no integration is not counted.
pub(super) async fn paced(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
    next: Next,
) -> Response {
    match path {
        Ok(Path(id)) if app.rules().catalog.integrations.contains_key(&id) => {
            app.hook_pace.keep(&id, app.clock.now(), next.run(request)).await
        }
        Ok(_) | Err(_) => next.run(request).await,
    }
}

/// Takes a delivery: `POST /hooks/{integration}`.
pub(super) async fn receive(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (Path(id), body, rules) = (path?, body?, app.rules());
    let Some(integration) = rules.catalog.integrations.get(&id) else {
        let known = rules.catalog.integrations.keys().map(String::as_str);
        let problem = Problem::bad_request("unknown-integration", format!("there is no integration `{id}`"));
        return Err(problem.meant(nearest(&id, known)));
    };
    let Some(webhook) = &integration.webhook else {
        return Err(Problem::bad_request("no-webhook", format!("integration `{id}` takes no webhooks")));
    };
    let read = ingress::read(webhook, &id, &headers, &body);
    if let Ok(Delivery::Challenge(answer)) = read {
        // A handshake changes nothing, and some providers do not sign it.
        return Ok((StatusCode::OK, Json(answer)));
    }
    let secrets = rules.connectors.webhook_secrets(&id);
    if !secrets.is_empty() {
        let keys = Keys { secrets: &secrets, address: rules.connectors.webhook_url(&id) };
        signatures::verify(&webhook.signature, keys, &headers, &body, app.clock.now())
            .map_err(|rejection| forged(&id, &rejection))?;
    } else if !rules.connectors.takes_unsigned(&id) {
        // What is no JSON is told so: that says nothing of what is taken here.
        return Err(match read {
            Err(defect @ IngressError::Body(_)) => refused(defect),
            Ok(_) | Err(_) => unverified(&id, &webhook.signature),
        });
    }
    let events = match read.map_err(refused)? {
        Delivery::Challenge(answer) => return Ok((StatusCode::OK, Json(answer))),
        Delivery::Events(events) => events,
    };
    let mut arrivals = Vec::new();
    for event in &events {
        let name = event.name.split_once('.').map(|(_, name)| name).unwrap_or_default();
        arrivals.push(Arrival {
            source: &id,
            event: find(&rules.catalog, &id, name)?,
            id: event.delivery.clone(),
            occurred_at: None,
            payload: &event.payload,
            trace: trace(&headers),
        });
    }
    let answers = store(&app, arrivals).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"events": answers}))))
}

fn unverified(integration: &str, signature: &Signature) -> Problem {
    tracing::warn!(%integration, "a delivery was refused, as there is nothing to verify it with");
    let section = format!("`[connections.{integration}]`");
    let detail = if *signature == Signature::None {
        format!(
            "the manifest of `{integration}` does not say how deliveries are signed, so none is taken; \
             `unsigned = \"true\"` in {section} takes them from anybody"
        )
    } else {
        format!(
            "nothing is set that deliveries of `{integration}` can be verified with: `webhook_secret` in \
             {section}, or `unsigned = \"true\"` where whoever sends them cannot sign"
        )
    };
    Problem::new(StatusCode::UNAUTHORIZED, "no-secret", "Unauthorized", detail)
}

fn forged(integration: &str, rejection: &Rejection) -> Problem {
    tracing::warn!(%integration, %rejection, "a delivery was refused");
    Problem::new(StatusCode::UNAUTHORIZED, "invalid-signature", "Unauthorized", rejection.to_string())
}

fn refused(error: IngressError) -> Problem {
    let detail = error.to_string();
    match error {
        IngressError::Body(defect) => unreadable(defect),
        IngressError::NoEventName(_) => Problem::bad_request("no-event-name", detail),
        IngressError::UnknownEvent { provider, known, .. } => {
            let meant = nearest(&provider, known.iter().map(String::as_str)).map(str::to_owned);
            Problem::bad_request("unknown-event", detail).meant(meant.as_deref()).with("known", known)
        }
        IngressError::NoPayload(_) => Problem::bad_request("no-payload", detail),
    }
}
