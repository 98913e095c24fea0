//! Connections that read: each query has one to itself, and sees what was committed before it began.

use std::sync::{Mutex, PoisonError};

use hence_engine::store::Error;
use rusqlite::{Connection, OpenFlags};

use super::connect;
use super::errors::Address;

/// How many connections are kept for the next query.
const KEPT: usize = 4;

/// The reading connections.
pub(super) struct Readers {
    address: Address,
    uri: String,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(address: Address, uri: String) -> Self {
        Self { address, uri, idle: Mutex::default() }
    }

    /// Runs a query on a connection of its own.
    pub(super) fn with<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open()?,
        };
        let result = query(&connection);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
        result
    }

    fn open(&self) -> Result<Connection, Error> {
        let connection = connect(&self.address, &self.uri, OpenFlags::default())?;
        let query_only = connection.pragma_update(None, "query_only", true);
        query_only.map_err(|error| self.address.error(&error))?;
        Ok(connection)
    }
}
