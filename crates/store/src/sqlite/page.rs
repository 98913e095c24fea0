//! Lists read page by page: latest first, by an instant and the row's number.
//!
//! A cursor is the place of the last item, so that new rows move nothing. Text of statements never holds a
//! value: conditions are fixed texts with `?`, values are bound.

use hence_engine::{Cursor, Page};
use hence_types::jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

/// A list under construction.
pub(super) struct List {
    columns: &'static str,
    table: &'static str,
    instant: &'static str,
    conditions: Vec<&'static str>,
    values: Vec<Value>,
    limit: usize,
}

impl List {
    /// Returns the list of all rows of a table, ordered by the column `instant`.
    pub(super) fn new(
        columns: &'static str,
        table: &'static str,
        instant: &'static str,
        limit: usize,
    ) -> Self {
        Self { columns, table, instant, conditions: Vec::new(), values: Vec::new(), limit }
    }

    /// Leaves the rows for which a condition without values holds.
    pub(super) fn only(mut self, condition: Option<&'static str>) -> Self {
        self.conditions.extend(condition);
        self
    }

    /// Leaves the rows for which a condition with one `?` holds, if the value is given.
    pub(super) fn only_if<T: Into<Value>>(mut self, condition: &'static str, value: Option<T>) -> Self {
        if let Some(value) = value {
            self.conditions.push(condition);
            self.values.push(value.into());
        }
        self
    }

    /// Leaves the rows of this instant and later, if it is given. `condition` compares the ordering column.
    pub(super) fn since(self, condition: &'static str, since: Option<Timestamp>) -> Self {
        // An instant between two microseconds begins with the later one.
        let micros = since.map(|since| {
            let micros = since.as_microsecond();
            let is_whole = Timestamp::from_microsecond(micros).is_ok_and(|whole| whole >= since);
            if is_whole { micros } else { micros.saturating_add(1) }
        });
        self.only_if(condition, micros)
    }

    /// Leaves the rows after a cursor. `condition` compares the ordering column and the row's number.
    pub(super) fn after(mut self, condition: &'static str, cursor: Option<&Cursor>) -> Self {
        if let Some(cursor) = cursor {
            self.conditions.push(condition);
            self.values.push(cursor.instant.into());
            self.values.push(i64::try_from(cursor.sequence).unwrap_or(i64::MAX).into());
        }
        self
    }

    /// Returns the statement.
    pub(super) fn sql(&self) -> String {
        let (columns, table, instant) = (self.columns, self.table, self.instant);
        let conditions = self.conditions.join(" AND ");
        let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {conditions}") };
        format!("SELECT {columns} FROM {table}{filter} ORDER BY {instant} DESC, sequence DESC LIMIT ?")
    }

    /// Reads the page.
    pub(super) fn run<T>(
        mut self,
        connection: &Connection,
        from_row: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Page<T>> {
        let one_more = i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1);
        self.values.push(one_more.into());
        let mut statement = connection.prepare_cached(&self.sql())?;
        let rows = statement.query_map(params_from_iter(&self.values), |row| {
            let sequence = row.get::<_, i64>("sequence")?;
            Ok((
                Cursor { instant: row.get(self.instant)?, sequence: sequence.unsigned_abs() },
                from_row(row)?,
            ))
        })?;
        cut(rows, self.limit)
    }

    #[cfg(test)]
    pub(super) fn bound(&self) -> usize {
        self.values.len() + 1
    }
}

/// Makes a page of rows of which one more was asked for than wanted.
pub(super) fn cut<T>(
    rows: impl Iterator<Item = rusqlite::Result<(Cursor, T)>>,
    limit: usize,
) -> rusqlite::Result<Page<T>> {
    let mut page = Page { items: Vec::new(), next: None };
    let mut last = None;
    for row in rows {
        let (cursor, item) = row?;
        if page.items.len() == limit {
            page.next = last;
            break;
        }
        page.items.push(item);
        last = Some(cursor);
    }
    Ok(page)
}
