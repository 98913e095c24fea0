//! `in_zone`

use std::sync::{Arc, LazyLock};

use hence_types::{Field, Record, RecordValue, Type, Value};

use super::{Context, Function, Parameter, SignatureError, arguments, signature};
use crate::{Example, Fault};

static SHAPE: LazyLock<Arc<Record>> = LazyLock::new(|| {
    let fields = [("date", Type::Date), ("time", Type::Time)];
    let fields = fields.into_iter().map(|(name, ty)| (name.into(), Field::plain(ty))).collect();
    Arc::new(Record { name: None, fields, origin: None })
});

const NAME: &str = "in_zone";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The date and time of day that clocks of a time zone show at an instant.",
    details: "A record with the fields `date` and `time`. Zones are named as in the IANA database, such as \
               `Europe/Berlin`; a name it does not have is an error of the evaluation.",
    examples: &[
        Example {
            expression: "in_zone(2026-11-27T23:30Z, \"Europe/Berlin\")",
            result: "{ date: 2026-11-28, time: 00:30 }",
        },
        Example {
            expression: "in_zone(2026-11-27T10:00Z, \"UTC\")",
            result: "{ date: 2026-11-27, time: 10:00 }",
        },
    ],
    parameters: &[
        Parameter { name: "at", takes: "datetime", optional: false },
        Parameter { name: "zone", takes: "text", optional: false },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 2..=2)?;
    signature::takes(types, 0, |ty| *ty == Type::DateTime)?;
    signature::takes(types, 1, Type::is_text)?;
    Ok(Type::Record(Arc::clone(&SHAPE)))
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let Value::DateTime(instant) = arguments::any(values, 0, NAME)? else {
        return Err(Fault::Internal { operation: NAME });
    };
    let wall = arguments::zone(values, 1, NAME)?.to_datetime(*instant);
    let fields = Box::new([Value::Date(wall.date()), Value::Time(wall.time())]);
    Ok(Value::Record(Arc::new(RecordValue { shape: Arc::clone(&SHAPE), fields })))
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn clocks_of_the_zone_are_read() {
        gives("in_zone(2026-07-01T10:00Z, \"America/New_York\")", "{ date: 2026-07-01, time: 06:00 }");
        fails("in_zone(2026-07-01T10:00Z, \"Mars/Base\")", "`in_zone`: no time zone is named `Mars/Base`");
        call_type("in_zone", &["datetime", "string"], "{ date, time }");
        call_type("in_zone", &["date", "string"], "argument 0");
    }
}
