//! What `hence.toml` says of how the daemon meets the network, and the table of everything that can be set.

mod table;

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;

use hence_diagnostics::nearest;
use serde::Deserialize;

pub use self::table::{SETTINGS, Setting};

/// `[tls]`: what the daemon shows to prove that it is itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// The certificate, a PEM file; none by default.
    pub certificate: Option<PathBuf>,
    /// Its key, a PEM file.
    pub key: Option<PathBuf>,
}

/// `[traces]`: where spans of traces are sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traces {
    /// The collector, by OTLP over HTTP, such as `http://127.0.0.1:4318`; none by default.
    pub endpoint: Option<String>,
    /// Of how many events in a hundred that come without a trace one is begun; all by default.
    pub percent: u8,
    /// What is sent along.
    pub headers: BTreeMap<String, String>,
}

impl Default for Traces {
    fn default() -> Self {
        Self { endpoint: None, percent: 100, headers: BTreeMap::new() }
    }
}

/// `[limits]`: how much the daemon takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How many requests a second one token may send; 10,000 by default, 0 for any number.
    pub token_rate: u32,
    /// How many webhooks a second of one integration are taken; 10,000 by default, 0 for any number.
    pub hook_rate: u32,
    /// The largest body of a request, in KiB; 1,024 by default.
    pub body_kib: NonZeroU16,
    /// How long a request may take to arrive and to be answered, in seconds; 30 by default.
    pub request_seconds: NonZeroU16,
    /// How long the head of a request may take to arrive, and a connection may be kept without one, in seconds; 30 by default.
    pub head_seconds: NonZeroU16,
    /// How many connections there may be; 10,000 by default.
    pub connections: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        const THIRTY: NonZeroU16 = NonZeroU16::MIN.saturating_add(29);
        Self {
            token_rate: 10_000,
            hook_rate: 10_000,
            body_kib: NonZeroU16::MIN.saturating_add(1023),
            request_seconds: THIRTY,
            head_seconds: THIRTY,
            connections: NonZeroU32::MIN.saturating_add(9_999),
        }
    }
}

/// Returns the key that was probably meant by one that there is not, in a table of `hence.toml` or at its top.
pub(crate) fn meant(unknown: &str, table: &str) -> Option<&'static str> {
    let known = SETTINGS.iter().filter_map(|setting| {
        let (before, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        if before == table { Some(name) } else { None }
    });
    let tables = SETTINGS.iter().filter_map(|setting| setting.key.split_once('.').map(|(table, _)| table));
    let tables = tables.filter(|_| table.is_empty());
    nearest(unknown, known.chain(tables).filter(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_flags_and_variables_are_given_once() {
        for part in [|one: &Setting| one.key, |one: &Setting| one.flag, |one: &Setting| one.environment] {
            let mut given: Vec<&str> = SETTINGS.iter().map(part).filter(|text| !text.is_empty()).collect();
            given.sort_unstable();
            let all = given.len();
            given.dedup();
            assert_eq!(given.len(), all);
        }
    }

    #[test]
    fn what_is_near_is_found_in_its_table_alone() {
        assert_eq!(meant("lisen", "server"), Some("listen"));
        assert_eq!(meant("lisen", ""), None);
        assert_eq!(meant("limit", ""), Some("limits"));
        assert_eq!(meant("time_zone", ""), Some("timezone"));
    }
}
