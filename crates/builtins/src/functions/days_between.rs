//! `days_between`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "days_between";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "How many days lie between two dates or datetimes.",
    details: "Counts changes of the date from `from` to `to`, for datetimes in the rule's time zone; negative if \
               `to` is earlier. For the exact time between two datetimes subtract them.",
    examples: &[
        Example { expression: "days_between(2026-11-27, 2026-12-24)", result: "27" },
        Example { expression: "days_between(2026-11-27T23:00Z, 2026-11-28T01:00Z)", result: "1" },
        Example { expression: "days_between(2026-12-24, 2026-11-27)", result: "-27" },
    ],
    parameters: &[
        Parameter { name: "from", takes: "date or datetime", optional: false },
        Parameter { name: "to", takes: "date or datetime", optional: false },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=2)?;
    signature::takes(types, 0, signature::is_day)?;
    signature::takes(types, 1, signature::is_day)?;
    Ok(Type::Int)
}

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let from = arguments::day(values, 0, context, NAME)?;
    let to = arguments::day(values, 1, context, NAME)?;
    Ok(Value::Int(to.duration_since(from).as_hours() / 24))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives_in};

    #[test]
    fn a_change_of_the_clock_does_not_matter() {
        gives_in("Europe/Berlin", "days_between(2026-03-28T12:00Z, 2026-03-30T12:00Z)", "2");
        gives_in("Europe/Berlin", "days_between(2026-11-27T22:30Z, 2026-11-27T23:30Z)", "1");
        call_type("days_between", &["date", "datetime"], "int");
        call_type("days_between", &["date", "string"], "argument 1");
    }
}
