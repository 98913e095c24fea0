//! Connections: taken in, bounded, with TLS where it is set up, and ended when the daemon stops.
//!
//! Whoever holds a connection without asking anything holds a place that others may need: clients that are done and keep
//! it, and those that send a request byte by byte, by mistake or to do harm. Such a connection is *resting*, from its
//! beginning until its request has arrived whole, and again from the end of the answer on. It rests for so long at most,
//! and if all places are taken the one that has rested longest is closed for the next that comes. So neither ten thousand
//! idle connections nor slow clients keep anybody out.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::tls::Certificates;

/// The most that is read of the head of a request, in bytes.
const HEAD_LIMIT: usize = 64 * 1024;

/// How long to wait after a connection could not be taken, as there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// How connections are taken.
pub(crate) struct Listening {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<Arc<Certificates>>,
    /// How many there may be at a time.
    pub(crate) most: usize,
    /// How long one may take to send the head of a request, or rest before it.
    pub(crate) head: Duration,
    /// How long a request may take to arrive after its head.
    pub(crate) request: Duration,
}

/// Serves until told to stop; then takes no more, and returns when all requests under way are answered.
pub(crate) async fn serve(listening: Listening, router: Router, stop: CancellationToken) {
    let Listening { listener, tls, most, head, request } = listening;
    let places = Places::new(most);
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be taken");
                places.close_one();
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let place = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            place = places.enter() => place,
        };
        let one = One { place, head, longest: head + request, router: router.clone(), stop: stop.clone() };
        tasks.spawn(one.serve(stream, tls.clone()));
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

/// One connection.
struct One {
    place: Place,
    head: Duration,
    /// How long it may rest at most, whatever it waits for.
    longest: Duration,
    router: Router,
    stop: CancellationToken,
}

impl One {
    async fn serve(self, stream: TcpStream, tls: Option<Arc<Certificates>>) {
        // Answers are written whole; holding them back for more only costs time.
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else { return self.speak(stream).await };
        let closed = self.place.closed();
        let shaking = tokio::time::timeout(self.head, TlsAcceptor::from(tls.current()).accept(stream));
        let stream = tokio::select! {
            () = closed.cancelled() => return,
            () = self.stop.cancelled() => return,
            shaken = shaking => match shaken {
                Ok(Ok(stream)) => stream,
                // Whoever speaks no TLS, or not to the end, hears nothing.
                Ok(Err(_)) | Err(_) => return,
            },
        };
        self.speak(stream).await;
    }

