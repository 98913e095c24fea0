//! Samples of payloads → an event whose type all samples fit.
//!
//! A field is always there if it is in all samples, and not null in any. Texts get a format, and a fixed set of values,
//! only where enough samples speak for it; the least of evidence stands in the constants here. What is more a guess than a
//! reading is told.

mod text;

use std::path::{Path, PathBuf};

use hence_diagnostics::{Code, Diagnostic, Sources, Span};
use hence_schema::json::{self, Node, Value};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use crate::findings::Findings;
use crate::names::{dotted, pascal};
use crate::write::{self, Draft, set};
use crate::{Imported, Options, Unreadable};

/// How many different fields an object must have, in all samples, to be taken for a map.
const LEAST_KEYS: usize = 40;

/// What was made of samples.
pub type Inferred = Imported;

/// What was seen at one place of all samples.
#[derive(Debug, Default)]
struct Seen {
    place: Option<Span>,
    values: usize,
    nulls: usize,
    truths: usize,
    whole_numbers: Vec<i128>,
    /// Numbers with a fraction, or too large to count with.
    numbers: usize,
    texts: Vec<String>,
    lists: usize,
    items: Option<Box<Seen>>,
    objects: usize,
    fields: IndexMap<String, Seen>,
}

/// Makes an integration with one event of samples: files with a JSON object, a list of objects, or one object a line.
///
/// # Errors
/// A file cannot be read. What is wrong within one is a diagnostic.
pub fn infer(paths: &[PathBuf], event: &str, options: &Options) -> Result<Inferred, Unreadable> {
    let mut sources = Sources::new();
    let mut found = Findings::default();
    let mut seen = Seen::default();
    let mut first = None;
    for path in paths {
        let samples = read(path, &mut sources, &mut found)?;
        for sample in &samples {
            if sample.as_object().is_none() {
                found.wrong(sample.span, format!("a payload is an object, not {}", sample.kind()));
                continue;
            }
            seen.add(sample);
            first = first.or_else(|| Some(sample.to_json()));
        }
    }
    if seen.objects == 0 && !found.has_errors() {
        return Err(Unreadable::Empty(paths.first().cloned().unwrap_or_default()));
    }
    let integration = if found.has_errors() {
        None
    } else {
        let name = dotted(event);
        let mut draft = Draft { title: options.id.clone().unwrap_or_default(), ..Draft::default() };
        let place = seen.place.unwrap_or(Span::new(hence_diagnostics::FileId::default(), 0, 0));
        if seen.objects == 1 {
            found.guessed(place, "that every field is always there: there is one sample alone");
        }
        let type_name = pascal(&name);
        draft.types.insert(type_name.clone(), (seen.type_of("", &mut found), place));
        let event = json!({ "payload": { "$ref": format!("#/types/{type_name}") }, "examples": first.into_iter().collect::<Vec<Json>>() });
        draft.add_event(&name, event, place);
        write::finish(draft, options, name, &mut found)
    };
    Ok(Imported { integration, sources, diagnostics: found.into_sorted() })
}

/// Reads the samples of a file.
fn read(path: &Path, sources: &mut Sources, found: &mut Findings) -> Result<Vec<Node>, Unreadable> {
    let unreadable = |source| Unreadable::File { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable(std::io::Error::other("it is not UTF-8")))?;
    let file = sources.add(path.to_string_lossy(), text.as_str());
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let one_each =
        lines.len() > 1 && lines.iter().all(|line| serde_json::from_str::<Map<String, Json>>(line).is_ok());
    if !one_each {
        let parsed = json::parse(file, &text);
        found.add_all(parsed.diagnostics);
        return Ok(match parsed.root {
            Some(Node { value: Value::List(items), .. }) => items,
            Some(other) => vec![other],
            None => Vec::new(),
        });
    }
    // Each line is read alone; its places are those of the line's own text.
    let mut samples = Vec::new();
    for line in lines {
        let file = sources.add(path.to_string_lossy(), line);
        let parsed = json::parse(file, line);
        found.add_all(parsed.diagnostics);
        samples.extend(parsed.root);
    }
    Ok(samples)
}

