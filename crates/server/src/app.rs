//! What the routes share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use hence_engine::{Clock, Driver, Store};
use hence_store::Records;
use hence_types::jiff::SignedDuration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::auth::Auth;
use crate::deploy::Deployer;
use crate::front::Front;
use crate::ingest::Ingest;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::rules::{Current, Rules};
use crate::surface::Limits;
use crate::traces::Tracer;
use crate::worker::Worker;

/// The state of the application. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(pub(crate) Arc<Parts>);

/// The parts of the application.
pub(crate) struct Parts {
    /// What runs now.
    pub(crate) current: Arc<Current>,
    /// What changes it.
    pub(crate) deployer: Deployer,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ingest: Ingest,
    pub(crate) driver: Arc<Driver>,
    pub(crate) worker: Worker,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) live: Arc<Live>,
    pub(crate) tracer: Arc<Tracer>,
    /// What people agreed to and chose, what they are told, and what they are to do.
    pub(crate) records: Arc<dyn Records>,
    /// Who may ask for what.
    pub(crate) auth: Arc<Auth>,
    /// How long a browser is signed in.
    pub(crate) session_life: SignedDuration,
    /// How often tokens may ask, and webhooks come.
    pub(crate) token_pace: Pace,
    pub(crate) hook_pace: Pace,
    /// How much is taken.
    pub(crate) limits: Limits,
    /// The names that the daemon answers to.
    pub(crate) front: Front,
    /// Whether everything that a former run left behind is taken up.
    pub(crate) recovered: Arc<AtomicBool>,
    /// The folder of the project, if that is what is served.
    pub(crate) project: Option<PathBuf>,
    /// The sessions of the language server that may still be opened.
    pub(crate) sessions: Arc<Semaphore>,
    /// Ends what would go on for ever when the daemon stops.
    pub(crate) stop: CancellationToken,
}

impl App {
    /// Returns what runs now. To be asked once for a request, so that its answer is of one release.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.0.current.get()
    }

    /// Asks the store on a thread that may block.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Store) -> Result<T, hence_engine::store::Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.0.store);
        self.blocking(move || question(&*store)).await
    }

    /// Does something with the disk on a thread that may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, hence_engine::store::Error> + Send + 'static,
    ) -> Result<T, Problem> {
        match tokio::task::spawn_blocking(work).await {
            Ok(answer) => Ok(answer?),
            Err(error) => {
                tracing::error!(%error, "a question to the store broke off");
                Err(Problem::internal("the store could not be asked"))
            }
        }
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
