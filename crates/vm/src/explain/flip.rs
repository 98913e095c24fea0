//! Single changes of an event that would turn a verdict round.
//!
//! The condition is taken apart along `and`, `or`, `not` into comparisons. For each that has a field of the
//! event on one side, the nearest value of that field is found for which the comparison comes out otherwise;
//! then the whole condition is evaluated with it. Only what turned the verdict round in that trial is told.

use hence_builtins::{BinaryOperator, Case, Context};
use hence_diagnostics::Span;
use hence_ir::{NodeId, Operation, Rule, SlotId, Source};
use hence_types::{Type, Value};

use super::step::{Change, toward};
use crate::Slots;
use crate::machine::{Machine, verdict};

/// So many flips are told of a rule that did not match.
const TOLD: usize = 3;

/// So many comparisons are tried.
const TRIED: usize = 64;

/// A change of one field that would turn the verdict round, with everything else as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// The source text of what would have to change, such as `total`.
    pub span: Span,
    /// The change in words, such as "were at least 1000.01 EUR".
    pub change: String,
}

/// Returns the flips of a condition that came out as `matched`: the first few if it did not hold; if it held,
/// only one that is the only one, as almost any change breaks a condition of several parts.
pub(super) fn flips(
    rule: &Rule,
    slots: &Slots,
    context: &Context,
    condition: NodeId,
    read: &[SlotId],
    matched: bool,
) -> Vec<Flip> {
    let mut atoms = Vec::new();
    collect(rule, condition, &mut atoms);
    let mut flips: Vec<Flip> = Vec::new();
    let mut trial = slots.clone();
    for atom in atoms.into_iter().take(TRIED) {
        let Some((slot, span, change)) = Atom { rule, slots, context }.change(atom) else { continue };
        if !is_alone(rule, slot, read) {
            continue;
        }
        let Some(place) = trial.values.get_mut(slot.0 as usize) else { continue };
        let before = std::mem::replace(place, change.value);
        let turned = verdict(rule, &trial, context) == Ok(!matched);
        if let Some(place) = trial.values.get_mut(slot.0 as usize) {
            *place = before;
        }
        let flip = Flip { span, change: change.words };
        if turned && !flips.contains(&flip) {
            flips.push(flip);
        }
    }
    if matched && flips.len() > 1 {
        flips.clear();
    }
    flips.truncate(TOLD);
    flips
}

/// Collects the comparisons of a condition.
fn collect(rule: &Rule, root: NodeId, atoms: &mut Vec<NodeId>) {
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        // A damaged program may lead in a circle.
        if atoms.len() >= TRIED || open.len() > rule.code.nodes.len() {
            return;
        }
        let Some(node) = rule.code.node(id) else { continue };
        if let Operation::And(left, right) | Operation::Or(left, right) = node.operation {
            open.extend([right, left].into_iter().filter(|operand| operand.0 < id.0));
        } else if let Operation::Not(operand) = node.operation {
            open.extend(Some(operand).filter(|operand| operand.0 < id.0));
        } else {
            atoms.push(id);
        }
    }
}

/// Returns whether no other slot that is read overlaps with this one: a trial that changes only one of
/// `customer` and `customer.tags` would be a trial of an event that cannot be.
fn is_alone(rule: &Rule, slot: SlotId, read: &[SlotId]) -> bool {
    let path = |id: SlotId| match rule.plan.slots.get(id.0 as usize).map(|slot| &slot.source) {
        Some(Source::Payload(path)) => Some(path.as_slice()),
        Some(Source::Id | Source::Time | Source::Origin | Source::Name) | None => None,
    };
    let Some(own) = path(slot) else { return false };
    read.iter().all(|other| {
        *other == slot || path(*other).is_none_or(|other| !own.starts_with(other) && !other.starts_with(own))
    })
}

/// The other side of a comparison, as the operator sees it.
enum Side {
    Left,
    Right,
}

struct Atom<'a> {
    rule: &'a Rule,
    slots: &'a Slots,
    context: &'a Context,
}

