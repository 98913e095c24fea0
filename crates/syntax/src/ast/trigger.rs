//! Triggers: what starts a rule.

use hence_diagnostics::Span;

use super::{Name, Path, ScheduleTrigger};

/// What starts a rule, and the name it gives the event.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// What starts the rule.
    pub kind: TriggerKind,
    /// `as name`
    pub alias: Option<Name>,
    /// The place, the alias included.
    pub span: Span,
}

/// What starts a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum TriggerKind {
    /// `shop.order.created`: an event of an integration.
    Event(Path),
    /// `every weekday at 09:00`, `cron "0 9 * * MON"`: times that recur.
    Schedule(ScheduleTrigger),
}
