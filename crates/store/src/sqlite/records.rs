//! What is kept of subjects.

use hence_engine::store::Error;
use hence_types::jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Sqlite;
use crate::records::{Record, RecordKind, Records};

const COLUMNS: &str = "number, subject, key, value, by, at";

impl Records for Sqlite {
    fn put_record(&self, record: &Record) -> Result<Option<Record>, Error> {
        let record = record.clone();
        self.writer.write(move |connection| {
            let before = one(connection, record.kind, &record.subject, &record.key)?;
            // A record that is written again is the latest.
            let sql = "INSERT OR REPLACE INTO records (kind, subject, key, value, by, at) VALUES (?, ?, ?, ?, ?, ?)";
            connection.prepare_cached(sql)?.execute(values(&record))?;
            Ok(before)
        })
    }

    fn add_record(&self, record: &Record) -> Result<bool, Error> {
        let record = record.clone();
        let added = self.writer.write(move |connection| {
            let sql = "INSERT INTO records (kind, subject, key, value, by, at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (kind, subject, key) DO NOTHING";
            connection.prepare_cached(sql)?.execute(values(&record))
        });
        Ok(added? == 1)
    }

    fn record(&self, kind: RecordKind, subject: &str, key: &str) -> Result<Option<Record>, Error> {
        self.read(|connection| one(connection, kind, subject, key))
    }

    fn records(
        &self,
        kind: RecordKind,
        subject: Option<&str>,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, Record)>, Error> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM records WHERE kind = ? AND (?2 IS NULL OR subject = ?2)
                    AND (?3 IS NULL OR number < ?3) ORDER BY number DESC LIMIT ?4"
            );
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = connection.prepare_cached(&sql)?;
            let rows =
                statement.query_map(params![kind.as_str(), subject, before, limit], |row| read(row, kind))?;
            rows.collect()
        })
    }
}

fn values(record: &Record) -> [Box<dyn rusqlite::ToSql>; 6] {
    [
        Box::new(record.kind.as_str()),
        Box::new(record.subject.clone()),
        Box::new(record.key.clone()),
        Box::new(record.value.to_string()),
        Box::new(record.by.clone()),
        Box::new(record.at.as_microsecond()),
    ]
}

fn one(
    connection: &Connection,
    kind: RecordKind,
    subject: &str,
    key: &str,
) -> rusqlite::Result<Option<Record>> {
    let sql = format!("SELECT {COLUMNS} FROM records WHERE kind = ? AND subject = ? AND key = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    let found =
        statement.query_row(params![kind.as_str(), subject, key], |row| read(row, kind)).optional()?;
    Ok(found.map(|(_, record)| record))
}

fn read(row: &Row<'_>, kind: RecordKind) -> rusqlite::Result<(i64, Record)> {
    let damaged = |column: usize, kind: Type, error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(column, kind, error)
    };
    let value: String = row.get(3)?;
    let value = serde_json::from_str(&value).map_err(|error| damaged(3, Type::Text, error.into()))?;
    let at =
        Timestamp::from_microsecond(row.get(5)?).map_err(|error| damaged(5, Type::Integer, error.into()))?;
    Ok((row.get(0)?, Record { kind, subject: row.get(1)?, key: row.get(2)?, value, by: row.get(4)?, at }))
}

#[cfg(test)]
mod tests;
