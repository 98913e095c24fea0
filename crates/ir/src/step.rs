//! Steps: a flat list; a jump goes to a place in the list.

use std::sync::Arc;

use hence_diagnostics::Span;

use crate::{LocalId, NodeId};

/// A step. After one that is no jump comes the next in the list; past the end the execution is complete.
#[derive(Debug, Clone)]
pub enum Step {
    /// Calls an action.
    Act {
        /// The full name of the action, such as `crm.add_tag`.
        action: Arc<str>,
        /// The arguments.
        arguments: Vec<Argument>,
        /// Where the result goes.
        result: Option<LocalId>,
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
    pub wire: hence_types::Wire,
    /// Whether the value is masked wherever it is shown.
    pub sensitive: bool,
    /// The value.
    pub value: NodeId,
}
