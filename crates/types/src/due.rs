//! Events that the engine puts into the inbox for one rule, apart from those that carry the payload of another: a time that
//! has come, and a run that was asked for.

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

/// The full name of the events that start a rule because a person or the API asked for it. What they carry is what the rule
/// says it needs: `when manual with (…)`.
pub const MANUAL_RUN: &str = "hence.manual.run";

/// The full name of the event that a person was asked something.
pub const TASK_OPENED: &str = "hence.task.opened";

/// The full name of the event that a person answered.
pub const TASK_ANSWERED: &str = "hence.task.answered";

/// The full name of the event that a task which a rule gave somebody was done.
pub const TASK_COMPLETED: &str = "tasks.task.completed";

/// The full name of the event that such a task is not to be done any more.
pub const TASK_CANCELLED: &str = "tasks.task.cancelled";
