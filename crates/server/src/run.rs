//! Start, serve, stop.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use hence_connectors::{ConnectionSettings, Secrets};
use hence_engine::{Clock, Driver, Store};
use hence_project::{Loaded, Stamp};
use hence_store::{Access, Records, Releases, Role};
use hence_types::jiff::{SignedDuration, Timestamp};
use hence_vm::Evaluator;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api;
use crate::app::{App, Parts};
use crate::auth::{Auth, FIRST};
use crate::deploy::{self, Deployer, Setup, Source};
use crate::feed;
use crate::front::Front;
use crate::ingest::Ingest;
use crate::listen::{self, Listening};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::pace::Pace;
use crate::reload;
use crate::retention::{self, Kept};
use crate::rules::Current;
use crate::surface::Surface;
use crate::tls::Certificates;
use crate::traces::{Tracer, Traces};
use crate::worker::{Watched, Worker};

/// How long calls under way may take when the daemon stops.
const DRAIN: Duration = Duration::from_secs(30);
/// How many events may wait to be matched before the way in slows down.
const MATCHING: usize = 4096;

/// What the daemon runs on.
pub struct Options {
    /// What it was started on: rules, and the integrations they were checked against.
    pub loaded: Loaded,
    /// How to load that anew; nothing where it does not change.
    pub source: Option<Arc<dyn Source>>,
    /// Its files as they were before it was loaded, if it is to be loaded anew whenever one of them changes.
    pub watch: Option<Stamp>,
    /// The folder it comes from, for editors; nothing for a bundle.
    pub project: Option<PathBuf>,
    /// The settings of connections.
    pub connections: ConnectionSettings,
    /// Where secrets come from.
    pub secrets: Secrets,
    /// Where events and executions are kept.
    pub store: Arc<dyn Store>,
    /// Where tokens and the record of who did what are kept.
    pub access: Arc<dyn Access>,
    /// Where it is kept what people agreed to and chose, what they are told, and what they are to do.
    pub records: Arc<dyn Records>,
    /// Where releases are kept.
    pub releases: Arc<dyn Releases>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who evaluates conditions.
    pub evaluator: Arc<dyn Evaluator>,
    /// For how many days executions are kept that have ended, and events that nothing needs any more; for ever if 0.
    pub keep_days: u32,
    /// How it shows itself to the network.
    pub surface: Surface,
    /// Where spans of traces are sent, if anywhere.
    pub traces: Option<Traces>,
}

/// A daemon that runs.
pub struct Handle {
    address: SocketAddr,
    certificates: Option<Arc<Certificates>>,
    first: Option<First>,
    stop: CancellationToken,
    service: JoinHandle<anyhow::Result<()>>,
}

impl Handle {
    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address by which it is asked.
    pub fn url(&self) -> String {
        let scheme = if self.certificates.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Reads the files of the certificate again, which SIGHUP does, too. Where they cannot be used the certificate stays as
    /// it is.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn reload_certificate(&self) -> anyhow::Result<()> {
        self.certificates.as_ref().map_or(Ok(()), |certificates| certificates.reload())
    }

    /// Returns the administrator's token that was made at this start as there was none: to be shown once.
    pub fn first_token(&self) -> Option<&str> {
        self.first.as_ref().map(|first| first.token.as_str())
    }

    /// Returns the address at which a browser signs in with that token, once: to be shown once, too.
    pub fn sign_in(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        Some(format!("{}/sign-in?link={}", self.url(), first.link))
    }

    /// Tells it to stop; [`Handle::stopped`] returns when it has.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has stopped, calls under way included.
    ///
    /// # Errors
    /// What it stopped of, if it was not told to.
    pub async fn stopped(self) -> anyhow::Result<()> {
        self.service.await.context("the daemon broke off")?
    }
}

/// Why a daemon does not start that other machines could reach: nobody could tell who asks.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` can be reached from other machines, and there is no token to tell who asks")]
pub struct NoToken(SocketAddr);

/// What the first start makes.
struct First {
    token: String,
    link: String,
}

