//! Databases of PostgreSQL: connections to them that are not in use, and what is done in one.
//!
//! The key of a call is written first, in the transaction of its statements: whoever does the same call at the same time
//! waits until it is known what became of this one. Statements see what others have committed (`READ COMMITTED`),
//! wait as long for others as on SQLite, and are broken off by the database itself.

mod address;
mod column;
mod connect;
mod errors;
mod listen;
mod parameter;

use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use tokio_postgres::error::SqlState;
use tokio_postgres::{CancelToken, Client, Statement as Prepared};

pub(crate) use address::Address;
pub(crate) use listen::Listening;

use self::connect::Connector;
use self::parameter::Parameter;
use super::{Done, Problem, REMEMBERED, Row, Work, words};
use crate::gate;
use crate::guard::Guard;
use crate::template::Statement;

/// How parameters are marked.
pub(super) const MARK: char = '$';
/// How long a connection is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// How many statements a connection keeps prepared.
const PREPARED: usize = 100;

/// Begins a transaction. Whatever the database's own settings are, a statement that waits for a call of the same key
/// sees afterwards what that has left.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '30s';
SET LOCAL idle_in_transaction_session_timeout = '60s'";

/// Whether there is a table for calls that were done: a user who may not make one may be given it.
const HAS_CALLS: &str = "SELECT to_regclass('hence_calls') IS NOT NULL";
/// Makes the table for calls that were done; of two who do so at the same time one waits, and then finds it. By the second
/// constraint those of long ago are found: an index of its own, asked for where it is there, would wait for all calls
/// under way.
const CALLS: &str = "BEGIN;
SELECT pg_advisory_xact_lock(hashtext('hence_calls'));
CREATE TABLE IF NOT EXISTS hence_calls (
    key text PRIMARY KEY,
    result text NOT NULL DEFAULT 'null',
    done_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (done_at, key)
);
COMMIT";

const CLAIM: &str = "INSERT INTO hence_calls (key) VALUES ($1) ON CONFLICT (key) DO NOTHING";
const KNOWN: &str = "SELECT result FROM hence_calls WHERE key = $1";
const REMEMBER: &str = "UPDATE hence_calls SET result = $2 WHERE key = $1";
/// Forgets some calls that were done long ago; none that others are about to forget.
const FORGET: &str = "DELETE FROM hence_calls WHERE key IN (
    SELECT key FROM hence_calls WHERE done_at < now() - make_interval(secs => $1)
    ORDER BY done_at LIMIT 4 FOR UPDATE SKIP LOCKED
)";

/// The connections that are not in use.
pub(super) struct Pool {
    connector: Arc<Connector>,
    idle: Mutex<HashMap<Address, Vec<(Instant, Connection)>>>,
}

/// A connection to a database, and what is prepared there.
struct Connection {
    client: Client,
    prepared: HashMap<String, Prepared>,
    has_calls: bool,
}

impl Pool {
    /// Returns a pool without connections; paths of certificates are seen from `root`.
    pub(super) fn new(root: PathBuf, guard: Guard) -> Self {
        Self { connector: Arc::new(Connector::new(root, guard)), idle: Mutex::default() }
    }

    /// Does some work in a database, and breaks it off after a while. So many connections are kept as calls go there
    /// at a time.
    pub(super) async fn perform(
        &self,
        address: &Address,
        places: Option<usize>,
        longest: Duration,
        work: &Work,
    ) -> Result<Done, Problem> {
        let is_ending = AtomicBool::new(false);
        let working = async {
            let mut connection = self.begin(address, work.key.is_some()).await?;
            let mut left = Left::new(&self.connector, address, &connection);
            let result = connection.run(work).await;
            if result.is_ok() {
                is_ending.store(true, Ordering::Relaxed);
                connection.client.batch_execute("COMMIT").await.map_err(|error| errors::of_commit(&error))?;
            }
            // A connection of which it is not known how it stands is not used again.
            let is_sound = match &result {
                Ok(_) => true,
                Err(_) => {
                    // What was prepared may be what is wrong: a table has changed since, or a pool in between.
                    connection.prepared.clear();
                    connection.client.batch_execute("ROLLBACK").await.is_ok()
                }
            };
            left.is_over = true;
            if is_sound {
                self.keep(address, connection, places.unwrap_or(gate::PLACES));
            }
            result
        };
        match tokio::time::timeout(longest, working).await {
            Ok(result) => result,
            Err(_) if is_ending.load(Ordering::Relaxed) => {
                Err(Problem::unknown("the database does not say whether it is done".to_owned()))
            }
            Err(_) => Err(Problem::for_now(format!("no answer of the database within {longest:?}"))),
        }
    }

    /// Listens to a channel of a database, until what is returned is dropped.
    pub(super) fn listen(&self, address: &Address, channel: &str) -> Listening {
        Listening::start(Arc::clone(&self.connector), address.clone(), channel)
    }

    /// Returns a connection with a transaction that has begun. One that broke while it was not used is replaced.
    async fn begin(&self, address: &Address, is_kept: bool) -> Result<Connection, Problem> {
        loop {
            let (mut connection, is_new) = match self.take(address) {
                Some(connection) => (connection, false),
                None => (Connection::new(self.connector.client(address).await?), true),
            };
            let begun = connection.begin(is_kept).await;
            match begun {
                Ok(()) => return Ok(connection),
                Err(_) if !is_new => {}
                Err(problem) => return Err(problem),
            }
        }
    }

