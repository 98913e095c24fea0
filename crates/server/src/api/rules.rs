//! `/v1/rules`: the rules that run.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use hence_diagnostics::nearest;
use hence_ir::Rule;
use serde_json::{Value, json};

use crate::app::App;
use crate::problem::Problem;

/// Lists the rules in the order they run: `GET /v1/rules`.
pub(super) async fn list(State(app): State<App>) -> Json<Value> {
    let items: Vec<Value> = app.program.rules.iter().map(shown).collect();
    Json(json!({"items": items}))
}

/// Shows one rule: `GET /v1/rules/{name}`.
pub(super) async fn one(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path(name) = path?;
    match app.program.rule(&name) {
        Some(rule) => Ok(Json(shown(rule))),
        None => {
            let known = app.program.rules.iter().map(|rule| &*rule.name);
            let problem = Problem::not_found("unknown-rule", format!("there is no rule `{name}`"));
            Err(problem.meant(nearest(&name, known)))
        }
    }
}

fn shown(rule: &Rule) -> Value {
    json!({
        "name": rule.name,
        "title": rule.title,
        "doc": rule.doc,
        "version": rule.version,
        "priority": rule.priority,
        "triggers": rule.triggers,
        "disabled": rule.header.disabled,
        "owner": rule.header.owner,
        "tags": rule.header.tags,
        "timezone": rule.header.zone.as_ref().and_then(|zone| zone.iana_name()),
        "active": {
            "from": rule.header.from.map(|from| from.to_string()),
            "until": rule.header.until.map(|until| until.to_string()),
        },
    })
}
