//! Expressions.

use hence_builtins::{BinaryOperator, Case, FunctionId, Pattern, Presence};
use hence_diagnostics::Span;
use hence_types::{Type, Value};

/// The place of a [`Node`] in [`Code::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// The place of a constant in [`Code::constants`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConstantId(pub u32);

/// The place of a pattern in [`Code::patterns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PatternId(pub u32);

/// The number of an event slot: a place in [`crate::Plan::slots`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotId(pub u32);

/// The number of a local variable: a `let`, a quantifier's variable or a function's parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalId(pub u32);

/// The expressions of one rule: an arena of nodes, each after its operands.
#[derive(Debug, Clone, Default)]
pub struct Code {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The constants.
    pub constants: Vec<Value>,
    /// The patterns of `matches`.
    pub patterns: Vec<Pattern>,
}

impl Code {
    /// Returns a node, if it is there.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// Returns a pattern, if it is there.
    pub fn pattern(&self, id: PatternId) -> Option<&Pattern> {
        self.patterns.get(id.0 as usize)
    }

    /// Returns a constant, if it is there.
    pub fn constant(&self, id: ConstantId) -> Option<&Value> {
        self.constants.get(id.0 as usize)
    }
}

/// An expression.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it computes.
    pub operation: Operation,
    /// The source text it comes from, for explanations and errors.
    pub span: Span,
}

/// What a node computes.
#[derive(Debug, Clone)]
pub enum Operation {
    /// A constant.
    Constant(ConstantId),
    /// A field of the event.
    Slot(SlotId),
    /// A variable.
    Local(LocalId),
    /// The instant of the evaluation.
    Now,
    /// The day of the evaluation in the rule's zone.
    Today,
    /// A field of a record by its place in the record's shape; missing if the record is missing.
    Field {
        /// The record.
        base: NodeId,
        /// The place in the shape.
        index: u32,
        /// The name, for printing.
        name: std::sync::Arc<str>,
    },
    /// An element of a list by position, or of a map by key; missing if there is none.
    Index {
        /// The list or map.
        base: NodeId,
        /// The position (from 0) or key.
        index: NodeId,
    },
    /// `left and right`; `right` is not evaluated if `left` is false.
    And(NodeId, NodeId),
    /// `left or right`; `right` is not evaluated if `left` is true.
    Or(NodeId, NodeId),
    /// `not operand`.
    Not(NodeId),
    /// `-operand`.
    Negate(NodeId),
    /// An operator.
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// Whether letters are compared without their case.
        case: Case,
        /// The left operand.
        left: NodeId,
        /// The right operand.
        right: NodeId,
    },
    /// `operand between low and high`, both ends included.
    Between {
        /// The value.
        operand: NodeId,
        /// The lower end.
        low: NodeId,
        /// The upper end.
        high: NodeId,
    },
    /// `operand in low .. high`: as `between`, but what is missing is in no range.
    InRange {
        /// The value, possibly missing.
        operand: NodeId,
        /// The lower end.
        low: NodeId,
        /// The upper end.
        high: NodeId,
    },
    /// `operand as ty`: missing unless the JSON is as the type says.
    As {
        /// The JSON.
        operand: NodeId,
        /// The type, without `?`.
        ty: Type,
    },
    /// `operand matches /pattern/`.
    Matches {
        /// The text.
        operand: NodeId,
        /// The pattern.
        pattern: PatternId,
    },
    /// What the named groups of a pattern found in a text: a record of texts; missing where it is not found.
    Groups {
        /// The text.
        operand: NodeId,
        /// The pattern.
        pattern: PatternId,
        /// The shape of the record.
        shape: std::sync::Arc<hence_types::Record>,
    },
    /// A function that a file of the project computes.
    External {
        /// The name of the function.
        function: std::sync::Arc<str>,
        /// The file.
        file: std::sync::Arc<str>,
        /// The arguments, in the order of its parameters.
        arguments: Vec<NodeId>,
    },
    /// `operand is present`, `is missing`, `is empty`.
    Presence {
        /// Which.
        test: Presence,
        /// The value.
        operand: NodeId,
    },
    /// Whether the event is of this type: an index into [`crate::Rule::triggers`].
    IsEvent(u32),
    /// `operand else default`; `default` is not evaluated if `operand` has a value.
    Default {
        /// The value that may be missing.
        operand: NodeId,
        /// What stands in.
        default: NodeId,
    },
    /// `if condition then yes else no`.
    If {
        /// The condition.
        condition: NodeId,
        /// The value if it holds.
        yes: NodeId,
        /// The value if not.
        no: NodeId,
    },
    /// The value of the arm that takes the subject's value. Exactly one is evaluated; a value that none takes is a
    /// fault.
    Match {
        /// What the arms are for, evaluated once.
        subject: NodeId,
        /// The arms of values; the first that has an equal one is taken.
        arms: Vec<MatchArm>,
        /// The value where the subject is missing.
        missing: Option<NodeId>,
        /// The value where no arm has the subject's value.
        otherwise: Option<NodeId>,
    },
    /// A built-in function.
    Call {
        /// Which.
        function: FunctionId,
        /// The arguments, in the order of its parameters.
        arguments: Vec<NodeId>,
    },
    /// Evaluates `value`, keeps it in `local`, then evaluates `body`: arguments of a user's function.
    Bind {
        /// The variable.
        local: LocalId,
        /// Its value.
        value: NodeId,
        /// Where it is visible.
        body: NodeId,
    },
    /// `any(x in xs, body)` and its kind.
    Quantifier {
        /// Which.
        quantifier: Quantifier,
        /// The variable.
        local: LocalId,
        /// The list.
        list: NodeId,
        /// What is computed for each element; for `count`, `first` and `filter` the condition.
        body: NodeId,
        /// The value for no elements (of `sum`).
        empty: ConstantId,
    },
    /// A decision table: the result of the first row whose condition holds, missing if there is none. With `every`
    /// the results of all such rows, as a list.
    Table {
        /// The condition and the result of each row.
        rows: Vec<(NodeId, NodeId)>,
        /// Whether all rows count.
        every: bool,
    },
    /// Interpolated text.
    Text(Vec<Segment>),
    /// A list.
    List(Vec<NodeId>),
    /// A record of this shape, field by field.
    Record {
        /// The shape.
        shape: std::sync::Arc<hence_types::Record>,
        /// The fields, in the shape's order.
        fields: Vec<NodeId>,
    },
}

