//! When a `wait` ends.

use hence_diagnostics::Code;
use hence_types::Value;
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;

use super::internal;
use crate::ExecutionError;
use crate::event::to_the_microsecond;

/// Returns the instant that a wait which begins at `now` ends: after a duration, or after a period by the calendar and
/// the wall clock of the zone, or at an instant, or when a day begins in the zone.
pub(super) fn due(time: &Value, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, ExecutionError> {
    let due = if let Value::Duration(duration) = time {
        now.checked_add(*duration).ok()
    } else if let Value::Period(period) = time {
        period.add_to_instant(now, zone)
    } else if let Value::DateTime(instant) = time {
        Some(*instant)
    } else if let Value::Date(day) = time {
        day.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
    } else if time.is_missing() {
        let message = "the time to wait for is missing".to_owned();
        return Err(ExecutionError { code: Code::EvaluationFault, message });
    } else {
        return Err(internal("what is waited for is no time"));
    };
    due.map(to_the_microsecond).ok_or_else(|| {
        let message = "the time to wait for lies beyond the calendar".to_owned();
        ExecutionError { code: Code::EvaluationFault, message }
    })
}

#[cfg(test)]
mod tests {
    use hence_types::Period;
    use hence_types::jiff::SignedDuration;

    use super::*;

    #[test]
    fn days_keep_the_wall_clock_and_hours_do_not() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        // The night of the change to winter time: 25 hours.
        let now: Timestamp = "2026-10-24T12:00Z".parse().unwrap();
        let due = |time| due(&time, now, &berlin).unwrap().to_string();
        assert_eq!(due(Value::Period(Period::days(1))), "2026-10-25T13:00:00Z");
        assert_eq!(due(Value::Duration(SignedDuration::from_hours(24))), "2026-10-25T12:00:00Z");
        assert_eq!(due(Value::Date("2026-10-26".parse().unwrap())), "2026-10-25T23:00:00Z");
        assert_eq!(due(Value::DateTime(now)), "2026-10-24T12:00:00Z");
    }

    #[test]
    fn a_time_that_there_is_not_is_an_error() {
        let year = Value::Period(Period::months(12 * 20_000));
        for (time, error) in
            [(year, "beyond the calendar"), (Value::Missing, "missing"), (Value::Int(1), "internal")]
        {
            let found = due(&time, Timestamp::UNIX_EPOCH, &TimeZone::UTC).unwrap_err().to_string();
            assert!(found.contains(error), "{found}");
        }
    }
}
