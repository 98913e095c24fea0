//! The typed tree: what a text says, with every place, and nothing of what it means.
//!
//! Later stages never change it. Nodes carry a [`NodeId`] that is unique within their item; facts of later stages
//! (types, resolved names) stand in tables beside the tree.

mod expression;
mod item;
mod schedule;
mod step;
mod table;
mod test;
mod trigger;

pub use expression::{
    Argument, BinaryOperator, Expression, ExpressionKind, MatchArm, MatchPattern, Presence, TextPart,
    UnaryOperator,
};
pub use item::{
    Clause, ClauseKind, Const, Extern, Fn, Group, Item, ItemKind, Overlap, Parameter, Path, Resolution, Rule,
    TypeExpression, TypeExpressionKind,
};
pub use schedule::{DayName, DayOfMonth, Every, On, Period, ScheduleTrigger, Times};
pub use step::{Ask, Block, CallClause, CallClauseKind, OnError, RetryClause, Step, StepKind, WaitFor};
pub use table::{Cell, Family, HitPolicy, Row, Table};
pub use test::{
    Answer, AnswerKind, Count, Expectation, ExpectedBlock, ExpectedCall, ExpectedRule, ExpectedSet, Given,
    RuleOutcome, Test, TestClause, TestClauseKind,
};
pub use trigger::{
    DateTrigger, FieldChange, FieldTrigger, PatternRest, PatternTrigger, Trigger, TriggerKind,
};

use hence_diagnostics::Span;

/// Identifies a node within its item; places in tables of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A name as written, without the backticks of a quoted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// The place, backticks included.
    pub span: Span,
}
