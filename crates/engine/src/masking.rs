//! Arguments as the history shows them: sensitive values replaced by `***`.

use hence_types::Value;
use serde_json::{Value as Json, json};

/// What stands for a sensitive value.
const MASK: &str = "***";

/// Returns the mask.
pub(crate) fn masked() -> Json {
    json!(MASK)
}

/// Replaces the sensitive fields of records in `json`, which is `value` as it is sent.
pub(crate) fn mask_fields(value: &Value, json: &mut Json) {
    if let (Value::Record(record), Json::Object(object)) = (value, &mut *json) {
        for ((name, field), value) in record.shape.fields.iter().zip(&record.fields) {
            if let Some(member) = object.get_mut(&**name) {
                if field.sensitive {
                    *member = masked();
                } else {
                    mask_fields(value, member);
                }
            }
        }
    } else if let (Value::List(values), Json::Array(elements)) = (value, &mut *json) {
        values.iter().zip(elements).for_each(|(value, element)| mask_fields(value, element));
    } else if let (Value::Map(map), Json::Object(object)) = (value, json) {
        for (key, value) in map.iter() {
            if let Some(member) = object.get_mut(&**key) {
                mask_fields(value, member);
            }
        }
    }
}

/// Adds the values of `json` that are masked in `shown`, which is the same value as it is shown.
pub(crate) fn hidden(json: &Json, shown: &Json, found: &mut Vec<Json>) {
    match (json, shown) {
        (Json::Object(json), Json::Object(shown)) => {
            for (name, member) in json {
                shown.get(name).into_iter().for_each(|shown| hidden(member, shown, found));
            }
        }
        (Json::Array(json), Json::Array(shown)) => {
            json.iter().zip(shown).for_each(|(element, shown)| hidden(element, shown, found));
        }
        _ if json != shown => found.push(json.clone()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hence_types::{Field, Record, RecordValue, Type};

    use super::*;

    #[test]
    fn sensitive_fields_are_masked_however_deep_they_stand() {
        let secret = Field { sensitive: true, ..Field::plain(Type::String) };
        let fields = [(Arc::from("id"), Field::plain(Type::Int)), (Arc::from("iban"), secret)];
        let shape = Record { fields: fields.into_iter().collect(), ..Record::default() };
        let fields = [Value::Int(1), Value::text("DE00")].into();
        let record = Value::Record(Arc::new(RecordValue { shape: shape.into(), fields }));
        let map = Value::Map(Arc::new([(Arc::from("a"), record)].into_iter().collect()));
        let sent = json!([{ "a": { "id": 1, "iban": "DE00" } }]);
        let mut json = sent.clone();
        mask_fields(&Value::List([map].into()), &mut json);
        assert_eq!(json, json!([{ "a": { "id": 1, "iban": "***" } }]));
        let mut found = Vec::new();
        hidden(&sent, &json, &mut found);
        assert_eq!(found, [json!("DE00")]);
    }
}
