//! The table `firings`: runs that count for `once` and limits, as few bytes as possible: those of one key and instant are
//! one row. What no longer counts goes when others come.

use hence_engine::{Firing, KeyHash};
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, params};

use super::micros;

/// How many rows that no longer count are taken away when one is written.
const PURGED: u32 = 8;

/// Writes a run that counts; tells whether there may be one more.
pub(super) fn insert(connection: &Connection, firing: &Firing) -> rusqlite::Result<bool> {
    if count(connection, &firing.key, firing.since)? >= firing.most {
        return Ok(false);
    }
    let at = firing.at.as_microsecond();
    let sql = "INSERT INTO firings (key, at, expires_at, count) VALUES (?, ?, ?, 1)
        ON CONFLICT (key, at) DO UPDATE SET count = count + 1";
    connection.prepare_cached(sql)?.execute(params![firing.key.as_bytes(), at, micros(firing.expires_at)])?;
    let sql = "DELETE FROM firings WHERE (key, at) IN
        (SELECT key, at FROM firings WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)";
    connection.prepare_cached(sql)?.execute(params![firing.forgets_until().as_microsecond(), PURGED])?;
    Ok(true)
}

/// Counts the runs of a key after an instant, all if there is none.
pub(super) fn count(
    connection: &Connection,
    key: &KeyHash,
    since: Option<Timestamp>,
) -> rusqlite::Result<u32> {
    let sql = "SELECT coalesce(sum(count), 0) FROM firings WHERE key = ? AND at > ?";
    let since = micros(since).unwrap_or(i64::MIN);
    connection.prepare_cached(sql)?.query_row(params![key.as_bytes(), since], |row| row.get(0))
}
