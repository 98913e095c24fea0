//! Messages to people.

use hence_engine::store::Error;
use hence_engine::{Level, Notification, NotificationFilter, Notifications};
use hence_types::jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Sqlite, micros};

const COLUMNS: &str = "number, id, recipient, title, body, link, level, sent_at, read_at";

impl Notifications for Sqlite {
    fn notify(&self, notification: &Notification) -> Result<bool, Error> {
        let new = notification.clone();
        let added = self.writer.write(move |connection| {
            let sql = "INSERT INTO notifications (id, recipient, title, body, link, level, sent_at, read_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
            connection.prepare_cached(sql)?.execute(params![
                new.id,
                new.to,
                new.title,
                new.body,
                new.link,
                new.level.as_str(),
                new.sent_at.as_microsecond(),
                micros(new.read_at)
            ])
        });
        Ok(added? == 1)
    }

    fn notifications(
        &self,
        filter: &NotificationFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, Notification)>, Error> {
        // Where a person is given, only theirs are looked at.
        let of = if filter.to.is_some() { "recipient = ?1" } else { "?1 IS NULL" };
        let sql = format!(
            "SELECT {COLUMNS} FROM notifications WHERE {of} AND (?2 IS NULL OR (read_at IS NOT NULL) = ?2)
                AND (?3 IS NULL OR number < ?3) ORDER BY number DESC LIMIT ?4"
        );
        self.read(|connection| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![filter.to, filter.read, before, limit], read)?;
            rows.collect()
        })
    }

    fn mark_read(&self, id: &str, at: Timestamp) -> Result<Option<(Notification, Notification)>, Error> {
        let id = id.to_owned();
        self.writer.write(move |connection| {
            let Some(before) = one(connection, &id)? else { return Ok(None) };
            let sql = "UPDATE notifications SET read_at = ? WHERE id = ? AND read_at IS NULL";
            connection.prepare_cached(sql)?.execute(params![at.as_microsecond(), id])?;
            Ok(one(connection, &id)?.map(|after| (before, after)))
        })
    }

    fn forget_notifications(&self, sent_before: Timestamp, limit: usize) -> Result<usize, Error> {
        self.writer.write(move |connection| {
            let sql = "DELETE FROM notifications WHERE number IN
                (SELECT number FROM notifications WHERE sent_at < ? ORDER BY sent_at LIMIT ?)";
            let bounds = params![sent_before.as_microsecond(), i64::try_from(limit).unwrap_or(i64::MAX)];
            connection.prepare_cached(sql)?.execute(bounds)
        })
    }
}

fn one(connection: &Connection, id: &str) -> rusqlite::Result<Option<Notification>> {
    let sql = format!("SELECT {COLUMNS} FROM notifications WHERE id = ?");
    let found = connection.prepare_cached(&sql)?.query_row([id], read).optional()?;
    Ok(found.map(|(_, notification)| notification))
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Notification)> {
    let damaged = |column: usize, kind: Type, error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(column, kind, error)
    };
    let instant = |column: usize| {
        let micros: Option<i64> = row.get(column)?;
        let instant = micros.map(Timestamp::from_microsecond).transpose();
        instant.map_err(|error| damaged(column, Type::Integer, error.into()))
    };
    let level: String = row.get(6)?;
    let level = Level::of(&level)
        .ok_or_else(|| damaged(6, Type::Text, format!("there is no level `{level}`").into()))?;
    let notification = Notification {
        id: row.get(1)?,
        to: row.get(2)?,
        title: row.get(3)?,
        body: row.get(4)?,
        link: row.get(5)?,
        level,
        sent_at: instant(7)?.ok_or_else(|| damaged(7, Type::Null, "a time is missing".into()))?,
        read_at: instant(8)?,
    };
    Ok((row.get(0)?, notification))
}

#[cfg(test)]
mod tests;
