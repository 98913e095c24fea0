//! `hence serve`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use hence_connectors::ConnectionSettings;
use hence_project::{Loaded, Log, Stamp};
use hence_server::log::Format;
use hence_server::{Options, Source, SystemClock};
use hence_store::Sqlite;

use crate::jit::Jit;
use crate::{Ending, loading, output, settings, surface};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A project's folder, or a bundle made by `hence build`.
    #[arg(default_value = ".", value_name = "PATH|FILE.hence")]
    path: PathBuf,
    /// Where events and executions are kept: the path of an SQLite file, or `sqlite:PATH`. `[server] store` of
    /// `hence.toml` by default.
    #[arg(long, env = "HENCE_STORE", value_name = "URL")]
    store: Option<String>,
    /// The address to listen on. `[server] listen` of `hence.toml` by default.
    #[arg(long, env = "HENCE_LISTEN")]
    listen: Option<SocketAddr>,
    /// Another file in place of the `hence.toml` of the project or beside the bundle.
    #[arg(long)]
    config: Option<PathBuf>,
    /// For how many days executions are kept that have ended, with the events that nothing else needs; 0 keeps them for
    /// ever. `[server] keep_days` of `hence.toml` by default.
    #[arg(long, env = "HENCE_KEEP_DAYS", value_name = "DAYS")]
    keep_days: Option<u32>,
    /// When conditions are compiled to machine code; answers are the same whatever it says.
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    jit: Jit,
    #[command(flatten)]
    surface: surface::Network,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    // Before it is loaded, so that no change is overlooked.
    let stamp = Stamp::of(&arguments.path, arguments.config.as_deref());
    let loaded = loading::runnable(&arguments.path, arguments.config.as_deref())?;
    if output::errors(&loaded.sources, &loaded.diagnostics) {
        return Ok(Ending::Wrong);
    }
    if output::errors(&loaded.sources, &hence_project::unrunnable(&loaded.program)) {
        return Ok(Ending::Wrong);
    }
    let format = match loaded.manifest.server.log {
        Log::Human => Format::Human,
        Log::Json => Format::Json,
    };
    let filter = std::env::var("HENCE_LOG").unwrap_or_else(|_| "info".to_owned());
    let secrets = settings::secrets(&loaded.root, &loaded.manifest);
    hence_server::log::start(format, &filter, output::colours(), secrets.clone());
    let store = match &arguments.store {
        Some(url) => store_path(url)?,
        None => loaded.root.join(&loaded.manifest.server.store),
    };
    make_folder_of(&store)?;
    let opened =
        Sqlite::open(&store).with_context(|| format!("cannot open the store {}", store.display()))?;
    let opened = Arc::new(opened);
    let place = Place { path: arguments.path.clone(), config: arguments.config.clone() };
    let traces = arguments.surface.traces(&loaded.manifest, &secrets)?;
    let options = Options {
        project: (!hence_project::is_bundle(&arguments.path)).then(|| loaded.root.clone()),
        connections: settings::connections(&loaded.root, &loaded.manifest)?,
        secrets,
        watch: loaded.manifest.server.watch.then_some(stamp),
        source: Some(Arc::new(place)),
        store: Arc::clone(&opened) as _,
        access: Arc::clone(&opened) as _,
        records: Arc::clone(&opened) as _,
        releases: opened,
        clock: Arc::new(SystemClock),
        listen: arguments.listen.unwrap_or(loaded.manifest.server.listen),
        evaluator: arguments.jit.evaluator(),
        keep_days: arguments.keep_days.unwrap_or(loaded.manifest.server.keep_days),
        surface: arguments.surface.surface(&loaded.root, &loaded.manifest)?,
        traces,
        loaded,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let started = hence_server::serve(options, hence_server::signalled()).await;
        let handle = started.map_err(|error| match error.downcast::<hence_server::NoToken>() {
            Ok(error) => anyhow!(
                "{error}: make one first, by `hence token create NAME --role admin --store {}`",
                store.display()
            ),
            Err(error) => error,
        })?;
        if let Some(token) = handle.first_token() {
            output::remark(&format!("the first token, an administrator's, is shown only now: {token}"));
        }
        if let Some(address) = handle.sign_in() {
            output::remark(&format!("a browser signs in with it once, within an hour, at {address}"));
        }
        output::remark(&format!("hence listens on {}", handle.url()));
        handle.stopped().await
    })?;
    Ok(Ending::Well)
}

/// What the daemon was started on.
struct Place {
    path: PathBuf,
    config: Option<PathBuf>,
}

impl Source for Place {
    fn load(&self) -> anyhow::Result<(Loaded, ConnectionSettings)> {
        let loaded = loading::runnable(&self.path, self.config.as_deref())?;
        let connections = settings::connections(&loaded.root, &loaded.manifest)?;
        Ok((loaded, connections))
    }

    fn stamp(&self) -> Stamp {
        Stamp::of(&self.path, self.config.as_deref())
    }
}

/// Makes the folder that a store is to stand in, if there is none.
pub(crate) fn make_folder_of(store: &Path) -> anyhow::Result<()> {
    let Some(folder) = store.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Returns the path of an SQLite file that a URL or path names.
pub(crate) fn store_path(url: &str) -> anyhow::Result<PathBuf> {
    let path = match url.split_once(':') {
        Some(("sqlite", path)) => path.strip_prefix("//").unwrap_or(path),
        // A letter and a colon begin a path on Windows.
        Some((scheme, _)) if scheme.len() > 1 && !scheme.contains(['/', '\\', '.']) => {
            bail!("no store is reached by `{scheme}:`; give the path of an SQLite file")
        }
        Some(_) | None => url,
    };
    if path.is_empty() {
        bail!("`{url}` names no file");
    }
    Ok(PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_a_path_or_an_sqlite_url() {
        for (url, path) in [("a/b.db", "a/b.db"), ("sqlite:a.db", "a.db"), ("sqlite:///a.db", "/a.db")] {
            assert_eq!(store_path(url).unwrap(), PathBuf::from(path));
        }
        assert!(store_path("postgres://localhost/hence").is_err());
        assert!(store_path("sqlite:").is_err());
    }
}
