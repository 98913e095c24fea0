//! Functions: the list, and what every one of them declares.

use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_types::{Type, Value};

use crate::{Example, Fault};

/// What functions may know beside their arguments: recorded inputs of the evaluation.
#[derive(Debug, Clone)]
pub struct Context {
    /// The instant of the evaluation.
    pub now: Timestamp,
    /// The zone of the rule.
    pub zone: TimeZone,
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The name, for documentation and signature help.
    pub name: &'static str,
    /// The types it takes, in words: "text", "number or money".
    pub takes: &'static str,
    /// Whether it may be left out.
    pub optional: bool,
}

/// Why arguments do not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureError {
    /// Too few or too many arguments.
    Count,
    /// The argument at this place (from 0) has a type the function does not take.
    Argument(usize),
}

/// What a function is.
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// The rest of the documentation, Markdown.
    pub details: &'static str,
    /// Examples.
    pub examples: &'static [Example],
    /// The parameters.
    pub parameters: &'static [Parameter],
    /// Returns the type of the result for argument types, given without `?`.
    pub result: fn(&[Type]) -> Result<Type, SignatureError>,
    /// Computes the result.
    pub apply: fn(&[Value], &Context) -> Result<Value, Fault>,
}
