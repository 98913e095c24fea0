//! Loads what the daemon was started on anew: on SIGHUP, with the certificate, and where it is watched when files have changed.
//!
//! Either all of it comes to run or nothing of it: what is wrong is written to the log, and what ran goes on running.

use std::sync::Arc;
use std::time::Duration;

use hence_project::Stamp;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::tls::Certificates;

/// How often files are looked at. What has changed is loaded when it has not changed further until the next look, so that
/// a half-written set of files is not taken for a whole one.
const INTERVAL: Duration = Duration::from_secs(1);

/// Loads anew when it is asked to, and when files are not as they were if that is watched for, until the daemon stops.
pub(crate) async fn run(
    app: App,
    certificates: Option<Arc<Certificates>>,
    watch: Option<Stamp>,
    stop: CancellationToken,
) {
    let source = app.deployer.source().cloned();
    let look = move || {
        let source = source.clone();
        let stamp = move || source.map(|source| source.stamp()).unwrap_or_default();
        async move { tokio::task::spawn_blocking(stamp).await.unwrap_or_default() }
    };
    let mut hangups = Hangups::new();
    let (watch, mut seen) = (watch.is_some(), watch.unwrap_or_default());
    let mut pending: Option<Stamp> = None;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = hangups.next() => {
                tracing::info!("SIGHUP: loading anew");
                if let Some(certificates) = &certificates {
                    show_again(certificates);
                }
                reload(&app).await;
                pending = None;
                if watch {
                    seen = look().await;
                }
            }
            () = tokio::time::sleep(INTERVAL), if watch => {
                let now = look().await;
                if now == seen {
                    pending = None;
                } else if pending.as_ref() == Some(&now) {
                    tracing::info!("files have changed: loading anew");
                    reload(&app).await;
                    (seen, pending) = (now, None);
                } else {
                    pending = Some(now);
                }
            }
        }
    }
}

fn show_again(certificates: &Certificates) {
    match certificates.reload() {
        Ok(()) => tracing::info!("the certificate is read again"),
        Err(error) => tracing::error!(error = format!("{error:#}"), "the certificate stays as it was"),
    }
}

async fn reload(app: &App) {
    if app.deployer.source().is_none() {
        return;
    }
    let reloading = app.clone();
    match tokio::task::spawn_blocking(move || reloading.deployer.reload()).await {
        Ok(Ok(release)) => {
            app.metrics.reloaded(true);
            match release {
                Some(release) => tracing::info!(release, "a new release runs"),
                None => tracing::info!("the rules are as they were; settings and secrets are read anew"),
            }
            app.worker.rules_changed().await;
        }
        Ok(Err(refused)) => {
            app.metrics.reloaded(false);
            tracing::error!("not loaded, what ran goes on running: {refused}");
        }
        Err(error) => tracing::error!(%error, "loading anew broke off"),
    }
}

/// SIGHUP, where there is such a thing: it would end the process if nobody heard it.
struct Hangups(#[cfg(unix)] Option<tokio::signal::unix::Signal>);

impl Hangups {
    #[cfg(unix)]
    fn new() -> Self {
        let heard = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
        Self(heard.inspect_err(|error| tracing::warn!(%error, "SIGHUP cannot be heard")).ok())
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self()
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.0
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
