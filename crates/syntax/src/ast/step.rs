//! Steps.

use hence_diagnostics::Span;

use super::{Expression, Name, NodeId, Path};

/// A step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The node.
    pub id: NodeId,
    /// The place, label and clauses included.
    pub span: Span,
    /// `label: …` before a call.
    pub label: Option<Name>,
    /// What follows a call: `timeout 30 s`, `on error continue`.
    pub clauses: Vec<CallClause>,
    /// What it is.
    pub kind: StepKind,
}

impl Step {
    /// Returns the blocks within the step, in the order they are written.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        let (own, more): ([Option<&Block>; 2], &[Block]) = match &self.kind {
            StepKind::If { then, otherwise, .. } => ([Some(then), otherwise.as_ref()], &[]),
            StepKind::For { body, .. } => ([Some(body), None], &[]),
            StepKind::Attempt { body, handler, .. } => ([Some(body), Some(handler)], &[]),
            StepKind::Parallel(blocks) => ([None, None], blocks),
            StepKind::Call(_)
            | StepKind::Let(..)
            | StepKind::Stop
            | StepKind::StopAll
            | StepKind::Set { .. }
            | StepKind::Block(_)
            | StepKind::Wait { .. }
            | StepKind::Emit { .. }
            | StepKind::WaitFor(_)
            | StepKind::Ask(_) => ([None, None], &[]),
        };
        let handlers = self.clauses.iter().filter_map(|clause| match &clause.kind {
            CallClauseKind::OnError { then: OnError::Steps(block), .. } => Some(block),
            CallClauseKind::OnError { .. } | CallClauseKind::Timeout(_) => None,
        });
        own.into_iter().flatten().chain(more).chain(handlers)
    }

    /// Returns the expressions that the step itself computes: a call, a value, a condition.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let own = match &self.kind {
            StepKind::Call(expression) | StepKind::Let(_, expression) => [Some(expression), None],
            StepKind::If { condition, .. } => [Some(condition), None],
            StepKind::Wait { value, .. } => [Some(value), None],
            StepKind::Set { object, value, .. } => [object.as_deref(), Some(value)],
            StepKind::Block(reason) => [Some(reason), None],
            StepKind::WaitFor(wait) => [wait.condition.as_ref(), wait.limit.as_ref()],
            StepKind::Ask(ask) => [Some(&ask.question), ask.limit.as_ref()],
            StepKind::Emit { payload, .. } => [payload.as_ref(), None],
            StepKind::For { list, .. } => [Some(list), None],
            StepKind::Stop | StepKind::StopAll | StepKind::Attempt { .. } | StepKind::Parallel(_) => {
                [None, None]
            }
        };
        own.into_iter().flatten()
    }
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
    /// `stop all`
    StopAll,
    /// `set cart.discount = 15%`
    Set {
        /// The field.
        target: Path,
        /// What it is a field of: `cart`. Nothing where one name stands alone.
        object: Option<Box<Expression>>,
        /// Its value.
        value: Expression,
    },
    /// `block "reason"`
    Block(Expression),
    /// `wait 3 days`, `wait until renews_at`
    Wait {
        /// Whether it is `until`.
        until: bool,
        /// How long, or until when.
        value: Expression,
    },
    /// `wait for shop.order.paid where …`; the step's node binds the name.
    WaitFor(Box<WaitFor>),
    /// `ask "manager" "Approve {total}?" up to 48 h`; the step's node binds the name.
    Ask(Box<Ask>),
    /// `for x in xs { … }`; the step's node binds the variable.
    For {
        /// The variable.
        variable: Name,
        /// The list.
        list: Expression,
        /// `, 5 at a time`: for how many elements the steps are done at once, as written, and its place.
        at_a_time: Option<(String, Span)>,
        /// The steps for each element.
        body: Block,
    },
    /// `emit shop.customer.became_vip { customer_id: customer.id }`
    Emit {
        /// The event.
        event: Path,
        /// The fields of its payload, a record.
        payload: Option<Expression>,
    },
    /// `parallel { … } and { … }`
    Parallel(Vec<Block>),
    /// `attempt { … } on error e { … }`; the step's node binds the error.
    Attempt {
        /// The steps that may fail.
        body: Block,
        /// The name of the error.
        error: Option<Name>,
        /// The steps if they do.
        handler: Block,
    },
}

/// `let reply = wait for helpdesk.ticket.replied where it.ticket_id == ticket.id, up to 3 days`
#[derive(Debug, Clone, PartialEq)]
pub struct WaitFor {
    /// The name of what arrives.
    pub name: Option<Name>,
    /// The event.
    pub event: Path,
    /// The node that binds `it`: the event, within the condition.
    pub it: NodeId,
    /// Which event of these.
    pub condition: Option<Expression>,
    /// How long it is waited for.
    pub limit: Option<Expression>,
}

/// `let ok = ask "manager" "Approve {total}?" up to 48 h`
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The name of the answer.
    pub name: Option<Name>,
    /// Who is asked, and its place.
    pub role: (String, Span),
    /// What is asked.
    pub question: Expression,
    /// How long the answer is waited for.
    pub limit: Option<Expression>,
}

/// A clause after a call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallClause {
    /// The place.
    pub span: Span,
    /// What it says.
    pub kind: CallClauseKind,
}

/// What a clause after a call says.
#[derive(Debug, Clone, PartialEq)]
pub enum CallClauseKind {
    /// `timeout 30 s`: how long an attempt may take.
    Timeout(Expression),
    /// `on error …`
    OnError {
        /// `retry …`
        retry: Option<RetryClause>,
        /// What follows a failure that is not retried.
        then: OnError,
    },
}

/// `retry 5 times every 30 s doubling up to 10 m`
#[derive(Debug, Clone, PartialEq)]
pub struct RetryClause {
    /// How often, as written, and its place.
    pub times: (String, Span),
    /// How long to wait before each.
    pub every: Expression,
    /// Whether the wait doubles each time.
    pub doubling: bool,
    /// The longest wait.
    pub up_to: Option<Expression>,
    /// The place.
    pub span: Span,
}

/// What follows a call that failed.
#[derive(Debug, Clone, PartialEq)]
pub enum OnError {
    /// `stop`, also where nothing is said.
    Stop,
    /// `continue`
    Continue,
    /// `{ steps }`
    Steps(Block),
}

/// `{ steps }`
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The place, braces included.
    pub span: Span,
    /// The steps.
    pub steps: Vec<Step>,
}
