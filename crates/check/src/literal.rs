//! Literals → values: the one place where the spelling of a number, date or length gets its meaning.

use std::str::FromStr;

use crate::errors::names::UnknownCurrency;
use crate::zone::time_zone;
use hence_diagnostics::{Code, Diagnostic, Span};
use hence_syntax::Unit;
use hence_syntax::ast::{Expression, ExpressionKind, TextPart};
use hence_types::jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use hence_types::{Currency, Decimal, Money, Period, Value};

/// Returns the value of a literal, nothing for what is no literal. `zone` is that of the item.
///
/// # Errors
///
/// A literal that is no value, such as `2026-02-30`.
pub fn value(expression: &Expression, zone: &TimeZone) -> Result<Option<Value>, Box<Diagnostic>> {
    let span = expression.span;
    let number = |digits: &str| {
        Decimal::from_str(digits).map_err(|_| {
            Box::new(
                Diagnostic::new(Code::InvalidNumber, span, "this number has more digits than fit")
                    .label("more than 28 digits"),
            )
        })
    };
    let value = match &expression.kind {
        ExpressionKind::Bool(truth) => Value::Bool(*truth),
        ExpressionKind::Number(digits) if digits.contains('.') => Value::Decimal(number(digits)?),
        ExpressionKind::Number(digits) => Value::Int(digits.parse().map_err(|_| {
            Diagnostic::new(Code::InvalidNumber, span, "this whole number is too large")
                .label(format!("larger than {}", i64::MAX))
        })?),
        ExpressionKind::Percent(digits) => Value::Percent(number(digits)?),
        ExpressionKind::Money(digits, currency) => {
            let Some(currency) = Currency::parse(currency) else { return Ok(None) };
            if !currency.is_known() {
                // The code without its number.
                let start = span.end.saturating_sub(currency.as_str().len() as u32).max(span.start);
                return Err(Box::new(UnknownCurrency { currency, span: Span { start, ..span } }.into()));
            }
            Value::Money(Money { amount: number(digits)?, currency })
        }
        ExpressionKind::Length(digits, unit) => length(digits, *unit).ok_or_else(|| {
            Diagnostic::new(Code::InvalidTime, span, "this length of time cannot be counted").label(
                if unit.is_calendar() {
                    "expected a whole number of days, weeks, months or years"
                } else {
                    "too long"
                },
            )
        })?,
        ExpressionKind::Date(text) => Value::Date(text.parse::<civil::Date>().map_err(|_| {
            Diagnostic::new(Code::InvalidTime, span, format!("`{text}` is no day of the calendar"))
                .label("no such day")
        })?),
        ExpressionKind::Time(text) => Value::Time(text.parse::<civil::Time>().map_err(|_| {
            Diagnostic::new(Code::InvalidTime, span, format!("`{text}` is no time of day"))
                .label("expected 00:00 to 23:59")
        })?),
        ExpressionKind::DateTime(text, named) => {
            Value::DateTime(instant(expression, text, named.as_ref(), zone)?)
        }
        ExpressionKind::Text(parts) => match parts.as_slice() {
            [TextPart::Literal(text)] => Value::text(text.as_str()),
            _ => return Ok(None),
        },
        ExpressionKind::Group(inner) => return self::value(inner, zone),
        ExpressionKind::Error
        | ExpressionKind::Pattern(..)
        | ExpressionKind::NamedPattern { .. }
        | ExpressionKind::Name(_)
        | ExpressionKind::Field { .. }
        | ExpressionKind::Index { .. }
        | ExpressionKind::Call { .. }
        | ExpressionKind::Unary { .. }
        | ExpressionKind::Binary { .. }
        | ExpressionKind::Between { .. }
        | ExpressionKind::Range { .. }
        | ExpressionKind::As { .. }
        | ExpressionKind::Presence { .. }
        | ExpressionKind::IsEvent { .. }
        | ExpressionKind::Default { .. }
        | ExpressionKind::If { .. }
        | ExpressionKind::Match { .. }
        | ExpressionKind::List(_)
        | ExpressionKind::Record(_) => return Ok(None),
    };
    Ok(Some(value))
}

fn length(digits: &str, unit: Unit) -> Option<Value> {
    let amount = Decimal::from_str(digits).ok()?;
    let whole = |factor: i32| -> Option<i32> {
        let count = i32::try_from(digits.parse::<u32>().ok()?).ok()?;
        count.checked_mul(factor)
    };
    let exact = |seconds: i64| -> Option<Value> {
        let nanos =
            amount.checked_mul(Decimal::from(seconds))?.checked_mul(Decimal::from(1_000_000_000i64))?;
        let nanos = i64::try_from(nanos).ok()?;
        Some(Value::Duration(SignedDuration::from_nanos(nanos)))
    };
    match unit {
        Unit::Second => exact(1),
        Unit::Minute => exact(60),
        Unit::Hour => exact(3600),
        Unit::Day => Some(Value::Period(Period { months: 0, days: whole(1)? })),
        Unit::Week => Some(Value::Period(Period { months: 0, days: whole(7)? })),
        Unit::Month => Some(Value::Period(Period { months: whole(1)?, days: 0 })),
        Unit::Year => Some(Value::Period(Period { months: whole(12)?, days: 0 })),
    }
}

fn instant(
    expression: &Expression,
    text: &str,
    named: Option<&(String, hence_diagnostics::Span)>,
    zone: &TimeZone,
) -> Result<Timestamp, Box<Diagnostic>> {
    let invalid = || {
        Diagnostic::new(Code::InvalidTime, expression.span, format!("`{text}` is no date and time"))
            .label("no such instant")
    };
    if text.ends_with('Z') || text.get(11..).is_some_and(|time| time.contains(['+', '-'])) {
        return Ok(text.parse::<Timestamp>().map_err(|_| invalid())?);
    }
    let zone = match named {
        Some((name, span)) => time_zone(name, *span, Code::InvalidTime)?,
        None => zone.clone(),
    };
    let local = text.parse::<civil::DateTime>().map_err(|_| invalid())?;
    Ok(local.to_zoned(zone).map_err(|_| invalid())?.timestamp())
}
