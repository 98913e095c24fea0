//! Steps.

use hence_diagnostics::Span;

use super::{Expression, Name, NodeId};

/// A step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The node.
    pub id: NodeId,
    /// The place.
    pub span: Span,
    /// What it is.
    pub kind: StepKind,
}

/// What a step is.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// `email.send(…)`: always a [`super::ExpressionKind::Call`].
    Call(Expression),
    /// `let name = value`, the value possibly a call of an action.
    Let(Name, Expression),
    /// `if condition { … } else { … }`
    If {
        /// The condition.
        condition: Expression,
        /// The steps if it holds.
        then: Block,
        /// The steps if not; `else if` is a block of one step.
        otherwise: Option<Block>,
    },
    /// `stop`
    Stop,
}

/// `{ steps }`
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The place, braces included.
    pub span: Span,
    /// The steps.
    pub steps: Vec<Step>,
}
