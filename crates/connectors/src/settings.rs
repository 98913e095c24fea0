//! The settings of connections as `hence.toml` gives them under `[connections.<integration>]`.

use indexmap::IndexMap;

/// Settings by integration and name, neither checked nor resolved.
#[derive(Debug, Clone, Default)]
pub struct ConnectionSettings(IndexMap<String, IndexMap<String, String>>);

impl ConnectionSettings {
    /// Sets a setting.
    pub fn set(&mut self, integration: &str, name: &str, value: &str) {
        self.0.entry(integration.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// Returns the integrations that have settings.
    pub(crate) fn integrations(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the names of the settings of an integration.
    pub(crate) fn names(&self, integration: &str) -> impl Iterator<Item = &str> {
        self.0.get(integration).into_iter().flat_map(|settings| settings.keys().map(String::as_str))
    }

    /// Returns a setting.
    pub(crate) fn get(&self, integration: &str, name: &str) -> Option<&str> {
        self.0.get(integration)?.get(name).map(String::as_str)
    }
}
