//! `hence lsp`

use std::path::PathBuf;

use hence_lsp::Options;

use crate::Ending;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Speaks on standard input and output, as it does anyway; editors say so.
    #[arg(long)]
    stdio: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    // There is no other way to speak, so there is nothing to choose.
    let Arguments { stdio: _ } = arguments;
    match hence_lsp::stdio(Options { cache: cache(), ..Options::default() })? {
        hence_lsp::Ended::Orderly => Ok(Ending::Well),
        hence_lsp::Ended::Abrupt => Ok(Ending::Wrong),
    }
}

/// Returns the user's folder for what can be made again.
fn cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = folder("XDG_CACHE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("hence").join(env!("CARGO_PKG_VERSION")))
}
