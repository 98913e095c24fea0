//! `hence completions`: what completes the commands in a shell.

use std::io::Write as _;

use clap::Command;
use clap_complete::Shell;

use crate::Ending;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut command: Command) -> anyhow::Result<Ending> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "hence", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(Ending::Well)
}
