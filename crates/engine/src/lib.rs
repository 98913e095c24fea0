//! Which executions an event starts and what each does next.
//!
//! The heart is a pure function: a state and a command give changes and effects. The driver (in `hence-server`, or a
//! test) writes the changes in one transaction, then performs the effects and feeds their results back as
//! commands. The engine does no I/O, reads no clock, never parses source: time, storage and calls come through
//! the traits [`Clock`], [`Store`] and [`Connector`] that it owns and others implement.

mod clock;
mod connector;

pub use clock::{Clock, ManualClock};
pub use connector::{CallFuture, Connector, Failure, Request, Response};
