//! The daemon: takes events in over HTTP, keeps them, runs the rules they start, shows what came of it.
//!
//! ```text
//! POST /v1/events, /hooks ─► api ─► ingest (group commit) ─► 202
//!                                      │
//!                                      ▼
//!                                   worker: matching ─► calls ─► results ─► next calls
//! ```
//!
//! An event is acknowledged once it is durable; everything after that happens off the request's path and goes on after
//! a crash. What runs can be changed while it runs: see `deploy`.
//!
//! Start with [`serve`].

mod api;
mod app;
mod auth;
mod clock;
mod deploy;
mod feed;
mod front;
mod ingest;
mod listen;
mod live;
pub mod log;
mod metrics;
mod pace;
mod problem;
mod receive;
mod reload;
mod retention;
mod rules;
mod run;
mod surface;
mod tls;
pub mod tokens;
mod traces;
mod worker;

pub use clock::SystemClock;
pub use deploy::Source;
pub use run::{Handle, NoToken, Options, serve, signalled};
pub use surface::{Limits, Surface};
pub use tls::Tls;
pub use traces::Traces;
