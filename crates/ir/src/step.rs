//! Steps: a flat list; a jump goes to a place in the list.

use std::sync::Arc;

use hence_diagnostics::Span;
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
#[derive(Debug, Clone)]
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
