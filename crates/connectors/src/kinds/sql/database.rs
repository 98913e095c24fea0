//! The databases of all integrations: which one the setting `database` names, and the way to it.
//!
//! It is `sqlite:` and the path of a file, as seen from the project's folder, or the URL of a PostgreSQL.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use super::postgres::{Address, Listening, Pool};
use super::sqlite::Files;
use super::{Done, Problem, Work};
use crate::connector::CONCURRENCY;
use crate::guard::Guard;

/// The setting that names the database.
pub(crate) const DATABASE: &str = "database";
/// The setting with the password of a PostgreSQL, where its URL has none.
pub(crate) const PASSWORD: &str = "database_password";
/// What the path of a file begins with.
const SQLITE: &str = "sqlite:";

/// A database.
pub(crate) enum Target {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A PostgreSQL.
    Postgres(Box<Address>),
}

/// The databases of all integrations.
pub(crate) struct Databases {
    /// What paths are seen from.
    root: PathBuf,
    files: Files,
    pool: Pool,
}

/// Returns what is wrong with the address of a database, if anything.
pub(crate) fn settings_problem(settings: &IndexMap<String, String>) -> Option<(&'static str, String)> {
    Target::of(settings).err().map(|problem| (DATABASE, problem))
}

/// Returns a database as it is shown, and how parameters are marked in its statements.
pub(super) fn shown(settings: &IndexMap<String, String>) -> (String, char) {
    match Target::of(settings) {
        Ok(Target::Postgres(address)) => (address.to_string(), super::postgres::MARK),
        Ok(Target::Sqlite(_)) | Err(_) => (settings.get(DATABASE).cloned().unwrap_or_default(), '?'),
    }
}

impl Target {
    /// Returns the database that settings name.
    ///
    /// # Errors
    /// They name none; says why.
    pub(crate) fn of(settings: &IndexMap<String, String>) -> Result<Self, String> {
        let given = settings.get(DATABASE).map_or("", |given| given.trim());
        if Address::is_meant(given) {
            let password = settings.get(PASSWORD).map(String::as_str).filter(|password| !password.is_empty());
            return Ok(Target::Postgres(Box::new(Address::read(given, password)?)));
        }
        match given.strip_prefix(SQLITE) {
            Some(path) if !path.trim().is_empty() => Ok(Target::Sqlite(path.trim().into())),
            _ => Err(format!(
                "`{given}` is no database: it is given as `sqlite:` and the path of its file, or as \
                 `postgres://user@host/database`"
            )),
        }
    }
}

impl Databases {
    /// Returns the databases of a project in the folder `root`; a PostgreSQL is reached where `guard` lets calls go.
    pub(crate) fn new(root: PathBuf, guard: Guard) -> Self {
        Self { pool: Pool::new(root.clone(), guard), root, files: Files::default() }
    }

    /// Does some work in the database of an integration, and breaks it off after a while.
    pub(crate) async fn perform(
        &self,
        integration: &str,
        settings: &IndexMap<String, String>,
        longest: Duration,
        work: Work,
    ) -> Result<Done, Problem> {
        if let Some(problem) = work.problem() {
            return Err(problem);
        }
        match self.target(integration, settings)? {
            Target::Sqlite(path) => self.files.perform(self.root.join(path), longest, work).await,
            Target::Postgres(address) => {
                let places = settings.get(CONCURRENCY).and_then(|places| places.parse().ok());
                self.pool.perform(&address, places, longest, &work).await
            }
        }
    }

    /// Listens to a channel of the database of an integration; none where the database has no channels.
    pub(crate) fn listen(&self, settings: &IndexMap<String, String>, channel: &str) -> Option<Listening> {
        match Target::of(settings).ok()? {
            Target::Sqlite(_) => None,
            Target::Postgres(address) => Some(self.pool.listen(&address, channel)),
        }
    }

    fn target(&self, integration: &str, settings: &IndexMap<String, String>) -> Result<Target, Problem> {
        Target::of(settings).map_err(|problem| {
            Problem::mistake(format!("setting `{DATABASE}` of integration `{integration}`: {problem}"))
        })
    }
}