/// An arm of a match.
#[derive(Debug, Clone)]
pub struct MatchArm {
    /// The values it is taken for.
    pub values: Vec<ConstantId>,
    /// Its value.
    pub body: NodeId,
}

/// A part of interpolated text.
#[derive(Debug, Clone)]
pub enum Segment {
    /// As it stands.
    Literal(std::sync::Arc<str>),
    /// The text of a value.
    Value(NodeId),
}

/// The quantifiers. Their meaning:
/// `any`, `all`: whether the body holds for one, for every element; evaluation ends with the first that decides;
/// `count`: for how many it holds; `sum`: the sum of the bodies' values; `min`, `max`, `avg`: the least, the
/// greatest, the mean of them, missing for no elements; `first`: the first element for which it holds, missing
/// if there is none; `filter`: those for which it holds; `map`: the bodies' values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// Holds for at least one.
    Any,
    /// Holds for every one; true for none.
    All,
    /// For how many it holds.
    Count,
    /// The sum.
    Sum,
    /// The least value; of equal ones the first.
    Min,
    /// The greatest value; of equal ones the first.
    Max,
    /// The sum divided by the number of elements.
    Average,
    /// The first element for which it holds.
    First,
    /// The elements for which it holds.
    Filter,
    /// The values, one for each element.
    Map,
}

impl Operation {
    /// Returns the operands, in the order in which they are evaluated where all of them are.
    pub fn operands(&self) -> Vec<NodeId> {
        match self {
            Operation::Constant(_)
            | Operation::Slot(_)
            | Operation::Local(_)
            | Operation::Now
            | Operation::Today
            | Operation::IsEvent(_) => Vec::new(),
            Operation::Field { base, index: _, name: _ } => vec![*base],
            Operation::Index { base, index } => vec![*base, *index],
            Operation::And(left, right) | Operation::Or(left, right) => vec![*left, *right],
            Operation::Not(operand) | Operation::Negate(operand) => vec![*operand],
            Operation::Binary { operator: _, case: _, left, right } => vec![*left, *right],
            Operation::Between { operand, low, high } | Operation::InRange { operand, low, high } => {
                vec![*operand, *low, *high]
            }
            Operation::As { operand, ty: _ } => vec![*operand],
            Operation::Matches { operand, pattern: _ }
            | Operation::Groups { operand, pattern: _, shape: _ } => {
                vec![*operand]
            }
            Operation::External { function: _, file: _, arguments } => arguments.clone(),
            Operation::Presence { test: _, operand } => vec![*operand],
            Operation::Default { operand, default } => vec![*operand, *default],
            Operation::If { condition, yes, no } => vec![*condition, *yes, *no],
            Operation::Match { subject, arms, missing, otherwise } => {
                let bodies = arms.iter().map(|arm| arm.body);
                std::iter::once(*subject).chain(bodies).chain(*missing).chain(*otherwise).collect()
            }
            Operation::Call { function: _, arguments } => arguments.clone(),
            Operation::Bind { local: _, value, body } => vec![*value, *body],
            Operation::Quantifier { quantifier: _, local: _, list, body, empty: _ } => vec![*list, *body],
            Operation::Table { rows, every: _ } => {
                rows.iter().flat_map(|(condition, result)| [*condition, *result]).collect()
            }
            Operation::Text(segments) => segments
                .iter()
                .filter_map(|segment| match segment {
                    Segment::Literal(_) => None,
                    Segment::Value(node) => Some(*node),
                })
                .collect(),
            Operation::List(elements) => elements.clone(),
            Operation::Record { shape: _, fields } => fields.clone(),
        }
    }
}
