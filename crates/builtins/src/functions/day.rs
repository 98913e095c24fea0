//! `day`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, arguments, calendar};
use crate::{Example, Fault};

const NAME: &str = "day";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The day of the month of a date or datetime, from 1 to 31.",
    details: "Of a datetime the day is that of the rule's time zone; for another write `day(in_zone(at, \
               \"Asia/Tokyo\").date)`.",
    examples: &[
        Example { expression: "day(2026-11-27)", result: "27" },
        Example { expression: "day(2026-11-27T09:00Z)", result: "27" },
    ],
    parameters: &[Parameter { name: "date", takes: "date or datetime", optional: false }],
    result: |types| calendar::day_signature(types, Type::Int),
    apply,
};

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let date = arguments::day(values, 0, context, NAME)?;
    Ok(Value::Int(date.day().into()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives_in};

    #[test]
    fn the_zone_of_the_rule_decides() {
        gives_in("America/New_York", "day(2026-11-27T03:00Z)", "26");
        call_type("day", &["date"], "int");
    }
}
