//! How the daemon shows itself to the network, as its operator sets it.

use std::time::Duration;

use crate::tls::Tls;

/// What an operator says of the HTTP surface. The default is what `hence.toml` says where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface {
    /// The names that the daemon answers to beside those of this machine. With none given, one that only this machine
    /// can reach answers to these alone, and any other one to all names.
    pub hosts: Vec<String>,
    /// For how many hours a browser is signed in.
    pub session_hours: u16,
    /// The certificate that it shows; it speaks no TLS without one.
    pub tls: Option<Tls>,
    /// How much it takes.
    pub limits: Limits,
}

/// How much the daemon takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many requests a second of one token; any number if 0.
    pub token_rate: u32,
    /// How many webhooks a second of one integration; any number if 0.
    pub hook_rate: u32,
    /// The largest body, in bytes.
    pub body: usize,
    /// The longest time for a request to arrive, once its head has, and to be answered.
    pub request: Duration,
    /// The longest time for the head of a request to arrive, and for a connection to rest before it.
    pub head: Duration,
    /// How many connections there may be at a time.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            token_rate: 10_000,
            hook_rate: 10_000,
            body: 1 << 20,
            request: Duration::from_secs(30),
            head: Duration::from_secs(30),
            connections: 10_000,
        }
    }
}

impl Default for Surface {
    fn default() -> Self {
        Self { hosts: Vec::new(), session_hours: 12, tls: None, limits: Limits::default() }
    }
}
