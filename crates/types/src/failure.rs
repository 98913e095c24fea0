//! What an author sees of an error: a record of its message and its code.

use std::sync::Arc;

use crate::{Field, Record, RecordValue, Type, Value};

/// Returns the shape of errors: `message` and `code`, both text.
pub fn failure_shape() -> Arc<Record> {
    let text = |name: &str| (Arc::from(name), Field::plain(Type::String));
    let fields = ["message", "code"].into_iter().map(text).collect();
    Arc::new(Record { name: Some(Arc::from("error")), fields, origin: None })
}

/// Returns an error as a value.
pub fn failure_value(message: &str, code: &str) -> Value {
    let fields = [Value::text(message), Value::text(code)].into();
    Value::Record(Arc::new(RecordValue { shape: failure_shape(), fields }))
}
