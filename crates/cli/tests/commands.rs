//! The commands, through the real binary: one module each, and one for how they are refused.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends by panicking"
)]

#[path = "commands/backup.rs"]
mod backup;
#[path = "commands/bench.rs"]
mod bench;
#[path = "commands/bundle.rs"]
mod bundle;
#[path = "commands/check.rs"]
mod check;
#[expect(dead_code, reason = "the tests of connectors use all of it")]
#[path = "../../connectors/tests/support/cluster.rs"]
mod cluster;
#[path = "commands/crash.rs"]
mod crash;
#[path = "commands/decide.rs"]
mod decide;
#[path = "commands/explain.rs"]
mod explain;
#[path = "commands/fix.rs"]
mod fix;
#[path = "commands/fmt.rs"]
mod fmt;
#[path = "commands/import.rs"]
mod import;
#[path = "commands/members.rs"]
mod members;
#[path = "commands/network.rs"]
mod network;
#[path = "commands/new.rs"]
mod new;
#[path = "commands/openapi.rs"]
mod openapi;
#[path = "commands/postgres.rs"]
mod postgres;
#[path = "commands/power_cut.rs"]
mod power_cut;
#[path = "commands/releases.rs"]
mod releases;
#[path = "commands/rename.rs"]
mod rename;
#[path = "commands/run.rs"]
mod run;
#[path = "commands/schema.rs"]
mod schema;
#[path = "commands/serve.rs"]
mod serve;
#[path = "commands/support.rs"]
mod support;
#[path = "commands/test.rs"]
mod test;
#[path = "commands/token.rs"]
mod token;
#[path = "commands/usage.rs"]
mod usage;
#[path = "commands/why.rs"]
mod why;
