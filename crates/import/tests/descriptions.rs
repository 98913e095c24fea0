//! Descriptions, as they are published and as they should not be, and the integrations they become.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends by panicking"
)]

#[path = "descriptions/asyncapi.rs"]
mod asyncapi;
#[path = "descriptions/infer.rs"]
mod infer;
#[path = "descriptions/openapi.rs"]
mod openapi;
#[path = "descriptions/random.rs"]
mod random;
#[path = "descriptions/references.rs"]
mod references;
#[path = "descriptions/schemas.rs"]
mod schemas;
#[path = "descriptions/support.rs"]
mod support;
