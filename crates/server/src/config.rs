//! `hence.toml`: the settings of a project that the daemon reads.
//!
//! ```toml
//! name = "shop"
//! timezone = "Europe/Berlin"
//!
//! [server]
//! listen = "127.0.0.1:7070"      # default
//! store = ".hence/hence.db"      # default; relative to the file
//! secrets = ".hence/secrets"     # default; a folder with a file for each secret
//! log = "human"                  # default; or "json"
//!
//! [connections.shop]
//! base_url = "https://shop.example.com/api"
//! token = "secret:SHOP_TOKEN"
//! ```

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hence_connectors::ConnectionSettings;
use hence_diagnostics::Code;
use hence_types::jiff::tz::TimeZone;
use serde::Deserialize;

use crate::log::Format;

/// Where the daemon listens if nothing else is said.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:7070";
/// Where events and executions are kept if nothing else is said, from the project's folder.
pub const DEFAULT_STORE: &str = ".hence/hence.db";
/// Where the files of secrets are looked for if nothing else is said, from the project's folder.
pub const DEFAULT_SECRETS: &str = ".hence/secrets";

/// What `hence.toml` says. Parts that other commands read are passed over.
#[derive(Debug, Clone)]
pub struct Config {
    /// The project's name, possibly empty.
    pub name: String,
    /// The time zone that rules run in; UTC where none is given.
    pub zone: TimeZone,
    /// Where to listen.
    pub listen: Option<SocketAddr>,
    /// Where to keep events and executions.
    pub store: Option<PathBuf>,
    /// The folder with the files of secrets.
    pub secrets: Option<PathBuf>,
    /// How the log is written.
    pub log: Format,
    /// The settings of connections.
    pub connections: ConnectionSettings,
}

/// Why `hence.toml` cannot be used. One line, with the place if it is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}{place}: {message}")]
pub struct ConfigError {
    /// The diagnostic code.
    pub code: Code,
    /// The file.
    pub path: String,
    /// The place in the file as `:line:column`; empty where the whole file is meant.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    name: String,
    timezone: Option<toml::Spanned<String>>,
    server: Server,
    connections: ConnectionSettings,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Server {
    listen: Option<SocketAddr>,
    store: Option<PathBuf>,
    secrets: Option<PathBuf>,
    log: Format,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: String::new(),
            zone: TimeZone::UTC,
            listen: None,
            store: None,
            secrets: None,
            log: Format::default(),
            connections: ConnectionSettings::default(),
        }
    }
}

impl Config {
    /// Reads a file; one that is not there says nothing.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&path.display().to_string(), &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(ConfigError {
                code: Code::UnreadableFile,
                path: path.display().to_string(),
                place: String::new(),
                message: error.to_string(),
            }),
        }
    }

    /// Reads a text; `path` is what errors call it.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(path: &str, text: &str) -> Result<Self, ConfigError> {
        let error = |at: Option<usize>, message: String| ConfigError {
            code: Code::InvalidConfig,
            path: path.to_owned(),
            place: at.map(|at| place(text, at)).unwrap_or_default(),
            message,
        };
        let file: File = toml::from_str(text)
            .map_err(|bad| error(bad.span().map(|span| span.start), bad.message().replace('\n', " ")))?;
        let zone = match file.timezone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name.get_ref()).map_err(|_| {
                error(
                    Some(name.span().start),
                    format!("`{}` is no time zone, such as `Europe/Berlin`", name.get_ref()),
                )
            })?,
        };
        let Server { listen, store, secrets, log } = file.server;
        Ok(Self { name: file.name, zone, listen, store, secrets, log, connections: file.connections })
    }
}

/// The place of a byte as `:line:column`.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!(":{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Config::parse("hence.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn everything_has_a_default() {
        let config = Config::parse("hence.toml", "").unwrap();
        assert_eq!((config.listen, config.store, config.log), (None, None, Format::Human));
        assert_eq!(config.zone, TimeZone::UTC);
        assert!(DEFAULT_LISTEN.parse::<SocketAddr>().unwrap().ip().is_loopback());
    }

    #[test]
    fn settings_are_read_and_other_parts_passed_over() {
        let text = "name = \"shop\"\ntimezone = \"Europe/Berlin\"\n[server]\nlisten = \"127.0.0.1:1\"\nlog = \"json\"\n\
            [lints]\nx = \"deny\"\n[connections.email]\nport = 25\n";
        let config = Config::parse("hence.toml", text).unwrap();
        assert_eq!(config.zone.iana_name(), Some("Europe/Berlin"));
        assert_eq!(config.listen.unwrap().port(), 1);
        assert_eq!(config.log, Format::Json);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(
            error("timezone = \"Mars\""),
            "hence.toml:1:12: `Mars` is no time zone, such as `Europe/Berlin`"
        );
        assert!(
            error("[server]\nlisten = 5").starts_with("hence.toml:2:"),
            "{}",
            error("[server]\nlisten = 5")
        );
        assert!(error("[server]\nlissten = 5").starts_with("hence.toml:2:1: unknown field `lissten`"));
        assert!(error("[server").starts_with("hence.toml:1:"));
    }

    #[test]
    fn a_file_that_is_not_there_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Config::read(&folder.path().join("hence.toml")).unwrap().listen.is_none());
        assert_eq!(Config::read(folder.path()).unwrap_err().code, Code::UnreadableFile);
    }
}
