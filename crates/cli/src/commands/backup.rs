//! `hence backup` and `hence restore`: copies of a store.

use std::path::PathBuf;

use hence_store::Sqlite;

use crate::commands::serve::{make_folder_of, store_path};
use crate::{Ending, loading, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The project whose store it is.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The store, in place of the project's.
    #[arg(long, env = "HENCE_STORE", value_name = "URL")]
    store: Option<String>,
    /// Where the copy goes; there is no file of this name yet.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The copy.
    copy: PathBuf,
    /// The project whose store it is to be.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The store, in place of the project's.
    #[arg(long, env = "HENCE_STORE", value_name = "URL")]
    store: Option<String>,
    /// Replaces a store that is there; it is kept beside, its name ending in `.replaced`, or `.replaced-2` and so on where
    /// others were kept before.
    #[arg(long)]
    replace: bool,
}

pub(crate) fn backup(arguments: &Backup) -> anyhow::Result<Ending> {
    let store = store(arguments.store.as_deref(), &arguments.path)?;
    let size = Sqlite::backup(&store, &arguments.output)?;
    output::remark(&format!("{} is a copy of {}, {size} bytes", arguments.output.display(), store.display()));
    Ok(Ending::Well)
}

pub(crate) fn restore(arguments: &Restore) -> anyhow::Result<Ending> {
    let store = store(arguments.store.as_deref(), &arguments.path)?;
    make_folder_of(&store)?;
    let kept = Sqlite::restore(&arguments.copy, &store, arguments.replace)?;
    let kept = kept.map(|kept| format!("; the store that was there is kept as {}", kept.display()));
    output::remark(&format!(
        "{} is what {} was{}",
        store.display(),
        arguments.copy.display(),
        kept.unwrap_or_default()
    ));
    Ok(Ending::Well)
}

/// The store that is meant: the one given, else that of a project.
fn store(given: Option<&str>, project: &std::path::Path) -> anyhow::Result<PathBuf> {
    match given {
        Some(url) => store_path(url),
        None => {
            let project = loading::project(project)?;
            Ok(project.root.join(&project.manifest.server.store))
        }
    }
}
