//! The payloads of events that a watch puts into the inbox.

use std::sync::Arc;

use hence_types::wire::{self, Members, Wire};
use hence_types::{Value, wire::write_raw};

/// Returns a payload with further members, which take the place of those of their names. Whatever else it has stays as
/// it was received, digit for digit.
pub(super) fn with(payload: &str, further: &[(&str, String)]) -> Arc<str> {
    let members = Members::parse(payload).unwrap_or_default();
    let kept = members.iter().filter(|(name, _)| !further.iter().any(|(own, _)| own == name));
    let mut json = String::from("{");
    for (name, value) in kept.chain(further.iter().map(|(name, value)| (*name, value.as_str()))) {
        if json.len() > 1 {
            json.push(',');
        }
        write_raw(&Value::text(name), &Wire::Plain, &mut json);
        json.push(':');
        json.push_str(value);
    }
    json.push('}');
    json.into()
}

/// Returns a value as JSON text, spelt plainly.
pub(super) fn plain(value: &Value) -> String {
    let mut json = String::new();
    wire::write_raw(value, &Wire::Plain, &mut json);
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_members_take_the_place_of_those_of_their_names() {
        let payload = with(r#"{"id":90071992547409931234,"old":1,"a b":[1.50]}"#, &[("old", "2".into())]);
        assert_eq!(&*payload, r#"{"id":90071992547409931234,"a b":[1.50],"old":2}"#);
        assert_eq!(&*with("[]", &[("old", "null".into())]), r#"{"old":null}"#);
        assert_eq!(&*with("{}", &[]), "{}");
    }
}
