//! Steps: a flat list; a jump goes to a place in the list.

use std::sync::Arc;

use hence_diagnostics::Span;
use hence_types::jiff::SignedDuration;
use hence_types::{Type, Wire};

use crate::{LocalId, NodeId};

/// A step. After one that is no jump comes the next in the list; past the end the execution is complete.
#[derive(Debug, Clone)]
pub enum Step {
    /// Calls an action.
    Act {
        /// The full name of the action, such as `crm.add_tag`.
        action: Arc<str>,
        /// What repeating the call does.
        class: Class,
        /// The arguments.
        arguments: Vec<Argument>,
        /// Where the result goes, if the rule keeps it.
        result: Option<Returned>,
        /// How the call is made, and what follows if it fails.
        policy: Policy,
        /// The source text of the call.
        span: Span,
    },
    /// Computes a variable.
    Let {
        /// The variable.
        local: LocalId,
        /// Its value.
        value: NodeId,
        /// The source text.
        span: Span,
    },
    /// Goes to `otherwise` if the condition does not hold.
    Branch {
        /// The condition.
        condition: NodeId,
        /// Where to go.
        otherwise: u32,
        /// The source text of the condition.
        span: Span,
    },
    /// Goes to a place.
    Jump(u32),
    /// Ends the execution.
    Stop {
        /// The source text.
        span: Span,
    },
    /// Ends the execution; the rules that come after this one are not run for the event.
    StopAll {
        /// The source text.
        span: Span,
    },
    /// Goes on later: after a duration or a period, or at an instant or at the beginning of a day.
    Wait {
        /// How long, or until when.
        time: NodeId,
        /// The source text.
        span: Span,
    },
    /// Takes the next element of a list, or goes to `end` if there is none. The steps between belong to the loop.
    Each {
        /// The list.
        list: LocalId,
        /// How many elements were taken.
        position: LocalId,
        /// The variable that the element goes into.
        element: LocalId,
        /// Where to go after the last one: beyond the jump back to this step.
        end: u32,
        /// The source text of the list.
        span: Span,
    },
    /// Gives the caller of a decision an answer.
    Answer {
        /// What.
        effect: Effect,
        /// The source text.
        span: Span,
    },
    /// Says how the answers of a decision go with those of its group. Stands before all other steps.
    Resolve {
        /// The group.
        group: Arc<str>,
        /// Which of its rules are taken.
        resolution: Resolution,
    },
    /// Begins steps whose failure is handled: those up to `end`.
    Attempt {
        /// The first place that no longer belongs to them.
        end: u32,
        /// Where to go if one of them fails.
        handler: u32,
        /// The variable that the error goes into.
        error: Option<LocalId>,
        /// The source text.
        span: Span,
    },
    /// Goes on when an event arrives.
    Await(Box<Await>),
    /// Begins several strands, and goes to `end` when all have come to a join.
    Parallel {
        /// Where each strand begins.
        strands: Vec<u32>,
        /// Where to go then.
        end: u32,
        /// The source text.
        span: Span,
    },
    /// Begins a strand after this step for each element of a list, so many at a time, and goes to `end` when all have
    /// come to a join.
    Batches {
        /// The list.
        list: LocalId,
        /// How many elements were taken.
        position: LocalId,
        /// The variable that the element goes into.
        element: LocalId,
        /// How many strands there are at a time.
        at_a_time: u32,
        /// Where to go then.
        end: u32,
        /// The source text of the list.
        span: Span,
    },
    /// The end of a strand.
    Join,
    /// Puts an event into the inbox.
    Emit {
        /// The full name of the event.
        event: Arc<str>,
        /// The fields of its payload.
        fields: Vec<Argument>,
        /// The source text.
        span: Span,
    },
}

/// What an execution waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Await {
    /// The full name of the event.
    pub event: Arc<str>,
    /// The variable that the event's payload goes into for the condition, and how it is read.
    pub other: Returned,
    /// What the condition says of a field of the event, by which the waiting are found.
    pub key: Option<Key>,
    /// Which of these events it is; any where nothing is said.
    pub condition: Option<NodeId>,
    /// How long it is waited for; for ever where nothing is said.
    pub limit: Option<NodeId>,
    /// Where the payload goes, if the rule keeps it, or the answer to the question; missing where the event did not arrive.
    pub result: Option<LocalId>,
    /// What a person is asked first, if it is the answer to that which is waited for. Then there is no condition.
    pub question: Option<Question>,
    /// The source text.
    pub span: Span,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Who.
    pub role: Arc<str>,
    /// What, as text.
    pub text: NodeId,
}

/// That a field of the other event, a text or a whole number, equals a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The path of the field.
    pub field: Vec<Arc<str>>,
    /// The value.
    pub value: NodeId,
}

/// What the caller of a decision is told.
#[derive(Debug, Clone)]
pub enum Effect {
    /// To do something, such as `ui.display_message`.
    Act {
        /// The full name.
        action: Arc<str>,
        /// The arguments.
        arguments: Vec<Argument>,
    },
    /// That a field has a value.
    Set {
        /// The path of the field in the context, such as `cart.discount`.
        field: Arc<str>,
        /// How the value is spelt in JSON.
        wire: Wire,
        /// Whether the value is masked wherever it is shown.
        sensitive: bool,
        /// The value.
        value: NodeId,
    },
    /// That what is asked for is refused.
    Block {
        /// The reason, a text.
        reason: NodeId,
    },
}

/// Which rules of a group that matched are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The first in the order of priority.
    First,
    /// The only one: it was proved that no two match together.
    Unique,
    /// The one with the greatest value, read of the context as the rule has set it.
    Best(NodeId),
}

/// How a call is made, and what follows if it fails.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// The label of the step: its identity beyond edits.
    pub label: Option<Arc<str>>,
    /// How long an attempt may take.
    pub timeout: Option<SignedDuration>,
    /// When it is tried again; the built-in retries where nothing is said.
    pub retry: Option<Retry>,
    /// What follows when it is not tried again.
    pub on_error: OnError,
}

/// When a call that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How often.
    pub times: u32,
    /// How long to wait before the first.
    pub every: SignedDuration,
    /// Whether the wait doubles each time.
    pub doubling: bool,
    /// The longest wait.
    pub up_to: Option<SignedDuration>,
}

/// What follows a call that failed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// The error goes to the attempt around the call; without one the execution fails.
    #[default]
    Fail,
    /// The next step. The result is missing.
    Continue,
    /// The steps from this place. The result is missing.
    GoTo(u32),
}

/// An argument of an action.
#[derive(Debug, Clone)]
pub struct Argument {
    /// The parameter's name.
    pub name: Arc<str>,
    /// How the value is spelt in JSON.
    pub wire: Wire,
    /// Whether the value is masked wherever it is shown.
    pub sensitive: bool,
    /// The value.
    pub value: NodeId,
}

/// What a rule keeps of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The variable.
    pub local: LocalId,
    /// The type that the action's schema declares.
    pub ty: Type,
    /// How the result is spelt in JSON.
    pub wire: Wire,
}

/// What repeating a call of an action does, as its schema declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Repeating it with the same key or arguments changes nothing more.
    Idempotent,
    /// Whether it was done can be asked for.
    Queryable,
    /// It must not be repeated unless it is known not to have been done.
    AtMostOnce,
}
