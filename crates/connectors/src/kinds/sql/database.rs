//! Databases by integration, and the connections to them that are not in use.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use rusqlite::{Connection, OpenFlags};

use super::Problem;

/// The setting that names the database.
pub(super) const SETTING: &str = "database";
/// What the address of a database begins with.
const SCHEME: &str = "sqlite:";
/// How long a statement waits for another program that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections to a database are kept for the next call.
const KEPT: usize = 4;

/// The databases of all integrations.
pub(crate) struct Databases {
    /// What paths are seen from.
    root: PathBuf,
    idle: Arc<Mutex<HashMap<PathBuf, Vec<Connection>>>>,
}

/// Returns what is wrong with the address of a database, if anything.
pub(crate) fn settings_problem(settings: &IndexMap<String, String>) -> Option<(&'static str, String)> {
    path(settings).err().map(|problem| (SETTING, problem))
}

fn path(settings: &IndexMap<String, String>) -> Result<&str, String> {
    let address = settings.get(SETTING).map_or("", String::as_str);
    match address.strip_prefix(SCHEME) {
        Some(path) if !path.trim().is_empty() => Ok(path.trim()),
        _ => Err(format!("`{address}` is no database: it is given as `sqlite:` and the path of its file")),
    }
}

impl Databases {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, idle: Arc::default() }
    }

    /// Does some work in the database of an integration, on a thread where it may block, and breaks it off after a while.
    pub(crate) async fn within<T: Send + 'static>(
        &self,
        integration: &str,
        settings: &IndexMap<String, String>,
        longest: Duration,
        work: impl FnOnce(&mut Connection) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let path = self.root.join(path(settings).map_err(|problem| {
            Problem::mistake(format!("setting `{SETTING}` of integration `{integration}`: {problem}"))
        })?);
        let mut connection = self.take(&path)?;
        let interrupt = connection.get_interrupt_handle();
        let idle = Arc::clone(&self.idle);
        let mut working = tokio::task::spawn_blocking(move || {
            let done = work(&mut connection);
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

    fn take(&self, path: &PathBuf) -> Result<Connection, Problem> {
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
