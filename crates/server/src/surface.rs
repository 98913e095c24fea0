//! How the daemon shows itself to the network, as its operator sets it.

/// What an operator says of the HTTP surface. The default is what `hence.toml` says where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface {
    /// The names that the daemon answers to beside those of this machine. With none given, one that only this machine
    /// can reach answers to these alone, and any other one to all names.
    pub hosts: Vec<String>,
    /// For how many hours a browser is signed in.
    pub session_hours: u16,
}

impl Default for Surface {
    fn default() -> Self {
        Self { hosts: Vec::new(), session_hours: 12 }
    }
}
