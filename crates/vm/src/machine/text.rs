//! Interpolated text, and values as shown to people.

use std::sync::Arc;

use hence_ir::Segment;
use hence_types::{RecordValue, Value};

use super::{Failure, Machine};

/// What stands for a sensitive value.
pub(crate) const MASK: &str = "***";

/// Longer values are cut off when shown.
const SHOWN: usize = 200;

impl Machine<'_> {
    #[inline(never)]
    pub(super) fn text(&mut self, segments: &[Segment]) -> Result<Value, Box<Failure>> {
        let mut text = String::new();
        for segment in segments {
            match segment {
                Segment::Literal(literal) => text.push_str(literal),
                Segment::Value(node) => text.push_str(&self.required(*node)?.to_text()),
            }
        }
        Ok(Value::text(text))
    }
}

/// Returns a value as shown to people, sensitive fields masked and all of it if `sensitive`.
pub(crate) fn shown(value: &Value, sensitive: bool) -> String {
    if value.is_missing() {
        return "missing".to_owned();
    }
    if sensitive {
        return MASK.to_owned();
    }
    let mut text = masked(value).unwrap_or_else(|| value.clone()).to_string();
    if let Some((place, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(place);
        text.push('…');
    }
    text
}

/// Returns the value with its sensitive fields masked, or nothing if it has none.
fn masked(value: &Value) -> Option<Value> {
    if let Value::Record(record) = value {
        let mut fields = record.fields.clone();
        let mut changed = false;
        for (field, value) in record.shape.fields.values().zip(fields.iter_mut()) {
            let hidden =
                if field.sensitive && !value.is_missing() { Some(Value::text(MASK)) } else { masked(value) };
            if let Some(hidden) = hidden {
                *value = hidden;
                changed = true;
            }
        }
        changed.then(|| Value::Record(Arc::new(RecordValue { shape: Arc::clone(&record.shape), fields })))
    } else if let Value::List(list) = value {
        let hidden: Vec<Option<Value>> = list.iter().map(masked).collect();
        let changed = hidden.iter().any(Option::is_some);
        let elements = hidden.into_iter().zip(list.iter());
        changed.then(|| {
            Value::List(elements.map(|(hidden, value)| hidden.unwrap_or_else(|| value.clone())).collect())
        })
    } else if let Value::Map(map) = value {
        let hidden: Vec<Option<Value>> = map.values().map(masked).collect();
        let changed = hidden.iter().any(Option::is_some);
        let entries = hidden.into_iter().zip(map.iter());
        changed.then(|| {
            let entries = entries
                .map(|(hidden, (key, value))| (Arc::clone(key), hidden.unwrap_or_else(|| value.clone())));
            Value::Map(Arc::new(entries.collect()))
        })
    } else {
        None
    }
}
