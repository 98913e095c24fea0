//! Who may ask the daemon for what, and the record of who did.
//!
//! A token is a long random text. Its hash is kept, never the token; with 256 bits of chance in it a plain hash is
//! enough, as there is nothing to guess.

use std::fmt;

use hence_engine::store::Error;
use hence_types::jiff::Timestamp;
use serde_json::Value as Json;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sees everything.
    Viewer,
    /// Sees everything and changes what runs: rules and releases.
    Author,
    /// Does what an author does, sends events, and starts, answers and ends executions.
    Operator,
    /// May do everything, tokens included.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Author, Role::Operator, Role::Admin];

    /// Returns the spelling, such as `viewer`.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Author => "author",
            Role::Operator => "operator",
            Role::Admin => "admin",
        }
    }

    /// Returns the role written `text`, if it is one.
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A token, without the text that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is called; a name is given once, also where its token was revoked.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The hash of its text.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is no longer taken.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// Returns whether it is taken at an instant.
    pub fn is_valid(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| at < end)
    }
}

/// A browser that is signed in, without the text that its cookie holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The hash of its text.
    pub hash: String,
    /// The name of the token that it stands for: it may what the token may, as long as the token is valid.
    pub token: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// One line of the record of who did what.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// When.
    pub at: Timestamp,
    /// The name of the token.
    pub who: String,
    /// Its role.
    pub role: Role,
    /// What was asked, such as `POST /v1/tokens`.
    pub action: String,
    /// The path that was asked for.
    pub target: String,
    /// The status that was answered.
    pub status: u16,
    /// What it was before; `null` where there is nothing to tell.
    pub before: Json,
    /// What it is now; `null` where there is nothing to tell.
    pub after: Json,
}

/// Keeps tokens and the record of who did what.
pub trait Access: Send + Sync {
    /// Adds a token; returns whether its name was free.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn add_token(&self, token: &Token) -> Result<bool, Error>;

    /// Returns all tokens by name, revoked ones included.
    ///
    /// # Errors
    /// Whatever kept them from being read.
    fn tokens(&self) -> Result<Vec<Token>, Error>;

    /// Revokes a token; returns whether there is one of that name that was valid.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn revoke_token(&self, name: &str, at: Timestamp) -> Result<bool, Error>;

    /// Remembers when a token was last used.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn used_token(&self, name: &str, at: Timestamp) -> Result<(), Error>;

    /// Adds a session, and forgets those that have ended by the time it begins.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn add_session(&self, session: &Session) -> Result<(), Error>;

    /// Returns all sessions that have not ended at an instant, by hash.
    ///
    /// # Errors
    /// Whatever kept them from being read.
    fn sessions(&self, at: Timestamp) -> Result<Vec<Session>, Error>;

    /// Ends a session; returns whether there was one of that hash.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn end_session(&self, hash: &str) -> Result<bool, Error>;

    /// Adds a line to the record.
    ///
    /// # Errors
    /// Whatever kept it from being written.
    fn record(&self, line: &Audited) -> Result<(), Error>;

    /// Returns lines of the record with their numbers, latest first, those before a number if given.
    ///
    /// # Errors
    /// Whatever kept them from being read.
    fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<(i64, Audited)>, Error>;
}
