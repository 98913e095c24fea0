//! The manifest's connections → the connector that performs actions.

use std::sync::Arc;

use anyhow::bail;
use hence_connectors::{ConnectionSettings, Connectors, Secrets};
use hence_project::Project;

/// Returns the project's secrets: environment variables, and files of the folder that the manifest names.
pub(crate) fn secrets(project: &Project) -> Secrets {
    let folder = project.root.join(&project.manifest.server.secrets);
    Secrets::new(|name: &str| std::env::var(name).ok(), Some(folder))
}

/// Returns the manifest's connections.
pub(crate) fn connections(project: &Project) -> ConnectionSettings {
    let mut settings = ConnectionSettings::default();
    for (integration, connection) in &project.manifest.connections {
        for (name, value) in connection {
            settings.set(integration, name, value);
        }
    }
    settings
}

/// Returns what performs the project's actions.
pub(crate) fn connectors(project: &Project) -> anyhow::Result<Connectors> {
    let connectors = Connectors::new(Arc::clone(&project.catalog), connections(project), secrets(project));
    let mine = |integration: &str| project.manifest.connections.contains_key(integration);
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
