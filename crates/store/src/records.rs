//! What the daemon keeps beside events and executions: of a subject under a key what a person agreed to and what they
//! chose; messages to people, and tasks for them.

use hence_engine::store::Error;
use hence_engine::{Assignments, Notifications};
use hence_types::jiff::Timestamp;
use serde_json::Value as Json;

/// What a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// That a person agreed to something.
    Acknowledgment,
    /// What a person chose.
    Preference,
}

impl RecordKind {
    /// Returns the spelling in the store, such as `preference`.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordKind::Acknowledgment => "acknowledgment",
            RecordKind::Preference => "preference",
        }
    }
}

/// Something that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What it is of.
    pub kind: RecordKind,
    /// Whom it is of: the id of a person.
    pub subject: String,
    /// What it is called; there is one of a kind, subject and key.
    pub key: String,
    /// What is kept.
    pub value: Json,
    /// Who wrote it.
    pub by: String,
    /// When it was written.
    pub at: Timestamp,
}

/// Keeps records, messages to people, and tasks for them.
pub trait Records: Notifications + Assignments {
    /// Writes a record in the place of the one of its kind, subject and key, and returns that.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn put_record(&self, record: &Record) -> Result<Option<Record>, Error>;

    /// Writes a record unless there is one of its kind, subject and key; returns whether there was none.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn add_record(&self, record: &Record) -> Result<bool, Error>;

    /// Returns a record.
    ///
    /// # Errors
    /// Whatever kept it from being read.
    fn record(&self, kind: RecordKind, subject: &str, key: &str) -> Result<Option<Record>, Error>;

    /// Returns records of a kind with their numbers, latest written first, of one subject if given, and those before a number
    /// if given.
    ///
    /// # Errors
    /// Whatever kept them from being read.
    fn records(
        &self,
        kind: RecordKind,
        subject: Option<&str>,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, Record)>, Error>;
}
