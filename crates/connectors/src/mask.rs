//! Takes values that must not be shown out of texts and JSON.

use serde_json::Value as Json;

use crate::template::{html_escape, percent_encode};

/// What stands in the place of a value that must not be shown.
const MASK: &str = "***";

/// Values that must not be shown, in every spelling they can take on the way.
#[derive(Clone, Default)]
pub(crate) struct Mask {
    /// The longest first, so that no value is masked by halves.
    spellings: Vec<String>,
}

impl Mask {
    /// Adds a value. Parts separated by blanks count each for itself.
    pub(crate) fn add(&mut self, value: &str) {
        for part in std::iter::once(value.trim()).chain(value.split_whitespace()) {
            let json = Json::from(part).to_string();
            let escaped = json.trim_start_matches('"').trim_end_matches('"').to_owned();
            for spelling in [part.to_owned(), percent_encode(part), html_escape(part), escaped] {
                if !spelling.is_empty() && !self.spellings.contains(&spelling) {
                    self.spellings.push(spelling);
                }
            }
        }
        self.spellings.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    }

    /// Adds every text and number in a JSON value.
    pub(crate) fn add_json(&mut self, json: &Json) {
        match json {
            Json::Null | Json::Bool(_) => {}
            Json::Number(number) => self.add(&number.to_string()),
            Json::String(text) => self.add(text),
            Json::Array(items) => items.iter().for_each(|item| self.add_json(item)),
            Json::Object(members) => members.values().for_each(|value| self.add_json(value)),
        }
    }

    /// Returns a text with every such value replaced by `***`.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for spelling in &self.spellings {
            if masked.contains(spelling.as_str()) {
                masked = masked.replace(spelling.as_str(), MASK);
            }
        }
        masked
    }

    /// Returns a JSON value with every such value replaced by `***`, in names of members too.
    pub(crate) fn json(&self, json: &Json) -> Json {
        match json {
            Json::Null | Json::Bool(_) => json.clone(),
            Json::Number(number) => {
                let text = number.to_string();
                let masked = self.text(&text);
                if masked == text { json.clone() } else { Json::String(masked) }
            }
            Json::String(text) => Json::String(self.text(text)),
            Json::Array(items) => Json::Array(items.iter().map(|item| self.json(item)).collect()),
            Json::Object(members) => Json::Object(
                members.iter().map(|(name, value)| (self.text(name), self.json(value))).collect(),
            ),
        }
    }
}
