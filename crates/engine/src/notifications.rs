//! Messages to people that the daemon keeps itself, until they read them.

use hence_types::jiff::Timestamp;

use crate::store::Error;

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// Something to know.
    #[default]
    Info,
    /// Something went well.
    Success,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
}

impl Level {
    /// All levels, the least first.
    pub const ALL: [Level; 4] = [Level::Info, Level::Success, Level::Warning, Level::Error];

    /// Returns the spelling, such as `warning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Success => "success",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }

    /// Returns the level that is spelt so.
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// A message to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The key of the call that sent it: there is one message of a key.
    pub id: String,
    /// Whom it is for: the id of a person.
    pub to: String,
    /// What it is about, one line.
    pub title: String,
    /// What it says.
    pub body: String,
    /// Where it leads, a path or an `http` address.
    pub link: Option<String>,
    /// How much it matters.
    pub level: Level,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was first read, if it was.
    pub read_at: Option<Timestamp>,
}

/// Which messages are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationFilter {
    /// Those for this person.
    pub to: Option<String>,
    /// Those that were read, or those that were not.
    pub read: Option<bool>,
}

/// Keeps messages.
pub trait Notifications: Send + Sync {
    /// Keeps a message unless there is one of its id; returns whether there was none.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn notify(&self, notification: &Notification) -> Result<bool, Error>;

    /// Returns messages with their numbers, latest first, and those before a number if given.
    ///
    /// # Errors
    /// Whatever kept them from being read.
    fn notifications(
        &self,
        filter: &NotificationFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, Notification)>, Error>;

    /// Keeps that a message was read, as of the first time. Returns the message as it was before and as it is now, if
    /// there is one of that id.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn mark_read(&self, id: &str, at: Timestamp) -> Result<Option<(Notification, Notification)>, Error>;

    /// Deletes messages that were sent before an instant, read or not, the earliest first; returns how many.
    ///
    /// # Errors
    /// Whatever kept them from being deleted.
    fn forget_notifications(&self, sent_before: Timestamp, limit: usize) -> Result<usize, Error>;
}
