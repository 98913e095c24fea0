//! `POST /v1/check` and `POST /v1/evaluate`: what is wrong with a text, and what rules make of sample data. Neither has
//! any effect.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use hence_builtins::Context;
use hence_diagnostics::{Diagnostic, Severity, Span, nearest, render};
use hence_engine::{Question, Skip, decide};
use hence_ir::{Rule, Step};
use hence_project::{Content, Loaded, Project, Texts};
use hence_schema::check_payload;
use hence_types::jiff::Timestamp;
use hence_vm::{EventInput, explain};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::read_json;
use super::releases::diagnostics;
use crate::app::App;
use crate::problem::Problem;
use crate::receive::{find, mismatch};
use crate::rules::Rules;

/// The file that a text without one stands in.
const FILE: &str = "text.rule";

/// Texts to be checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    /// The text of a rule file.
    text: Option<String>,
    /// The file it stands in; it takes the place of the one that runs.
    file: Option<String>,
    /// Whole files by their paths, in place of those that run.
    #[serde(default)]
    files: BTreeMap<String, Arc<str>>,
}

/// Checks texts together with the project that runs: `POST /v1/check`.
pub(super) async fn check(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let Check { text, file, mut files } = read_json(&body?, "invalid-check")?;
    match (text, file) {
        (Some(text), file) => drop(files.insert(file.unwrap_or_else(|| FILE.to_owned()), text.into())),
        (None, Some(_)) => {
            return Err(Problem::bad_request("invalid-check", "`file` is the name of a `text`"));
        }
        (None, None) if files.is_empty() => {
            return Err(Problem::bad_request("invalid-check", "there is neither `text` nor `files`"));
        }
        (None, None) => {}
    }
    let rules = app.rules();
    let checked = blocking(move || {
        let project = Project::of_texts(&over(&rules, files)?);
        let found = project.diagnostics();
        let document: Value =
            serde_json::from_str(&render::json(&project.sources, &found)).unwrap_or_default();
        let rendered = render::text(&project.sources, &found, render::TextOptions::default());
        Ok((document, rendered))
    });
    let (mut document, rendered) = checked.await?;
    if let Some(members) = document.as_object_mut() {
        members.insert("rendered".to_owned(), rendered.into());
    }
    Ok(Json(document))
}

/// Sample data, and which rules are to be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Evaluate<'a> {
    /// The full name of the event that the data is a payload of.
    event: Option<String>,
    /// The entry point that the data is a context of.
    entry_point: Option<String>,
    #[serde(borrow)]
    data: &'a RawValue,
    /// Only this rule.
    rule: Option<String>,
    /// Only the rules of this group.
    group: Option<String>,
    /// The text of a rule file; only its rules are asked then.
    text: Option<String>,
    /// When it is; now by default.
    now: Option<Timestamp>,
}

/// Evaluates rules against sample data and tells why: `POST /v1/evaluate`.
pub(super) async fn evaluate(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Problem> {
    let body = body?;
    let rules = app.rules();
    let now = app.clock.now();
    let answer = blocking(move || {
        let asked: Evaluate<'_> = read_json(&body, "invalid-evaluation")?;
        match &asked.text {
            Some(text) => {
                let files = BTreeMap::from([(FILE.to_owned(), Arc::from(text.as_str()))]);
                let loaded: Loaded = Project::of_texts(&over(&rules, files)?).into();
                let wrong: Vec<Diagnostic> = loaded
                    .diagnostics
                    .iter()
                    .filter(|one| one.severity == Severity::Error)
                    .cloned()
                    .collect();
                if !wrong.is_empty() {
                    let status = StatusCode::UNPROCESSABLE_ENTITY;
                    let problem = Problem::new(
                        status,
                        "invalid-rules",
                        "These rules cannot run",
                        "the text has errors",
                    );
                    return Err(diagnostics(problem, &loaded.sources, &wrong));
                }
                evaluated(&asked, &Asked::of_text(&loaded), now)
            }
            None => evaluated(&asked, &Asked::of_rules(&rules), now),
        }
    });
    answer.await.map(Json)
}

/// The rules that are asked.
struct Asked<'a> {
    program: &'a Arc<hence_ir::Program>,
    sources: &'a hence_diagnostics::Sources,
    catalog: &'a hence_schema::Catalog,
    zone: &'a hence_types::jiff::tz::TimeZone,
    former_names: hence_ir::FormerNames,
    /// Whether those of the text alone are.
    only_text: bool,
}

impl<'a> Asked<'a> {
    fn of_rules(rules: &'a Rules) -> Self {
        let Rules { program, sources, catalog, zone, former_names, .. } = rules;
        Self { program, sources, catalog, zone, former_names: former_names.clone(), only_text: false }
    }

