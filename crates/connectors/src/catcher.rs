//! A small mail and HTTP server on this machine that takes everything, keeps it and says so, one line each.
//!
//! Tests ask it what arrived; demonstrations point actions at it instead of at the real systems. It is no server for
//! anything else: it checks no password and holds what it gets in memory.

mod http;
mod mail;
mod smtp;

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use http::CaughtRequest;
pub use mail::Mail;

/// How many mails and requests are kept; the oldest go first.
const KEPT: usize = 10_000;

/// What is called with every line.
type Printer = Box<dyn Fn(&str) + Send + Sync>;

/// The servers. They stop when it is dropped.
pub struct Catcher {
    mail_address: SocketAddr,
    http_address: SocketAddr,
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

/// What both servers share.
struct Shared {
    caught: Mutex<Caught>,
    /// Counts what was caught, so that one can wait for more.
    count: watch::Sender<usize>,
    print: Printer,
}

#[derive(Default)]
struct Caught {
    mails: VecDeque<Mail>,
    requests: VecDeque<CaughtRequest>,
    /// Answers to the next requests and mails, before the usual ones.
    http_answers: VecDeque<(u16, String)>,
    mail_answers: VecDeque<String>,
}

impl Catcher {
    /// Listens on two free ports of the loopback address, printing nothing.
    pub async fn start() -> io::Result<Self> {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::listen(anywhere, anywhere, |_| {}).await
    }

    /// Listens for mail and for HTTP, calling `print` with a line for everything that is caught.
    pub async fn listen(
        mail: SocketAddr,
        http: SocketAddr,
        print: impl Fn(&str) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (mail, http) = (TcpListener::bind(mail).await?, TcpListener::bind(http).await?);
        let (mail_address, http_address) = (mail.local_addr()?, http.local_addr()?);
        let shared = Arc::new(Shared {
            caught: Mutex::default(),
            count: watch::Sender::new(0),
            print: Box::new(print),
        });
        let tasks = [
            tokio::spawn(accept(mail, Arc::clone(&shared), Kind::Mail)),
            tokio::spawn(accept(http, Arc::clone(&shared), Kind::Http)),
        ];
        Ok(Self { mail_address, http_address, shared, tasks })
    }

    /// Returns where mail is taken.
    pub fn mail_address(&self) -> SocketAddr {
        self.mail_address
    }

    /// Returns where HTTP requests are taken.
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// Returns the mails so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.caught().mails.iter().cloned().collect()
    }

    /// Returns the HTTP requests so far.
    pub fn requests(&self) -> Vec<CaughtRequest> {
        self.shared.caught().requests.iter().cloned().collect()
    }

    /// Answers the next request that has no answer yet with a status and a JSON body instead of `200 {}`.
    pub fn answer_next(&self, status: u16, body: &str) {
        self.shared.caught().http_answers.push_back((status, body.to_owned()));
    }

    /// Answers the next mail with a line such as `451 later` instead of taking it.
    pub fn refuse_next_mail(&self, answer: &str) {
        self.shared.caught().mail_answers.push_back(answer.to_owned());
    }

    /// Waits until there are so many mails, returning them; `None` if it takes longer than `within`.
    pub async fn wait_for_mails(&self, count: usize, within: Duration) -> Option<Vec<Mail>> {
        self.wait(within, |caught| caught.mails.len() >= count).await.then(|| self.mails())
    }

    /// Waits until there are so many requests, returning them; `None` if it takes longer than `within`.
    pub async fn wait_for_requests(&self, count: usize, within: Duration) -> Option<Vec<CaughtRequest>> {
        self.wait(within, |caught| caught.requests.len() >= count).await.then(|| self.requests())
    }

    async fn wait(&self, within: Duration, enough: impl Fn(&Caught) -> bool) -> bool {
        let mut count = self.shared.count.subscribe();
        let waiting = count.wait_for(|_| enough(&self.shared.caught()));
        matches!(tokio::time::timeout(within, waiting).await, Ok(Ok(_)))
    }
}

impl Drop for Catcher {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    fn caught(&self) -> std::sync::MutexGuard<'_, Caught> {
        self.caught.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep_mail(&self, mail: Mail) {
        (self.print)(&mail.line());
        let mut caught = self.caught();
        caught.mails.push_back(mail);
        if caught.mails.len() > KEPT {
            caught.mails.pop_front();
        }
        drop(caught);
        self.count.send_modify(|count| *count += 1);
    }

    fn keep_request(&self, request: CaughtRequest) {
        (self.print)(&request.line());
        let mut caught = self.caught();
        caught.requests.push_back(request);
        if caught.requests.len() > KEPT {
            caught.requests.pop_front();
        }
        drop(caught);
        self.count.send_modify(|count| *count += 1);
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Mail,
    Http,
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, kind: Kind) {
    // The connections end with this task, as the set is dropped with it.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    // A client that breaks off is its own matter.
                    let _ = match kind {
                        Kind::Mail => smtp::serve(stream, &shared).await,
                        Kind::Http => http::serve(stream, &shared).await,
                    };
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests;
