//! `is_business_day`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, calendar, signature};
use crate::{Example, Fault};

const NAME: &str = "is_business_day";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "Whether a day is one from Monday to Friday and no holiday.",
    details: "The day of a datetime is that in the rule's time zone. Holidays are a list of dates, which may be left out.",
    examples: &[
        Example { expression: "is_business_day(2026-11-27)", result: "true" },
        Example { expression: "is_business_day(2026-11-28)", result: "false" },
        Example { expression: "is_business_day(2026-12-25, [2026-12-25])", result: "false" },
    ],
    parameters: &[
        Parameter { name: "day", takes: "date or datetime", optional: false },
        Parameter { name: "holidays", takes: "list of dates", optional: true },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=2)?;
    signature::takes(types, 0, signature::is_day)?;
    calendar::takes_holidays(types, 1)?;
    Ok(Type::Bool)
}

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let holidays = calendar::holidays(values, 1, NAME)?;
    let day = arguments::day(values, 0, context, NAME)?;
    Ok(Value::Bool(calendar::is_business_day(day, &holidays)))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives_in};

    #[test]
    fn the_zone_decides_which_day_it_is() {
        gives_in("Asia/Tokyo", "is_business_day(2026-11-27T16:00Z)", "false");
        gives_in("America/New_York", "is_business_day(2026-11-30T02:00Z)", "false");
        gives_in("Europe/Berlin", "is_business_day(2026-11-29T23:30Z)", "true");
        call_type("is_business_day", &["datetime"], "bool");
        call_type("is_business_day", &["date", "list<string>"], "argument 1");
    }
}
