//! The steps of one rule of a decision: what it answers, and how it goes with its group.

use std::sync::Arc;

use hence_builtins::Context;
use hence_diagnostics::Code;
use hence_ir::{Argument, Effect as Said, NodeId, Resolution, Rule, Source, Step};
use hence_types::jiff::tz::TimeZone;
use hence_types::{CurrencySource, RecordValue, Value, Wire, wire};
use hence_vm::{Machine, Slots};
use serde_json::{Map, Value as Json};

use super::Effect;
use crate::matching::{context, evaluation_error};
use crate::run::{looping, set, too_many};
use crate::{Branch, ExecutionError, StoredEvent, Verdict, masking};

/// Arguments by name.
type Arguments = Map<String, Json>;

/// How many steps a rule may take.
const STEP_LIMIT: u32 = 100_000;

/// A rule that matched, and what it was asked.
pub(super) struct Asked<'a> {
    pub(super) rule: &'a Rule,
    pub(super) verdict: &'a Verdict,
    pub(super) event: &'a StoredEvent,
    pub(super) zone: &'a TimeZone,
    pub(super) context: &'a Json,
}

/// What a rule says.
pub(super) struct Answers {
    pub(super) rule: Arc<str>,
    pub(super) priority: u8,
    pub(super) effects: Vec<Effect>,
    /// Its group, if that takes one of its rules.
    pub(super) group: Option<(Arc<str>, Taken)>,
}

/// What a group needs to take a rule.
pub(super) enum Taken {
    First,
    Unique,
    /// The one with the greatest value.
    Best(Value),
}

/// Returns what a rule answers.
///
/// # Errors
///
/// Something that the rule computes has no value. It then answers nothing.
pub(super) fn answers(asked: &Asked<'_>, branch: Branch) -> Result<Answers, ExecutionError> {
    let rule = asked.rule;
    let mut walk = Walk {
        asked,
        machine_context: context(rule, asked.event, asked.zone),
        locals: vec![Value::Missing; rule.locals as usize],
        effects: Vec::new(),
        set: Vec::new(),
        resolution: None,
    };
    walk.run(match branch {
        Branch::Then => &rule.then,
        Branch::Otherwise => rule.otherwise.as_deref().unwrap_or_default(),
    })?;
    let group = walk.resolution.take();
    let group = group.map(|(group, resolution)| Ok((group, walk.taken(resolution)?))).transpose()?;
    Ok(Answers { rule: Arc::clone(&rule.name), priority: rule.priority, effects: walk.effects, group })
}

/// Returns a value in which the field at a path has another value. What has no such field stays as it is.
fn put(into: &Value, path: &[&str], value: &Value) -> Value {
    let Some((name, rest)) = path.split_first() else { return value.clone() };
    let Value::Record(record) = into else { return into.clone() };
    let Some(index) = record.shape.fields.get_index_of(*name) else { return into.clone() };
    let mut fields = record.fields.clone();
    if let Some(field) = fields.get_mut(index) {
        *field = put(field, rest, value);
    }
    Value::Record(Arc::new(RecordValue { shape: Arc::clone(&record.shape), fields }))
}

struct Walk<'a> {
    asked: &'a Asked<'a>,
    machine_context: Context,
    locals: Vec<Value>,
    effects: Vec<Effect>,
    /// The fields that are set, each with its latest value.
    set: Vec<(Arc<str>, Value)>,
    resolution: Option<(Arc<str>, Resolution)>,
}

