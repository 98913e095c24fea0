//! Start, serve, stop.

use std::collections::BTreeSet;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context as _, bail};
use hence_connectors::{ConnectionSettings, Connectors, Secrets};
use hence_diagnostics::Sources;
use hence_engine::{Clock, Driver, Store};
use hence_ir::{FormerNames, Program, Step};
use hence_schema::{Catalog, Signature};
use hence_store::{Access, Role};
use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};
use hence_vm::Evaluator;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api;
use crate::app::{App, Parts};
use crate::auth::{Auth, FIRST};
use crate::feed;
use crate::front::Front;
use crate::ingest::Ingest;
use crate::listen::{self, Listening};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::pace::Pace;
use crate::retention;
use crate::surface::Surface;
use crate::tls::{self, Certificates};
use crate::worker::{Watched, Worker};

/// How long calls under way may take when the daemon stops.
const DRAIN: Duration = Duration::from_secs(30);
/// How many events may wait to be matched before the way in slows down.
const MATCHING: usize = 4096;

/// What the daemon runs on.
pub struct Options {
    /// The compiled rules, under the names that they are stored under.
    pub program: Arc<Program>,
    /// The names that people see instead.
    pub former_names: FormerNames,
    /// The texts they come from, for explanations.
    pub sources: Arc<Sources>,
    /// The folder they come from, for editors; nothing for a bundle.
    pub project: Option<PathBuf>,
    /// The integrations they were checked against.
    pub catalog: Arc<Catalog>,
    /// The settings of connections.
    pub connections: ConnectionSettings,
    /// Where secrets come from.
    pub secrets: Secrets,
    /// The time zone that rules run in.
    pub zone: TimeZone,
    /// Where events and executions are kept.
    pub store: Arc<dyn Store>,
    /// Where tokens and the record of who did what are kept.
    pub access: Arc<dyn Access>,
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
        program,
        former_names,
        sources,
        project,
        catalog,
        connections,
        secrets,
        zone,
        store,
        access,
        clock,
        listen,
        evaluator,
        keep_days,
        surface,
    } = options;
    let (auth, first) = tokens(access, clock.now(), listen)?;
    let connectors = Arc::new(Connectors::new(Arc::clone(&catalog), connections, secrets));
    check_settings(&program, &catalog, &connectors)?;
    let driver = Driver::new(
        Arc::clone(&program),
        Arc::clone(&store),
        Arc::clone(&connectors) as _,
        Arc::clone(&clock),
        zone.clone(),
    );
    let driver = Arc::new(driver.evaluated_by(evaluator).naming(former_names.clone()));
    let certificates = surface.tls.clone().map(Certificates::load).transpose()?.map(Arc::new);
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on `{listen}`"))?;
    let address = listener.local_addr()?;

    let stop = CancellationToken::new();
    let (metrics, live) = (Arc::new(Metrics::new()), Arc::new(Live::new()));
    let watched = Watched { metrics: Arc::clone(&metrics), live: Arc::clone(&live) };
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
        let (store, clock) = (Arc::clone(&store), Arc::clone(&clock));
        threads.push(tokio::spawn(retention::run(store, clock, keep_days, stop.clone())));
    }
    let app = App(Arc::new(Parts {
        program,
        sources,
        zone,
        catalog,
        connectors,
        store,
        ingest,
        driver,
        worker: worker.clone(),
        clock,
        metrics,
        live,
        auth,
        session_life: SignedDuration::from_hours(surface.session_hours.into()),
        front: Front::new(&surface.hosts, address, certificates.is_some()),
        token_pace: Pace::new("token", surface.limits.token_rate),
        hook_pace: Pace::new("hook", surface.limits.hook_rate),
        limits: surface.limits,
        recovered,
        former_names,
        project,
        sessions: Arc::new(Semaphore::new(api::lsp::SESSIONS)),
        stop: stop.clone(),
    }));

    threads.extend(feed::start(&app, &stop));
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = shutdown => stopping.cancel(),
            () = stopping.cancelled() => {}
        }
    });
    let stopping = stop.clone();
    let reloading = tls::reload_when_told(certificates.clone());
    tokio::spawn(async move { stopping.run_until_cancelled(reloading).await });
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
    let connectors = Arc::clone(&app.connectors);
    let serving = listen::serve(listening, api::router(app), stop.clone());
    let ending = async {
        stop.cancelled().await;
        tracing::info!("stopping: no more events are taken, calls under way are finished");
        tokio::time::sleep(DRAIN).await;
    };
    let finishing = async {
        serving.await;
        stop.cancel();
        connectors.stop();
        for thread in threads {
            thread.await?;
        }
        worker.drain().await;
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
        bail!(
            "`{listen}` can be reached from other machines, and there is no token to tell who asks: make one first, by \
             `hence token create NAME --role admin`"
        )
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

/// Demands the settings of the integrations that rules use, and warns of webhooks that anybody could send.
fn check_settings(program: &Program, catalog: &Catalog, connectors: &Connectors) -> anyhow::Result<()> {
    let (triggering, acting) = used(program);
    let mut needed = Vec::new();
    for problem in connectors.problems() {
        let is_used = acting.contains(problem.integration.as_str())
            || triggering.contains(problem.integration.as_str());
        if is_used || !catalog.integrations.contains_key(&problem.integration) {
            needed.push(format!("{} [{}]", problem.message, problem.code));
        }
    }
    if !needed.is_empty() {
        bail!(needed.join("\n"));
    }
    for integration in catalog.integrations.values() {
        let signed = integration.webhook.as_ref().is_some_and(|webhook| webhook.signature != Signature::None);
        if signed
            && triggering.contains(integration.id.as_str())
            && connectors.webhook_secrets(&integration.id).is_empty()
        {
            tracing::warn!(
                integration = %integration.id,
                "`webhook_secret` is empty: deliveries of webhooks are taken without a signature"
            );
        }
    }
    Ok(())
}

/// The integrations whose events trigger rules, and those whose actions rules call.
fn used(program: &Program) -> (BTreeSet<&str>, BTreeSet<&str>) {
    fn integration(name: &str) -> &str {
        name.split('.').next().unwrap_or_default()
    }
    let (mut triggering, mut acting) = (BTreeSet::new(), BTreeSet::new());
    for rule in &program.rules {
        let watched = rule.watches.iter().flat_map(|watch| watch.kind.events());
        triggering.extend(rule.triggers.iter().chain(watched).map(|name| integration(name)));
        for step in rule.then.iter().chain(rule.otherwise.iter().flatten()) {
            if let Step::Act { action, .. } = step {
                acting.insert(integration(action));
            }
        }
    }
    (triggering, acting)
}
