//! Paths of the command line → projects and bundles.

use std::path::Path;

use anyhow::bail;
use hence_project::{Loaded, Project};

/// Loads the project that a path belongs to. A folder in which nothing is a project's is an error: a check of it
/// would succeed and say nothing of the rules that were meant.
pub(crate) fn project(path: &Path) -> anyhow::Result<Project> {
    with_manifest(path, None)
}

/// Loads what can be run: a bundle, or a project. `manifest` stands in for the `hence.toml` of either.
pub(crate) fn runnable(path: &Path, manifest: Option<&Path>) -> anyhow::Result<Loaded> {
    if hence_project::is_bundle(path) {
        return Ok(Loaded::load(path, manifest)?);
    }
    Ok(with_manifest(path, manifest)?.into())
}

fn with_manifest(path: &Path, manifest: Option<&Path>) -> anyhow::Result<Project> {
    let project = Project::load_with(path, manifest)?;
    let has_manifest = manifest.is_some() || project.root.join("hence.toml").is_file();
    if !has_manifest && project.files.is_empty() && project.diagnostics().is_empty() {
        bail!("there is no project in {}: neither a hence.toml nor a rule file", path.display());
    }
    Ok(project)
}
