//! Triggers: what starts a rule.

use hence_diagnostics::Span;

use super::{Expression, Name, Parameter, Path, ScheduleTrigger};

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
    /// `monday.item.status changes …`: a field of an entity.
    Field(Box<FieldTrigger>),
    /// `3 shop.payment.failed within 10 m by customer_id`: events that belong together.
    Pattern(Box<PatternTrigger>),
    /// `7 days before crm.member.renews_at at 09:00`: so long before or after the date that a field of an entity says.
    Date(Box<DateTrigger>),
    /// `manual with (since: date)`: a person, or the API.
    Manual(Vec<Parameter>),
}

/// So long before or after a date that a field of an entity says.
#[derive(Debug, Clone, PartialEq)]
pub struct DateTrigger {
    /// How long, always a [`super::ExpressionKind::Length`].
    pub length: Expression,
    /// Whether it is before the date, else after.
    pub before: bool,
    /// The field.
    pub field: Path,
    /// `at 09:00`: the time of that day.
    pub at: Option<(String, Span)>,
    /// `in "Europe/Berlin"`
    pub zone: Option<(String, Span)>,
}

/// A field of an entity that does something.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldTrigger {
    /// The field.
    pub field: Path,
    /// What it does.
    pub change: FieldChange,
}

/// What a field does.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldChange {
    /// `changes from "Working" to "Done" for 3 days`
    Changes {
        /// The value before.
        from: Option<Expression>,
        /// The value after.
        to: Option<Expression>,
        /// How long it stays so, always a [`super::ExpressionKind::Length`].
        stay: Option<Expression>,
    },
    /// `falls below 10`
    FallsBelow(Expression),
    /// `rises above 10`
    RisesAbove(Expression),
}

/// Events that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct PatternTrigger {
    /// The event that begins it.
    pub first: Path,
    /// What has to follow.
    pub rest: PatternRest,
    /// How long all of it may take, always a [`super::ExpressionKind::Length`].
    pub within: Expression,
    /// The field by which the events belong together.
    pub key: Path,
    /// The field of the second event, where it is another: `by id == cart_id`.
    pub second_key: Option<Path>,
}

/// What has to follow the event that begins a pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternRest {
    /// `without shop.order.created`
    Without(Path),
    /// `3 …`: the digits and their place.
    Times(String, Span),
    /// `as paid followed by shop.order.refunded`
    FollowedBy {
        /// The name of the first event.
        first: Option<Name>,
        /// The second event.
        second: Path,
    },
}
