//! Triggers: what starts a rule.

use hence_diagnostics::Span;

use super::{Name, Path};

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
}