    fn take(&self, address: &Address) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle.get_mut(address)?;
        std::iter::from_fn(|| kept.pop())
            .map(|(_, connection)| connection)
            .find(|connection| !connection.client.is_closed())
    }

    fn keep(&self, address: &Address, connection: Connection, most: usize) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        for kept in idle.values_mut() {
            kept.retain(|(since, connection)| {
                now.duration_since(*since) < KEPT && !connection.client.is_closed()
            });
        }
        idle.retain(|_, kept| !kept.is_empty());
        let kept = idle.entry(address.clone()).or_default();
        if kept.len() < most {
            kept.push((now, connection));
        }
    }
}

/// What is left behind where nobody waits for a call any more: statements that go on. They are broken off.
struct Left {
    connector: Arc<Connector>,
    address: Address,
    token: CancelToken,
    is_over: bool,
}

impl Left {
    fn new(connector: &Arc<Connector>, address: &Address, connection: &Connection) -> Self {
        let token = connection.client.cancel_token();
        Self { connector: Arc::clone(connector), address: address.clone(), token, is_over: false }
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        let (Ok(runtime), false) = (tokio::runtime::Handle::try_current(), self.is_over) else { return };
        let (connector, address) = (Arc::clone(&self.connector), self.address.clone());
        let token = self.token.clone();
        runtime.spawn(async move {
            if let Err(problem) = connector.cancel(&address, &token).await {
                // The database breaks it off by itself after a while.
                tracing::debug!(problem = problem.message(), "statements could not be broken off");
            }
        });
    }
}

impl Connection {
    fn new(client: Client) -> Self {
        Self { client, prepared: HashMap::new(), has_calls: false }
    }

    /// Begins a transaction, after it is sure that calls can be kept if this one is to be.
    async fn begin(&mut self, is_kept: bool) -> Result<(), Problem> {
        if is_kept && !self.has_calls {
            let asked = self.client.query_one(HAS_CALLS, &[]).await;
            let has_calls: bool = asked.and_then(|row| row.try_get(0)).map_err(|error| errors::of(&error))?;
            if !has_calls {
                self.client.batch_execute(CALLS).await.map_err(|error| errors::of(&error))?;
            }
            self.has_calls = true;
        }
        self.client.batch_execute(BEGIN).await.map_err(|error| errors::of(&error))
    }

    async fn run(&mut self, work: &Work) -> Result<Done, Problem> {
        if let Some(key) = &work.key {
            let claim = self.prepare(CLAIM).await?;
            let claimed = self.client.execute(&claim, &[key]).await;
            if claimed.as_ref().is_err_and(|error| error.code() == Some(&SqlState::UNDEFINED_TABLE)) {
                // Somebody took the table away; it is made again with the next attempt.
                self.has_calls = false;
                return Err(Problem::for_now("the table `hence_calls` is gone".to_owned()));
            }
            if claimed.map_err(|error| errors::of(&error))? == 0 {
                let known = self.prepare(KNOWN).await?;
                let row = self.client.query_one(&known, &[key]).await.map_err(|error| errors::of(&error))?;
                return Done::before(row.try_get(0).map_err(|error| errors::of(&error))?);
            }
        }
        let (mut changed, mut found) = (0_u64, Vec::new());
        for statement in &work.statements {
            let (rows, changes) = self.statement(statement, work).await?;
            changed = changed.saturating_add(changes);
            found = rows;
        }
        let done = work.done(found, changed)?;
        if let Some(key) = &work.key {
            let (remember, forget) = (self.prepare(REMEMBER).await?, self.prepare(FORGET).await?);
            let result = done.result.to_string();
            #[expect(clippy::cast_precision_loss, reason = "some months in seconds are exact")]
            let age = REMEMBERED as f64;
            self.client.execute(&remember, &[key, &result]).await.map_err(|error| errors::of(&error))?;
            self.client.execute(&forget, &[&age]).await.map_err(|error| errors::of(&error))?;
        }
        Ok(done)
    }

    /// Does a statement; returns its rows and how many it changed.
    async fn statement(&mut self, statement: &Statement, work: &Work) -> Result<(Vec<Row>, u64), Problem> {
        let text = statement.text(MARK);
        let prepared = self.prepare(&text).await?;
        let values: Vec<Parameter> = statement.values.iter().cloned().map(Parameter).collect();
        let stream = self.client.query_raw(&prepared, values).await.map_err(|error| errors::of(&error))?;
        let mut stream = pin!(stream);
        let mut found = Vec::new();
        while let Some(row) = stream.try_next().await.map_err(|error| errors::of(&error))? {
            if found.len() >= work.most {
                return Err(Problem::too_many_rows(work.most));
            }
            found.push(column::row(&row, &work.shape)?);
        }
        let changed = if words::is_reading(&text) { 0 } else { stream.rows_affected().unwrap_or(0) };
        Ok((found, changed))
    }

    async fn prepare(&mut self, text: &str) -> Result<Prepared, Problem> {
        if let Some(prepared) = self.prepared.get(text) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(text).await.map_err(|error| errors::of(&error))?;
        if self.prepared.len() >= PREPARED {
            self.prepared.clear();
        }
        self.prepared.insert(text.to_owned(), prepared.clone());
        Ok(prepared)
    }
}

#[cfg(test)]
mod tests;
