//! What an author sees of a time that has come: the payload of `hence.schedule.due`.

use std::sync::Arc;

use crate::{Field, Record, Type};

/// The full name of the events that schedules put into the inbox.
pub const SCHEDULE_DUE: &str = "hence.schedule.due";

/// Returns the shape of what a schedule gives: `due`, the instant at which it was due, and `previous`, the one before
/// for which the rule was started, missing the first time.
pub fn schedule_shape() -> Arc<Record> {
    let fields = [("due", Type::DateTime), ("previous", Type::DateTime.optional())];
    let fields = fields.map(|(name, ty)| (Arc::from(name), Field::plain(ty))).into_iter().collect();
    Arc::new(Record { name: Some(Arc::from(SCHEDULE_DUE)), fields, origin: None })
}