/// Starts the daemon: takes up what a former run left behind, then listens. Runs until `shutdown` is there or
/// [`Handle::stop`] is called.
///
/// # Errors
/// What keeps it from starting: settings that rules need, a store that cannot be read, an address in use or open to
/// other machines.
pub async fn serve(
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<Handle> {
    let Options {
        loaded,
        source,
        watch,
        project,
        connections,
        secrets,
        store,
        access,
        records,
        releases,
        clock,
        listen,
        evaluator,
        keep_days,
        surface,
        traces,
    } = options;
    let (auth, first) = tokens(access, clock.now(), listen)?;
    let kept_releases = Arc::clone(&releases);
    let setup = Setup { releases, clock: Arc::clone(&clock), secrets, source, connections };
    let rules = deploy::at_start(&loaded, &setup).map_err(|refused| anyhow!("{refused}"))?;
    drop(loaded);
    rules.connectors.keep_notifications(Arc::clone(&records) as _, Arc::clone(&clock));
    rules.connectors.keep_assignments(Arc::clone(&records) as _, Arc::clone(&clock));
    let (program, zone) = (Arc::clone(&rules.program), rules.zone.clone());
    let former_names = rules.former_names.clone();
    let current = Arc::new(Current::new(rules));
    let driver =
        Driver::new(program, Arc::clone(&store), Arc::clone(&current) as _, Arc::clone(&clock), zone);
    let driver = Arc::new(driver.evaluated_by(evaluator).naming(former_names));
    let deployer = Deployer::new(Arc::clone(&current), Arc::clone(&driver), setup);
    deployer.resume_canary().map_err(|refused| anyhow!("the canary cannot run: {refused}"))?;
    let certificates = surface.tls.clone().map(Certificates::load).transpose()?.map(Arc::new);
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on `{listen}`"))?;
    let address = listener.local_addr()?;

    let stop = CancellationToken::new();
    let (metrics, live) = (Arc::new(Metrics::new()), Arc::new(Live::new()));
    let tracer = Tracer::new(traces, Arc::clone(&store), Arc::clone(&clock), Arc::clone(&metrics));
    let tracer = Arc::new(tracer);
    let watched =
        Watched { metrics: Arc::clone(&metrics), live: Arc::clone(&live), tracer: Arc::clone(&tracer) };
    let worker = Worker::new(Arc::clone(&driver), Arc::clone(&clock), watched, stop.clone());
    let recovering = Arc::clone(&driver);
    let effects = tokio::task::spawn_blocking(move || recovering.recover()).await??;
    worker.carry_out(effects);
    tokio::spawn(worker.clone().watch());
    let counting = Arc::clone(&store);
    let left_behind = tokio::task::spawn_blocking(move || counting.counts()).await??.unmatched;
    let (matching, arriving) = mpsc::channel(MATCHING);
    let (ingest, writing) = Ingest::start(Arc::clone(&driver), matching, Arc::clone(&metrics));
    let recovered = Arc::new(AtomicBool::new(false));
    let mut threads = vec![writing];
    threads.extend(worker.start_matching(left_behind, arriving, Arc::clone(&recovered)));
    threads.push(worker.start_timer());
    if keep_days > 0 {
        let kept = Kept { store: Arc::clone(&store), records: Arc::clone(&records), releases: kept_releases };
        threads.push(tokio::spawn(retention::run(kept, Arc::clone(&clock), keep_days, stop.clone())));
    }
    let app = App(Arc::new(Parts {
        current,
        deployer,
        store,
        ingest,
        driver,
        worker: worker.clone(),
        clock,
        metrics,
        live,
        tracer,
        records,
        auth,
        session_life: SignedDuration::from_hours(surface.session_hours.into()),
        front: Front::new(&surface.hosts, address, certificates.is_some()),
        token_pace: Pace::new("token", surface.limits.token_rate),
        hook_pace: Pace::new("hook", surface.limits.hook_rate),
        limits: surface.limits,
        recovered,
        project,
        sessions: Arc::new(Semaphore::new(api::lsp::SESSIONS)),
        stop: stop.clone(),
    }));

    threads.push(tokio::spawn(feed::run(app.clone(), stop.clone())));
    threads.push(tokio::spawn(reload::run(app.clone(), certificates.clone(), watch, stop.clone())));
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = shutdown => stopping.cancel(),
            () = stopping.cancelled() => {}
        }
    });
    let listening = Listening {
        listener,
        tls: certificates.clone(),
        most: surface.limits.connections,
        head: surface.limits.head,
        request: surface.limits.request,
    };
    let service = tokio::spawn(service(listening, app, worker, threads, stop.clone()));
    tracing::info!(%address, "listening");
    Ok(Handle { address, certificates, first, stop, service })
}

/// Resolves when the process is told to end: by SIGTERM, or by SIGINT as Ctrl-C sends it.
pub async fn signalled() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "SIGINT cannot be heard");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

/// Serves until told to stop, then ends in this order: requests, writing, matching, calls. Each part ends when the
/// one before has dropped its sender.
async fn service(
    listening: Listening,
    app: App,
    worker: Worker,
    threads: Vec<JoinHandle<()>>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let tracer = Arc::clone(&app.tracer);
    let current = Arc::clone(&app.current);
    let serving = listen::serve(listening, api::router(app), stop.clone());
    let ending = async {
        stop.cancelled().await;
        tracing::info!("stopping: no more events are taken, calls under way are finished");
        tokio::time::sleep(DRAIN).await;
    };
    let finishing = async {
        serving.await;
        stop.cancel();
        current.get().connectors.stop();
        for thread in threads {
            thread.await?;
        }
        worker.drain().await;
        tracer.finish().await;
        anyhow::Ok(())
    };
    tokio::select! {
        finished = finishing => finished?,
        () = ending => tracing::warn!("not everything was finished in time; it is taken up at the next start"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// Reads the tokens. Where there are none, an administrator's is made if only this machine can ask, and returned with
/// a link to sign in; otherwise nobody could have got one, and the daemon does not start.
fn tokens(
    access: Arc<dyn Access>,
    at: Timestamp,
    listen: SocketAddr,
) -> anyhow::Result<(Arc<Auth>, Option<First>)> {
    let auth = Arc::new(Auth::load(access, at)?);
    if auth.has_tokens(at) {
        return Ok((auth, None));
    }
    if !listen.ip().is_loopback() {
        return Err(NoToken(listen).into());
    }
    // The name may be that of one that was revoked or has expired.
    let names = std::iter::once(FIRST.to_owned()).chain((2..).map(|number| format!("{FIRST}-{number}")));
    for name in names.take(10_000) {
        if let Some(token) = auth.create(&name, Role::Admin, at, None)? {
            let link = auth.link(&name, at);
            return Ok((auth, Some(First { token, link })));
        }
    }
    bail!("no name is left for a first token")
}
