//! `month`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, arguments, calendar};
use crate::{Example, Fault};

const NAME: &str = "month";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The month of a date or datetime, from 1 to 12.",
    details: "Of a datetime the day is that of the rule's time zone; for another write `month(in_zone(at, \
               \"Asia/Tokyo\").date)`.",
    examples: &[
        Example { expression: "month(2026-11-27)", result: "11" },
        Example { expression: "month(2026-01-31T09:00Z)", result: "1" },
    ],
    parameters: &[Parameter { name: "date", takes: "date or datetime", optional: false }],
    result: |types| calendar::day_signature(types, Type::Int),
    apply,
};

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let date = arguments::day(values, 0, context, NAME)?;
    Ok(Value::Int(date.month().into()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives_in};

    #[test]
    fn the_zone_of_the_rule_decides() {
        gives_in("Europe/Berlin", "month(2026-11-30T23:30Z)", "12");
        call_type("month", &["date"], "int");
    }
}