impl Atom<'_> {
    /// Returns a change of one slot for which the comparison comes out otherwise.
    fn change(&self, atom: NodeId) -> Option<(SlotId, Span, Change)> {
        let holds = self.machine(|machine| machine.holds(atom).ok())?;
        let node = self.rule.code.node(atom)?;
        if let Some(slot) = self.slot(atom) {
            // A comparison with a sensitive field may be told, the field itself may not.
            if self.machine(|machine| machine.is_sensitive(atom)) {
                return None;
            }
            let change = Change { value: Value::Bool(!holds), words: format!("were {}", !holds) };
            return Some((slot, node.span, change));
        }
        if let Operation::Binary { operator, left, right, case } = &node.operation {
            let (side, slot, read, other) = match (self.slot(*left), self.slot(*right)) {
                (Some(slot), _) if self.open_value(*right).is_some() => (Side::Right, slot, *left, *right),
                (_, Some(slot)) => (Side::Left, slot, *right, *left),
                _ => return None,
            };
            let mut change = self.binary(*operator, slot, &self.open_value(other)?, &side, !holds)?;
            if *case == Case::Ignored {
                change.words.push_str(" ignoring case");
            }
            Some((slot, self.rule.code.node(read)?.span, change))
        } else if let Operation::Between { operand, low, high } | Operation::InRange { operand, low, high } =
            &node.operation
        {
            let slot = self.slot(*operand).filter(|_| !holds)?;
            let now = self.slots.values.get(slot.0 as usize)?;
            let low = self.open_value(*low)?;
            let high = self.open_value(*high)?;
            if now.is_missing() {
                let change = toward(BinaryOperator::Equal, now, &low)?;
                return Some((slot, self.rule.code.node(*operand)?.span, change));
            }
            let least = toward(BinaryOperator::GreaterOrEqual, now, &low)?;
            let below = hence_types::compare(now, &low).is_ok_and(std::cmp::Ordering::is_lt);
            let change = if below { least } else { toward(BinaryOperator::LessOrEqual, now, &high)? };
            Some((slot, self.rule.code.node(*operand)?.span, change))
        } else {
            None
        }
    }

    fn machine<T>(&self, run: impl FnOnce(&mut Machine<'_>) -> T) -> T {
        let mut locals = Vec::new();
        run(&mut Machine::new(self.rule, self.slots, &mut locals, self.context))
    }

    /// Returns the slot that an expression reads, be it with a default.
    fn slot(&self, id: NodeId) -> Option<SlotId> {
        let operation = &self.rule.code.node(id)?.operation;
        if let Operation::Slot(slot) = operation {
            Some(*slot)
        } else if let Operation::Default { operand, default: _ } = operation {
            let inner = self.rule.code.node(*operand)?;
            if let Operation::Slot(slot) = inner.operation { Some(slot) } else { None }
        } else {
            None
        }
    }

    /// Returns the value of an expression, if there is one that may be shown.
    fn open_value(&self, id: NodeId) -> Option<Value> {
        let value = self.machine(|machine| {
            let value = machine.evaluate(id).ok();
            value.filter(|_| !machine.is_sensitive(id))
        })?;
        (!value.is_missing()).then_some(value)
    }

    /// Returns a value of the slot for which `slot operator other` (or the other way round) comes out as
    /// `wanted`.
    fn binary(
        &self,
        operator: BinaryOperator,
        slot: SlotId,
        other: &Value,
        side: &Side,
        wanted: bool,
    ) -> Option<Change> {
        let now = self.slots.values.get(slot.0 as usize)?;
        let change = match operator {
            BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => {
                let operator = if matches!(side, Side::Left) { mirrored(operator) } else { operator };
                toward(if wanted { operator } else { negated(operator) }, now, other)
            }
            BinaryOperator::In => match side {
                Side::Right => one_of(other, wanted),
                Side::Left => with_element(now, other, wanted),
            },
            BinaryOperator::Contains => match (side, now.as_text()) {
                (Side::Right, Some(text)) => {
                    with_text(format!("{text}{}", other.to_text()), "contained", other, wanted)
                }
                (Side::Right, None) => with_element(now, other, wanted),
                (Side::Left, _) => None,
            },
            BinaryOperator::StartsWith => match (side, now.as_text()) {
                (Side::Right, Some(text)) => {
                    with_text(format!("{}{text}", other.to_text()), "started with", other, wanted)
                }
                _ => None,
            },
            BinaryOperator::EndsWith => match (side, now.as_text()) {
                (Side::Right, Some(text)) => {
                    with_text(format!("{text}{}", other.to_text()), "ended with", other, wanted)
                }
                _ => None,
            },
            BinaryOperator::WithinNext
            | BinaryOperator::WithinLast
            | BinaryOperator::OlderThan
            | BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder => None,
        }?;
        self.is_possible(slot, change)
    }

    /// A text out of a fixed set can only be one of them.
    fn is_possible(&self, slot: SlotId, mut change: Change) -> Option<Change> {
        let slot = self.rule.plan.slots.get(slot.0 as usize)?;
        let (Type::Enum(enumeration), Value::String(text)) = (slot.ty.required(), &change.value) else {
            return Some(change);
        };
        if enumeration.values.iter().any(|value| **value == **text) {
            return Some(change);
        }
        // "something other than" may be any of the others.
        let bound = text.strip_suffix('-')?;
        let other = enumeration.values.iter().find(|value| &***value != bound)?;
        change.value = Value::text(other);
        Some(change)
    }
}

