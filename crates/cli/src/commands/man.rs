//! `hence man`: a manual page for the command and one for each of its commands.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Command;

use crate::{Ending, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder they go to, such as `/usr/local/share/man/man1`.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, command: Command) -> anyhow::Result<Ending> {
    let folder = &arguments.output;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    clap_mangen::generate_to(command, folder)
        .with_context(|| format!("cannot write the manual pages to {}", folder.display()))?;
    output::remark(&format!("the manual pages are in {}", folder.display()));
    Ok(Ending::Well)
}
