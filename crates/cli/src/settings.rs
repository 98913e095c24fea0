//! The manifest's connections → the connector that performs actions.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use hence_connectors::{ConnectionSettings, Connectors, Secrets};
use hence_project::{Manifest, Project};

/// Returns the secrets: environment variables, and files of the folder that `HENCE_SECRETS` or the
/// manifest names, as seen from `root`.
pub(crate) fn secrets(root: &Path, manifest: &Manifest) -> Secrets {
    // A service manager says where it has put them.
    let given = std::env::var_os("HENCE_SECRETS").map(PathBuf::from);
    let folder = root.join(given.as_ref().unwrap_or(&manifest.server.secrets));
    Secrets::new(|name: &str| std::env::var(name).ok(), Some(folder))
}

/// Returns the manifest's connections, paths in them as seen from `root`.
///
/// # Errors
/// A private address that calls may go to and that is none.
pub(crate) fn connections(root: &Path, manifest: &Manifest) -> anyhow::Result<ConnectionSettings> {
    let mut settings = ConnectionSettings::default();
    settings.set_root(root);
    for allowed in &manifest.allow {
        settings.allow(allowed.parse().context("`[network] allow` of hence.toml")?);
    }
    for (integration, connection) in &manifest.connections {
        for (name, value) in connection {
            settings.set(integration, name, value);
        }
    }
    Ok(settings)
}

/// Returns what performs the project's actions.
pub(crate) fn connectors(project: &Project) -> anyhow::Result<Connectors> {
    let Project { root, manifest, catalog, .. } = project;
    let connectors =
        Connectors::new(Arc::clone(catalog), connections(root, manifest)?, secrets(root, manifest));
    let mine = |integration: &str| manifest.connections.contains_key(integration);
    let problems: Vec<String> = connectors
        .problems()
        .iter()
        .filter(|problem| mine(&problem.integration))
        .map(|problem| format!("{} [{}]", problem.message, problem.code))
        .collect();
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    Ok(connectors)
}
