//! Stored expressions → nodes.

use hence_builtins::FunctionId;

use super::{Limits, Reader, at, malformed};
use crate::bundle::{ReadError, wire};
use crate::{Code, ConstantId, MatchArm, Node, NodeId, Operation, PatternId, Segment, SlotId};

/// Expressions that are larger with all they refer to are not compiled. Evaluating one takes as long.
const LARGEST: u64 = 1 << 20;

/// Adds the nodes of a rule to its code, which has the constants and patterns.
pub(super) fn read(
    reader: &Reader,
    stored: &wire::Rule,
    limits: &Limits,
    mut code: Code,
) -> Result<Code, ReadError> {
    let nodes = Nodes { reader, stored, limits, code: &code };
    let mut read = Vec::with_capacity(stored.nodes.len());
    let mut sizes: Vec<u64> = Vec::with_capacity(stored.nodes.len());
    for node in &stored.nodes {
        let operation = nodes.operation(&node.operation)?;
        let mut size: u64 = 1;
        for operand in operation.operands() {
            // Sizes are known of what stands before alone, so this also sees to it that nothing contains itself.
            size = size.saturating_add(*at(&sizes, operand.0, "an expression refers to a later one")?);
        }
        if size > LARGEST {
            return Err(malformed("an expression is too large"));
        }
        sizes.push(size);
        read.push(Node { operation, span: reader.span(node.span)? });
    }
    code.nodes = read;
    Ok(code)
}

struct Nodes<'a> {
    reader: &'a Reader,
    stored: &'a wire::Rule,
    limits: &'a Limits,
    code: &'a Code,
}

impl Nodes<'_> {
    fn operation(&self, stored: &wire::Operation) -> Result<Operation, ReadError> {
        Ok(match stored {
            wire::Operation::Constant(id) => Operation::Constant(self.constant(*id)?),
            wire::Operation::Slot(id) => {
                at(&self.stored.slots, *id, "there is no such slot")?;
                Operation::Slot(SlotId(*id))
            }
            wire::Operation::Local(id) => Operation::Local(self.limits.local(*id)?),
            wire::Operation::Now => Operation::Now,
            wire::Operation::Today => Operation::Today,
            wire::Operation::Field { base, index, name } => {
                Operation::Field { base: NodeId(*base), index: *index, name: self.reader.word(*name)? }
            }
            wire::Operation::Index { base, index } => {
                Operation::Index { base: NodeId(*base), index: NodeId(*index) }
            }
            wire::Operation::And(left, right) => Operation::And(NodeId(*left), NodeId(*right)),
            wire::Operation::Or(left, right) => Operation::Or(NodeId(*left), NodeId(*right)),
            wire::Operation::Not(operand) => Operation::Not(NodeId(*operand)),
            wire::Operation::Negate(operand) => Operation::Negate(NodeId(*operand)),
            wire::Operation::Binary { operator, case, left, right } => Operation::Binary {
                operator: (*operator).into(),
                case: (*case).into(),
                left: NodeId(*left),
                right: NodeId(*right),
            },
            wire::Operation::Between { operand, low, high } => {
                Operation::Between { operand: NodeId(*operand), low: NodeId(*low), high: NodeId(*high) }
            }
            wire::Operation::Matches { operand, pattern } => {
                at(&self.code.patterns, *pattern, "there is no such pattern")?;
                Operation::Matches { operand: NodeId(*operand), pattern: PatternId(*pattern) }
            }
            wire::Operation::Groups { operand, pattern, shape } => {
                at(&self.code.patterns, *pattern, "there is no such pattern")?;
                let shape = self.reader.record(*shape)?;
                Operation::Groups { operand: NodeId(*operand), pattern: PatternId(*pattern), shape }
            }
            wire::Operation::External { function, file, arguments } => Operation::External {
                function: self.reader.word(*function)?,
                file: self.reader.word(*file)?,
                arguments: ids(arguments),
            },
            wire::Operation::Presence { test, operand } => {
                Operation::Presence { test: (*test).into(), operand: NodeId(*operand) }
            }
            wire::Operation::IsEvent(trigger) => {
                at(&self.stored.triggers, *trigger, "there is no such trigger")?;
                Operation::IsEvent(*trigger)
            }
            wire::Operation::Default { operand, default } => {
                Operation::Default { operand: NodeId(*operand), default: NodeId(*default) }
            }
            wire::Operation::If { condition, yes, no } => {
                Operation::If { condition: NodeId(*condition), yes: NodeId(*yes), no: NodeId(*no) }
            }
            wire::Operation::Call { function, arguments } => {
                Operation::Call { function: self.function(*function)?, arguments: ids(arguments) }
            }
            wire::Operation::Bind { local, value, body } => Operation::Bind {
                local: self.limits.local(*local)?,
                value: NodeId(*value),
                body: NodeId(*body),
            },
            wire::Operation::Quantifier { quantifier, local, list, body, empty } => Operation::Quantifier {
                quantifier: (*quantifier).into(),
                local: self.limits.local(*local)?,
                list: NodeId(*list),
                body: NodeId(*body),
                empty: self.constant(*empty)?,
            },
            wire::Operation::Table { rows, every } => Operation::Table {
                rows: rows.iter().map(|(condition, result)| (NodeId(*condition), NodeId(*result))).collect(),
                every: *every,
            },
            wire::Operation::Text(segments) => Operation::Text(
                segments.iter().map(|segment| self.segment(segment)).collect::<Result<_, _>>()?,
            ),
            wire::Operation::List(elements) => Operation::List(ids(elements)),
            wire::Operation::InRange { operand, low, high } => {
                Operation::InRange { operand: NodeId(*operand), low: NodeId(*low), high: NodeId(*high) }
            }
            wire::Operation::As { operand, ty } => {
                Operation::As { operand: NodeId(*operand), ty: self.reader.ty(*ty)? }
            }
            wire::Operation::Match { subject, arms, missing, otherwise } => Operation::Match {
                subject: NodeId(*subject),
                arms: arms.iter().map(|arm| self.arm(arm)).collect::<Result<_, _>>()?,
                missing: missing.map(NodeId),
                otherwise: otherwise.map(NodeId),
            },
            wire::Operation::Record { shape, fields } => {
                let shape = self.reader.record(*shape)?;
                if shape.fields.len() != fields.len() {
                    return Err(malformed("a record and its shape differ"));
                }
                Operation::Record { shape, fields: ids(fields) }
            }
        })
    }

    fn arm(&self, stored: &wire::MatchArm) -> Result<MatchArm, ReadError> {
        let values = stored.values.iter().map(|id| self.constant(*id)).collect::<Result<_, _>>()?;
        Ok(MatchArm { values, body: NodeId(stored.body) })
    }

    fn constant(&self, id: u32) -> Result<ConstantId, ReadError> {
        at(&self.code.constants, id, "there is no such constant")?;
        Ok(ConstantId(id))
    }

    fn function(&self, name: wire::Word) -> Result<FunctionId, ReadError> {
        let name = self.reader.word(name)?;
        FunctionId::by_name(&name).ok_or_else(|| ReadError::UnknownFunction { name: name.to_string() })
    }

    fn segment(&self, stored: &wire::Segment) -> Result<Segment, ReadError> {
        Ok(match stored {
            wire::Segment::Literal(text) => Segment::Literal(self.reader.word(*text)?),
            wire::Segment::Value(node) => Segment::Value(NodeId(*node)),
        })
    }
}

fn ids(nodes: &[wire::NodeId]) -> Vec<NodeId> {
    nodes.iter().map(|node| NodeId(*node)).collect()
}
