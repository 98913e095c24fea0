//! Integration files → the catalog of types, events and actions.
//!
//! An integration is one JSON file. Its format is described by the JSON Schema [`FORMAT`]
//! (`format/integration.schema.json` of this crate), which is what editors associate and what [`load`] checks
//! first; what a JSON Schema cannot say (references, examples that break their own schema) is checked after.
//! Every type, event, field, action and parameter of the [`Catalog`] remembers the span in the file it comes
//! from. The integrations that Hence ships stand in `integrations/` of this crate. This crate knows nothing of
//! rules.
//!
//! Start with [`Catalog`] and [`catalog()`].

mod catalog;
mod dialect;
mod diff;
mod entry;
mod format;
mod html;
pub mod json;
mod load;
mod mentions;
mod payload;
mod sample;
mod shipped;
mod template;

pub use catalog::{
    Action, Call, Carrier, Catalog, Class, Connection, Encoding, Entity, EntryPoint, Event, EventName, Feed,
    HttpCall, Integration, LogCall, Lookup, Mapping, NotificationCall, Param, Settable, Setting, Signature,
    SmtpCall, SqlCall, TaskCall, Union, Update, Variant, Webhook,
};
pub use diff::{Change, ChangeKind, diff};
pub use entry::Entry;
pub use format::FORMAT;
pub use html::{Escape, HtmlPart};
pub use load::{Loaded, catalog, catalog_of, is_template, load, with_templates};
pub use mentions::mentions;
pub use payload::check_payload;
pub use sample::{sample, sample_context, sample_value};
pub use shipped::{is_shipped, shipped_text};
