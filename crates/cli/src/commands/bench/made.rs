//! Events to measure with where none are given: the examples of integrations, varied by their types. Values that rules
//! compare with are taken for some of them, so that some rules match.

use hence_ir::Program;
use hence_project::Project;
use hence_types::{Record, Type, Value, Wire};
use serde_json::{Value as Json, json};

use super::Batch;

/// Makes events of every type that rules start with. They are the same each time.
pub(super) fn batches(project: &Project, count: u32) -> Vec<Batch> {
    let program = project.program();
    let started = program.events.iter().filter(|event| !event.rules.is_empty());
    let batches = started.filter_map(|event| {
        let examples = match project.catalog.event_by_full_name(&event.name) {
            Some(known) if known.examples.is_empty() => vec![hence_schema::sample(known)],
            Some(known) => known.examples.clone(),
            None => {
                let entry_point = project.catalog.entry_point(&event.name)?;
                vec![hence_schema::sample_context(entry_point)]
            }
        };
        let mut maker = Maker { random: 0x5eed_cafe, known: constants(program) };
        let payloads = examples.iter().cycle().take(count as usize).map(|example| {
            let mut payload = example.clone();
            maker.vary_record(&mut payload, &event.payload);
            payload.to_string()
        });
        Some(Batch { event: event.name.to_string(), is_made: true, payloads: payloads.collect() })
    });
    batches.collect()
}

/// What rules compare with.
#[derive(Default)]
struct Known {
    texts: Vec<String>,
    ints: Vec<i64>,
}

fn constants(program: &Program) -> Known {
    let mut known = Known::default();
    let mut open: Vec<&Value> = program.rules.iter().flat_map(|rule| &rule.code.constants).collect();
    open.reverse();
    while let Some(value) = open.pop() {
        if let Value::String(text) = value {
            known.texts.push(text.to_string());
        } else if let Value::Int(int) = value {
            known.ints.push(*int);
        } else if let Value::List(list) = value {
            open.extend(list.iter().rev());
        }
    }
    known
}

struct Maker {
    random: u64,
    known: Known,
}

impl Maker {
    fn below(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let bits = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(bits).unwrap_or(0) % bound.max(1)
    }

    fn vary_record(&mut self, payload: &mut Json, record: &Record) {
        let Some(members) = payload.as_object_mut() else { return };
        for (name, field) in &record.fields {
            if field.ty.is_optional() && self.below(8) == 0 {
                members.shift_remove(&**name);
            } else if let Some(value) = members.get_mut(&**name) {
                self.vary(value, field.ty.required(), &field.wire);
            }
        }
    }

    /// Takes another value of a type for one that is there. What has a spelling of its own stays as it is.
    fn vary(&mut self, value: &mut Json, ty: &Type, wire: &Wire) {
        let is_plain = *wire == Wire::Plain;
        match ty {
            Type::Record(record) => self.vary_record(value, record),
            Type::List(element) => {
                let each = if let Wire::Each(each) = wire { each } else { &Wire::Plain };
                for value in value.as_array_mut().into_iter().flatten() {
                    self.vary(value, element.required(), each);
                }
            }
            Type::Bool => *value = json!(self.below(2) == 0),
            Type::Enum(enumeration) => {
                let place = self.below(enumeration.values.len());
                if let Some(text) = enumeration.values.get(place) {
                    *value = json!(&**text);
                }
            }
            Type::Int if is_plain => *value = json!(self.int()),
            Type::Decimal | Type::Percent | Type::Float if is_plain => {
                let cents = self.below(100);
                let text = format!("{}.{cents:02}", self.int().unsigned_abs());
                *value = serde_json::from_str(&text).unwrap_or(Json::Null);
            }
            // A text that may be a currency stays one.
            Type::String if is_plain && value.as_str().is_some_and(|text| text.len() != 3) => {
                let place = self.below(self.known.texts.len() * 2);
                if let Some(text) = self.known.texts.get(place) {
                    *value = json!(text);
                }
            }
            Type::String
            | Type::Int
            | Type::Decimal
            | Type::Percent
            | Type::Float
            | Type::Error
            | Type::Date
            | Type::Time
            | Type::DateTime
            | Type::Duration
            | Type::Period
            | Type::Money(_)
            | Type::Map(_)
            | Type::Optional(_)
            | Type::Json
            | Type::Nothing => {}
        }
    }

    /// A number near one that rules compare with, or any.
    fn int(&mut self) -> i64 {
        let place = self.below(self.known.ints.len() * 2);
        match self.known.ints.get(place) {
            Some(known) => known.saturating_add([-1, 0, 1].get(self.below(3)).copied().unwrap_or(0)),
            None => i64::try_from(self.below(2_000)).unwrap_or(0),
        }
    }
}
