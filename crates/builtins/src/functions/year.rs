//! `year`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, arguments, calendar};
use crate::{Example, Fault};

const NAME: &str = "year";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The year of a date or datetime.",
    details: "Of a datetime the day is that of the rule's time zone; for another write `year(in_zone(at, \
               \"Asia/Tokyo\").date)`.",
    examples: &[
        Example { expression: "year(2026-11-27)", result: "2026" },
        Example { expression: "year(2026-12-31T23:30Z)", result: "2026" },
    ],
    parameters: &[Parameter { name: "date", takes: "date or datetime", optional: false }],
    result: |types| calendar::day_signature(types, Type::Int),
    apply,
};

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let date = arguments::day(values, 0, context, NAME)?;
    Ok(Value::Int(date.year().into()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives_in};

    #[test]
    fn the_zone_of_the_rule_decides() {
        gives_in("Europe/Berlin", "year(2026-12-31T23:30Z)", "2027");
        call_type("year", &["datetime"], "int");
        call_type("year", &["time"], "argument 0");
    }
}
