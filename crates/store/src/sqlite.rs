//! The store on SQLite: one file, one writing thread, a few reading connections.
//!
//! ```text
//! callers ──► queue ──► writer: BEGIN … all that waits … COMMIT (one fsync) ──► answers
//! callers ──► reader connections (query only), each with its own snapshot
//! ```
//!
//! Acknowledged means durable: the journal is a write-ahead log with `synchronous = FULL`, without which a power
//! cut loses acknowledged writes; the group commit makes it affordable. The bundled SQLite is the only one used.

mod access;
mod assignments;
mod backup;
mod errors;
mod events;
mod executions;
mod firings;
mod notifications;
mod page;
mod readers;
mod records;
mod releases;
mod retention;
mod rules;
mod schema;
mod steps;
mod timers;
mod waits;
mod watches;
mod writer;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hence_engine::store::Error;
use hence_engine::{
    Accepted, Change, Commits, Counts, Cursor, EventFilter, EventSequence, Execution, ExecutionFilter,
    ExecutionId, Forgotten, KeptRule, KeyHash, NewEvent, NextDue, Page, RuleVersion, StepRecord, Store,
    StoredEvent, Timer, TimerKey, Wait, WatchId, WatchState, Watched,
};
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use errors::Address;
use readers::Readers;
use writer::Writer;

/// How long a connection waits for another one before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 64;

/// A store on SQLite. Dropping it ends the writing thread after what was handed to it.
pub struct Sqlite {
    address: Address,
    writer: Writer,
    readers: Readers,
    _lock: Option<File>,
}

impl Sqlite {
    /// Opens the store in a file, and makes the file if there is none. Its folder must exist.
    ///
    /// A file is held by one process at a time: two daemons on one store would run every execution twice.
    ///
    /// # Errors
    /// If the file is no store of hence, was written by a newer version, is held by another process, or cannot be
    /// read and written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let address = Address::new(&path.display().to_string());
        let lock = lock(path, &address)?;
        Self::start(address, path.to_string_lossy().into_owned(), Some(lock))
    }

    /// Opens an empty store that lives as long as the value: for tests. It is never on disk.
    ///
    /// # Errors
    /// If SQLite cannot be used.
    pub fn open_in_memory() -> Result<Self, Error> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let uri = format!("file:/hence-{number}?vfs=memdb");
        Self::start(Address::new("in memory"), uri, None)
    }

    fn start(address: Address, uri: String, lock: Option<File>) -> Result<Self, Error> {
        schema::refuse_old_sqlite(&address, rusqlite::version_number())?;
        let mut connection = connect(&address, &uri, OpenFlags::default())?;
        schema::prepare(&address, &mut connection)?;
        let readers = Readers::new(address.clone(), uri);
        let writer = Writer::start(address.clone(), connection)?;
        Ok(Self { address, writer, readers, _lock: lock })
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        self.readers.with(|connection| query(connection).map_err(|error| self.address.error(&error)))
    }
}

impl Store for Sqlite {
    fn accept(&self, events: &[NewEvent]) -> Result<Vec<Accepted>, Error> {
        if events.is_empty() { Ok(Vec::new()) } else { self.writer.accept(events.to_vec()) }
    }

