//! `at_time`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "at_time";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The instant at which clocks show a time of a day, in the rule's time zone or in another.",
    details: "A time that clocks skip when summer begins is taken as far behind the gap as it lies in it, and of a time \
              that they show twice when summer ends the first is meant.",
    examples: &[
        Example { expression: "at_time(2026-11-27, 09:00, \"Europe/Berlin\")", result: "2026-11-27T08:00Z" },
        Example { expression: "at_time(2026-11-27, 09:00)", result: "2026-11-27T09:00Z" },
    ],
    parameters: &[
        Parameter { name: "date", takes: "date", optional: false },
        Parameter { name: "time", takes: "time", optional: false },
        Parameter { name: "zone", takes: "text", optional: true },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=3)?;
    signature::takes(types, 0, |ty| *ty == Type::Date)?;
    signature::takes(types, 1, |ty| *ty == Type::Time)?;
    if types.len() > 2 {
        signature::takes(types, 2, Type::is_text)?;
    }
    Ok(Type::DateTime)
}

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let (Value::Date(date), Value::Time(time)) =
        (arguments::any(values, 0, NAME)?, arguments::any(values, 1, NAME)?)
    else {
        return Err(Fault::Internal { operation: NAME });
    };
    let zone = if values.len() > 2 { arguments::zone(values, 2, NAME)? } else { context.zone.clone() };
    zone.to_timestamp(date.to_datetime(*time))
        .map(Value::DateTime)
        .map_err(|_| Fault::Overflow { operation: NAME })
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives, gives_in};

    #[test]
    fn the_zone_decides_which_instant_it_is() {
        gives_in("America/New_York", "at_time(2026-07-01, 09:00)", "2026-07-01T13:00Z");
        gives_in("America/New_York", "at_time(2026-07-01, 09:00, \"Asia/Tokyo\")", "2026-07-01T00:00Z");
        fails("at_time(2026-07-01, 09:00, \"Mars/Base\")", "`at_time`: no time zone is named `Mars/Base`");
    }

    #[test]
    fn a_skipped_time_moves_behind_the_gap_and_of_a_repeated_one_the_first_counts() {
        gives("at_time(2026-03-29, 02:30, \"Europe/Berlin\")", "2026-03-29T01:30Z");
        gives("at_time(2026-10-25, 02:30, \"Europe/Berlin\")", "2026-10-25T00:30Z");
    }

    #[test]
    fn it_takes_a_date_and_a_time() {
        call_type("at_time", &["date", "time"], "datetime");
        call_type("at_time", &["date", "time", "string"], "datetime");
        call_type("at_time", &["datetime", "time"], "argument 0");
        call_type("at_time", &["date", "string"], "argument 1");
    }
}
