//! `end_of`

use hence_types::Value;

use super::{Context, Function, Parameter, calendar};
use crate::{Example, Fault};

const NAME: &str = "end_of";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The last day or instant of the hour, day, week, month, quarter or year.",
    details: "Units are `hour` (of a datetime only), `day`, `week` (from Monday), `month`, `quarter` and `year`. A \
               date gives a date, a datetime the last instant of the unit in the rule's time zone, a nanosecond \
               before the next begins.",
    examples: &[
        Example { expression: "end_of(2026-02-10, \"month\")", result: "2026-02-28" },
        Example { expression: "end_of(2026-11-27, \"week\")", result: "2026-11-29" },
        Example { expression: "end_of(2026-11-27, \"quarter\")", result: "2026-12-31" },
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
    calendar::end_of_unit(values, context, calendar::End::Last, NAME)
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives, gives_in};

    #[test]
    fn the_last_instant_is_the_one_before_the_next_unit() {
        gives("end_of(2026-11-27T10:30Z, \"hour\")", "2026-11-27T10:59:59.999999999Z");
        gives_in("Europe/Berlin", "end_of(2026-03-29T00:30Z, \"day\")", "2026-03-29T21:59:59.999999999Z");
    }

    #[test]
    fn what_has_no_room_is_a_fault() {
        fails("end_of(9999-12-31, \"year\")", "the result of `end_of` is too large");
        call_type("end_of", &["date", "string"], "date");
    }
}
