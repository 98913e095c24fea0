//! Items: what stands at the top of a file.

use hence_diagnostics::Span;

use super::{Expression, Family, Name, NodeId, Step, Table, Test, Trigger, WaitFor};

/// An item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The documentation comment above it, without `///`, possibly empty.
    pub doc: String,
    /// The place, documentation left out.
    pub span: Span,
    /// What it is.
    pub kind: ItemKind,
    /// How many nodes it has: one more than its largest [`NodeId`].
    pub nodes: u32,
    /// Whether tokens had to be guessed to read it: what it says may not be what was meant.
    pub guessed: bool,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemKind {
    /// `rule …`
    Rule(Rule),
    /// `fn …`
    Fn(Fn),
    /// `extern fn …`
    Extern(Extern),
    /// `const …`
    Const(Const),
    /// `group …`
    Group(Group),
    /// `table …`
    Table(Table),
    /// `test …`
    Test(Test),
    /// An item that could not be read; its name, if it has one, still counts as defined.
    Broken(Option<Name>),
}

impl Item {
    /// Returns the name, if it has one.
    pub fn name(&self) -> Option<&Name> {
        match &self.kind {
            ItemKind::Rule(rule) => Some(&rule.name),
            ItemKind::Fn(function) => Some(&function.name),
            ItemKind::Extern(function) => Some(&function.name),
            ItemKind::Const(constant) => Some(&constant.name),
            ItemKind::Group(group) => Some(&group.name),
            ItemKind::Table(table) => Some(&table.name),
            ItemKind::Test(_) => None,
            ItemKind::Broken(name) => name.as_ref(),
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The name.
    pub name: Name,
    /// The title.
    pub title: Option<(String, Span)>,
    /// `for each row in rows`: one rule for each row.
    pub family: Option<Box<Family>>,
    /// The header clauses, as written: a clause may stand twice.
    pub clauses: Vec<Clause>,
    /// The triggers, at least one.
    pub triggers: Vec<Trigger>,
    /// The condition.
    pub condition: Option<Expression>,
    /// The steps if the condition holds.
    pub then: Vec<Step>,
    /// The steps if it does not.
    pub otherwise: Option<Vec<Step>>,
    /// The places of the words `when`, `if`, `then`, `otherwise`.
    pub keywords: Vec<Span>,
}

/// A header clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// The place.
    pub span: Span,
    /// What it says.
    pub kind: ClauseKind,
}

/// What a header clause says. Texts stand with their places.
#[derive(Debug, Clone, PartialEq)]
pub enum ClauseKind {
    /// `priority 5`: the number as written.
    Priority(String, Span),
    /// `group pricing`
    Group(Name),
    /// `disabled`
    Disabled,
    /// `owner "growth"`
    Owner(String, Span),
    /// `tags ["email"]`
    Tags(Vec<(String, Span)>),
    /// `timezone "Europe/Berlin"`
    Timezone(String, Span),
    /// `active from 2026-11-27 until 2026-12-01`: dates or instants, at least one.
    Active {
        /// The beginning.
        from: Option<Expression>,
        /// The end.
        until: Option<Expression>,
    },
    /// `until shop.order.paid where it.id == order.id`
    Until(Box<WaitFor>),
    /// `once per customer.id`
    Once(Vec<Expression>),
    /// `limit 3 per 24 h by customer.id`
    Limit {
        /// The digits as written, and their place.
        count: (String, Span),
        /// The length of time.
        per: Expression,
        /// What is counted apart; all together where it is left out.
        by: Vec<Expression>,
    },
    /// `rollout 10% by customer.id`
    Rollout {
        /// The percentage.
        share: Expression,
        /// What falls in or out as one.
        by: Vec<Expression>,
    },
    /// `variant A 50%, B 50% by customer.id`
    Variant {
        /// The node that binds `variant`.
        id: NodeId,
        /// The names and their percentages, at least one.
        shares: Vec<(Name, Expression)>,
        /// What has one variant.
        by: Vec<Expression>,
    },
    /// `debounce 10 m by cart.id`
    Debounce {
        /// How long it must be quiet.
        quiet: Expression,
        /// What is quiet; the whole rule where it is left out.
        by: Vec<Expression>,
    },
    /// `overlap queue by order.id`
    Overlap {
        /// What a second firing does.
        mode: Overlap,
        /// What is one after the other; the whole rule where it is left out.
        by: Vec<Expression>,
    },
}

/// What a rule does that fires again while it still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// The second runs after the first.
    Queue,
    /// The second does not run.
    Skip,
    /// The first ends, the second runs.
    Restart,
}

