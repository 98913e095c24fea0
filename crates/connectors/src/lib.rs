//! Action kinds, webhook signatures and ingress: how Hence and the systems around it talk to each other.
//!
//! Outgoing, [`Connectors`] performs the actions of a catalog: HTTP requests, mails, log lines, made of templates that
//! the integration files hold. Incoming, [`signatures`] says whether a delivery is genuine and [`ingress`] turns it
//! into our events. [`Secrets`] resolves what settings call `secret:NAME` and keeps it out of everything that is
//! shown. A database's rows can be events too: [`Connectors::fetch`]. [`catcher`] is a small mail and HTTP server that keeps what it gets, for tests and demonstrations.
//! The crate knows neither rules nor stores; retrying is the engine's matter.

pub mod catcher;
#[cfg(test)]
#[path = "../tests/support/cluster.rs"]
mod cluster;
mod connector;
pub mod daemon;
mod feed;
mod gate;
mod guard;
pub mod ingress;
mod kinds;
mod mask;
pub mod otlp;
mod secrets;
mod settings;
pub mod signatures;
mod template;
mod triggers;

pub use connector::{Connectors, Problem};
pub use feed::{Fed, FeedError, Fetched, Hints};
pub use guard::{Allowed, NotAllowed};
pub use reqwest::header::HeaderMap;
pub use secrets::{SecretError, Secrets};
pub use settings::ConnectionSettings;
pub use triggers::{NoTriggers, triggers};