    async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S) {
        let One { place, head, longest, router, stop } = self;
        let closed = place.closed();
        let place = Arc::new(place);
        let watched = Arc::clone(&place);
        let routes = TowerToHyperService::new(router);
        let answering = service_fn(move |request: Request<Incoming>| {
            let arriving = Arriving(Arc::clone(&place));
            // One that has no body has arrived.
            let arriving = if request.body().is_end_stream() {
                drop(arriving);
                None
            } else {
                Some(arriving)
            };
            let answered = Resting(Arc::clone(&place));
            let request = request.map(|body| match arriving {
                None => Body::new(body),
                Some(arriving) => Body::new(body.map_frame(move |frame| {
                    let _held = &arriving;
                    frame
                })),
            });
            let answer = routes.call(request);
            async move {
                let response: Response<Body> = match answer.await {
                    Ok(response) => response,
                    Err(never) => match never {},
                };
                let response = response.map(|body| {
                    Body::new(body.map_frame(move |frame| {
                        let _held = &answered;
                        frame
                    }))
                });
                Ok::<_, Infallible>(response)
            }
        });
        let mut protocol = http1::Builder::new();
        protocol.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(HEAD_LIMIT);
        let connection = protocol.serve_connection(TokioIo::new(stream), answering).with_upgrades();
        let mut connection = pin!(connection);
        let mut stopping = false;
        let mut seen = None;
        let mut looking = tokio::time::interval(longest.max(Duration::from_millis(1)));
        loop {
            tokio::select! {
                biased;
                () = closed.cancelled() => return,
                // What a client does wrong is its own matter.
                _ = connection.as_mut() => return,
                _ = looking.tick() => {
                    let rests = watched.number();
                    if rests.is_some() && rests == seen {
                        // An answer to a head that cannot be read leaves the connection open, for one.
                        return;
                    }
                    seen = rests;
                }
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// Held by the body of a request: when it is gone, the request has arrived.
struct Arriving(Arc<Place>);

impl Drop for Arriving {
    fn drop(&mut self) {
        self.0.work();
    }
}

/// Held by the body of an answer: when it is gone, the answer is given.
struct Resting(Arc<Place>);

impl Drop for Resting {
    fn drop(&mut self) {
        self.0.rest();
    }
}

/// The places for connections. Cheap to clone.
#[derive(Clone)]
struct Places(Arc<Shared>);

struct Shared {
    most: usize,
    taken: Mutex<Taken>,
    /// Told when a place is left or begins to rest.
    changed: Notify,
}

#[derive(Default)]
struct Taken {
    count: usize,
    next: u64,
    /// How many are told to close and have not yet.
    closing: usize,
    /// What closes each connection that rests, in the order that they began to.
    resting: BTreeMap<u64, CancellationToken>,
}

impl Places {
    fn new(most: usize) -> Self {
        Self(Arc::new(Shared { most: most.max(1), taken: Mutex::default(), changed: Notify::new() }))
    }

    /// Takes a place; closes the connection that has rested longest if there is none left.
    async fn enter(&self) -> Place {
        loop {
            let changed = self.0.changed.notified();
            {
                let mut taken = self.0.taken();
                if taken.count < self.0.most {
                    taken.count += 1;
                    drop(taken);
                    let place = Place {
                        shared: Arc::clone(&self.0),
                        close: CancellationToken::new(),
                        number: Mutex::default(),
                    };
                    place.rest();
                    return place;
                }
            }
            self.close_one();
            changed.await;
        }
    }

    /// Closes the connection that has rested longest, if any rests and none is about to close.
    fn close_one(&self) {
        let mut taken = self.0.taken();
        if taken.closing == 0
            && let Some((_, close)) = taken.resting.pop_first()
        {
            taken.closing += 1;
            close.cancel();
        }
    }
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection, left when it is dropped.
struct Place {
    shared: Arc<Shared>,
    close: CancellationToken,
    /// Under which it rests.
    number: Mutex<Option<u64>>,
}

impl Place {
    /// Returns what is cancelled when the connection is to be closed.
    fn closed(&self) -> CancellationToken {
        self.close.clone()
    }

    /// Returns under what it rests, if it does: another one each time.
    fn number(&self) -> Option<u64> {
        *self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rest(&self) {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        if number.is_none() {
            let mut taken = self.shared.taken();
            taken.next += 1;
            let next = taken.next;
            taken.resting.insert(next, self.close.clone());
            *number = Some(next);
            self.shared.changed.notify_one();
        }
    }

    fn work(&self) {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = number.take() {
            self.shared.taken().resting.remove(&number);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.work();
        let mut taken = self.shared.taken();
        taken.count -= 1;
        taken.closing -= usize::from(self.close.is_cancelled());
        drop(taken);
        self.shared.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns whether a place can be had at once.
    async fn is_free(places: &Places) -> Option<Place> {
        tokio::select! {
            biased;
            place = places.enter() => Some(place),
            () = tokio::task::yield_now() => None,
        }
    }

    #[tokio::test]
    async fn the_connection_that_has_rested_longest_makes_room() {
        let places = Places::new(2);
        let (first, second) = (places.enter().await, places.enter().await);
        first.work();
        first.rest();
        assert!(is_free(&places).await.is_none());
        assert!(second.close.is_cancelled() && !first.close.is_cancelled());
        drop(second);
        let third = is_free(&places).await.unwrap();
        first.work();
        third.work();
        assert!(is_free(&places).await.is_none());
        assert!(!first.close.is_cancelled() && !third.close.is_cancelled());
        drop(third);
        assert!(is_free(&places).await.is_some());
    }
}
