//! `weekday`

use std::sync::{Arc, LazyLock};

use hence_types::{Enumeration, Type, Value};

use super::{Context, Function, Parameter, arguments, calendar};
use crate::{Example, Fault};

static DAYS: LazyLock<Arc<Enumeration>> = LazyLock::new(|| {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    Arc::new(Enumeration { name: None, values: days.into_iter().map(Arc::from).collect(), origin: None })
});

const NAME: &str = "weekday";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The day of the week of a date or datetime: `monday` to `sunday`.",
    details: "Of a datetime the day is that of the rule's time zone. The result is one of seven texts, so a \
               misspelt day is found when the rule is checked.",
    examples: &[
        Example { expression: "weekday(2026-11-27)", result: "\"friday\"" },
        Example { expression: "weekday(2026-11-28) in [\"saturday\", \"sunday\"]", result: "true" },
    ],
    parameters: &[Parameter { name: "date", takes: "date or datetime", optional: false }],
    result: |types| calendar::day_signature(types, Type::Enum(Arc::clone(&DAYS))),
    apply,
};

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let date = arguments::day(values, 0, context, NAME)?;
    let place = usize::try_from(date.weekday().to_monday_zero_offset()).ok();
    let day = place.and_then(|place| DAYS.values.get(place)).cloned();
    day.map(Value::text).ok_or(Fault::Internal { operation: NAME })
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives, gives_in};

    #[test]
    fn weeks_begin_on_monday() {
        gives("weekday(2026-11-23)", "\"monday\"");
        gives("weekday(2026-11-29)", "\"sunday\"");
        gives_in("Asia/Tokyo", "weekday(2026-11-27T15:00Z)", "\"saturday\"");
        call_type("weekday", &["date"], "\"monday\" | \"tuesday\" | \"wednesday\" | \"thursday\" | …");
    }
}
