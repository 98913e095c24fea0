//! The table `assignments`: tasks that rules gave people.

use hence_engine::store::{Cursor, Error, Page};
use hence_engine::{
    Accepted, Assignment, AssignmentFilter, Assignments, End, Ending, NewEvent, TaskPriority,
};
use hence_types::jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::errors::parsed;
use super::page::List;
use super::{Sqlite, events, micros};

const COLUMNS: &str = "sequence, id, title, description, assignee, list, priority, due_at, link, reference, \
    opened_at, ended, ended_by, person, outcome, note, ended_at";

impl Assignments for Sqlite {
    fn assign(&self, assignment: &Assignment) -> Result<bool, Error> {
        let new = assignment.clone();
        let added = self.writer.write(move |connection| {
            let sql = "INSERT INTO assignments
                    (id, title, description, assignee, list, priority, due_at, link, reference, opened_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
            connection.prepare_cached(sql)?.execute(params![
                new.id,
                new.title,
                new.description,
                new.assignee,
                new.list,
                new.priority.as_str(),
                micros(new.due_at),
                new.link,
                new.reference,
                new.opened_at.as_microsecond(),
            ])
        });
        Ok(added? == 1)
    }

    fn assignment(&self, id: &str) -> Result<Option<Assignment>, Error> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM assignments WHERE id = ?");
            connection.prepare_cached(&sql)?.query_row([id], from_row).optional()
        })
    }

    fn open_assignments(
        &self,
        filter: &AssignmentFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Assignment>, Error> {
        // Where a person or a list is given, only theirs are looked at.
        let assignee = if filter.assignee.is_some() { "assignee = ?1" } else { "?1 IS NULL" };
        let list = if filter.list.is_some() { "list = ?2" } else { "?2 IS NULL" };
        let sql = format!(
            "SELECT {COLUMNS} FROM assignments
                WHERE ended_at IS NULL AND {assignee} AND {list} AND id > ?3 ORDER BY id LIMIT ?4"
        );
        self.read(|connection| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = connection.prepare_cached(&sql)?;
            let bounds = params![filter.assignee, filter.list, after.unwrap_or_default(), limit];
            statement.query_map(bounds, from_row)?.collect()
        })
    }

    fn assignments(
        &self,
        filter: &AssignmentFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<(Cursor, Assignment)>, Error> {
        let list = List::new(COLUMNS, "assignments", "opened_at", limit)
            .only_if("assignee = ?", filter.assignee.clone())
            .only_if("list = ?", filter.list.clone())
            .after("(opened_at, sequence) < (?, ?)", cursor);
        self.read(|connection| list.run(connection, |row| Ok((place(row)?, from_row(row)?))))
    }

    fn end_assignment(&self, id: &str, ending: &Ending, event: &NewEvent) -> Result<Option<Accepted>, Error> {
        let (id, ending, event) = (id.to_owned(), ending.clone(), event.clone());
        self.writer.write(move |connection| {
            let is_ended = end(connection, &id, &ending)?;
            is_ended.then(|| events::accept(connection, &event)).transpose()
        })
    }

    fn forget_assignments(&self, ended_before: Timestamp, limit: usize) -> Result<usize, Error> {
        self.writer.write(move |connection| {
            let sql = "DELETE FROM assignments WHERE sequence IN
                (SELECT sequence FROM assignments WHERE ended_at < ? ORDER BY ended_at LIMIT ?)";
            let bounds = params![ended_before.as_microsecond(), i64::try_from(limit).unwrap_or(i64::MAX)];
            connection.prepare_cached(sql)?.execute(bounds)
        })
    }
}

/// Ends a task that is open; tells whether there was one.
fn end(connection: &Connection, id: &str, ending: &Ending) -> rusqlite::Result<bool> {
    let sql =
        "UPDATE assignments SET ended = ?, ended_by = ?, person = ?, outcome = ?, note = ?, ended_at = ?
        WHERE id = ? AND ended_at IS NULL";
    let ended = connection.prepare_cached(sql)?.execute(params![
        ending.end.as_str(),
        ending.by,
        ending.person,
        ending.outcome,
        ending.note,
        ending.at.as_microsecond(),
        id
    ])?;
    Ok(ended == 1)
}

fn place(row: &Row<'_>) -> rusqlite::Result<Cursor> {
    let sequence: i64 = row.get("sequence")?;
    Ok(Cursor { instant: row.get("opened_at")?, sequence: sequence.unsigned_abs() })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Assignment> {
    let instant = |column| parsed(row, column, |micros| Timestamp::from_microsecond(*micros).ok());
    let maybe_instant = |column| {
        parsed(row, column, |micros: &Option<i64>| match micros {
            Some(micros) => Timestamp::from_microsecond(*micros).ok().map(Some),
            None => Some(None),
        })
    };
    let end = parsed(row, "ended", |end: &Option<String>| match end {
        Some(end) => End::of(end).map(Some),
        None => Some(None),
    })?;
    let ended = match end {
        None => None,
        Some(end) => Some(Ending {
            end,
            by: row.get("ended_by")?,
            person: row.get("person")?,
            outcome: row.get("outcome")?,
            note: row.get("note")?,
            at: instant("ended_at")?,
        }),
    };
    Ok(Assignment {
        id: row.get("id")?,
        title: row.get("title")?,
        description: row.get("description")?,
        assignee: row.get("assignee")?,
        list: row.get("list")?,
        priority: parsed(row, "priority", |text: &String| TaskPriority::of(text))?,
        due_at: maybe_instant("due_at")?,
        link: row.get("link")?,
        reference: row.get("reference")?,
        opened_at: instant("opened_at")?,
        ended,
    })
}

#[cfg(test)]
mod tests;
