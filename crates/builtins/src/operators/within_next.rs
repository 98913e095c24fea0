//! `within next`

use hence_types::Value;

use super::length::{OPERANDS, Way, orders, result};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "within next",
    name: "within-next",
    summary: "Whether a moment lies between the present and so much later, both ends included.",
    details: "A datetime `x` is within next `d` if `now <= x and x <= now + d`; a date if `today <= x and x <= today + d`, so today \
              counts. `now` and `today` are those of the evaluation, as the functions of these names give them: recorded with it, in the \
              rule's time zone. A period is counted by the calendar and the wall clock of that zone, a duration exactly: `1 day` \
              is not always `24 h`. A date takes periods only, as it has no time of day.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "2026-11-30 within next 7 days", result: "true" },
        Example { expression: "2026-11-27T12:00Z within next 90 m", result: "false" },
        Example { expression: "2026-11-26 within next 7 days", result: "false" },
    ],
    operands: OPERANDS,
    takes_missing: false,
    takes_case: false,
    result,
    apply,
};

fn apply(left: &Value, right: &Value, _case: Case, context: &Context) -> Result<Value, Fault> {
    let (to_present, to_end) = orders(left, right, Way::On, context, "within next")?;
    Ok(Value::Bool(to_present.is_ge() && to_end.is_le()))
}

#[cfg(test)]
mod tests {
    use crate::BinaryOperator::WithinNext;
    use crate::testing::{fails, gives, gives_in, operator_type};

    #[test]
    fn both_ends_count() {
        gives("2026-11-27 within next 7 days", "true");
        gives("2026-12-04 within next 7 days", "true");
        gives("2026-12-05 within next 7 days", "false");
        gives("2026-11-27T10:00Z within next 1 h", "true");
        gives("2026-11-27T11:00Z within next 1 h", "true");
        gives("2026-11-27T11:00:01Z within next 1 h", "false");
        gives("2026-11-27T09:59:59Z within next 1 h", "false");
    }

    #[test]
    fn days_are_those_of_the_zone() {
        gives_in("Pacific/Auckland", "2026-11-27 within next 1 day", "true");
        gives_in("Pacific/Kiritimati", "2026-11-27 within next 1 day", "false");
        gives("2026-11-28T10:00Z within next 1 day", "true");
    }

    #[test]
    fn dates_take_periods_and_datetimes_durations_too() {
        operator_type("date", WithinNext, "period", "bool");
        operator_type("date", WithinNext, "duration", "none");
        operator_type("datetime", WithinNext, "duration", "bool");
        operator_type("time", WithinNext, "duration", "none");
        operator_type("datetime", WithinNext, "int", "none");
        fails("missing within next 1 h", "a value is missing that the schema promises");
    }
}