/// Returns the operator for exchanged sides.
fn mirrored(operator: BinaryOperator) -> BinaryOperator {
    match operator {
        BinaryOperator::Less => BinaryOperator::Greater,
        BinaryOperator::LessOrEqual => BinaryOperator::GreaterOrEqual,
        BinaryOperator::Greater => BinaryOperator::Less,
        BinaryOperator::GreaterOrEqual => BinaryOperator::LessOrEqual,
        BinaryOperator::Equal
        | BinaryOperator::NotEqual
        | BinaryOperator::In
        | BinaryOperator::Contains
        | BinaryOperator::StartsWith
        | BinaryOperator::EndsWith
        | BinaryOperator::WithinNext
        | BinaryOperator::WithinLast
        | BinaryOperator::OlderThan
        | BinaryOperator::Add
        | BinaryOperator::Subtract
        | BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::Remainder => operator,
    }
}

/// Returns the comparison that holds where this one does not.
fn negated(operator: BinaryOperator) -> BinaryOperator {
    match operator {
        BinaryOperator::Equal => BinaryOperator::NotEqual,
        BinaryOperator::NotEqual => BinaryOperator::Equal,
        BinaryOperator::Less => BinaryOperator::GreaterOrEqual,
        BinaryOperator::LessOrEqual => BinaryOperator::Greater,
        BinaryOperator::Greater => BinaryOperator::LessOrEqual,
        BinaryOperator::GreaterOrEqual => BinaryOperator::Less,
        BinaryOperator::In
        | BinaryOperator::Contains
        | BinaryOperator::StartsWith
        | BinaryOperator::EndsWith
        | BinaryOperator::WithinNext
        | BinaryOperator::WithinLast
        | BinaryOperator::OlderThan
        | BinaryOperator::Add
        | BinaryOperator::Subtract
        | BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::Remainder => operator,
    }
}

/// `x in list`, for the value `x`.
fn one_of(list: &Value, wanted: bool) -> Option<Change> {
    let elements = list.as_list()?;
    if wanted {
        let words = format!("were one of {list}");
        return Some(Change { value: elements.first()?.clone(), words });
    }
    let value = toward(BinaryOperator::NotEqual, &Value::Missing, elements.last()?)?.value;
    Some(Change { value, words: format!("were none of {list}") })
}

/// `element in list`, for the list.
fn with_element(list: &Value, element: &Value, wanted: bool) -> Option<Change> {
    let mut elements = list.as_list()?.to_vec();
    if wanted {
        elements.push(element.clone());
        return Some(Change { value: Value::List(elements.into()), words: format!("contained {element}") });
    }
    elements.retain(|other| !hence_types::equal(other, element));
    Some(Change { value: Value::List(elements.into()), words: format!("did not contain {element}") })
}

/// A test of a text: `text` is one for which it holds.
fn with_text(text: String, words: &str, part: &Value, wanted: bool) -> Option<Change> {
    if wanted {
        Some(Change { value: Value::text(text), words: format!("{words} {part}") })
    } else {
        let infinitive = match words {
            "contained" => "contain",
            "started with" => "start with",
            _ => "end with",
        };
        Some(Change { value: Value::text(""), words: format!("did not {infinitive} {part}") })
    }
}
