//! `GET /v1/openapi.json`: what this surface takes and answers, in OpenAPI 3.1.
//!
//! The document is made of the table of operations here, of the schemas in [`schemas`], and of who may do what, which stands
//! in [`crate::auth::needed`]. A test holds that every route has an operation and every operation a route; another one
//! asks a running daemon and holds its answers against the document.

mod operations;
mod schemas;

use axum::Json;
use axum::http::Method;
use serde_json::{Map, Value, json};

use self::operations::OPERATIONS;
use crate::auth::{OPEN, Permission, needed};

/// A request that is understood.
pub(super) struct Operation {
    /// The method, lower case.
    method: &'static str,
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    /// What stands in the query.
    query: &'static [Parameter],
    /// What the body is, if there is one.
    body: Body,
    /// What it answers if all is well.
    answer: Answer,
    /// Further statuses it answers with a problem.
    problems: &'static [u16],
}

/// A parameter of the query: its name, the name of its schema, and what it is.
struct Parameter(&'static str, Type, &'static str);

/// What a parameter is.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Boolean,
    Instant,
    Limit,
    Number,
    Choice(&'static [&'static str]),
    Status,
}

/// What a body is.
#[derive(Clone, Copy)]
enum Body {
    None,
    /// Any JSON.
    Json,
    /// JSON of a schema.
    Of(&'static str),
    /// The same; it may be left out.
    Maybe(&'static str),
    CloudEvents,
    /// The texts of a project, or a bundle.
    Release,
}

/// What an answer is: its status, and the schema of its JSON.
#[derive(Clone, Copy)]
enum Answer {
    Json(u16, &'static str),
    /// JSON of a schema, or plain text.
    JsonOrText(&'static str),
    /// JSON of a schema, or bytes.
    JsonOrBytes(&'static str),
    /// JSON of a schema: 201 where something was made of the request, 200 where it was only checked.
    MadeOrChecked(&'static str),
    /// A page of a list of these.
    Page(&'static str),
    /// Text of this media type.
    Text(&'static str),
    Nothing(u16),
    /// The connection speaks another protocol from then on.
    Socket,
}

/// Answers with the document.
pub(super) async fn document() -> Json<Value> {
    Json(build())
}

/// Returns the document.
pub(crate) fn build() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method.to_owned(), shown(operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hence",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Events in, executions and their history out. Errors are problem documents (RFC 9457) whose `code` never changes its meaning.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Made by `hence token create` or `POST /v1/tokens`."}},
        },
    })
}

fn shown(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = path_parameters(operation.path);
    parameters.extend(operation.query.iter().map(Parameter::shown));
    let permission = permission(operation);
    let mut responses = Map::new();
    responses.extend(operation.answer.shown());
    let mut problems: Vec<u16> = operation.problems.to_vec();
    if permission.is_some() {
        problems.extend([401, 403, 429]);
    }
    if !matches!(operation.body, Body::None) {
        problems.push(413);
    }
    // A path or a query that is no UTF-8, a request that takes too long, a name that is not the daemon's, a store that
    // cannot be used.
    problems.extend([400, 408, 421, 503]);
    problems.sort_unstable();
    for status in problems {
        responses.insert(status.to_string(), problem());
    }
    let mut shown = json!({
        "operationId": name(operation),
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(members) = shown.as_object_mut() {
        if let Some(body) = operation.body.shown() {
            members.insert("requestBody".to_owned(), body);
        }
        match permission {
            None => drop(members.insert("security".to_owned(), json!([]))),
            Some(permission) => drop(members.insert("x-hence-role".to_owned(), json!(role(permission)))),
        }
    }
    shown
}

/// What a request needs; nothing where it is open to all.
fn permission(operation: &Operation) -> Option<Permission> {
    let method = operation.method.to_uppercase();
    if OPEN.contains(&(&*method, operation.path)) {
        return None;
    }
    Some(needed(&Method::from_bytes(method.as_bytes()).unwrap_or_default(), operation.path))
}

/// The least role that may.
fn role(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "viewer",
        Permission::Edit | Permission::Write => "author",
        Permission::Operate => "operator",
        Permission::Administer => "admin",
    }
}

/// The operation's name: its method and the words of its path.
fn name(operation: &Operation) -> String {
    let words =
        operation.path.split(['/', '{', '}', '.', '-']).filter(|word| !word.is_empty() && *word != "v1");
    std::iter::once(operation.method).chain(words).collect::<Vec<_>>().join("_")
}

fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}))
        .collect()
}

