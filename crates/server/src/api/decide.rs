//! `POST /v1/decide/{entry_point}`: a context in, what its rules answer out.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use hence_builtins::Context;
use hence_connectors::ingress;
use hence_diagnostics::{Span, nearest};
use hence_engine::{Decision, Question};
use hence_schema::check_payload;
use hence_vm::explain;
use serde::Deserialize;
use serde_json::Value;

use super::events::unreadable;
use crate::app::App;
use crate::clock::fresh_id;
use crate::problem::Problem;
use crate::receive::mismatch;
use crate::rules::Rules;

/// What is wanted beside the decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Whether to tell why each rule matched or did not.
    #[serde(default)]
    explain: bool,
}

/// Decides. Nothing is stored: a decision is a function of its context, the rules and the time.
pub(super) async fn decide(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let Path(name) = path?;
    let Query(wanted) = wanted?;
    let body = body?;
    let rules = app.rules();
    let Some(entry_point) = rules.catalog.entry_point(&name) else {
        let known = rules.catalog.entry_points().map(|entry_point| &*entry_point.name);
        let problem =
            Problem::not_found("unknown-entry-point", format!("no integration has the entry point `{name}`"));
        return Err(problem.meant(nearest(&name, known)));
    };
    let context = ingress::validate(&body).map_err(unreadable)?;
    let mismatches = check_payload(&entry_point.context, context.get());
    if !mismatches.is_empty() {
        let detail = format!("the context is not what the entry point `{name}` declares");
        let errors: Vec<Value> = mismatches.iter().map(mismatch).collect();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(Problem::new(status, "invalid-context", "Invalid context", detail).with("errors", errors));
    }
    let id = fresh_id();
    let question =
        Question { entry_point: &entry_point.name, context: context.get(), id: &id, at: app.clock.now() };
    let (decision, program) = app.driver.decide(&question);
    let by = app
        .current
        .all()
        .find(|rules| Arc::ptr_eq(&rules.program, &program))
        .unwrap_or_else(|| Arc::clone(&rules));
    for (rule, error) in &decision.failed {
        tracing::warn!(entry_point = %name, %rule, %error, "a rule of a decision failed");
    }
    let mut answer = decision.to_json();
    if let Some(members) = answer.as_object_mut() {
        members.insert("id".to_owned(), id.as_str().into());
        members.insert("release".to_owned(), by.release.into());
        if wanted.explain {
            members.insert("explanations".to_owned(), explanations(&by, &decision, &question).into());
        }
    }
    Ok(Json(answer))
}

/// Returns why each rule matched or did not. Values of sensitive fields are masked.
fn explanations(rules: &Rules, decision: &Decision, question: &Question<'_>) -> Vec<Value> {
    let source = |span: Span| rules.sources.slice(span).to_owned();
    let explained = decision.verdicts.iter().filter_map(|verdict| {
        let rule = rules.program.get(verdict.rule)?;
        let context = Context { now: question.at, zone: rule.zone(&rules.zone).clone() };
        Some(explain(rule, &verdict.slots, &context).to_json(&source))
    });
    explained.collect()
}
