//! The kind `sql`: statements in a database, and the rows they give.
//!
//! What an action's statements change stands in the database together with the key of the call, in the table
//! `hence_calls`: a call that is made once more changes nothing and has the result of the first. So a crash between the
//! commit and its record does no harm, whatever the statements do.
//!
//! Which database it is says the setting `database`; [`database`] tells them apart.

mod database;
mod postgres;
mod shape;
mod sqlite;
mod words;

use std::time::Duration;

use hence_engine::{Failure, Request, Response};
use hence_schema::SqlCall;
use hence_types::Type;
use serde_json::{Value as Json, json};

pub(crate) use database::{DATABASE, Databases, PASSWORD, Target, settings_problem};
pub(crate) use postgres::Listening;
pub(crate) use shape::{Row, Shape};

/// Returns the password in the URL of a database, if it has one.
pub(crate) fn password_in(database: &str) -> Option<String> {
    postgres::Address::password_in(database)
}

use super::{Purpose, excerpt, json_excerpt, refused};
use crate::mask::Mask;
use crate::template::{self, Scope, Statement};

/// The longest time for the statements of a call together.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

/// The most rows that a call gives.
const ROWS: usize = 10_000;

/// How long a call that was done is remembered, in seconds: longer than any execution tries a call.
const REMEMBERED: i64 = 90 * 24 * 60 * 60;

/// Statements that are done together, all or none.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) statements: Vec<Statement>,
    /// What is wrong if no row is changed.
    pub(crate) unchanged: Option<String>,
    /// The key under which it is done once; none for what only reads.
    pub(crate) key: Option<String>,
    /// What becomes of the rows of the last statement.
    pub(crate) shape: Shape,
    /// The most rows that a statement gives.
    pub(crate) most: usize,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) result: Json,
    rows: usize,
    changed: u64,
    /// It had been done before.
    before: bool,
}

/// Why it was not done.
#[derive(Debug)]
pub(crate) struct Problem {
    message: String,
    certain: bool,
    retryable: bool,
}

/// Does the statements.
pub(crate) async fn call(
    databases: &Databases,
    call: &SqlCall,
    scope: Scope<'_>,
    request: &Request,
    (purpose, result): (Purpose, Option<&Type>),
    mask: &Mask,
) -> Result<Response, Failure> {
    let prepared = call.statements.iter().map(|text| template::statement(text, scope));
    let statements = prepared.collect::<Result<Vec<_>, _>>();
    let unchanged = call.unchanged.as_ref().map(|text| template::text(text, scope)).transpose();
    let (statements, unchanged) = match (statements, unchanged) {
        (Ok(statements), Ok(unchanged)) => (statements, unchanged),
        (Err(error), _) | (_, Err(error)) => return Err(refused(&error.to_string(), mask)),
    };
    let (address, mark) = database::shown(scope.settings);
    let texts = statements.iter().map(|statement| excerpt(&statement.text(mark), mask));
    let values = statements.iter().map(|statement| Json::from(statement.values.clone())).collect();
    let sent = json!({
        "database": mask.text(&address),
        "statements": texts.collect::<Vec<_>>(),
        "values": json_excerpt(&values, mask),
    });
    let integration = request.action.split('.').next().unwrap_or_default();
    let key = (purpose == Purpose::Do).then(|| request.key.clone());
    let work = Work { statements, unchanged, key, shape: Shape::of(result), most: ROWS };
    match databases.perform(integration, scope.settings, TOTAL_TIMEOUT, work).await {
        Ok(done) => {
            let received = json!({"rows": done.rows, "changed": done.changed, "done_before": done.before});
            Ok(Response { result: done.result, detail: json!({"request": sent, "response": received}) })
        }
        Err(problem) => Err(Failure {
            message: mask.text(&problem.message),
            certain: problem.certain,
            retryable: problem.retryable,
            detail: json!({"request": sent, "response": null}),
            ..Failure::default()
        }),
    }
}

impl Work {
    /// Returns statements that are done as often as they are asked for.
    pub(crate) fn of(statements: Vec<Statement>, shape: Shape) -> Self {
        Self { statements, unchanged: None, key: None, shape, most: ROWS }
    }

    /// Returns what is wrong with a statement that would end the transaction it is done in, if there is one.
    fn problem(&self) -> Option<Problem> {
        let ends = |statement: &Statement| words::controls_transaction(&statement.text('?'));
        self.statements.iter().any(ends).then(|| {
            Problem::mistake(
                "the statements of a call are one transaction: none of them begins or ends another"
                    .to_owned(),
            )
        })
    }

    /// Returns what came of it: of these rows, and so many that were changed.
    fn done(&self, found: Vec<Row>, changed: u64) -> Result<Done, Problem> {
        match &self.unchanged {
            Some(unchanged) if changed == 0 => Err(Problem::mistake(unchanged.clone())),
            _ => {
                let rows = found.len();
                Ok(Done { result: self.shape.result(found), rows, changed, before: false })
            }
        }
    }
}

impl Done {
    /// Returns what came of a call that had been done before.
    fn before(result: &str) -> Result<Self, Problem> {
        let result = serde_json::from_str(result).map_err(|_| {
            Problem::mistake("a row of `hence_calls` was changed by somebody else".to_owned())
        })?;
        Ok(Self { result, rows: 0, changed: 0, before: true })
    }
}

impl Problem {
    /// A problem that trying again does not mend.
    pub(crate) fn mistake(message: String) -> Self {
        Self { message, certain: true, retryable: false }
    }

    /// A problem that may be gone later; nothing was done.
    pub(crate) fn for_now(message: String) -> Self {
        Self { message, certain: true, retryable: true }
    }

    /// Says that a statement gives too much.
    fn too_many_rows(most: usize) -> Self {
        Self::mistake(format!("the statement gives more than {most} rows"))
    }

    /// Nobody knows whether it was done.
    pub(crate) fn unknown(message: String) -> Self {
        Self { message, certain: false, retryable: true }
    }

    /// Returns what is wrong, for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

#[cfg(test)]
mod tests;
