//! `round`

use hence_types::{Decimal, Money, Type, Value};
use rust_decimal::RoundingStrategy;

use super::{Context, Function, Parameter, SignatureError, arguments, rounding, signature};
use crate::operators::{numeric, tidy};
use crate::{Example, Fault};

const MODES: &[&str] = &["half up", "half even", "up", "down"];

const NAME: &str = "round";

pub(super) static DEFINITION: Function = Function {
    name: NAME,
    summary: "The number rounded to so many digits after the point.",
    details: "Without `digits` a number becomes an `int` and money is rounded to the smallest unit of its currency. \
               `mode` says what happens in the middle: `half up` (the default: away from zero, as in commerce) or \
               `half even` (to the even digit, as in statistics); `up` and `down` round everything away from zero or \
               towards it.\n\nNumbers with `digits` become `decimal`, a `float` too, by the digits that people see.",
    examples: &[
        Example { expression: "round(2.5)", result: "3" },
        Example { expression: "round(2.345, 2)", result: "2.35" },
        Example { expression: "round(2.345, 2, \"half even\")", result: "2.34" },
        Example { expression: "round(10 EUR / 3)", result: "3.33 EUR" },
    ],
    parameters: &[
        Parameter { name: "number", takes: "number, money or percentage", optional: false },
        Parameter { name: "digits", takes: "whole number from 0 to 28", optional: true },
        Parameter { name: "mode", takes: "`half up`, `half even`, `up` or `down`", optional: true },
    ],
    result,
    apply,
};

fn result(types: &[Type]) -> Result<Type, SignatureError> {
    signature::count(types, 1..=3)?;
    let ty = rounding::takes_roundable(types)?;
    signature::takes(types, 1, |ty| *ty == Type::Int)?;
    signature::takes_word(types, 2, MODES)?;
    Ok(if types.len() > 1 && numeric(ty) { Type::Decimal } else { rounding::whole_type(ty) })
}

fn apply(values: &[Value], _context: &Context) -> Result<Value, Fault> {
    let strategy = if arguments::given(values, 2) {
        strategy(arguments::text(values, 2, NAME)?)?
    } else {
        RoundingStrategy::MidpointAwayFromZero
    };
    let digits =
        if arguments::given(values, 1) { Some(digits(arguments::int(values, 1, NAME)?)?) } else { None };
    let value = arguments::any(values, 0, NAME)?;
    match (value, digits) {
        (Value::Money(Money { amount, currency }), digits) => {
            let digits = digits.unwrap_or(currency.decimals());
            Ok(tidy(amount.round_dp_with_strategy(digits, strategy), *currency))
        }
        (_, None) => rounding::to_whole(values, strategy, NAME),
        (Value::Percent(percent), Some(digits)) => {
            Ok(Value::Percent(percent.round_dp_with_strategy(digits, strategy)))
        }
        (_, Some(digits)) => {
            let number = rounding::number(value, NAME)?;
            Ok(Value::Decimal(number.round_dp_with_strategy(digits, strategy)))
        }
    }
}

fn strategy(mode: &str) -> Result<RoundingStrategy, Fault> {
    match mode {
        "half up" => Ok(RoundingStrategy::MidpointAwayFromZero),
        "half even" => Ok(RoundingStrategy::MidpointNearestEven),
        "up" => Ok(RoundingStrategy::AwayFromZero),
        "down" => Ok(RoundingStrategy::ToZero),
        _ => Err(arguments::unknown_word(NAME, mode, MODES)),
    }
}

fn digits(digits: i64) -> Result<u32, Fault> {
    u32::try_from(digits).ok().filter(|digits| *digits <= Decimal::MAX_SCALE).ok_or_else(|| {
        arguments::refused(
            NAME,
            format!("{digits} digits are asked for, possible are 0 to {}", Decimal::MAX_SCALE),
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{call_type, fails, gives};

    #[test]
    fn the_middle_goes_where_the_mode_says() {
        gives("round(-2.5)", "-3");
        gives("round(2.5, 0, \"half even\")", "2");
        gives("round(2.41, 1, \"up\")", "2.5");
        gives("round(-2.49, 1, \"down\")", "-2.4");
        fails(
            "round(1, 0, \"sideways\")",
            "`round`: `sideways` is none of `half up`, `half even`, `up`, `down`",
        );
    }

    #[test]
    fn money_is_rounded_to_its_smallest_unit() {
        gives("round(1.005 EUR)", "1.01 EUR");
        gives("round(1.5 JPY)", "2 JPY");
        gives("round(1.25 EUR, 1)", "1.30 EUR");
        gives("round(7.25%, 1)", "7.3%");
    }

    #[test]
    fn floats_are_rounded_by_the_digits_people_see() {
        gives("round(float(0.285), 2)", "0.29");
        gives("round(float(2.5))", "3");
    }

    #[test]
    fn digits_have_a_range() {
        fails("round(1.5, -1)", "`round`: -1 digits are asked for, possible are 0 to 28");
        fails("round(1.5, 29)", "`round`: 29 digits are asked for, possible are 0 to 28");
    }

    #[test]
    fn the_result_depends_on_the_digits() {
        call_type("round", &["decimal"], "int");
        call_type("round", &["decimal", "int"], "decimal");
        call_type("round", &["float", "int"], "decimal");
        call_type("round", &["EUR"], "money (EUR)");
        call_type("round", &["decimal", "int", "up|down"], "decimal");
        call_type("round", &["decimal", "int", "up|sideways"], "argument 2");
        call_type("round", &["decimal", "decimal"], "argument 1");
    }
}