impl Seen {
    fn add(&mut self, node: &Node) {
        self.place = self.place.or(Some(node.span));
        self.values += 1;
        match &node.value {
            Value::Null => self.nulls += 1,
            Value::Bool(_) => self.truths += 1,
            Value::Number(digits) => match digits.parse::<i128>() {
                Ok(number) => self.whole_numbers.push(number),
                Err(_) => self.numbers += 1,
            },
            Value::Text(text) => self.texts.push(text.clone()),
            Value::List(items) => {
                self.lists += 1;
                let each = self.items.get_or_insert_default();
                items.iter().for_each(|item| each.add(item));
            }
            Value::Object(members) => {
                self.objects += 1;
                for (name, member) in members {
                    self.fields.entry(name.clone()).or_default().add(&member.value);
                }
            }
        }
    }

    /// Returns the type that all values fit, null aside. `name` is the field they are of.
    fn type_of(&self, name: &str, found: &mut Findings) -> Json {
        let numbers = self.numbers + self.whole_numbers.len();
        let kinds = [self.truths, numbers, self.texts.len(), self.lists, self.objects];
        if kinds.iter().filter(|count| **count > 0).count() > 1 {
            if let Some(place) = self.place {
                let message = format!("which of several kinds `{name}` is: it is any JSON");
                found.add(Diagnostic::new(Code::NotCarried, place, message));
            }
            return json!({});
        }
        if self.truths > 0 {
            json!({ "type": "boolean" })
        } else if self.numbers > 0 {
            json!({ "type": "number" })
        } else if numbers > 0 {
            self.whole_number(name, found)
        } else if !self.texts.is_empty() {
            text::type_of(&self.texts, name, self.place, found)
        } else if self.lists > 0 {
            let items = self.items.as_ref().filter(|items| items.values > 0);
            let mut list = json!({ "type": "array" });
            if let Some(items) = items {
                set(&mut list, "items", items.nullable_type(name, found));
            }
            list
        } else if self.objects > 0 {
            self.object(name, found)
        } else {
            json!({})
        }
    }

    /// The type with null beside it, where there was null.
    fn nullable_type(&self, name: &str, found: &mut Findings) -> Json {
        let mut json = self.type_of(name, found);
        if self.nulls > 0 && json.get("type").is_some_and(Json::is_string) {
            let kind = json.get_mut("type").map(Json::take);
            set(&mut json, "type", json!([kind, "null"]));
        }
        json
    }

    fn whole_number(&self, name: &str, found: &mut Findings) -> Json {
        let within = |least, most| self.whole_numbers.iter().all(|number| (least..most).contains(number));
        let is_time = ["_at", "time", "timestamp", "date", "created", "updated", "expires"]
            .iter()
            .any(|end| name.to_lowercase().ends_with(end));
        // Between 2001 and 2065.
        let format = match () {
            () if is_time && within(1_000_000_000, 3_000_000_000) => "epoch-seconds",
            () if is_time && within(1_000_000_000_000, 3_000_000_000_000) => "epoch-millis",
            () => return json!({ "type": "integer" }),
        };
        if let Some(place) = self.place {
            found.guessed(
                place,
                format!(
                    "that `{name}` is a time, `{format}`: by its name, and as all its values are of our days"
                ),
            );
        }
        json!({ "type": "integer", "format": format })
    }

    fn object(&self, name: &str, found: &mut Findings) -> Json {
        if self.fields.is_empty() {
            return json!({ "type": "object" });
        }
        if self.fields.len() >= LEAST_KEYS
            && self.fields.values().all(|field| field.values * 4 <= self.objects)
        {
            let types: Vec<Json> = self
                .fields
                .values()
                .map(|field| field.nullable_type(name, &mut Findings::default()))
                .collect();
            if let Some((first, true)) =
                types.first().map(|first| (first, types.iter().all(|other| other == first)))
            {
                if let Some(place) = self.place {
                    found.guessed(
                        place,
                        format!("that `{name}` is a map: it has {} different names", types.len()),
                    );
                }
                return json!({ "type": "object", "additionalProperties": first });
            }
        }
        let always = |field: &Seen| field.values == self.objects && field.nulls == 0;
        let required: Vec<&String> =
            self.fields.iter().filter(|(_, field)| always(field)).map(|(name, _)| name).collect();
        let named = self.fields.iter().filter(|(name, _)| !name.is_empty());
        let properties: Map<String, Json> =
            named.map(|(name, field)| (name.clone(), field.nullable_type(name, found))).collect();
        let mut json = json!({ "type": "object" });
        if !required.is_empty() {
            set(&mut json, "required", json!(required));
        }
        set(&mut json, "properties", properties);
        json
    }
}
