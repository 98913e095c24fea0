//! Functions: the list, and what every one of them declares.

use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_types::{Type, Value};

use crate::{Example, Fault};

mod abs;
mod add_business_days;
mod arguments;
mod at_time;
mod business_days_between;
mod calendar;
mod ceil;
mod contains_all;
mod contains_any;
mod day;
mod days_between;
mod distinct;
mod domain_of;
mod end_of;
mod first;
mod flatten;
mod floor;
mod format_date;
mod hash;
mod hour;
mod in_zone;
mod is_business_day;
mod join;
mod json_parse;
mod keys;
mod last;
mod length;
mod lower;
mod max;
mod min;
mod month;
mod next_business_time;
mod replace;
mod reverse;
mod round;
mod rounding;
mod signature;
mod slice;
mod sort;
mod split;
mod start_of;
mod to_json;
mod trim;
mod upper;
mod url_encode;
mod value_set;
mod values;
mod weekday;
mod words;
mod year;

/// Declares the functions: `Variant module,` in the order of their names.
macro_rules! functions {
    ($($variant:ident $module:ident,)*) => {
        /// A built-in function.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FunctionId {
            $(
                #[doc = concat!("`", stringify!($module), "`")]
                $variant,
            )*
        }

        impl FunctionId {
            /// All functions, in the order of their names.
            pub const ALL: &'static [FunctionId] = &[$(FunctionId::$variant,)*];

            /// Returns what the function is.
            pub fn definition(self) -> &'static Function {
                match self { $(FunctionId::$variant => &$module::DEFINITION,)* }
            }

            /// Returns the function of a name, if there is one.
            pub fn by_name(name: &str) -> Option<FunctionId> {
                match name {
                    $(stringify!($module) => Some(FunctionId::$variant),)*
                    _ => None,
                }
            }

            /// Returns the name.
            pub fn name(self) -> &'static str {
                match self { $(FunctionId::$variant => stringify!($module),)* }
            }
        }
    };
}

functions! {
    Abs abs,
    AddBusinessDays add_business_days,
    AtTime at_time,
    BusinessDaysBetween business_days_between,
    Ceil ceil,
    ContainsAll contains_all,
    ContainsAny contains_any,
    Day day,
    DaysBetween days_between,
    Distinct distinct,
    DomainOf domain_of,
    EndOf end_of,
    First first,
    Flatten flatten,
    Floor floor,
    FormatDate format_date,
    Hash hash,
    Hour hour,
    InZone in_zone,
    IsBusinessDay is_business_day,
    Join join,
    JsonParse json_parse,
    Keys keys,
    Last last,
    Length length,
    Lower lower,
    Max max,
    Min min,
    Month month,
    NextBusinessTime next_business_time,
    Replace replace,
    Reverse reverse,
    Round round,
    Slice slice,
    Sort sort,
    Split split,
    StartOf start_of,
    ToJson to_json,
    Trim trim,
    Upper upper,
    UrlEncode url_encode,
    Values values,
    Weekday weekday,
    Words words,
    Year year,
}

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

#[cfg(test)]
mod tests;
