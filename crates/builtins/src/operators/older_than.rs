//! `older than`

use hence_types::Value;

use super::length::{OPERANDS, Way, orders, result};
use super::{Case, Example, Operator};
use crate::{Context, Fault};

pub(super) static DEFINITION: Operator = Operator {
    symbol: "older than",
    name: "older-than",
    summary: "Whether a moment lies further back than a length of time.",
    details: "A datetime `x` is older than `d` if `x < now - d`; a date if `x < today - d`. What is exactly so old is not older: of all \
              that is past, `older than` takes what `within last` does not. `now` and `today` are those of the evaluation, as the functions of these names give them: recorded with it, in the \
              rule's time zone. A period is counted by the calendar and the wall clock of that zone, a duration exactly: `1 day` \
              is not always `24 h`. A date takes periods only, as it has no time of day.\n\n\
              **Missing values** are not taken: narrow them with `is present` or give a default with `else`.",
    examples: &[
        Example { expression: "2026-08-28 older than 90 days", result: "true" },
        Example { expression: "2026-08-29 older than 90 days", result: "false" },
        Example { expression: "2026-11-27T08:00Z older than 90 m", result: "true" },
    ],
    operands: OPERANDS,
    takes_missing: false,
    takes_case: false,
    result,
    apply,
};

fn apply(left: &Value, right: &Value, _case: Case, context: &Context) -> Result<Value, Fault> {
    let (_, to_start) = orders(left, right, Way::Back, context, "older than")?;
    Ok(Value::Bool(to_start.is_lt()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{fails, gives};

    #[test]
    fn what_is_exactly_so_old_is_not_older() {
        gives("2026-11-26T10:00Z older than 24 h", "false");
        gives("2026-11-26T09:59:59Z older than 24 h", "true");
        gives("2026-11-28 older than 1 day", "false");
        fails("2026-11-26 older than missing", "a value is missing that the schema promises");
    }
}
