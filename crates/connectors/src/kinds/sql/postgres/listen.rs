//! Notifications of a channel, which say that there may be rows to ask for. They are hints alone: what is missed while a
//! connection is broken is made good by one hint when there is a connection again.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Client, Error};

use super::address::Address;
use super::connect::{Connection, Connector};

/// How long to wait before a connection is tried again, at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// How often a connection on which nothing is heard is asked whether it is still there, and how long it has to answer.
const ASKED: Duration = Duration::from_secs(30);

/// Somebody who listens, until it is dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    heard: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Listening {
    /// Listens to a channel of a database.
    pub(super) fn start(connector: Arc<Connector>, address: Address, channel: &str) -> Self {
        let heard = Arc::new(Notify::new());
        let listen = format!("LISTEN \"{}\"", channel.replace('"', "\"\""));
        let task = tokio::spawn(run(connector, address, listen, Arc::clone(&heard)));
        Self { heard, task }
    }

    /// Returns when something was heard since it last returned: a notification, or that there is a connection again.
    pub(crate) async fn heard(&self) {
        self.heard.notified().await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(connector: Arc<Connector>, address: Address, listen: String, heard: Arc<Notify>) {
    let mut backoff = BACKOFF.0;
    loop {
        match connector.connect(&address).await {
            Ok((client, mut connection)) => {
                let ended = tokio::select! {
                    ended = hear(&mut connection, &heard) => ended,
                    ended = stay(&client, &listen, &heard) => ended,
                };
                let reason = ended.map_or_else(|error| error.to_string(), |()| "it was closed".to_owned());
                tracing::warn!(database = %address, %reason, "nothing is heard of changes until there is a connection again");
                backoff = BACKOFF.0;
            }
            Err(problem) => tracing::warn!(problem = problem.message(), "nothing is heard of changes"),
        }
        tokio::time::sleep(backoff).await;
        backoff = (backoff * 2).min(BACKOFF.1);
    }
}

/// Looks after a connection until it ends, and tells of its notifications.
async fn hear(connection: &mut Connection, heard: &Notify) -> Result<(), Error> {
    poll_fn(|cx| {
        loop {
            match ready!(connection.poll_message(cx)) {
                Some(Ok(AsyncMessage::Notification(_))) => heard.notify_one(),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => return Poll::Ready(Ok(())),
            }
        }
    })
    .await
}

/// Begins to listen, says once that something may have been missed, and finds out when nobody is there any more.
async fn stay(client: &Client, listen: &str, heard: &Notify) -> Result<(), Error> {
    client.batch_execute(listen).await?;
    heard.notify_one();
    loop {
        tokio::time::sleep(ASKED).await;
        match tokio::time::timeout(ASKED, client.check_connection()).await {
            Ok(answer) => answer?,
            Err(_) => return Ok(()),
        }
    }
}
