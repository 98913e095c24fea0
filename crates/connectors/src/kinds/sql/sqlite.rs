//! Databases of SQLite: files, connections to them that are not in use, and what is done in one.

mod rows;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, params};

use super::{Done, Problem, REMEMBERED, Work};

/// How long a statement waits for another program that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections to a database are kept for the next call.
const KEPT: usize = 4;

/// Where the calls are kept that were done.
const CALLS: &str = "CREATE TABLE IF NOT EXISTS hence_calls (
    key TEXT PRIMARY KEY,
    result TEXT NOT NULL,
    done_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hence_calls_by_time ON hence_calls (done_at);";

/// The connections that are not in use.
#[derive(Default)]
pub(super) struct Files {
    idle: Arc<Mutex<HashMap<PathBuf, Vec<Connection>>>>,
}

impl Files {
    /// Does some work in a database, on a thread where it may block, and breaks it off after a while.
    pub(super) async fn perform(
        &self,
        path: PathBuf,
        longest: Duration,
        work: Work,
    ) -> Result<Done, Problem> {
        let mut connection = self.take(&path)?;
        let interrupt = connection.get_interrupt_handle();
        let idle = Arc::clone(&self.idle);
        let mut working = tokio::task::spawn_blocking(move || {
            let done = run(&work, &mut connection);
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = idle.entry(path).or_default();
            if kept.len() < KEPT {
                kept.push(connection);
            }
            done
        });
        let finished = match tokio::time::timeout(longest, &mut working).await {
            Ok(finished) => finished,
            Err(_) => {
                interrupt.interrupt();
                working.await
            }
        };
        finished.unwrap_or_else(|broken| Err(Problem::unknown(format!("internal error: {broken}"))))
    }

    fn take(&self, path: &Path) -> Result<Connection, Problem> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).get_mut(path).and_then(Vec::pop);
        if let Some(kept) = kept {
            return Ok(kept);
        }
        // A file that is not there is not made: an empty database in place of a mistyped one helps nobody.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| {
            Problem::for_now(format!("the database `{}` cannot be opened: {error}", path.display()))
        })?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(connection)
    }
}

fn run(work: &Work, database: &mut Connection) -> Result<Done, Problem> {
    let behavior =
        if work.key.is_some() { TransactionBehavior::Immediate } else { TransactionBehavior::Deferred };
    let transaction = database.transaction_with_behavior(behavior)?;
    if let Some(key) = &work.key {
        transaction.execute_batch(CALLS)?;
        let mut known = transaction.prepare_cached("SELECT result FROM hence_calls WHERE key = ?1")?;
        if let Some(row) = known.query([key])?.next()? {
            return Done::before(&row.get::<_, String>(0)?);
        }
    }
    let (mut changed, mut found) = (0_u64, Vec::new());
    for statement in &work.statements {
        let (rows, changes) = rows::run(&transaction, statement, &work.shape, work.most)?;
        changed = changed.saturating_add(changes);
        found = rows;
    }
    let done = work.done(found, changed)?;
    if let Some(key) = &work.key {
        remember(&transaction, key, &done.result.to_string())?;
    }
    transaction.commit().map_err(|error| {
        let problem = Problem::from(error);
        // A commit that was told to be busy did nothing; of others it is not known.
        Problem { certain: problem.certain && problem.retryable, ..problem }
    })?;
    Ok(done)
}

/// Keeps that a call was done, and forgets some that were done long ago.
fn remember(database: &Connection, key: &str, result: &str) -> rusqlite::Result<()> {
    database
        .prepare_cached("INSERT INTO hence_calls (key, result, done_at) VALUES (?1, ?2, unixepoch())")?
        .execute(params![key, result])?;
    database
        .prepare_cached(
            "DELETE FROM hence_calls WHERE key IN (
                SELECT key FROM hence_calls WHERE done_at < unixepoch() - ?1 ORDER BY done_at LIMIT 4
            )",
        )?
        .execute([REMEMBERED])?;
    Ok(())
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
