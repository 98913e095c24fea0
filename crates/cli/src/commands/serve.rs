//! `hence serve`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use hence_project::{Log, Project};
use hence_server::log::Format;
use hence_server::{Options, SystemClock};
use hence_store::Sqlite;

use crate::{Ending, output, settings};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Where events and executions are kept: the path of an SQLite file. `[server] store` of `hence.toml` by default.
    #[arg(long, env = "HENCE_STORE")]
    store: Option<PathBuf>,
    /// The address to listen on. `[server] listen` of `hence.toml` by default.
    #[arg(long, env = "HENCE_LISTEN")]
    listen: Option<SocketAddr>,
    /// Another file in place of the project's `hence.toml`.
    #[arg(long)]
    config: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let project = Project::load_with(&arguments.path, arguments.config.as_deref())?;
    if output::errors(&project.sources, &project.diagnostics) {
        return Ok(Ending::Wrong);
    }
    let format = match project.manifest.server.log {
        Log::Human => Format::Human,
        Log::Json => Format::Json,
    };
    let filter = std::env::var("HENCE_LOG").unwrap_or_else(|_| "info".to_owned());
    let secrets = settings::secrets(&project);
    hence_server::log::start(format, &filter, output::colours(), secrets.clone());
    let store = arguments.store.clone().unwrap_or_else(|| project.root.join(&project.manifest.server.store));
    if let Some(folder) = store.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let opened =
        Sqlite::open(&store).with_context(|| format!("cannot open the store {}", store.display()))?;
    let options = Options {
        program: Arc::clone(&project.program),
        sources: Arc::new(project.sources.clone()),
        catalog: Arc::clone(&project.catalog),
        connections: settings::connections(&project),
        secrets,
        zone: project.manifest.zone.clone(),
        store: Arc::new(opened),
        clock: Arc::new(SystemClock),
        listen: arguments.listen.unwrap_or(project.manifest.server.listen),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let handle = hence_server::serve(options, hence_server::signalled()).await?;
        output::remark(&format!("hence listens on http://{}", handle.address()));
        handle.stopped().await
    })?;
    Ok(Ending::Well)
}
