//! The settings of connections as `hence.toml` gives them under `[connections.<integration>]`.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::guard::Allowed;

/// Settings by integration and name, neither checked nor resolved, and the private addresses that calls may go to.
#[derive(Debug, Clone, Default)]
pub struct ConnectionSettings {
    settings: IndexMap<String, IndexMap<String, String>>,
    allowed: Vec<Allowed>,
    root: PathBuf,
}

impl ConnectionSettings {
    /// Sets a setting.
    pub fn set(&mut self, integration: &str, name: &str, value: &str) {
        self.settings.entry(integration.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }

    /// Sets the folder that paths in settings are seen from; without it they are seen from that of the process.
    pub fn set_root(&mut self, root: &Path) {
        root.clone_into(&mut self.root);
    }

    /// Returns the folder that paths are seen from.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Opens a host or a range of addresses that is not public to calls.
    pub fn allow(&mut self, allowed: Allowed) {
        self.allowed.push(allowed);
    }

    /// Returns what is open to calls though it is not public.
    pub(crate) fn allowed(&self) -> &[Allowed] {
        &self.allowed
    }

    /// Returns the integrations that have settings.
    pub(crate) fn integrations(&self) -> impl Iterator<Item = &str> {
        self.settings.keys().map(String::as_str)
    }

    /// Returns the names of the settings of an integration.
    pub(crate) fn names(&self, integration: &str) -> impl Iterator<Item = &str> {
        self.settings.get(integration).into_iter().flat_map(|settings| settings.keys().map(String::as_str))
    }

    /// Returns a setting.
    pub(crate) fn get(&self, integration: &str, name: &str) -> Option<&str> {
        self.settings.get(integration)?.get(name).map(String::as_str)
    }
}
