//! Integration files → the catalog of events, entities and actions.
//!
//! An integration is one JSON file. Its format is described by the JSON Schema `format/integration.schema.json`
//! of this crate, which is what editors associate and what [`load`] checks first; what a JSON Schema cannot say
//! (references, examples that break their own schema) is checked after. Every event, field, action and parameter
//! of the [`Catalog`] remembers the span in the file it comes from. The integrations that Hence ships stand in
//! `integrations/` of this crate and are read by [`shipped`]. This crate knows nothing of rules.
//!
//! Start with [`Catalog`] and [`load`].

mod catalog;

pub use catalog::{
    Action, Call, Catalog, Class, Connection, Event, EventName, HttpCall, Integration, LogCall, Mapping, Param,
    Setting, Signature, SmtpCall, Webhook,
};
