//! Whether a payload is what its type says. One that is not is stored and run all the same, but marked.

use std::sync::Arc;

use hence_types::wire::{self, Mismatch, Place};
use hence_types::{Record, Type, Wire};

/// Returns where the JSON text of a payload differs from its type; nothing where it is as declared.
pub fn check_payload(payload: &Arc<Record>, json: &str) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    wire::read(Some(json), &Type::Record(payload.clone()), &Wire::Plain, Place::default(), &mut mismatches);
    mismatches
}

#[cfg(test)]
mod tests {
    use hence_types::Field;

    use super::*;

    #[test]
    fn a_payload_that_is_not_as_declared_is_told_field_by_field() {
        let field = |name: &str, ty| (Arc::from(name), Field::plain(ty));
        let fields = [field("id", Type::Int), field("name", Type::String.optional())];
        let payload = Arc::new(Record { fields: fields.into_iter().collect(), ..Record::default() });
        let paths = |json: &str| -> Vec<String> {
            check_payload(&payload, json).into_iter().map(|mismatch| mismatch.path).collect()
        };
        assert_eq!(paths(r#"{ "id": 820982911946154508, "more": 1 }"#), Vec::<String>::new());
        assert_eq!(paths(r#"{ "id": "1", "name": 2 }"#), ["/id", "/name"]);
        assert_eq!(paths(r#"{}"#), ["/id"]);
        assert_eq!(paths("no json"), [""]);
    }
}