impl Overlap {
    /// All of them.
    pub const ALL: [Overlap; 3] = [Overlap::Queue, Overlap::Skip, Overlap::Restart];

    /// Returns the word.
    pub fn as_str(self) -> &'static str {
        match self {
            Overlap::Queue => "queue",
            Overlap::Skip => "skip",
            Overlap::Restart => "restart",
        }
    }
}

impl ClauseKind {
    /// Returns the word that the clause starts with.
    pub fn keyword(&self) -> &'static str {
        match self {
            ClauseKind::Priority(..) => "priority",
            ClauseKind::Group(_) => "group",
            ClauseKind::Disabled => "disabled",
            ClauseKind::Owner(..) => "owner",
            ClauseKind::Tags(_) => "tags",
            ClauseKind::Timezone(..) => "timezone",
            ClauseKind::Active { .. } => "active",
            ClauseKind::Until(_) => "until",
            ClauseKind::Once(_) => "once",
            ClauseKind::Limit { .. } => "limit",
            ClauseKind::Rollout { .. } => "rollout",
            ClauseKind::Variant { .. } => "variant",
            ClauseKind::Debounce { .. } => "debounce",
            ClauseKind::Overlap { .. } => "overlap",
        }
    }

    /// Returns whether it may stand several times.
    pub fn is_repeatable(&self) -> bool {
        matches!(self, ClauseKind::Until(_) | ClauseKind::Limit { .. })
    }

    /// Returns the expressions that are computed when the rule runs; nothing where nothing is computed for the clause.
    pub fn computed(&self) -> Option<Vec<&Expression>> {
        match self {
            ClauseKind::Until(exit) => Some(exit.condition.iter().collect()),
            ClauseKind::Once(by)
            | ClauseKind::Limit { by, .. }
            | ClauseKind::Rollout { by, .. }
            | ClauseKind::Variant { by, .. }
            | ClauseKind::Debounce { by, .. }
            | ClauseKind::Overlap { by, .. } => Some(by.iter().collect()),
            ClauseKind::Priority(..)
            | ClauseKind::Group(_)
            | ClauseKind::Disabled
            | ClauseKind::Owner(..)
            | ClauseKind::Tags(_)
            | ClauseKind::Timezone(..)
            | ClauseKind::Active { .. } => None,
        }
    }
}

/// `a.b.c`
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The names, at least one.
    pub names: Vec<Name>,
    /// The place.
    pub span: Span,
}

impl Path {
    /// Returns the path as written, without backticks.
    pub fn text(&self) -> String {
        let names: Vec<&str> = self.names.iter().map(|name| name.text.as_str()).collect();
        names.join(".")
    }
}

/// A function.
#[derive(Debug, Clone, PartialEq)]
pub struct Fn {
    /// The name.
    pub name: Name,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The type of the result.
    pub result: TypeExpression,
    /// The body.
    pub body: Expression,
}

/// A function that is computed by a file of the project.
#[derive(Debug, Clone, PartialEq)]
pub struct Extern {
    /// The name.
    pub name: Name,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The type of the result.
    pub result: TypeExpression,
    /// The file that computes it, and the place of its path.
    pub file: (String, Span),
}

/// How the rules of a group are resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The name.
    pub name: Name,
    /// Which of the rules that match have a say.
    pub resolution: Resolution,
    /// The place of the resolution.
    pub span: Span,
}

/// Which of a group's rules that match have a say.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolution {
    /// All of them, also where nothing is said.
    All,
    /// The first in the order of priority.
    First,
    /// The only one: no two of them match together.
    Unique,
    /// The one whose answer makes this the greatest.
    Best(Expression),
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The node.
    pub id: NodeId,
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeExpression,
}

/// A type as written.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpression {
    /// The place.
    pub span: Span,
    /// What it is.
    pub kind: TypeExpressionKind,
    /// Whether `?` follows.
    pub optional: bool,
}

/// What a type is.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeExpressionKind {
    /// `int`, `shop.Order`
    Named(Path),
    /// `list<T>`
    List(Box<TypeExpression>),
    /// `map<T>`
    Map(Box<TypeExpression>),
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Const {
    /// The name.
    pub name: Name,
    /// The value.
    pub value: Expression,
}

impl Resolution {
    /// Returns the expression that `best by` compares, if there is one.
    pub fn value(&self) -> Option<&Expression> {
        match self {
            Resolution::Best(value) => Some(value),
            Resolution::All | Resolution::First | Resolution::Unique => None,
        }
    }
}
