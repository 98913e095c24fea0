//! What is not as its schema declares.

use crate::wire::{Amount, CurrencySource};
use crate::{Type, Wire};

/// How many characters of a value a mismatch shows.
const SHOWN: usize = 40;

/// The most mismatches that are collected from one value; a broken producer repeats itself.
pub(crate) const MOST: usize = 100;

/// A value that is not as its schema declares. It counts as missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where it stands: a JSON pointer, such as `/customer/tags/0`.
    pub path: String,
    /// What is declared, such as `int` or `money (EUR) as text`.
    pub expected: String,
    /// What stands there: the beginning of the JSON text, `nothing`, or its kind if it is sensitive.
    pub found: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Mismatch { path, expected, found } = self;
        write!(f, "`{path}`: expected {expected}, found {found}")
    }
}

/// The way to a value: the last step, linked to the one before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'a> {
    pub(crate) parent: Option<&'a Path<'a>>,
    pub(crate) step: Step<'a>,
    /// Whether the value must not be shown.
    pub(crate) sensitive: bool,
    pub(crate) depth: usize,
}

/// A step of the way to a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    /// A JSON pointer to where reading began.
    Pointer(&'a str),
    Name(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(crate) fn then(&'a self, step: Step<'a>, sensitive: bool) -> Path<'a> {
        Path { parent: Some(self), step, sensitive: self.sensitive || sensitive, depth: self.depth + 1 }
    }

    /// Returns the JSON pointer.
    fn pointer(&self) -> String {
        let mut pointer = self.parent.map(Path::pointer).unwrap_or_default();
        match self.step {
            Step::Pointer(start) => pointer.push_str(start),
            Step::Name(name) => {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(index) => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
        pointer
    }

    /// Returns the mismatch of the value here.
    pub(crate) fn mismatch(&self, expected: String, json: Option<&str>) -> Mismatch {
        let found = match json {
            None => "nothing".to_owned(),
            Some("null") => "null".to_owned(),
            Some(json) if self.sensitive => format!("{} (masked)", kind(json)),
            Some(json) => beginning(json),
        };
        Mismatch { path: self.pointer(), expected, found }
    }
}

fn beginning(json: &str) -> String {
    let mut beginning: String = json.chars().take(SHOWN).collect();
    if json.chars().nth(SHOWN).is_some() {
        beginning.push('…');
    }
    beginning
}

/// Returns what a JSON text is, in words.
fn kind(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "a text",
        Some(b'[') => "an array",
        Some(b'{') => "an object",
        Some(b't' | b'f') => "true or false",
        _ => "a number",
    }
}

/// Returns what a type and its spelling ask for, in words.
pub(crate) fn expected(ty: &Type, wire: &Wire) -> String {
    let ty = ty.required();
    match wire {
        Wire::Plain | Wire::Each(_) => ty.to_string(),
        Wire::Text => format!("{ty} as text"),
        Wire::EpochSeconds => format!("{ty} as seconds since 1970"),
        Wire::EpochMillis => format!("{ty} as milliseconds since 1970"),
        Wire::CommaSeparated => format!("{ty} as text with commas"),
        Wire::Money { amount, .. } => match amount {
            Amount::Number => format!("{ty} as a number"),
            Amount::Text => format!("{ty} as text"),
            Amount::MinorUnits => format!("{ty} as a whole number of the smallest unit"),
        },
    }
}

/// Returns where a currency is looked for, in words.
pub(crate) fn expected_currency(source: &CurrencySource) -> String {
    match source {
        CurrencySource::Fixed(currency) => format!("the currency {currency}"),
        CurrencySource::Sibling(field) => format!("a currency such as EUR in `{field}` beside the amount"),
        CurrencySource::Payload(field) => format!("a currency such as EUR in `{field}` of the payload"),
    }
}
