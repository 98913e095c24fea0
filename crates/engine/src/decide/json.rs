//! Decisions as JSON: the answer of the daemon, and what `hence run` prints.

use serde_json::{Value as Json, json};

use super::{Answer, Decision, Effect, Overruled};

impl Decision {
    /// Returns the decision as the caller gets it.
    pub fn to_json(&self) -> Json {
        self.json(false)
    }

    /// Returns the decision as it is shown to people: sensitive values masked.
    pub fn to_shown_json(&self) -> Json {
        self.json(true)
    }

    fn json(&self, masked: bool) -> Json {
        let effects: Vec<Json> = self.answers.iter().map(|answer| answer.json(masked)).collect();
        let matched = self.matched.iter().map(
            |decided| json!({ "rule": decided.rule, "version": decided.version, "branch": decided.branch.as_str() }),
        );
        let failed = self.failed.iter().map(
            |(rule, error)| json!({ "rule": rule, "code": error.code.as_str(), "message": error.message }),
        );
        json!({
            "entry_point": self.entry_point,
            "version": self.version,
            "blocked": self.blocked(),
            "effects": effects,
            "matched": matched.collect::<Vec<_>>(),
            "overruled": self.overruled.iter().map(Overruled::json).collect::<Vec<_>>(),
            "failed": failed.collect::<Vec<_>>(),
        })
    }
}

impl Answer {
    fn json(&self, masked: bool) -> Json {
        let rule = &self.rule;
        match &self.effect {
            Effect::Act { action, arguments, shown } => {
                json!({ "effect": action, "arguments": if masked { shown } else { arguments }, "rule": rule })
            }
            Effect::Set { field, value, shown } => {
                json!({ "effect": "set", "field": field, "value": if masked { shown } else { value }, "rule": rule })
            }
            Effect::Block { reason } => json!({ "effect": "block", "reason": reason, "rule": rule }),
        }
    }
}

impl Overruled {
    fn json(&self) -> Json {
        json!({
            "rule": self.rule,
            "field": self.field,
            "by": self.by,
            "group": self.group,
            "why": self.why,
        })
    }
}
