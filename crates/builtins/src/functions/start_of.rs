//! `start_of`

use hence_types::Value;

use super::{Context, Function, Parameter, calendar};
use crate::{Example, Fault};

const NAME: &str = "start_of";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The first day or instant of the hour, day, week, month, quarter or year.",
    details: "Units are `hour` (of a datetime only), `day`, `week` (from Monday), `month`, `quarter` and `year`. A \
               date gives a date, a datetime the first instant of the unit in the rule's time zone.",
    examples: &[
        Example { expression: "start_of(2026-11-27, \"month\")", result: "2026-11-01" },
        Example { expression: "start_of(2026-11-27, \"week\")", result: "2026-11-23" },
        Example { expression: "start_of(2026-11-27T10:30Z, \"hour\")", result: "2026-11-27T10:00Z" },
    ],
    parameters: &[
        Parameter { name: "date", takes: "date or datetime", optional: false },
        Parameter {
            name: "unit",
            takes: "`hour`, `day`, `week`, `month`, `quarter` or `year`",
            optional: false,
        },
    ],
    result: calendar::signature,
    apply,
};

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    calendar::end_of_unit(values, context, calendar::End::First, NAME)
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives, gives_in};

    #[test]
    fn every_unit_has_a_start() {
        gives("start_of(2026-11-27, \"quarter\")", "2026-10-01");
        gives("start_of(2026-11-27, \"year\")", "2026-01-01");
        gives("start_of(2026-11-27, \"day\")", "2026-11-27");
        gives("start_of(2026-11-29, \"week\")", "2026-11-23");
    }

    #[test]
    fn the_zone_of_the_rule_decides_where_a_day_starts() {
        gives_in("Europe/Berlin", "start_of(2026-11-27T23:30Z, \"day\")", "2026-11-27T23:00Z");
        gives_in("Europe/Berlin", "start_of(2026-11-27T10:30Z, \"month\")", "2026-10-31T23:00Z");
        gives_in("Asia/Kolkata", "start_of(2026-11-27T10:15Z, \"hour\")", "2026-11-27T09:30Z");
    }

    #[test]
    fn an_unknown_unit_is_refused() {
        fails(
            "start_of(2026-11-27, \"hour\")",
            "`start_of`: `hour` is none of `day`, `week`, `month`, `quarter`, `year`",
        );
        call_type("start_of", &["date", "string"], "date");
        call_type("start_of", &["date", "day|hour"], "argument 1");
        call_type("start_of", &["datetime", "day|hour"], "datetime");
        call_type("start_of", &["time", "string"], "argument 0");
    }
}
