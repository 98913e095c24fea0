//! `GET /lsp`: a session of the language server over a WebSocket, for editors in a browser.
//!
//! Every socket has a session of its own over the folder of the project that the daemon serves. Texts that are open
//! stay in memory: the session reads the project, and writes nothing. A message of the protocol is one text message.
//!
//! A browser can send no header with a WebSocket, so it offers its token among the protocols:
//!
//! ```text
//! new WebSocket("ws://127.0.0.1:8080/lsp", ["hence.lsp", "hence.token." + token])
//! ```

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::Response;
use hence_engine::Status;
use hence_engine::store::ExecutionFilter;
use hence_lsp::Activity;
use hence_types::jiff::SignedDuration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::app::App;
use crate::auth::LSP_PROTOCOL;
use crate::problem::Problem;

/// How many sessions there may be at a time.
pub(crate) const SESSIONS: usize = 16;
/// The largest message, in bytes.
const MESSAGE_LIMIT: usize = 4 << 20;
/// How many executions of a rule are counted at most: so many pages of so many.
const PAGES: usize = 20;
const PAGE: usize = 500;
/// How many messages may wait in either direction before the other side has to.
const WAITING: usize = 64;

/// Opens a session.
pub(super) async fn open(
    State(app): State<App>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|rejection| Problem::bad_request("no-websocket", rejection.body_text()))?;
    let Some(root) = app.project.clone() else {
        let detail = "the daemon serves a bundle: there is no folder of rules to edit";
        return Err(Problem::not_found("no-project", detail));
    };
    let Ok(permit) = Arc::clone(&app.sessions).try_acquire_owned() else {
        let detail = format!("{SESSIONS} editors are connected, which is as many as may be");
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-sessions",
            "Too many requests",
            detail,
        ));
    };
    let upgrade =
        upgrade.protocols([LSP_PROTOCOL]).max_message_size(MESSAGE_LIMIT).max_frame_size(MESSAGE_LIMIT);
    Ok(upgrade.on_upgrade(move |socket| session(socket, app, root, permit)))
}

/// Carries messages between a socket and the session on threads of its own, until either has ended or the daemon stops.
async fn session(mut socket: WebSocket, app: App, root: PathBuf, _permit: OwnedSemaphorePermit) {
    let (to_session, mut from_socket) = mpsc::channel::<String>(WAITING);
    let (to_socket, mut from_session) = mpsc::channel::<String>(WAITING);
    let asked = app.clone();
    let daemon = hence_lsp::Daemon::new(move |rule| activity(&asked, rule));
    let options =
        hence_lsp::Options { root: Some(root), daemon: Some(daemon), ..hence_lsp::Options::default() };
    let serving = tokio::task::spawn_blocking(move || {
        let receive = move || from_socket.blocking_recv();
        hence_lsp::over(options, receive, move |text| to_socket.blocking_send(text).is_ok())
    });
    loop {
        tokio::select! {
            () = app.stop.cancelled() => {
                close(&mut socket, close_code::AWAY, "the daemon is stopping").await;
                break;
            }
            told = from_session.recv() => {
                let Some(text) = told else {
                    close(&mut socket, close_code::NORMAL, "the session is over").await;
                    break;
                };
                if socket.send(Message::Text(text.into())).await.is_err() {
                    break;
                }
            }
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => {
                    // A session that computes takes no more; what it says meanwhile is heard afterwards.
                    if to_session.send(text.as_str().to_owned()).await.is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Binary(_))) => {
                    close(&mut socket, close_code::UNSUPPORTED, "messages are texts").await;
                    break;
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            },
        }
    }
    drop((to_session, from_session));
    if let Ok(Err(error)) = serving.await {
        tracing::warn!(%error, "a session of the language server broke off");
    }
}

/// Returns what a rule did in the last 24 hours.
fn activity(app: &App, rule: &str) -> Option<Activity> {
    let since = app.clock.now().checked_sub(SignedDuration::from_hours(24)).ok();
    let rule = app.rules().former_names.stored(rule).into();
    let filter = ExecutionFilter { rule: Some(rule), since, ..ExecutionFilter::default() };
    let mut activity = Activity::default();
    let mut cursor = None;
    for _ in 0..PAGES {
        let page = app.store.executions(&filter, cursor.as_ref(), PAGE).ok()?;
        let begun = page.items.iter().filter(|execution| execution.status.is_begun());
        activity.fired += begun.count() as u64;
        let failed = page.items.iter().filter(|execution| execution.status == Status::Failed);
        activity.failed += failed.count() as u64;
        cursor = page.next;
        if cursor.is_none() {
            return Some(activity);
        }
    }
    Some(Activity { more: true, ..activity })
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    // A peer that is gone hears nothing.
    let _ =
        socket.send(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }))).await;
}
