//! Schemas of any shape: whatever is made of them is an integration that checks.

use hence_import::Kind;
use serde_json::{Value as Json, json};

use crate::support::made_of;

/// A stream of numbers from a seed: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn schema(&mut self, depth: u64) -> Json {
        let kinds = if depth == 0 { 8 } else { 15 };
        let mut schema = match self.below(kinds) {
            0 => json!({ "type": self.pick(&["string", "integer", "number", "boolean", "array", "object"]) }),
            1 => {
                json!({ "type": "string", "format": self.pick(&["date", "date-time", "email", "odd", "password"]) })
            }
            2 => json!({ "enum": [self.pick(&["a", "b", "c"]), "d"] }),
            3 => json!({ "const": self.pick(&[json!("a"), json!(1), json!(null), json!(true)]) }),
            4..=6 => json!({ "$ref": format!("#/$defs/D{}", self.below(5)) }),
            7 => json!(self.below(2) == 0),
            8 => json!({ "type": "array", "items": self.schema(depth - 1) }),
            9 => json!({ "type": "object", "additionalProperties": self.schema(depth - 1) }),
            10 => json!({ "allOf": [self.schema(depth - 1), self.schema(depth - 1)] }),
            11 => json!({ "oneOf": [self.schema(depth - 1), self.schema(depth - 1), { "type": "null" }] }),
            12 => json!({ "anyOf": [self.tagged("x", depth - 1), self.tagged("y", depth - 1)] }),
            _ => self.tagged("z", depth - 1),
        };
        if let Some(schema) = schema.as_object_mut().filter(|_| self.below(6) == 0) {
            schema.insert("nullable".to_owned(), true.into());
        }
        schema
    }

    fn tagged(&mut self, tag: &str, depth: u64) -> Json {
        let names = ["kind", "a", "b", "c-d"];
        let mut object = json!({ "type": "object", "properties": { "kind": { "const": tag } } });
        for name in &names[1..1 + self.index(3)] {
            object["properties"][*name] = self.schema(depth);
        }
        object["required"] = json!([names[self.index(4)]]);
        object
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())].clone()
    }

    fn index(&mut self, limit: usize) -> usize {
        self.below(limit as u64) as usize
    }
}

#[test]
fn whatever_is_made_of_a_schema_is_an_integration_that_checks() {
    let mut whole = 0;
    for seed in 1..=400 {
        let mut random = Random(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        let defs: serde_json::Map<String, Json> =
            (0..5).map(|name| (format!("D{name}"), random.schema(3))).collect();
        let schema = json!({ "$defs": defs, "type": "object", "properties": { "f": random.schema(3), "g": random.schema(3) } });
        // `made_of` holds what was made against the loader.
        let made = made_of(Kind::JsonSchema, &[("a.json", &schema.to_string())]);
        let circle = |error: &String| error.contains("leads back to itself");
        assert!(made.errors.iter().all(circle), "seed {seed}: {:?}\n{schema:#}", made.errors);
        whole += usize::from(made.errors.is_empty());
    }
    assert!(whole > 300, "only {whole} of 400 were made");
}
