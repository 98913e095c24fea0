//! The tables, made and changed by numbered migrations.
//!
//! `user_version` is the number of the latest migration, `application_id` tells a store from any other SQLite
//! file, and the table `migrations` keeps what was run, so that a migration changed afterwards is found.

use hence_engine::store::Error;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::errors::Address;

/// The migrations, in order: number 1 first. One that was released is never changed.
pub(super) const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_init", include_str!("../../migrations/0001_init.sql")),
    ("0002_waits_and_labels", include_str!("../../migrations/0002_waits_and_labels.sql")),
    ("0003_addressed_events", include_str!("../../migrations/0003_addressed_events.sql")),
    ("0004_waits", include_str!("../../migrations/0004_waits.sql")),
    ("0005_access", include_str!("../../migrations/0005_access.sql")),
    ("0006_strands", include_str!("../../migrations/0006_strands.sql")),
    ("0007_timers", include_str!("../../migrations/0007_timers.sql")),
    ("0008_watches", include_str!("../../migrations/0008_watches.sql")),
    ("0009_pace", include_str!("../../migrations/0009_pace.sql")),
    ("0010_retention", include_str!("../../migrations/0010_retention.sql")),
    ("0011_rule_versions", include_str!("../../migrations/0011_rule_versions.sql")),
    ("0012_sessions", include_str!("../../migrations/0012_sessions.sql")),
    ("0013_releases", include_str!("../../migrations/0013_releases.sql")),
    ("0014_traces", include_str!("../../migrations/0014_traces.sql")),
    ("0015_records", include_str!("../../migrations/0015_records.sql")),
    ("0016_notifications", include_str!("../../migrations/0016_notifications.sql")),
    ("0017_assignments", include_str!("../../migrations/0017_assignments.sql")),
];

/// The mark of a store: `Henc` in ASCII.
const APPLICATION_ID: i32 = 0x4865_6e63;

/// The first SQLite without a fault by which checkpoints could damage the file.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Refuses an SQLite that can damage a store.
pub(super) fn refuse_old_sqlite(address: &Address, version: i32) -> Result<(), Error> {
    if version >= OLDEST_SQLITE {
        return Ok(());
    }
    let dotted =
        |version: i32| format!("{}.{}.{}", version / 1_000_000, version / 1_000 % 1_000, version % 1_000);
    let reason = format!(
        "SQLite {} can damage its files; {} or later is needed",
        dotted(version),
        dotted(OLDEST_SQLITE)
    );
    Err(address.unavailable(reason))
}

/// Sets up the file: journal, and all migrations that it does not have yet, in one transaction.
pub(super) fn prepare(address: &Address, connection: &mut Connection) -> Result<(), Error> {
    prepare_up_to(MIGRATIONS.len(), address, connection)
}

/// Sets up the file as it was after so many migrations.
pub(super) fn prepare_up_to(
    latest: usize,
    address: &Address,
    connection: &mut Connection,
) -> Result<(), Error> {
    let failed = |error: rusqlite::Error| address.error(&error);
    refuse_foreign(address, connection)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    // A table can only be made anew while nothing looks at what refers to it.
    let referring: bool =
        connection.pragma_query_value(None, "foreign_keys", |row| row.get(0)).map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", false).map_err(failed)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let done = version(address, &transaction)?;
    verify(address, &transaction, done)?;
    for ((name, sql), number) in MIGRATIONS.iter().zip(1..).take(latest).skip(done as usize) {
        run(&transaction, number, name, sql).map_err(failed)?;
    }
    transaction.commit().map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", referring).map_err(failed)
}

/// Refuses a file that another program made, before anything is written to it.
fn refuse_foreign(address: &Address, connection: &Connection) -> Result<(), Error> {
    let failed = |error: rusqlite::Error| address.error(&error);
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(failed)?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(failed)?;
    if id == APPLICATION_ID || (id == 0 && tables == 0) {
        return Ok(());
    }
    Err(address.unavailable("the file is an SQLite database of another program"))
}

/// Refuses a file that is no store, or one of a newer version.
pub(super) fn refuse_other(address: &Address, connection: &Connection) -> Result<(), Error> {
    let id = connection.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0));
    if id.map_err(|error| address.error(&error))? != APPLICATION_ID {
        return Err(address.unavailable("the file is an SQLite database of another program"));
    }
    version(address, connection).map(drop)
}

/// Returns how many migrations the file has, unless they are more than are known.
fn version(address: &Address, connection: &Connection) -> Result<u32, Error> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0));
    let found: u32 = found.map_err(|error| address.error(&error))?;
    let supported = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > supported {
        return Err(Error::Newer { store: address.to_string(), found, supported });
    }
    Ok(found)
}

/// Refuses a file whose migrations are not those that are known.
fn verify(address: &Address, connection: &Connection, done: u32) -> Result<(), Error> {
    for ((name, sql), number) in MIGRATIONS.iter().zip(1..=done) {
        let query = "SELECT checksum FROM migrations WHERE number = ?";
        let stored = connection.query_row(query, [number], |row| row.get::<_, String>(0)).optional();
        let stored = stored.map_err(|error| address.error(&error))?;
        if stored.as_deref() != Some(checksum(sql).as_str()) {
            return Err(
                address.corrupt(format!("its migration `{name}` is not the one of this version of hence"))
            );
        }
    }
    Ok(())
}

fn run(transaction: &Transaction<'_>, number: u32, name: &str, sql: &str) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            checksum TEXT NOT NULL,
            applied_at INTEGER NOT NULL
        ) STRICT",
    )?;
    transaction.execute_batch(sql)?;
    transaction.execute(
        "INSERT INTO migrations (number, name, checksum, applied_at)
            VALUES (?, ?, ?, CAST(unixepoch('subsec') * 1000000 AS INTEGER))",
        params![number, name, checksum(sql)],
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", number)
}

/// The checksum of a migration, the same on systems that end lines otherwise.
fn checksum(sql: &str) -> String {
    blake3::hash(sql.replace("\r\n", "\n").as_bytes()).to_hex().to_string()
}