fn problem() -> Value {
    let schema = json!({"$ref": "#/components/schemas/Problem"});
    json!({"description": "A problem.", "content": {"application/problem+json": {"schema": schema}}})
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

impl Parameter {
    fn shown(&self) -> Value {
        let Parameter(name, kind, description) = self;
        let schema = match kind {
            Type::Text => json!({"type": "string"}),
            Type::Boolean => json!({"type": "boolean"}),
            Type::Instant => json!({"type": "string", "format": "date-time"}),
            Type::Limit => json!({"type": "integer", "minimum": 1, "maximum": 500, "default": 50}),
            Type::Number => json!({"type": "integer"}),
            Type::Choice(choices) => json!({"type": "string", "enum": choices}),
            Type::Status => reference("Status"),
        };
        json!({"name": name, "in": "query", "description": description, "schema": schema})
    }
}

impl Body {
    fn shown(self) -> Option<Value> {
        let json = |schema: Value, required: bool| json!({"required": required, "content": {"application/json": {"schema": schema}}});
        match self {
            Body::None => None,
            Body::Json => Some(json(json!({}), true)),
            Body::Of(schema) => Some(json(reference(schema), true)),
            Body::Maybe(schema) => Some(json(reference(schema), false)),
            Body::Release => Some(json!({"required": true, "content": {
                "application/json": {"schema": reference("Texts")},
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            }})),
            Body::CloudEvents => Some(json!({"required": true, "content": {
                "application/cloudevents+json": {"schema": reference("CloudEvent")},
                "application/cloudevents-batch+json": {
                    "schema": {"type": "array", "maxItems": 1000, "items": reference("CloudEvent")},
                },
            }})),
        }
    }
}

impl Answer {
    fn shown(self) -> Vec<(String, Value)> {
        let described = |status: u16, content: Value| {
            vec![(status.to_string(), json!({"description": "All is well.", "content": content}))]
        };
        match self {
            Answer::Json(status, schema) => {
                described(status, json!({"application/json": {"schema": reference(schema)}}))
            }
            Answer::JsonOrText(schema) => described(
                200,
                json!({
                    "application/json": {"schema": reference(schema)},
                    "text/plain": {"schema": {"type": "string"}},
                }),
            ),
            Answer::JsonOrBytes(schema) => described(
                200,
                json!({
                    "application/json": {"schema": reference(schema)},
                    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
                }),
            ),
            Answer::MadeOrChecked(schema) => {
                let content = json!({"application/json": {"schema": reference(schema)}});
                [described(200, content.clone()), described(201, content)].concat()
            }
            Answer::Page(schema) => {
                let page = json!({
                    "type": "object",
                    "required": ["items", "next"],
                    "properties": {
                        "items": {"type": "array", "items": reference(schema)},
                        "next": {"type": ["string", "integer", "null"], "description": "What to give as `cursor` for those that follow; null after the last."},
                    },
                });
                described(200, json!({"application/json": {"schema": page}}))
            }
            Answer::Text(kind) => {
                let mut content = Map::new();
                content.insert(kind.to_owned(), json!({"schema": {"type": "string"}}));
                described(200, Value::Object(content))
            }
            Answer::Nothing(status) => vec![(status.to_string(), json!({"description": "All is well."}))],
            Answer::Socket => vec![("101".to_owned(), json!({"description": "The protocol changes."}))],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::auth::ROUTES;

    #[test]
    fn every_route_that_needs_a_token_is_described_and_nothing_else_but_the_open_ones() {
        let described: BTreeSet<(String, &str)> =
            OPERATIONS.iter().map(|operation| (operation.method.to_uppercase(), operation.path)).collect();
        let mut routes: BTreeSet<(String, &str)> =
            ROUTES.iter().map(|(method, path, _)| ((*method).to_owned(), *path)).collect();
        routes.extend(OPEN.iter().map(|(method, path)| ((*method).to_owned(), *path)));
        assert_eq!(described, routes);
    }

    #[test]
    fn names_are_given_once_and_all_references_lead_somewhere() {
        let document = build();
        let mut names = BTreeSet::new();
        assert!(OPERATIONS.iter().all(|operation| names.insert(name(operation))), "{names:?}");
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let text = document.to_string();
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }
}
