//! The settings of connections as `hence.toml` gives them under `[connections.<integration>]`.

use indexmap::IndexMap;
use serde::Deserialize;

/// Settings by integration and name, neither checked nor resolved.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct ConnectionSettings(IndexMap<String, IndexMap<String, Scalar>>);

/// A value as the file may spell it: a port is a number to people.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Truth(bool),
    Integer(i64),
}

impl ConnectionSettings {
    /// Sets a setting.
    pub fn set(&mut self, integration: &str, name: &str, value: &str) {
        let settings = self.0.entry(integration.to_owned()).or_default();
        settings.insert(name.to_owned(), Scalar::Text(value.to_owned()));
    }

    /// Returns the integrations that have settings.
    pub(crate) fn integrations(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the names of the settings of an integration.
    pub(crate) fn names(&self, integration: &str) -> impl Iterator<Item = &str> {
        self.0.get(integration).into_iter().flat_map(|settings| settings.keys().map(String::as_str))
    }

    /// Returns a setting as text.
    pub(crate) fn get(&self, integration: &str, name: &str) -> Option<String> {
        Some(match self.0.get(integration)?.get(name)? {
            Scalar::Text(text) => text.clone(),
            Scalar::Truth(truth) => truth.to_string(),
            Scalar::Integer(integer) => integer.to_string(),
        })
    }
}
