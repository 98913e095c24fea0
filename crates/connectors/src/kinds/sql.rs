//! The kind `sql`: statements in a database, and the rows they give.
//!
//! What an action's statements change stands in the database together with the key of the call, in the table
//! `hence_calls`: a call that is made once more changes nothing and has the result of the first. So a crash between the
//! commit and its record does no harm, whatever the statements do.
//!
//! The setting `database` is `sqlite:` and the path of a file, as seen from the project's folder.

mod database;
mod rows;

use std::time::Duration;

use hence_engine::{Failure, Request, Response};
use hence_schema::SqlCall;
use hence_types::Type;
use rusqlite::{Connection, ErrorCode, TransactionBehavior, params};
use serde_json::{Value as Json, json};

pub(crate) use database::{Databases, settings_problem};
pub(crate) use rows::{Row, Shape, run};

use super::{Purpose, excerpt, json_excerpt, refused};
use crate::mask::Mask;
use crate::template::{self, Scope, Statement};

/// The longest time for the statements of a call together.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

/// The most rows that a call gives.
const ROWS: usize = 10_000;

/// Where the calls are kept that were done.
const CALLS: &str = "CREATE TABLE IF NOT EXISTS hence_calls (
    key TEXT PRIMARY KEY,
    result TEXT NOT NULL,
    done_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hence_calls_by_time ON hence_calls (done_at);";

/// How long a call that was done is remembered, in seconds: longer than any execution tries a call.
const REMEMBERED: i64 = 90 * 24 * 60 * 60;

/// What a call is made of, ready to be done.
struct Work {
    statements: Vec<Statement>,
    /// What is wrong if no row is changed.
    unchanged: Option<String>,
    /// The key under which it is done once; none for what only reads.
    key: Option<String>,
    result: Option<Type>,
}

/// What came of it.
struct Done {
    result: Json,
    rows: usize,
    changed: u64,
    /// It had been done before.
    before: bool,
}

/// Why it was not done.
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
    let sent = json!({
        "database": mask.text(scope.settings.get(database::SETTING).map_or("", String::as_str)),
        "statements": statements.iter().map(|statement| excerpt(&statement.text, mask)).collect::<Vec<_>>(),
        "values": json_excerpt(&statements.iter().map(|statement| Json::from(statement.values.clone())).collect(), mask),
    });
    let integration = request.action.split('.').next().unwrap_or_default();
    let key = (purpose == Purpose::Do).then(|| request.key.clone());
    let work = Work { statements, unchanged, key, result: result.cloned() };
    match databases
        .within(integration, scope.settings, TOTAL_TIMEOUT, move |database| work.run(database))
        .await
    {
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
    fn run(self, database: &mut Connection) -> Result<Done, Problem> {
        let behavior =
            if self.key.is_some() { TransactionBehavior::Immediate } else { TransactionBehavior::Deferred };
        let transaction = database.transaction_with_behavior(behavior)?;
        if let Some(key) = &self.key {
            transaction.execute_batch(CALLS)?;
            let mut known = transaction.prepare_cached("SELECT result FROM hence_calls WHERE key = ?1")?;
            if let Some(row) = known.query([key])?.next()? {
                let text: String = row.get(0)?;
                let result = serde_json::from_str(&text).map_err(|_| {
                    Problem::mistake("a row of `hence_calls` was changed by somebody else".to_owned())
                })?;
                return Ok(Done { result, rows: 0, changed: 0, before: true });
            }
        }
        let shape = Shape::of(self.result.as_ref());
        let (mut changed, mut found) = (0_u64, Vec::new());
        for statement in &self.statements {
            let (rows, changes) = run(&transaction, statement, &shape, ROWS)?;
            changed = changed.saturating_add(changes);
            found = rows;
        }
        if let (0, Some(unchanged)) = (changed, self.unchanged) {
            return Err(Problem::mistake(unchanged));
        }
        let rows = found.len();
        let result = shape.result(found);
        if let Some(key) = &self.key {
            remember(&transaction, key, &result)?;
        }
        transaction.commit().map_err(|error| {
            let problem = Problem::from(error);
            // A commit that was told to be busy did nothing; of others it is not known.
            Problem { certain: problem.certain && problem.retryable, ..problem }
        })?;
        Ok(Done { result, rows, changed, before: false })
    }
}

/// Keeps that a call was done, and forgets some that were done long ago.
fn remember(database: &Connection, key: &str, result: &Json) -> rusqlite::Result<()> {
    database
        .prepare_cached("INSERT INTO hence_calls (key, result, done_at) VALUES (?1, ?2, unixepoch())")?
        .execute(params![key, result.to_string()])?;
    database
        .prepare_cached(
            "DELETE FROM hence_calls WHERE key IN (
                SELECT key FROM hence_calls WHERE done_at < unixepoch() - ?1 ORDER BY done_at LIMIT 4
            )",
        )?
        .execute([REMEMBERED])?;
    Ok(())
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

    /// Nobody knows whether it was done.
    pub(crate) fn unknown(message: String) -> Self {
        Self { message, certain: false, retryable: true }
    }

    /// Returns what is wrong, for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        let message = format!("the database says: {error}");
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Problem::for_now("the database is held by somebody else".to_owned())
            }
            Some(
                ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
                | ErrorCode::SchemaChanged,
            ) => Problem::for_now(message),
            // A constraint, a mistake in the statement, a file that is no database: the same would happen again.
            _ => Problem::mistake(message),
        }
    }
}

#[cfg(test)]
mod tests;
