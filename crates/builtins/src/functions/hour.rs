//! `hour`

use hence_types::{Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

const NAME: &str = "hour";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The hour of a time or datetime, from 0 to 23.",
    details: "Of a datetime the hour is that of the rule's time zone; for another write `hour(in_zone(at, \
               \"Asia/Tokyo\").time)`.",
    examples: &[
        Example { expression: "hour(09:30)", result: "9" },
        Example { expression: "hour(2026-11-27T17:05Z)", result: "17" },
    ],
    parameters: &[Parameter { name: "time", takes: "time or datetime", optional: false }],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=1)?;
    signature::takes(types, 0, |ty| matches!(ty, Type::Time | Type::DateTime))?;
    Ok(Type::Int)
}

fn apply(values: &[Value], context: &Context) -> Result<Value, Fault> {
    let value = arguments::any(values, 0, NAME)?;
    let time = if let Value::Time(time) = value {
        *time
    } else if let Value::DateTime(instant) = value {
        context.zone.to_datetime(*instant).time()
    } else {
        return Err(Fault::Internal { operation: NAME });
    };
    Ok(Value::Int(time.hour().into()))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, gives_in};

    #[test]
    fn the_zone_of_the_rule_decides() {
        gives_in("Europe/Berlin", "hour(2026-07-01T22:30Z)", "0");
        call_type("hour", &["datetime"], "int");
        call_type("hour", &["date"], "argument 0");
    }
}
