//! SQLite's errors in the store's words, and stored values that are not what they must be.

use std::fmt;
use std::io;
use std::sync::Arc;

use hence_engine::store::Error;
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{ErrorCode, Row};

/// What the store is called in messages.
#[derive(Debug, Clone)]
pub(super) struct Address(Arc<str>);

impl Address {
    pub(super) fn new(address: &str) -> Self {
        Self(address.into())
    }

    pub(super) fn unavailable(&self, reason: impl fmt::Display) -> Error {
        Error::Unavailable { store: self.to_string(), reason: reason.to_string() }
    }

    pub(super) fn corrupt(&self, reason: impl fmt::Display) -> Error {
        Error::Corrupt { store: self.to_string(), reason: reason.to_string() }
    }

    pub(super) fn io_error(&self, error: &io::Error) -> Error {
        let store = self.to_string();
        if error.kind() == io::ErrorKind::StorageFull {
            Error::Full { store }
        } else if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
        {
            Error::ReadOnly { store }
        } else {
            self.unavailable(error)
        }
    }

    /// Returns what SQLite says in the store's words.
    pub(super) fn error(&self, error: &rusqlite::Error) -> Error {
        if let rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) = error
        {
            return self.corrupt(error);
        }
        let store = self.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Error::Full { store },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Error::ReadOnly { store },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked { store },
            Some(ErrorCode::DatabaseCorrupt) => self.corrupt(error),
            Some(ErrorCode::NotADatabase) => self.corrupt("the file is not an SQLite database"),
            _ => self.unavailable(error),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a column and what its content stands for; content that stands for nothing is an error that names the
/// column and does not show the content.
pub(super) fn parsed<S: rusqlite::types::FromSql, T>(
    row: &Row<'_>,
    column: &str,
    parse: impl FnOnce(&S) -> Option<T>,
) -> rusqlite::Result<T> {
    parse(&row.get::<_, S>(column)?).ok_or_else(|| {
        let reason = FromSqlError::Other(format!("column `{column}` holds nothing that is known").into());
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(reason))
    })
}