impl Walk<'_> {
    fn run(&mut self, steps: &[Step]) -> Result<(), ExecutionError> {
        let mut place = 0u32;
        for _ in 0..STEP_LIMIT {
            let Some(step) = steps.get(place as usize) else { return Ok(()) };
            let next = place.saturating_add(1);
            place = match step {
                Step::Stop { .. } | Step::StopAll { .. } => return Ok(()),
                Step::Jump(target) => *target,
                Step::Let { local, value, .. } => {
                    let value = self.evaluate(*value)?;
                    set(&mut self.locals, local.0, value)?;
                    next
                }
                Step::Branch { condition, otherwise, .. } => {
                    if self.evaluate(*condition)?.as_bool() == Some(true) { next } else { *otherwise }
                }
                Step::Each { list, position, element, end, .. } => {
                    match looping::next(&mut self.locals, *list, *position)? {
                        Some(value) => {
                            set(&mut self.locals, element.0, value)?;
                            next
                        }
                        None => *end,
                    }
                }
                Step::Answer { effect, .. } => {
                    self.answer(effect)?;
                    next
                }
                Step::Resolve { group, resolution } => {
                    self.resolution = Some((Arc::clone(group), *resolution));
                    next
                }
                Step::Act { .. }
                | Step::Wait { .. }
                | Step::Await(_)
                | Step::Attempt { .. }
                | Step::Parallel { .. }
                | Step::Batches { .. }
                | Step::Emit { .. }
                | Step::Join => {
                    return Err(crate::run::internal("a decision calls or waits"));
                }
            };
        }
        Err(too_many(&format!("more than {STEP_LIMIT} steps in a decision")))
    }

    fn answer(&mut self, effect: &Said) -> Result<(), ExecutionError> {
        match effect {
            Said::Act { action, arguments } => {
                let (arguments, shown) = self.arguments(arguments)?;
                self.effects.push(Effect::Act { action: Arc::clone(action), arguments, shown });
            }
            Said::Block { reason } => {
                let reason = self.required(*reason)?.to_text();
                self.effects.push(Effect::Block { reason });
            }
            Said::Set { field, wire, sensitive, value: node } => {
                let value = self.required(*node)?;
                self.same_currency(field, wire, &value)?;
                let json = wire::write(&value, wire);
                let shown = self.shown(&value, &json, *sensitive, *node);
                // What a rule sets again, it has set to the later value alone.
                self.effects.retain(|effect| match effect {
                    Effect::Set { field: before, .. } => before != field,
                    Effect::Act { .. } | Effect::Block { .. } => true,
                });
                self.set.retain(|(before, _)| before != field);
                self.set.push((Arc::clone(field), value));
                self.effects.push(Effect::Set { field: Arc::clone(field), value: json, shown });
            }
        }
        Ok(())
    }

    fn arguments(&mut self, arguments: &[Argument]) -> Result<(Arguments, Arguments), ExecutionError> {
        let (mut told, mut shown) = (Map::new(), Map::new());
        for argument in arguments {
            let value = self.evaluate(argument.value)?;
            if value.is_missing() {
                continue;
            }
            let json = wire::write(&value, &argument.wire);
            let masked = self.shown(&value, &json, argument.sensitive, argument.value);
            told.insert(argument.name.to_string(), json);
            shown.insert(argument.name.to_string(), masked);
        }
        Ok((told, shown))
    }

    /// Returns a value as it is shown to people.
    fn shown(&mut self, value: &Value, json: &Json, sensitive: bool, node: NodeId) -> Json {
        let is_sensitive = sensitive || self.machine().is_sensitive(node);
        let mut shown = if is_sensitive { masking::masked() } else { json.clone() };
        masking::mask_fields(value, &mut shown);
        shown
    }

    /// Refuses an amount in another currency than the field's, which has its currency beside it or in the context.
    fn same_currency(&self, field: &str, wire: &Wire, value: &Value) -> Result<(), ExecutionError> {
        let (Wire::Money { currency, .. }, Value::Money(money)) = (wire, value) else { return Ok(()) };
        let pointer = match currency {
            CurrencySource::Fixed(_) => return Ok(()),
            CurrencySource::Payload(name) => format!("/{name}"),
            CurrencySource::Sibling(name) => {
                let parent = field.rsplit_once('.').map_or("", |(parent, _)| parent);
                let parent =
                    if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) };
                format!("{parent}/{name}")
            }
        };
        let found = self.asked.context.pointer(&pointer).and_then(Json::as_str);
        if found == Some(money.currency.as_str()) {
            return Ok(());
        }
        let path = pointer.trim_start_matches('/').replace('/', ".");
        let has = found.map_or("is missing".to_owned(), |found| format!("is {found}"));
        Err(ExecutionError {
            code: Code::DecisionFault,
            message: format!("`{field}` cannot be set to {value}: the context's `{path}` {has}"),
        })
    }

    /// Returns what the group needs to take the rule. `best by` reads the context as the rule has set it.
    fn taken(&mut self, resolution: Resolution) -> Result<Taken, ExecutionError> {
        Ok(match resolution {
            Resolution::First => Taken::First,
            Resolution::Unique => Taken::Unique,
            Resolution::Best(node) => {
                let mut slots = self.asked.verdict.slots.clone();
                self.put(&mut slots);
                let machine = Machine::new(self.asked.rule, &slots, &mut self.locals, &self.machine_context);
                Taken::Best({ machine }.evaluate(node).map_err(|failure| evaluation_error(&failure))?)
            }
        })
    }

    /// Puts what the rule has set in the place of what the caller told.
    fn put(&self, slots: &mut Slots) {
        for (place, slot) in self.asked.rule.plan.slots.iter().enumerate() {
            let (Source::Payload(read), Some(slot)) = (&slot.source, slots.values.get_mut(place)) else {
                continue;
            };
            for (field, value) in &self.set {
                let mut names = field.split('.');
                // What is read is the field itself, or a record that has it.
                if read.iter().all(|name| names.next() == Some(&**name)) {
                    *slot = put(slot, &names.collect::<Vec<_>>(), value);
                }
            }
        }
    }

    fn machine(&mut self) -> Machine<'_> {
        Machine::new(self.asked.rule, &self.asked.verdict.slots, &mut self.locals, &self.machine_context)
    }

    fn evaluate(&mut self, node: NodeId) -> Result<Value, ExecutionError> {
        self.machine().evaluate(node).map_err(|failure| evaluation_error(&failure))
    }

    fn required(&mut self, node: NodeId) -> Result<Value, ExecutionError> {
        let value = self.evaluate(node)?;
        if value.is_missing() {
            let message = "a value is missing that the schema promises".to_owned();
            return Err(ExecutionError { code: Code::EvaluationFault, message });
        }
        Ok(value)
    }
}
