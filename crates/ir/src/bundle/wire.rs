//! The stored form of bundles, format version 1.
//!
//! What postcard writes has neither names nor numbers of fields: the order of fields and variants *is* the format.
//! So nothing here is ever reordered or removed, and all that is ever added is a variant at the end of an
//! enumeration: what was written before is read as it was, and an older Hence refuses the variants it does not know.
//! Whatever else changes is a new format version with types of its own, and this version stays readable.
//!
//! Nothing refers to itself: types, expressions and values are lists whose entries refer to earlier ones by
//! number. Reading them needs no recursion, however they nest. These types know only bytes; what they mean is
//! decided in `read`.
//!
//! Long because it is the whole format, and nothing else.

mod watch;

use serde::{Deserialize, Serialize};

pub(super) use watch::{
    Date, Day, DayOfMonth, Days, FieldCarrier, FieldCondition, FieldLevel, KeyedEvent, Missed, Recurrence,
    Rest, TimeOfDay, Watch, WatchKind, Watches,
};

/// A place in [`Payload::words`].
pub(super) type Word = u32;

/// A place in [`Payload::types`].
pub(super) type TypeId = u32;

/// A place in [`Rule::nodes`].
pub(super) type NodeId = u32;

/// Everything between the header and the checksum.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) name: String,
    pub(super) zone: String,
    /// Names and texts that are used more than once, each here once.
    pub(super) words: Vec<String>,
    pub(super) sources: Vec<Source>,
    pub(super) integrations: Vec<Integration>,
    /// A type stands after those it refers to.
    pub(super) types: Vec<Type>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) rules: Vec<Rule>,
    pub(super) events: Vec<Event>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Integration {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) text: String,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Pattern {
    pub(super) source: String,
    pub(super) ignoring_case: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) name: Word,
    /// A record.
    pub(super) payload: TypeId,
    pub(super) rules: Vec<u32>,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Type {
    Error,
    Bool,
    Int,
    Decimal,
    Float,
    String,
    Date,
    Time,
    DateTime,
    Duration,
    Period,
    Percent,
    Money(Option<Word>),
    Enum { name: Option<Word>, values: Vec<Word> },
    List(TypeId),
    Map(TypeId),
    Record { name: Option<Word>, fields: Vec<Field> },
    Optional(TypeId),
    Json,
    Nothing,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Field {
    pub(super) name: Word,
    pub(super) ty: TypeId,
    pub(super) wire: Wire,
    pub(super) sensitive: bool,
}

/// How a value, or what `each` levels of lists and maps hold, is spelt. Levels are listed rather than counted, so that
/// what a bundle needs in memory stands in proportion to its length.
#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Wire {
    pub(super) each: Vec<Level>,
    pub(super) spelling: Spelling,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Level {
    Each,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Spelling {
    Plain,
    Text,
    EpochSeconds,
    EpochMillis,
    CommaSeparated,
    Money { amount: Amount, currency: CurrencySource },
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum CurrencySource {
    Fixed(Word),
    Sibling(Word),
    Payload(Word),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rule {
    pub(super) name: Word,
    pub(super) title: String,
    pub(super) doc: String,
    pub(super) priority: u8,
    pub(super) version: String,
    pub(super) triggers: Vec<Word>,
    pub(super) slots: Vec<Slot>,
    /// The constants, one after the other, each after its parts.
    pub(super) values: Vec<Value>,
    /// Places in [`Payload::patterns`].
    pub(super) patterns: Vec<u32>,
    pub(super) nodes: Vec<Node>,
    pub(super) locals: u32,
    pub(super) condition: Option<NodeId>,
    pub(super) then: Vec<Step>,
    pub(super) otherwise: Option<Vec<Step>>,
    pub(super) span: Span,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Span {
    /// A place in [`Payload::sources`].
    pub(super) file: u32,
    pub(super) start: u32,
    pub(super) length: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Slot {
    pub(super) source: SlotSource,
    pub(super) ty: TypeId,
    pub(super) wire: Wire,
    pub(super) sensitive: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum SlotSource {
    Payload(Vec<Word>),
    Id,
    Time,
    Origin,
    Name,
}

/// A constant or a part of one. Lists, maps and records come after what they hold.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Value {
    Missing,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    /// The bits.
    Float(u64),
    String(Word),
    Date {
        year: i16,
        month: i8,
        day: i8,
    },
    Time {
        hour: i8,
        minute: i8,
        second: i8,
        nanosecond: i32,
    },
    DateTime {
        seconds: i64,
        nanoseconds: i32,
    },
    Duration {
        seconds: i64,
        nanoseconds: i32,
    },
    Period {
        months: i32,
        days: i32,
    },
    Percent(Decimal),
    Money {
        amount: Decimal,
        currency: Word,
    },
    /// Takes so many values before it.
    List(u32),
    /// Takes as many values before it as it has keys.
    Map(Vec<Word>),
    /// Takes as many values before it as the shape has fields.
    Record(TypeId),
    Json(Word),
}

/// `digits` / 10^`scale`; a zero may be negative, too.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Decimal {
    pub(super) negative: bool,
    pub(super) digits: u128,
    pub(super) scale: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Node {
    pub(super) operation: Operation,
    pub(super) span: Span,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Operation {
    Constant(u32),
    Slot(u32),
    Local(u32),
    Now,
    Today,
    Field {
        base: NodeId,
        index: u32,
        name: Word,
    },
    Index {
        base: NodeId,
        index: NodeId,
    },
    And(NodeId, NodeId),
    Or(NodeId, NodeId),
    Not(NodeId),
    Negate(NodeId),
    Binary {
        operator: BinaryOperator,
        case: Case,
        left: NodeId,
        right: NodeId,
    },
    Between {
        operand: NodeId,
        low: NodeId,
        high: NodeId,
    },
    Matches {
        operand: NodeId,
        pattern: u32,
    },
    Presence {
        test: Presence,
        operand: NodeId,
    },
    IsEvent(u32),
    Default {
        operand: NodeId,
        default: NodeId,
    },
    If {
        condition: NodeId,
        yes: NodeId,
        no: NodeId,
    },
    /// By its name, as functions are added now and then.
    Call {
        function: Word,
        arguments: Vec<NodeId>,
    },
    Bind {
        local: u32,
        value: NodeId,
        body: NodeId,
    },
    Quantifier {
        quantifier: Quantifier,
        local: u32,
        list: NodeId,
        body: NodeId,
        empty: u32,
    },
    Text(Vec<Segment>),
    List(Vec<NodeId>),
    Record {
        shape: TypeId,
        fields: Vec<NodeId>,
    },
    Match {
        subject: NodeId,
        arms: Vec<MatchArm>,
        missing: Option<NodeId>,
        otherwise: Option<NodeId>,
    },
    InRange {
        operand: NodeId,
        low: NodeId,
        high: NodeId,
    },
    As {
        operand: NodeId,
        ty: TypeId,
    },
    Table {
        rows: Vec<(NodeId, NodeId)>,
        every: bool,
    },
    Groups {
        operand: NodeId,
        pattern: u32,
        shape: TypeId,
    },
    External {
        function: Word,
        file: Word,
        arguments: Vec<NodeId>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MatchArm {
    pub(super) values: Vec<u32>,
    pub(super) body: NodeId,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Segment {
    Literal(Word),
    Value(NodeId),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Step {
    Act {
        action: Word,
        class: Class,
        arguments: Vec<Argument>,
        result: Option<Returned>,
        span: Span,
    },
    Let {
        local: u32,
        value: NodeId,
        span: Span,
    },
    Branch {
        condition: NodeId,
        otherwise: u32,
        span: Span,
    },
    Jump(u32),
    Stop {
        span: Span,
    },
    /// An `Act` with a policy that says something.
    ActUnder {
        action: Word,
        class: Class,
        arguments: Vec<Argument>,
        result: Option<Returned>,
        policy: Policy,
        span: Span,
    },
    StopAll {
        span: Span,
    },
    Wait {
        time: NodeId,
        span: Span,
    },
    Each {
        list: u32,
        position: u32,
        element: u32,
        end: u32,
        span: Span,
    },
    Attempt {
        end: u32,
        handler: u32,
        error: Option<u32>,
        span: Span,
    },
    Await {
        event: Word,
        other: Returned,
        key: Option<Key>,
        condition: Option<NodeId>,
        limit: Option<NodeId>,
        result: Option<u32>,
        span: Span,
    },
    Answer {
        effect: Effect,
        span: Span,
    },
    Resolve {
        group: Word,
        resolution: Resolution,
    },
    Parallel {
        strands: Vec<u32>,
        end: u32,
        span: Span,
    },
    Batches {
        list: u32,
        position: u32,
        element: u32,
        at_a_time: u32,
        end: u32,
        span: Span,
    },
    Join,
    Emit {
        event: Word,
        fields: Vec<Argument>,
        span: Span,
    },
    Ask {
        event: Word,
        other: Returned,
        limit: Option<NodeId>,
        result: Option<u32>,
        role: Word,
        text: NodeId,
        span: Span,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) field: Vec<Word>,
    pub(super) value: NodeId,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Effect {
    Act { action: Word, arguments: Vec<Argument> },
    Set { field: Word, wire: Wire, sensitive: bool, value: NodeId },
    Block { reason: NodeId },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Resolution {
    First,
    Unique,
    Best(NodeId),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) label: Option<Word>,
    pub(super) timeout: Option<Length>,
    pub(super) retry: Option<Retry>,
    pub(super) on_error: OnError,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Retry {
    pub(super) times: u32,
    pub(super) every: Length,
    pub(super) doubling: bool,
    pub(super) up_to: Option<Length>,
}

/// Seconds and nanoseconds of a length of time, or of an instant since 1970.
pub(super) type Length = (i64, i32);

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum OnError {
    Fail,
    Continue,
    GoTo(u32),
}

/// What stands behind the payload, if any rule has a header or is watched for: the headers of those that have one, by their place among the rules.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Headers {
    pub(super) headers: Vec<(u32, Header)>,
}

impl Headers {
    pub(super) fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) disabled: bool,
    pub(super) owner: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) zone: Option<String>,
    pub(super) from: Option<Length>,
    pub(super) until: Option<Length>,
}

/// What stands behind the headers, if any rule has a clause that is computed: the clauses with the places of their rules.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Clauses {
    pub(super) clauses: Vec<(u32, Clause)>,
}

impl Clauses {
    pub(super) fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Clause {
    Until { event: Word, other: Returned, key: Option<Key>, condition: Option<NodeId>, span: Span },
    Limit { text: Word, count: u32, window: Option<ClauseLength>, by: Vec<NodeId> },
    Rollout { text: Word, share: u32, by: Vec<NodeId> },
    Variant { text: Word, local: u32, shares: Vec<(Word, u32)>, by: Vec<NodeId> },
    Debounce { text: Word, quiet: ClauseLength, by: Vec<NodeId> },
    Overlap { text: Word, mode: OverlapMode, by: Vec<NodeId> },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum ClauseLength {
    Exact(Length),
    Calendar { months: i32, days: i32 },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Argument {
    pub(super) name: Word,
    pub(super) wire: Wire,
    pub(super) sensitive: bool,
    pub(super) value: NodeId,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Returned {
    pub(super) local: u32,
    pub(super) ty: TypeId,
    pub(super) wire: Wire,
}

/// Declares the stored form of an enumeration without content. A variant that has no stored form does not compile.
macro_rules! mirror {
    ($name:ident of $meant:ty: $($variant:ident)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub(super) enum $name { $($variant,)* }

        impl From<$meant> for $name {
            fn from(meant: $meant) -> Self {
                match meant { $(<$meant>::$variant => $name::$variant,)* }
            }
        }

        impl From<$name> for $meant {
            fn from(stored: $name) -> Self {
                match stored { $($name::$variant => <$meant>::$variant,)* }
            }
        }
    };
}

mirror!(Amount of hence_types::Amount: Number Text MinorUnits);
mirror!(Case of hence_builtins::Case: Sensitive Ignored);
mirror!(Class of crate::Class: Idempotent Queryable AtMostOnce);
mirror!(OverlapMode of crate::OverlapMode: Queue Skip Restart);
mirror!(Presence of hence_builtins::Presence: Present Missing Empty);
mirror!(Quantifier of crate::Quantifier: Any All Count Sum Min Max Average First Filter Map);
mirror!(BinaryOperator of hence_builtins::BinaryOperator:
    Equal NotEqual Less LessOrEqual Greater GreaterOrEqual In Contains StartsWith EndsWith
    Add Subtract Multiply Divide Remainder WithinNext WithinLast OlderThan);
