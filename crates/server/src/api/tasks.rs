//! `/v1/tasks`: what people are to do. Questions that rules ask, which are answered, and assignments that actions of rules
//! create, which are completed or cancelled.

mod assignments;
mod questions;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use hence_engine::{Assignment, AssignmentFilter, Cursor, Page, Store, Task, store};
use hence_store::Records;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) use assignments::{cancel, complete};
pub(super) use questions::answer;

use super::executions::Paging;
use crate::app::App;
use crate::problem::Problem;

/// What a task wants of a person.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// An answer.
    Question,
    /// That it is done.
    Assignment,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Question => "question",
            Kind::Assignment => "assignment",
        }
    }
}

/// A task of either kind.
enum Found {
    Question(Task),
    Assignment(Assignment),
}

impl Found {
    fn id(&self) -> &str {
        match self {
            Found::Question(task) => &task.id,
            Found::Assignment(task) => &task.id,
        }
    }

    fn shown(&self, app: &App) -> Value {
        match self {
            Found::Question(task) => questions::shown(app, task),
            Found::Assignment(task) => assignments::shown(task),
        }
    }
}

/// Which tasks are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    state: Which,
    kind: Option<Kind>,
    role: Option<String>,
    assignee: Option<String>,
    list: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Which {
    #[default]
    Open,
    All,
}

/// Where tasks are read, and which: only those of a kind that can have what is asked for.
struct Source {
    store: Arc<dyn Store>,
    records: Arc<dyn Records>,
    kinds: (bool, bool),
    role: Option<String>,
    filter: AssignmentFilter,
}

/// A place in the list of all tasks.
#[derive(Clone, Copy)]
struct Place {
    kind: Kind,
    cursor: Cursor,
}

/// What the text of a place ends with that is an assignment's.
const OF_ASSIGNMENT: &str = ".a";

/// Lists tasks: `GET /v1/tasks`. Open ones by id; with `state=all` all of them, latest first.
pub(super) async fn list(
    State(app): State<App>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(Wanted { state, kind, role, assignee, list, cursor, limit }) = query?;
    let limit = Paging::read(None, limit)?.limit;
    let questions = kind != Some(Kind::Assignment) && assignee.is_none() && list.is_none();
    let assignments = kind != Some(Kind::Question) && role.is_none();
    let source = Source {
        store: Arc::clone(&app.store),
        records: Arc::clone(&app.records),
        kinds: (questions, assignments),
        role,
        filter: AssignmentFilter { assignee, list },
    };
    let (tasks, next) = match state {
        Which::Open => app.blocking(move || source.open(cursor, limit)).await?,
        Which::All => {
            let place = cursor.as_deref().map(Place::read).transpose()?;
            app.blocking(move || source.all(place, limit)).await?
        }
    };
    let items: Vec<Value> = tasks.iter().map(|task| task.shown(&app)).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

/// Shows one task: `GET /v1/tasks/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path(id) = path?;
    Ok(Json(find(&app, id).await?.shown(&app)))
}

async fn find(app: &App, id: String) -> Result<Found, Problem> {
    let (store, records, wanted) = (Arc::clone(&app.store), Arc::clone(&app.records), id.clone());
    let found = app
        .blocking(move || match Task::find(&*store, &wanted)? {
            Some(task) => Ok(Some(Found::Question(task))),
            None => Ok(records.assignment(&wanted)?.map(Found::Assignment)),
        })
        .await?;
    found.ok_or_else(|| Problem::not_found("unknown-task", format!("there is no task `{id}`")))
}

/// The refusal of what is done with tasks of the other kind.
fn other_kind(kind: Kind) -> Problem {
    let detail = match kind {
        Kind::Question => "this task is a question: it is answered, by `POST /v1/tasks/{id}/answer`",
        Kind::Assignment => {
            "this task is an assignment: it ends by `POST /v1/tasks/{id}/complete` or `POST /v1/tasks/{id}/cancel`"
        }
    };
    Problem::new(StatusCode::CONFLICT, "other-kind-of-task", "Conflict", detail)
}

