//! `within last`

use hence_types::Value;

use super::length::{OPERANDS, Way, orders, result};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "within last",
    name: "within-last",
    summary: "Whether a moment lies between so much earlier and the present, both ends included.",
    details: "A datetime `x` is within last `d` if `now - d <= x and x <= now`; a date if `today - d <= x and x <= today`, so today \
              counts. What lies ahead is not within it. `now` and `today` are those of the evaluation, as the functions of these names give them: recorded with it, in the \
              rule's time zone. A period is counted by the calendar and the wall clock of that zone, a duration exactly: `1 day` \
              is not always `24 h`. A date takes periods only, as it has no time of day.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "2026-11-20 within last 7 days", result: "true" },
        Example { expression: "2026-11-27T08:00Z within last 90 m", result: "false" },
        Example { expression: "2026-11-28 within last 7 days", result: "false" },
    ],
    operands: OPERANDS,
    takes_missing: false,
    takes_case: false,
    result,
    apply,
};

fn apply(left: &Value, right: &Value, _case: Case, context: &Context) -> Result<Value, Fault> {
    let (to_present, to_start) = orders(left, right, Way::Back, context, "within last")?;
    Ok(Value::Bool(to_present.is_le() && to_start.is_ge()))
}

#[cfg(test)]
mod tests {
    use crate::testing::gives;

    #[test]
    fn both_ends_count_and_what_lies_ahead_does_not() {
        gives("2026-11-26T10:00Z within last 24 h", "true");
        gives("2026-11-26T09:59:59Z within last 24 h", "false");
        gives("2026-11-27T10:00Z within last 24 h", "true");
        gives("2026-11-27T10:00:01Z within last 24 h", "false");
        gives("2026-11-19 within last 1 week", "false");
    }
}
