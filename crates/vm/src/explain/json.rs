//! Explanations as JSON for programs.

use hence_diagnostics::Span;
use serde_json::{Value, json};

use super::render::text;
use super::{Explanation, Outcome, Part, Verdict};

impl Explanation {
    /// Returns the explanation as JSON. `source` gives the text of a place in a rule.
    ///
    /// ```jsonc
    /// {
    ///   "rule": "vip_customer", "event": "shop.order.created", "id": "evt-7",
    ///   "verdict": "not_matched",              // matched, not_matched, undecided
    ///   "fault": {                             // only if undecided
    ///     "message": "division by zero", "text": "a / b", "span": { … },
    ///     "values": [{ "name": "b", "value": "0" }]
    ///   },
    ///   "condition": {                         // null for a rule without a condition
    ///     "text": "total > 1000 EUR",
    ///     "span": { "file": 0, "start": 12, "end": 28 },
    ///     "outcome": "fails",                  // holds, fails, value, missing, fault, not_evaluated
    ///     "value": "240.00 EUR",               // only for value; sensitive ones are ***
    ///     "message": "division by zero",       // only for fault
    ///     "kind": "condition",                 // condition or value
    ///     "constant": false,                   // the same for every event
    ///     "decided": true,                     // the verdict rests on it
    ///     "element": { "index": 0, "value": "…" },  // only in the body of `any` and its kind
    ///     "children": [ … ]                    // of the same form
    ///   },
    ///   "mismatches": [{ "path": "total", "expected": "money<EUR>", "found": "`\"abc\"`", "text": "`total` counts …" }],
    ///   "flips": [{ "text": "total", "change": "were at least 1000.01 EUR", "sentence": "would match if …" }]
    /// }
    /// ```
    pub fn to_json(&self, source: &dyn Fn(Span) -> String) -> Value {
        let verdict = match self.verdict {
            Verdict::Matched => "matched",
            Verdict::NotMatched => "not_matched",
            Verdict::Undecided(_) => "undecided",
        };
        let mismatches: Vec<Value> = self
            .mismatches
            .iter()
            .map(|mismatch| {
                json!({
                    "path": mismatch.path,
                    "expected": mismatch.expected,
                    "found": mismatch.found,
                    "text": mismatch.to_string(),
                })
            })
            .collect();
        let flips: Vec<Value> = self
            .flips
            .iter()
            .map(|flip| {
                json!({
                    "text": text(source, flip.span),
                    "change": flip.change,
                    "sentence": self.sentence(flip, source),
                })
            })
            .collect();
        let mut out = json!({
            "rule": &*self.rule,
            "event": &*self.event,
            "id": &*self.id,
            "verdict": verdict,
            "condition": self.condition.as_ref().map(|condition| part(condition, source)),
            "mismatches": mismatches,
            "flips": flips,
        });
        if let (Verdict::Undecided(failure), Some(out)) = (&self.verdict, out.as_object_mut()) {
            let values: Vec<Value> =
                failure.values.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
            let fault = json!({
                "message": failure.to_string(),
                "text": text(source, failure.span),
                "span": place(failure.span),
                "values": values,
            });
            out.insert("fault".to_owned(), fault);
        }
        out
    }
}

fn part(part: &Part, source: &dyn Fn(Span) -> String) -> Value {
    let outcome = match &part.outcome {
        Outcome::Truth(true) => "holds",
        Outcome::Truth(false) => "fails",
        Outcome::Value(_) => "value",
        Outcome::Missing => "missing",
        Outcome::Fault(_) => "fault",
        Outcome::NotEvaluated => "not_evaluated",
    };
    let children: Vec<Value> = part.children.iter().map(|child| self::part(child, source)).collect();
    let mut out = json!({
        "text": text(source, part.span),
        "span": place(part.span),
        "outcome": outcome,
        "kind": if part.is_condition { "condition" } else { "value" },
        "constant": part.is_constant,
        "decided": part.decided,
        "children": children,
    });
    if let Some(out) = out.as_object_mut() {
        if let Outcome::Value(value) = &part.outcome {
            out.insert("value".to_owned(), json!(value));
        }
        if let Outcome::Fault(message) = &part.outcome {
            out.insert("message".to_owned(), json!(message));
        }
        if let Some((index, value)) = &part.element {
            out.insert("element".to_owned(), json!({ "index": index, "value": value }));
        }
    }
    out
}

fn place(span: Span) -> Value {
    json!({ "file": span.file.index(), "start": span.start, "end": span.end })
}