    fn of_text(loaded: &'a Loaded) -> Self {
        let Loaded { program, sources, catalog, manifest, .. } = loaded;
        let former_names = hence_ir::FormerNames::default();
        Self { program, sources, catalog, zone: &manifest.zone, former_names, only_text: true }
    }

    fn is_asked(&self, rule: &Rule, wanted: &Evaluate<'_>) -> bool {
        let in_text = || self.sources.get(rule.span.file).is_some_and(|source| source.name() == FILE);
        let has_name = wanted.rule.as_ref().is_none_or(|wanted| {
            let name = self.former_names.present(&rule.name);
            *wanted == name || *wanted == hence_ir::family(&name)
        });
        let group = rule
            .then
            .iter()
            .find_map(|step| if let Step::Resolve { group, .. } = step { Some(group) } else { None });
        let in_group =
            wanted.group.as_ref().is_none_or(|wanted| group.is_some_and(|group| **group == **wanted));
        has_name && in_group && (!self.only_text || in_text())
    }
}

fn evaluated(wanted: &Evaluate<'_>, asked: &Asked<'_>, now: Timestamp) -> Result<Value, Problem> {
    let now = wanted.now.unwrap_or(now);
    let (name, mismatches) = match (&wanted.event, &wanted.entry_point) {
        (Some(event), None) => {
            let (integration, event) = event.split_once('.').unwrap_or((event, ""));
            let event = find(asked.catalog, integration, event)?;
            (event.full_name.to_string(), check_payload(&event.payload, wanted.data.get()))
        }
        (None, Some(name)) => {
            let Some(entry_point) = asked.catalog.entry_point(name) else {
                let known = asked.catalog.entry_points().map(|entry_point| &*entry_point.name);
                let detail = format!("no integration has the entry point `{name}`");
                return Err(Problem::not_found("unknown-entry-point", detail).meant(nearest(name, known)));
            };
            (name.clone(), check_payload(&entry_point.context, wanted.data.get()))
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::bad_request(
                "invalid-evaluation",
                "there is either `event` or `entry_point`",
            ));
        }
    };
    let mut triggered = asked.program.event(&name).map_or_else(Vec::new, |event| event.rules.clone());
    triggered.sort_unstable();
    let triggered: Vec<&Rule> = triggered
        .into_iter()
        .filter_map(|id| asked.program.get(id))
        .filter(|rule| asked.is_asked(rule, wanted))
        .collect();
    if let Some(rule) = &wanted.rule
        && triggered.is_empty()
        && !asked.program.rules.iter().any(|one| asked.is_asked(one, wanted))
    {
        let known: Vec<_> =
            asked.program.rules.iter().map(|rule| asked.former_names.present(&rule.name)).collect();
        let problem = Problem::not_found("unknown-rule", format!("there is no rule `{rule}`"));
        return Err(problem.meant(nearest(rule, known.iter().map(|name| &**name))));
    }
    let source = |span: Span| asked.sources.slice(span).to_owned();
    let items = triggered.into_iter().map(|rule| {
        let input =
            EventInput { name: &name, id: "sample", time: now, source: "sample", payload: wanted.data.get() };
        let slots = hence_vm::decode(&rule.plan, &input);
        let context = Context { now, zone: rule.zone(asked.zone).clone() };
        let mut explanation = explain(rule, &slots, &context);
        explanation.rule = asked.former_names.present(&rule.name).into();
        let mut shown = explanation.to_json(&source);
        if let (Some(skip), Some(members)) = (Skip::of_event(rule, &slots, &context), shown.as_object_mut()) {
            members.insert("skipped".to_owned(), skip.to_string().into());
        }
        shown
    });
    let items: Vec<Value> = items.collect();
    let mut answer = json!({
        "items": items,
        "now": now.to_string(),
        "schema_mismatches": mismatches.iter().map(mismatch).collect::<Vec<_>>(),
    });
    if let (Some(name), Some(members)) = (&wanted.entry_point, answer.as_object_mut()) {
        let question = Question { entry_point: name, context: wanted.data.get(), id: "sample", at: now };
        members.insert("decision".to_owned(), decide(asked.program, &question, asked.zone).to_json());
    }
    Ok(answer)
}

/// Returns the texts that run with others over them.
fn over(rules: &Rules, files: BTreeMap<String, Arc<str>>) -> Result<Texts, Problem> {
    let running = match &rules.content {
        Some(Content::Texts(texts)) => {
            texts.iter().map(|(path, text)| (path.to_owned(), Arc::clone(text))).collect()
        }
        Some(Content::Bundle(_)) | None => BTreeMap::new(),
    };
    let texts: BTreeMap<String, Arc<str>> = running.into_iter().chain(files).collect();
    Texts::new(texts).map_err(|error| Problem::bad_request("invalid-file", error.to_string()))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "an evaluation broke off");
        Err(Problem::internal("the texts could not be looked at"))
    })
}
