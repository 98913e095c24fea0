//! Waits for events, as data: what the store keeps of them, and how an event that arrives finds those who wait for it.
//!
//! A wait whose condition says what a field of the event equals has a key: path and value of that field. An event is
//! looked up by the keys that its own fields give, one for each path that rules wait by, and by the empty key of the
//! waits without any. So what it costs does not grow with the waits that it does not concern.

use std::collections::HashMap;
use std::sync::Arc;

use hence_ir::{Await, Program, Returned, Step};
use hence_types::{Value, wire};

use crate::{ExecutionId, StoredEvent};

/// The field of the events about a task by which the execution that asked is found.
pub(crate) const TASK: &str = "task";

/// From this number on, strands are none of steps: what they register holds from the beginning of an execution to its end.
const RESERVED: u32 = 1 << 31;

/// What executions with a key in common are found by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shared {
    pub(crate) strand: u32,
    /// Stands for the name of an event; no event is named so.
    pub(crate) event: &'static str,
}

/// Executions that are held until it is quiet.
pub(crate) const DEBOUNCE: Shared = Shared { strand: RESERVED, event: "debounce" };

/// Executions of which one is there at a time.
pub(crate) const OVERLAP: Shared = Shared { strand: RESERVED + 1, event: "overlap" };

/// The strand of the first event that ends an execution; the others follow.
pub(crate) const EXITS: u32 = RESERVED + 2;

/// An execution that waits for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The execution.
    pub execution: ExecutionId,
    /// Which of its strands waits; from 2^31 on, what holds for all of it.
    pub strand: u32,
    /// The full name of the event.
    pub event: Arc<str>,
    /// By what it is found; empty where nothing but the condition tells.
    pub key: Arc<str>,
}

/// The fields by which rules wait for events, by the event's name.
#[derive(Debug, Default)]
pub(crate) struct Lookups(HashMap<Arc<str>, Vec<Lookup>>);

#[derive(Debug)]
struct Lookup {
    other: Returned,
    field: Vec<Arc<str>>,
}

impl Lookups {
    /// Adds what the rules of a program wait for.
    pub(crate) fn add(&mut self, program: &Program) {
        for rule in &program.rules {
            for step in rule.then.iter().chain(rule.otherwise.iter().flatten()) {
                if let Step::Await(wait) = step {
                    self.add_wait(wait);
                }
            }
            rule.header.exits.iter().for_each(|exit| self.add_wait(exit));
        }
    }

    fn add_wait(&mut self, wait: &Await) {
        let lookups = self.0.entry(Arc::clone(&wait.event)).or_default();
        let field = match (&wait.question, &wait.key) {
            (Some(_), _) => vec![Arc::from(TASK)],
            (None, Some(key)) => key.field.clone(),
            (None, None) => return,
        };
        let known = |lookup: &Lookup| lookup.field == field && lookup.other.ty == wait.other.ty;
        if !lookups.iter().any(known) {
            lookups.push(Lookup { other: wait.other.clone(), field });
        }
    }

    /// Returns the keys by which an event finds those who wait for it; nothing if nobody ever does.
    pub(crate) fn keys(&self, event: &StoredEvent) -> Option<Vec<Arc<str>>> {
        let lookups = self.0.get(&event.event.name)?;
        let mut keys = vec![Arc::from("")];
        for lookup in lookups {
            let mut value = read(&lookup.other, &event.event.payload);
            for name in &lookup.field {
                value = if let Value::Record(record) = &value { record.get(name) } else { Value::Missing };
            }
            keys.extend(key(&lookup.field, &value));
        }
        keys.sort();
        keys.dedup();
        Some(keys)
    }
}

/// Returns the payload of another event as a rule reads it. What is not as the schema declares is missing.
pub(crate) fn read(other: &Returned, payload: &str) -> Value {
    wire::read(Some(payload), &other.ty, &other.wire, wire::Place::default(), &mut Vec::new())
}

/// Returns the text of a key; nothing for a value that equal values do not share one spelling with.
pub(crate) fn key(field: &[Arc<str>], value: &Value) -> Option<Arc<str>> {
    let value = if let Value::String(text) = value {
        format!("{text:?}")
    } else if let Value::Int(number) = value {
        number.to_string()
    } else {
        return None;
    };
    Some(format!("{} = {value}", field.join(".")).into())
}
