//! The daemon from outside: started on a free port with a small program and a store of its own, asked over HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends by panicking"
)]

#[path = "daemon/assignments.rs"]
mod assignments;
#[path = "daemon/cloud_events.rs"]
mod cloud_events;
#[path = "daemon/control.rs"]
mod control;
#[path = "daemon/decide.rs"]
mod decide;
#[path = "daemon/events.rs"]
mod events;
#[path = "daemon/executions.rs"]
mod executions;
#[path = "daemon/faults.rs"]
mod faults;
#[path = "daemon/hooks.rs"]
mod hooks;
#[path = "daemon/limits.rs"]
mod limits;
#[path = "daemon/lsp.rs"]
mod lsp;
#[path = "daemon/manual.rs"]
mod manual;
#[path = "daemon/masking.rs"]
mod masking;
#[path = "daemon/matrix.rs"]
mod matrix;
#[path = "daemon/metrics.rs"]
mod metrics;
#[path = "daemon/notifications.rs"]
mod notifications;
#[path = "daemon/pages.rs"]
mod pages;
#[path = "daemon/providers.rs"]
mod providers;
#[path = "daemon/records.rs"]
mod records;
#[path = "daemon/releases.rs"]
mod releases;
#[path = "daemon/restart.rs"]
mod restart;
#[path = "daemon/sessions.rs"]
mod sessions;
#[path = "daemon/start.rs"]
mod start;
#[path = "daemon/support.rs"]
mod support;
#[path = "daemon/tasks.rs"]
mod tasks;
#[path = "daemon/templates.rs"]
mod templates;
#[path = "daemon/tls.rs"]
mod tls;
#[path = "daemon/tokens.rs"]
mod tokens;
#[path = "daemon/traces.rs"]
mod traces;
