//! Expressions as trees in parentheses, on one line where there is room.

use std::fmt::{self, Write};

use hence_builtins::Case;

use crate::{Code, ConstantId, NodeId, Operation, Quantifier, Rule, Segment};

/// Lines are broken where they would be longer.
const WIDTH: usize = 100;

/// Deeper trees are cut off here.
const DEPTH: usize = 256;

/// Longer trees, which only a damaged program has, are cut off after so many expressions.
const NODES: usize = 100_000;

/// An expression made ready for printing.
pub(super) enum Tree {
    /// A word.
    Atom(String),
    /// A head and what belongs to it, in parentheses.
    Form(String, Vec<Tree>),
}

impl Tree {
    /// Returns the tree of a rule's expression.
    pub(super) fn of(rule: &Rule, node: NodeId) -> Tree {
        Builder { rule, left: NODES }.build(node, 0)
    }

    /// Writes the tree indented, without a line break at the end.
    pub(super) fn write(&self, out: &mut String, indent: usize) -> fmt::Result {
        write!(out, "{:indent$}", "")?;
        self.write_inline(out, indent)
    }

    /// Writes the tree where the line is already begun; further lines are indented beyond `indent`.
    pub(super) fn write_inline(&self, out: &mut String, indent: usize) -> fmt::Result {
        match self {
            Tree::Atom(word) => out.write_str(word),
            Tree::Form(head, parts) => {
                let broken = self.width() + indent > WIDTH;
                write!(out, "({head}")?;
                for part in parts {
                    if broken {
                        writeln!(out)?;
                        part.write(out, indent + 2)?;
                    } else {
                        out.write_char(' ')?;
                        part.write_inline(out, indent)?;
                    }
                }
                out.write_char(')')
            }
        }
    }

    fn width(&self) -> usize {
        match self {
            Tree::Atom(word) => word.chars().count(),
            Tree::Form(head, parts) => {
                head.chars().count() + 2 + parts.iter().map(|part| part.width() + 1).sum::<usize>()
            }
        }
    }
}

/// Builds trees.
struct Builder<'a> {
    rule: &'a Rule,
    /// How many more expressions are printed.
    left: usize,
}

impl Builder<'_> {
    fn build(&mut self, id: NodeId, depth: usize) -> Tree {
        let Some(node) = self.rule.code.node(id) else { return Tree::Atom(format!("?{id}")) };
        if depth > DEPTH || self.left == 0 {
            return Tree::Atom("…".to_owned());
        }
        self.left -= 1;
        if let Some(atom) = atom(self.rule, &node.operation) {
            return Tree::Atom(atom);
        }
        let mut parts = Vec::new();
        if let Operation::Text(segments) = &node.operation {
            for segment in segments {
                parts.push(match segment {
                    Segment::Literal(text) => Tree::Atom(format!("{text:?}")),
                    Segment::Value(operand) => self.build(*operand, depth + 1),
                });
            }
        } else if let Operation::Match { subject, arms, missing, otherwise } = &node.operation {
            parts.push(self.build(*subject, depth + 1));
            for arm in arms {
                let values: Vec<_> = arm.values.iter().map(|id| constant(&self.rule.code, *id)).collect();
                parts.push(Tree::Form(
                    format!("{} ->", values.join(" ")),
                    vec![self.build(arm.body, depth + 1)],
                ));
            }
            for (word, body) in [("missing ->", missing), ("else ->", otherwise)] {
                if let Some(body) = body {
                    parts.push(Tree::Form(word.to_owned(), vec![self.build(*body, depth + 1)]));
                }
            }
        } else {
            for operand in node.operation.operands() {
                parts.push(self.build(operand, depth + 1));
            }
        }
        if let Operation::Matches { pattern, .. } | Operation::Groups { pattern, .. } = &node.operation {
            let pattern = self.rule.code.pattern(*pattern).map_or("?pattern".to_owned(), ToString::to_string);
            parts.push(Tree::Atom(pattern));
        }
        if let Operation::Quantifier { quantifier: Quantifier::Sum, empty, .. } = &node.operation {
            parts.push(Tree::Atom(constant(&self.rule.code, *empty)));
        }
        Tree::Form(head(&node.operation), parts)
    }
}

/// Returns the printed form of an operation without operands.
fn atom(rule: &Rule, operation: &Operation) -> Option<String> {
    if let Operation::Constant(id) = operation {
        Some(constant(&rule.code, *id))
    } else if let Operation::Slot(id) = operation {
        Some(match rule.plan.slots.get(id.0 as usize) {
            Some(slot) => format!("{id}:{}", slot.source),
            None => format!("?{id}"),
        })
    } else if let Operation::Local(id) = operation {
        Some(id.to_string())
    } else if let Operation::IsEvent(trigger) = operation {
        Some(match rule.triggers.get(*trigger as usize) {
            Some(name) => format!("(is-event {name})"),
            None => format!("?trigger{trigger}"),
        })
    } else if let Operation::Now | Operation::Today = operation {
        Some(head(operation))
    } else {
        None
    }
}

/// Returns the first word of an operation's printed form.
fn head(operation: &Operation) -> String {
    let word = match operation {
        Operation::Constant(_) => "constant",
        Operation::Slot(_) => "slot",
        Operation::Local(_) => "local",
        Operation::IsEvent(_) => "is-event",
        Operation::Now => "now",
        Operation::Today => "today",
        Operation::Index { .. } => "index",
        Operation::And(..) => "and",
        Operation::Or(..) => "or",
        Operation::Not(_) => "not",
        Operation::Negate(_) => "negate",
        Operation::Between { .. } => "between",
        Operation::InRange { .. } => "in-range",
        Operation::As { ty, operand: _ } => return format!("as {ty}"),
        Operation::Matches { .. } => "matches",
        Operation::Groups { .. } => "groups",
        Operation::External { function, .. } => return format!("external {function}"),
        Operation::Default { .. } => "else",
        Operation::If { .. } => "if",
        Operation::Match { .. } => "match",
        Operation::Text(_) => "text",
        Operation::Table { rows: _, every: false } => "table",
        Operation::Table { rows: _, every: true } => "table-all",
        Operation::List(_) => "list",
        Operation::Field { index, name, base: _ } => return format!("field {index}:{name}"),
        Operation::Binary { operator, case, .. } => {
            let symbol = operator.definition().symbol;
            return match case {
                Case::Sensitive => symbol.to_owned(),
                Case::Ignored => format!("{symbol}, ignoring case:"),
            };
        }
        Operation::Presence { test, operand: _ } => return format!("is-{}", test.as_str()),
        Operation::Call { function, arguments: _ } => return format!("call {}", function.definition().name),
        Operation::Bind { local, .. } => return format!("bind {local}"),
        Operation::Quantifier { quantifier, local, .. } => return format!("{quantifier} {local}"),
        Operation::Record { shape, fields: _ } => {
            let names: Vec<&str> = shape.fields.keys().map(|name| &**name).collect();
            return format!("record {{{}}}", names.join(", "));
        }
    };
    word.to_owned()
}

fn constant(code: &Code, id: ConstantId) -> String {
    match code.constant(id) {
        Some(value) => format!("[{value}]"),
        None => format!("?{id}"),
    }
}
