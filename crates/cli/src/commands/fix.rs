//! `hence fix`

use std::path::PathBuf;

use anyhow::Context;

use crate::{Ending, loading, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A project's folder, or a rule file.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Changes nothing, only tells what would be done.
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let project = loading::project(&arguments.path)?;
    let mut only = None;
    if arguments.path.is_file() {
        let asked = std::fs::canonicalize(&arguments.path).ok();
        let is_asked = |name: &str| std::fs::canonicalize(name).ok() == asked;
        only =
            project.files.iter().map(|parsed| parsed.file).find(|file| is_asked(project.sources.name(*file)));
        anyhow::ensure!(only.is_some(), "{} is no rule file of the project", arguments.path.display());
    }
    let changed = hence_project::fix(&project, only);
    let mut count = 0;
    for fixed in &changed {
        let name = project.sources.name(fixed.file);
        if !arguments.dry_run {
            std::fs::write(name, &fixed.text).with_context(|| format!("cannot write {name}"))?;
        }
        for one in &fixed.applied {
            count += 1;
            output::result(&format!("{name}:{}:{}: {}: {}\n", one.line, one.column, one.code, one.title));
        }
    }
    let fixes = if count == 1 { "fix" } else { "fixes" };
    let files = if changed.len() == 1 { "file" } else { "files" };
    output::remark(&match (count, arguments.dry_run) {
        (0, _) => "nothing that is safe to fix".to_owned(),
        (_, true) => format!("{count} {fixes} in {} {files} would be applied", changed.len()),
        (_, false) => format!("{count} {fixes} in {} {files}", changed.len()),
    });
    Ok(Ending::Well)
}
