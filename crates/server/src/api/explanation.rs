//! `GET /v1/executions/{id}/explanation`: why its rule matched, computed again from the recorded event.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hence_builtins::Context;
use hence_diagnostics::Span;
use hence_engine::{Execution, ExecutionId};
use hence_vm::{EventInput, Marks, explain};
use serde::Deserialize;

use super::releases::ask;
use crate::app::App;
use crate::problem::Problem;
use crate::rules::Code;

/// How the explanation is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Text,
}

/// Explains an execution. Values of sensitive fields are masked.
pub(super) async fn one(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Problem> {
    let Path(text) = path?;
    let Query(Wanted { format }) = wanted?;
    let unknown = || Problem::not_found("unknown-execution", format!("there is no execution `{text}`"));
    let id = ExecutionId::parse(&text).ok_or_else(unknown)?;
    let found = app
        .ask(move |store| {
            let execution = store.execution(&id)?;
            let event = match &execution {
                Some(execution) => store.event(execution.event)?,
                None => None,
            };
            Ok(execution.zip(event))
        })
        .await?;
    let Some((execution, event)) = found else { return Err(unknown()) };
    let Some(code) = in_version(&app, &execution).await? else {
        let detail = format!(
            "the rule `{}` is in no release in the version {} that this execution ran",
            app.rules().former_names.present(&execution.rule),
            execution.rule_version
        );
        return Err(Problem::new(StatusCode::CONFLICT, "rule-not-loaded", "Conflict", detail));
    };
    let Some(rule) = code.program.rule(&execution.rule) else { return Err(unknown()) };
    let event = event.event;
    let input = EventInput {
        name: &event.name,
        id: &event.id,
        time: event.occurred_at,
        source: &event.source,
        payload: &event.payload,
    };
    let slots = hence_vm::decode(&rule.plan, &input);
    let context = Context { now: event.received_at, zone: rule.zone(&code.zone).clone() };
    let mut explanation = explain(rule, &slots, &context);
    explanation.rule = code.former_names.present(&execution.rule).into();
    let source = |span: Span| code.sources.slice(span).to_owned();
    let Execution { status, reason, variant, .. } = execution;
    Ok(match format {
        Format::Json => {
            let mut json = explanation.to_json(&source);
            if let Some(members) = json.as_object_mut() {
                members.extend(reason.map(|reason| ("reason".to_owned(), (&*reason).into())));
                members.extend(variant.map(|variant| ("variant".to_owned(), (&*variant).into())));
            }
            Json(json).into_response()
        }
        Format::Text => {
            let reason = reason.map(|reason| format!("{}: {reason}\n", status.as_str())).unwrap_or_default();
            let variant = variant.map(|variant| format!("variant {variant}\n")).unwrap_or_default();
            format!("{reason}{variant}{}", explanation.render(&source, Marks::Unicode)).into_response()
        }
    })
}

/// Returns what has the rule of an execution in the version that it ran: what runs now, else the latest release that has.
async fn in_version(app: &App, execution: &Execution) -> Result<Option<Code>, Problem> {
    let (rule, version) = (Arc::clone(&execution.rule), Arc::clone(&execution.rule_version));
    if let Some(code) = app.current.all().map(|rules| rules.code()).find(|code| code.has(&rule, &version)) {
        return Ok(Some(code));
    }
    ask(app, move |app| app.deployer.of_version(&rule, &version)).await
}
