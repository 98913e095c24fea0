//! Tests: events that are given, answers of actions, and what is expected to follow.

use hence_diagnostics::Span;

use super::{Argument, Expression, Name, Path};

/// A test.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What it shows, and its place.
    pub title: (String, Span),
    /// `at …`: when it begins.
    pub at: Option<Expression>,
    /// What happens and what is expected, in order.
    pub clauses: Vec<TestClause>,
}

/// A clause of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestClause {
    /// The place.
    pub span: Span,
    /// What it is.
    pub kind: TestClauseKind,
}

/// What a clause of a test is.
#[derive(Debug, Clone, PartialEq)]
pub enum TestClauseKind {
    /// `wait 3 days`, `wait until 2026-12-01T09:00Z`: a [`super::ExpressionKind::Length`] or an instant.
    Wait {
        /// Whether `until` stands there.
        until: bool,
        /// How long, or until when.
        time: Expression,
    },
    /// `given …`, `after 3 days given …`
    Given(Given),
    /// `with …`
    With(Answer),
    /// `expect …`
    Expect(Expectation),
}

/// An event that arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// How long after the event before, always a [`super::ExpressionKind::Length`].
    pub after: Option<Expression>,
    /// The event, or the entry point.
    pub event: Path,
    /// The fields that are not those of the sample, always a [`super::ExpressionKind::Record`].
    pub payload: Option<Expression>,
}

/// What calls of an action give.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The action, or the external function.
    pub action: Path,
    /// What they give.
    pub kind: AnswerKind,
    /// How many calls; all that follow where it is left out.
    pub count: Option<Count>,
}

/// What a call gives.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerKind {
    /// `fails "timeout"`: the words and their place.
    Fails(String, Span),
    /// `returns …`
    Returns(Expression),
}

/// How many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The digits as written; `1` for `once`, `0` for `never`.
    pub digits: String,
    /// The place.
    pub span: Span,
}

/// Something that is expected.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// `vip_customer ran`
    Rule(ExpectedRule),
    /// `crm.add_tag(…) once`
    Call(ExpectedCall),
    /// `cart.discount == 15%`
    Set(ExpectedSet),
    /// `blocked because "…"`
    Block(ExpectedBlock),
    /// `nothing else`
    NothingElse,
}

/// What is expected of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedRule {
    /// The rule.
    pub rule: Path,
    /// Whether `not` stands before the outcome.
    pub negated: bool,
    /// The outcome.
    pub outcome: RuleOutcome,
    /// `because …`: the part of the condition that decided.
    pub because: Option<Expression>,
}

/// What can become of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleOutcome {
    /// Its condition held and its steps were begun.
    Ran,
    /// It ended before its last step.
    Stopped,
    /// It ended well.
    Completed,
    /// It ended with an error.
    Failed,
    /// It has not ended.
    Waiting,
    /// It was held back by `once` or `limit`.
    Throttled,
    /// It was not begun: it is outside its rollout or window, or gave way to another firing.
    Skipped,
}

impl RuleOutcome {
    /// All outcomes.
    pub const ALL: [RuleOutcome; 7] = [
        RuleOutcome::Ran,
        RuleOutcome::Stopped,
        RuleOutcome::Completed,
        RuleOutcome::Failed,
        RuleOutcome::Waiting,
        RuleOutcome::Throttled,
        RuleOutcome::Skipped,
    ];

    /// Returns the word, such as `ran`.
    pub fn as_str(self) -> &'static str {
        match self {
            RuleOutcome::Ran => "ran",
            RuleOutcome::Stopped => "stopped",
            RuleOutcome::Completed => "completed",
            RuleOutcome::Failed => "failed",
            RuleOutcome::Waiting => "waiting",
            RuleOutcome::Throttled => "throttled",
            RuleOutcome::Skipped => "skipped",
        }
    }
}

/// Calls that are expected.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedCall {
    /// The action.
    pub action: Path,
    /// The arguments that are compared.
    pub arguments: Vec<Argument>,
    /// The place of the action and its arguments.
    pub span: Span,
    /// How many; at least one where it is left out.
    pub count: Option<Count>,
    /// `after 90 s`: how long after the event before the call succeeded.
    pub after: Option<Expression>,
}

/// What the decision is expected to set.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedSet {
    /// The field.
    pub field: Path,
    /// The value; that nothing sets the field, where it is left out.
    pub value: Option<Expression>,
}

/// Whether the decision is expected to refuse.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedBlock {
    /// Whether it is `not blocked`.
    pub negated: bool,
    /// The reason.
    pub reason: Option<Expression>,
    /// The place.
    pub span: Span,
}

impl Test {
    /// Returns the words of the title.
    pub fn name(&self) -> &str {
        &self.title.0
    }
}

impl ExpectedRule {
    /// Returns the name of the rule, where the path is one name.
    pub fn name(&self) -> Option<&Name> {
        match self.rule.names.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}