/// Some tasks, and where the next begin.
type Tasks = (Vec<Found>, Option<String>);

impl Source {
    /// Returns tasks that are open, by their ids.
    fn open(&self, after: Option<String>, limit: usize) -> Result<Tasks, store::Error> {
        let (mut tasks, mut is_last) = (Vec::new(), true);
        if self.kinds.1 {
            let found = self.records.open_assignments(&self.filter, after.as_deref(), limit + 1)?;
            tasks.extend(found.into_iter().map(Found::Assignment));
        }
        if self.kinds.0 {
            let (found, next) = questions::open(&*self.store, self.role.as_deref(), after, limit)?;
            tasks.extend(found.into_iter().map(Found::Question));
            is_last = next.is_none();
        }
        tasks.sort_by(|one, other| one.id().cmp(other.id()));
        is_last &= tasks.len() <= limit;
        tasks.truncate(limit);
        let next = tasks.last().filter(|_| !is_last).map(|task| task.id().to_owned());
        Ok((tasks, next))
    }

    /// Returns all tasks, latest first.
    fn all(&self, place: Option<Place>, limit: usize) -> Result<Tasks, store::Error> {
        let (mut tasks, mut is_last) = (Vec::new(), true);
        if self.kinds.0 {
            let cursor = place.map(|place| place.among(Kind::Question));
            let Page { items, next } =
                questions::all(&*self.store, self.role.as_deref(), cursor.as_ref(), limit)?;
            let place = |cursor| Place { kind: Kind::Question, cursor };
            tasks.extend(items.into_iter().map(|(cursor, task)| (place(cursor), task.map(Found::Question))));
            is_last &= next.is_none();
        }
        if self.kinds.1 {
            let cursor = place.map(|place| place.among(Kind::Assignment));
            let Page { items, next } = self.records.assignments(&self.filter, cursor.as_ref(), limit)?;
            let place = |cursor| Place { kind: Kind::Assignment, cursor };
            let found = |(cursor, task)| (place(cursor), Some(Found::Assignment(task)));
            tasks.extend(items.into_iter().map(found));
            is_last &= next.is_none();
        }
        tasks.sort_by_key(|(place, _)| place.order());
        // Of a kind of which there are more, as many were read as are wanted, so that none is passed over.
        is_last &= tasks.len() <= limit;
        tasks.truncate(limit);
        let next = tasks.last().filter(|_| !is_last).map(|(place, _)| place.to_text());
        Ok((tasks.into_iter().filter_map(|(_, task)| task).collect(), next))
    }
}

impl Place {
    fn read(text: &str) -> Result<Self, Problem> {
        let (kind, cursor) = match text.strip_suffix(OF_ASSIGNMENT) {
            Some(cursor) => (Kind::Assignment, cursor),
            None => (Kind::Question, text),
        };
        let cursor = Cursor::parse(cursor).ok_or_else(|| {
            Problem::bad_request("invalid-query", format!("`{text}` is no cursor that a list has given"))
        })?;
        Ok(Self { kind, cursor })
    }

    fn to_text(self) -> String {
        match self.kind {
            Kind::Question => self.cursor.to_text(),
            Kind::Assignment => format!("{}{OF_ASSIGNMENT}", self.cursor.to_text()),
        }
    }

    /// By what tasks are ordered: the latest first, of one instant questions before assignments.
    fn order(&self) -> (Reverse<i64>, Kind, Reverse<u64>) {
        (Reverse(self.cursor.instant), self.kind, Reverse(self.cursor.sequence))
    }

    /// Returns the place at which the tasks of a kind go on behind this one.
    fn among(self, kind: Kind) -> Cursor {
        let instant = self.cursor.instant;
        match (self.kind, kind) {
            (Kind::Question, Kind::Assignment) => Cursor { instant, sequence: u64::MAX },
            (Kind::Assignment, Kind::Question) => Cursor { instant, sequence: 0 },
            (Kind::Question, Kind::Question) | (Kind::Assignment, Kind::Assignment) => self.cursor,
        }
    }
}