    fn unmatched(&self, limit: usize) -> Result<Vec<StoredEvent>, Error> {
        self.read(|connection| events::unmatched(connection, limit))
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Accepted>, Error> {
        if changes.is_empty() { Ok(Vec::new()) } else { self.writer.apply(changes.to_vec()) }
    }

    fn kept_rules(&self) -> Result<Vec<RuleVersion>, Error> {
        self.read(rules::all)
    }

    fn kept_rule(&self, rule: &str, version: &str) -> Result<Option<KeptRule>, Error> {
        self.read(|connection| rules::one(connection, rule, version))
    }

    fn interrupted(&self, after: Option<&Cursor>, limit: usize) -> Result<Page<Execution>, Error> {
        self.read(|connection| executions::interrupted(connection, after, limit))
    }

    fn execution(&self, id: &ExecutionId) -> Result<Option<Execution>, Error> {
        self.read(|connection| executions::by_id(connection, id))
    }

    fn executions(
        &self,
        filter: &ExecutionFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Execution>, Error> {
        self.read(|connection| {
            executions::filtered(filter, cursor, limit).run(connection, executions::from_row)
        })
    }

    fn steps(&self, execution: &ExecutionId) -> Result<Vec<StepRecord>, Error> {
        self.read(|connection| steps::of(connection, execution))
    }

    fn waits_for(&self, event: &str, after: Option<&str>, limit: usize) -> Result<Vec<Wait>, Error> {
        self.read(|connection| waits::of_event(connection, event, after, limit))
    }

    fn waits(&self, event: &str, keys: &[Arc<str>]) -> Result<Vec<Wait>, Error> {
        self.read(|connection| waits::by_keys(connection, event, keys))
    }

    fn event(&self, sequence: EventSequence) -> Result<Option<StoredEvent>, Error> {
        self.read(|connection| events::by_sequence(connection, sequence))
    }

    fn events_of_id(&self, id: &str) -> Result<Vec<StoredEvent>, Error> {
        self.read(|connection| events::by_id(connection, id))
    }

    fn events(
        &self,
        filter: &EventFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<StoredEvent>, Error> {
        self.read(|connection| events::filtered(filter, cursor, limit).run(connection, events::from_row))
    }

    fn watched(&self) -> Result<Vec<Watched>, Error> {
        self.read(timers::watched)
    }

    fn timer(&self, key: &TimerKey) -> Result<Option<Timer>, Error> {
        self.read(|connection| timers::by_key(connection, key))
    }

    fn due_timers(&self, at: Timestamp, limit: usize) -> Result<Vec<Timer>, Error> {
        self.read(|connection| timers::due(connection, at, limit))
    }

    fn due_executions(&self, at: Timestamp, limit: usize) -> Result<Vec<ExecutionId>, Error> {
        self.read(|connection| executions::due(connection, at, limit))
    }

    fn next_due(&self) -> Result<NextDue, Error> {
        self.read(timers::next)
    }

    fn watch_state(&self, id: &WatchId) -> Result<Option<WatchState>, Error> {
        self.read(|connection| watches::state(connection, id))
    }

    fn watches_due(&self, until: Timestamp, limit: usize) -> Result<Vec<WatchState>, Error> {
        self.read(|connection| watches::due(connection, until, limit))
    }

    fn next_watch_due(&self) -> Result<Option<Timestamp>, Error> {
        self.read(watches::next_due)
    }

    fn looked_at(&self) -> Result<Vec<(Arc<str>, EventSequence)>, Error> {
        self.read(watches::looked_at)
    }

    fn events_to_watch(
        &self,
        names: &[Arc<str>],
        behind: EventSequence,
        limit: usize,
    ) -> Result<(Vec<StoredEvent>, EventSequence), Error> {
        self.read(|connection| watches::events(connection, names, behind, limit))
    }

    fn last_event(&self) -> Result<EventSequence, Error> {
        self.read(watches::last_event)
    }

    fn matched_after(
        &self,
        name: &str,
        after: EventSequence,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Error> {
        self.read(|connection| events::matched_after(connection, name, after, limit))
    }

    fn firings(&self, key: &KeyHash, since: Option<Timestamp>) -> Result<u32, Error> {
        self.read(|connection| firings::count(connection, key, since))
    }

    fn variants(&self, rule: &str) -> Result<Vec<(Arc<str>, u64)>, Error> {
        self.read(|connection| executions::variants(connection, rule))
    }

    fn forget_executions(&self, ended_before: Timestamp, limit: usize) -> Result<usize, Error> {
        self.writer.write(move |connection| retention::executions(connection, ended_before, limit))
    }

    fn forget_events(
        &self,
        arrived_before: Timestamp,
        behind: EventSequence,
        limit: usize,
    ) -> Result<Forgotten, Error> {
        self.writer.write(move |connection| retention::events(connection, arrived_before, behind, limit))
    }

    fn check(&self) -> Result<(), Error> {
        self.writer.check()
    }

    fn counts(&self) -> Result<Counts, Error> {
        self.read(|connection| {
            let (events, unmatched, schema_mismatches) = events::counts(connection)?;
            Ok(Counts { events, unmatched, schema_mismatches, executions: executions::counts(connection)? })
        })
    }

    fn commits(&self) -> Commits {
        self.writer.commits()
    }
}

/// Opens a connection with the settings that all connections share.
fn connect(address: &Address, uri: &str, flags: OpenFlags) -> Result<Connection, Error> {
    let open = || {
        let connection = Connection::open_with_flags(uri, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // The writing thread decides when the log is copied back: never a reader, and never in a transaction.
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    };
    open().map_err(|error| address.error(&error))
}

/// Takes the lock of a store: a file beside it, which the system gives free however the process ends.
fn lock(path: &Path, address: &Address) -> Result<File, Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = File::options().create(true).truncate(false).write(true).open(Path::new(&name));
    let file = file.map_err(|error| address.io_error(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { store: address.to_string() }),
        Err(TryLockError::Error(error)) => Err(address.io_error(&error)),
    }
}

/// Microseconds of an optional instant.
fn micros(instant: Option<Timestamp>) -> Option<i64> {
    instant.map(|instant| instant.as_microsecond())
}

/// Texts are shared, so that reading a row twice copies nothing more than the row.
fn shared(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<Arc<str>> {
    row.get::<_, String>(column).map(Arc::from)
}

#[cfg(test)]
mod tests;
