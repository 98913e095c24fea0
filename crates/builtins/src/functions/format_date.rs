//! `format_date`

use hence_types::jiff::fmt::strtime::BrokenDownTime;
use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "format_date";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "A date or datetime as text by a pattern.",
    details: "The pattern has a `%` and a letter for each part: `%Y` year, `%m` month, `%d` day, `%H` hour, `%M` \
               minute, `%S` second, `%A` and `%a` weekday, `%B` and `%b` name of the month (in English), `%j` day of \
               the year, `%V` week, `%%` a percent sign. A datetime is shown in the rule's time zone, or in `zone`. \
               A pattern with an unknown letter, or with a part that a date does not have, is an error of the \
               evaluation.",
    examples: &[
        Example { expression: "format_date(2026-11-27, \"%d.%m.%Y\")", result: "\"27.11.2026\"" },
        Example {
            expression: "format_date(2026-11-27T10:05Z, \"%A at %H:%M\", \"Europe/Berlin\")",
            result: "\"Friday at 11:05\"",
        },
    ],
    parameters: &[
        Parameter { name: "date", takes: "date or datetime", optional: false },
        Parameter { name: "pattern", takes: "text", optional: false },
        Parameter { name: "zone", takes: "text", optional: true },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=3)?;
    signature::takes(types, 0, signature::is_day)?;
    signature::takes(types, 1, Type::is_text)?;
    signature::takes(types, 2, Type::is_text)?;
    Ok(Type::String)
}

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let pattern = arguments::text(values, 1, NAME)?;
    let zone =
        if arguments::given(values, 2) { arguments::zone(values, 2, NAME)? } else { context.zone.clone() };
    let value = arguments::any(values, 0, NAME)?;
    let parts = if let Value::Date(date) = value {
        BrokenDownTime::from(*date)
    } else if let Value::DateTime(instant) = value {
        BrokenDownTime::from(&instant.to_zoned(zone))
    } else {
        return Err(Fault::Internal { operation: NAME });
    };
    match parts.to_string(pattern) {
        Ok(text) => Ok(Value::text(text)),
        Err(_) => Err(arguments::refused(NAME, format!("the pattern `{pattern}` does not fit"))),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives, gives_in};

    #[test]
    fn datetimes_are_shown_in_the_zone_of_the_rule() {
        gives_in(
            "Asia/Tokyo",
            "format_date(2026-11-27T20:00Z, \"%Y-%m-%d %H:%M %%\")",
            "\"2026-11-28 05:00 %\"",
        );
        gives("format_date(2026-11-27, \"\")", "\"\"");
    }

    #[test]
    fn patterns_that_do_not_fit_are_refused() {
        fails("format_date(2026-11-27, \"%H\")", "`format_date`: the pattern `%H` does not fit");
        fails("format_date(2026-11-27, \"%\")", "`format_date`: the pattern `%` does not fit");
        call_type("format_date", &["datetime", "string", "string"], "string");
        call_type("format_date", &["time", "string"], "argument 0");
    }
}
