//! The language server: what the checker knows, where the author writes.
//!
//! `features/` has one file for each thing an editor can ask; its functions take a [`View`], a project and a place in
//! it, and return plain data. `protocol/` is a thin shell around them: it keeps the texts of the editor, speaks LSP over
//! a connection, and turns data into messages. What the language has is read from the shared tables (tokens, operators,
//! functions, the catalog), so that a new word, function or integration needs no change here. Every walk over trees goes
//! through `nodes`, and what a name means is found in one place, `names`.
//!
//! Start with [`serve`], then `features`.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a feature picks out the nodes and tokens it can say something of; `nodes` alone lists them all"
)]

mod cursor;
pub mod features;
mod names;
mod nodes;
mod place;
mod protocol;
mod view;
mod workspace;

pub use names::{Occurrence, Role, Symbol};
pub use nodes::Node;
pub use place::{Encoding, Place, PlaceRange};
pub use protocol::{Activity, Daemon, Ended, Error, Options, over, serve, stdio};
pub use view::View;
pub use workspace::Workspace;
