//! The Store in memory and on SQLite.
//!
//! [`Memory`] is the reference: it is short, and what it answers is what the others have to answer. [`Sqlite`] is
//! what the daemon runs on: one file, one writing thread that puts whatever waits into one transaction. One
//! suite of tests runs against both. Stores know nothing of rules; what they keep is the engine's.
//!
//! Start with [`Memory`], then [`Sqlite::open`].

mod access;
mod faulty;
mod gated;
mod memory;
mod records;
mod releases;
mod sqlite;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod watching;

pub use access::{Access, Audited, Role, Session, Token};
pub use faulty::Faulty;
pub use gated::{Gate, Gated};
pub use memory::Memory;
pub use records::{Record, RecordKind, Records};
pub use releases::{
    Activation, Canary, Disabled, NewRelease, Origin, RECENT, Release, Releases, StoredContent,
    rollback_target,
};
pub use sqlite::Sqlite;
