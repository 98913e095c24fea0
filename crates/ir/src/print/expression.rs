//! Expressions as trees in parentheses, on one line where there is room.

use std::fmt::{self, Write};

use hence_builtins::Case;

use crate::{Code, NodeId, Operation, Rule, Segment};

/// Lines are broken where they would be longer.
const WIDTH: usize = 100;

/// Deeper trees, which no source text gives, are cut off here.
const DEPTH: usize = 512;

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
        build(rule, node, 0)
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

fn build(rule: &Rule, id: NodeId, depth: usize) -> Tree {
    let Some(node) = rule.code.node(id) else { return Tree::Atom(format!("?{id}")) };
    if depth > DEPTH {
        return Tree::Atom("…".to_owned());
    }
    let sub = |id: NodeId| build(rule, id, depth + 1);
    let form = |head: String, parts: Vec<Tree>| Tree::Form(head, parts);
    match &node.operation {
        Operation::Constant(id) => constant(&rule.code, *id),
        Operation::Slot(id) => Tree::Atom(match rule.plan.slots.get(id.0 as usize) {
            Some(slot) => format!("{id}:{}", slot.source),
            None => format!("?{id}"),
        }),
        Operation::Local(id) => Tree::Atom(id.to_string()),
        Operation::Now => Tree::Atom("now".to_owned()),
        Operation::Today => Tree::Atom("today".to_owned()),
        Operation::Field { base, index, name } => form(format!("field {index}:{name}"), vec![sub(*base)]),
        Operation::Index { base, index } => form("index".to_owned(), vec![sub(*base), sub(*index)]),
        Operation::And(left, right) => form("and".to_owned(), vec![sub(*left), sub(*right)]),
        Operation::Or(left, right) => form("or".to_owned(), vec![sub(*left), sub(*right)]),
        Operation::Not(operand) => form("not".to_owned(), vec![sub(*operand)]),
        Operation::Negate(operand) => form("negate".to_owned(), vec![sub(*operand)]),
        Operation::Binary { operator, case, left, right } => {
            let symbol = operator.definition().symbol;
            let head = match case {
                Case::Sensitive => symbol.to_owned(),
                Case::Ignored => format!("{symbol}, ignoring case:"),
            };
            form(head, vec![sub(*left), sub(*right)])
        }
        Operation::Between { operand, low, high } => {
            form("between".to_owned(), vec![sub(*operand), sub(*low), sub(*high)])
        }
        Operation::Presence { test, operand } => form(format!("is-{}", test.as_str()), vec![sub(*operand)]),
        Operation::IsEvent(trigger) => match rule.triggers.get(*trigger as usize) {
            Some(name) => form("is-event".to_owned(), vec![Tree::Atom(name.to_string())]),
            None => Tree::Atom(format!("?trigger{trigger}")),
        },
        Operation::Default { operand, default } => {
            form("else".to_owned(), vec![sub(*operand), sub(*default)])
        }
        Operation::If { condition, yes, no } => {
            form("if".to_owned(), vec![sub(*condition), sub(*yes), sub(*no)])
        }
        Operation::Call { function, arguments } => form(
            format!("call {}", function.definition().name),
            arguments.iter().map(|id| sub(*id)).collect(),
        ),
        Operation::Bind { local, value, body } => {
            form(format!("bind {local}"), vec![sub(*value), sub(*body)])
        }
        Operation::Quantifier { quantifier, local, list, body, empty } => {
            let mut parts = vec![sub(*list), sub(*body)];
            if matches!(quantifier, crate::Quantifier::Sum) {
                parts.push(constant(&rule.code, *empty));
            }
            form(format!("{quantifier} {local}"), parts)
        }
        Operation::Text(segments) => {
            let part = |segment: &Segment| match segment {
                Segment::Literal(text) => Tree::Atom(format!("{text:?}")),
                Segment::Value(id) => sub(*id),
            };
            form("text".to_owned(), segments.iter().map(part).collect())
        }
        Operation::List(elements) => form("list".to_owned(), elements.iter().map(|id| sub(*id)).collect()),
        Operation::Record { shape, fields } => {
            let names: Vec<&str> = shape.fields.keys().map(|name| &**name).collect();
            form(format!("record {{{}}}", names.join(", ")), fields.iter().map(|id| sub(*id)).collect())
        }
    }
}

fn constant(code: &Code, id: crate::ConstantId) -> Tree {
    Tree::Atom(match code.constant(id) {
        Some(value) => format!("[{value}]"),
        None => format!("?{id}"),
    })
}
