//! `hence build`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use hence_ir::bundle;

use super::inspect::{Contents, Format};
use crate::{Ending, loading, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A project's folder, or a file in it.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The bundle to be made, a file whose name ends in `.hence`.
    #[arg(short, long, value_name = "FILE.hence")]
    output: PathBuf,
    /// How to print what went in.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let path = &arguments.output;
    if path.extension().is_none_or(|extension| extension != "hence") {
        bail!("the name of a bundle ends in `.hence`, not so `{}`", path.display());
    }
    let project = loading::project(&arguments.path)?;
    if output::errors(&project.sources, &project.diagnostics()) {
        return Ok(Ending::Wrong);
    }
    let bytes = bundle::write(&project.bundle());
    // What cannot be read back is of no use to anybody, and this is the place to say so.
    let contents = Contents::of(path, &bytes)?;
    replace(path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    output::result(&match arguments.format {
        Format::Human => contents.human(),
        Format::Json => contents.json(false),
    });
    Ok(Ending::Well)
}

/// Writes a file whole or not at all: a daemon that starts meanwhile finds the old one or the new one.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = path.with_extension(format!("hence.{}", std::process::id()));
    let written = std::fs::write(&new, bytes).and_then(|()| std::fs::rename(&new, path));
    if written.is_err() {
        // What is wrong was found already.
        let _ = std::fs::remove_file(&new);
    }
    written
}
