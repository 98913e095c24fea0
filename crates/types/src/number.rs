//! Numbers as digits: what stands between the text of a number and the exact types. No float is involved.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;

/// The most decimal digits of a coefficient that are looked at; more have no exact value here anyway.
const MAX_DIGITS: usize = 400;

/// So many digits have room in an `i64` whatever they are.
const SHORT: usize = 18;

/// A finite number in decimal digits: `digits` × 10^`exponent`, negated if `negative`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number<'a> {
    negative: bool,
    /// Without leading zeros; empty for zero. Trailing zeros are kept, as `9.90` is not `9.9` to its reader.
    digits: Cow<'a, str>,
    exponent: i64,
}

impl<'a> Number<'a> {
    /// Reads a number as JSON spells it. Leading zeros and a leading `+` are taken too: texts have them.
    pub(crate) fn parse(text: &'a str) -> Option<Number<'a>> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, fraction),
            None => (mantissa, ""),
        };
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let digits = if fraction.is_empty() {
            Cow::Borrowed(whole.trim_start_matches('0'))
        } else {
            let mut digits = String::with_capacity(whole.len() + fraction.len());
            digits.push_str(whole.trim_start_matches('0'));
            digits.push_str(if digits.is_empty() { fraction.trim_start_matches('0') } else { fraction });
            Cow::Owned(digits)
        };
        let exponent = exponent.saturating_sub(i64::try_from(fraction.len()).ok()?);
        Some(Number { negative, digits, exponent })
    }

    /// Returns the digits of a decimal.
    pub(crate) fn of_decimal(decimal: &Decimal) -> Number<'static> {
        let digits = decimal.mantissa().unsigned_abs().to_string();
        let digits = if digits == "0" { String::new() } else { digits };
        let exponent = -i64::from(decimal.scale());
        Number { negative: decimal.is_sign_negative(), digits: Cow::Owned(digits), exponent }
    }

    /// Returns sign, digits without zeros at their end, and exponent: the same for numbers of one value.
    pub(crate) fn significant(&self) -> (bool, &str, i64) {
        let digits = self.digits.trim_start_matches('0').trim_end_matches('0');
        if digits.is_empty() {
            return (false, "", 0);
        }
        let zeros = self.digits.len() - self.digits.trim_end_matches('0').len();
        (self.negative, digits, self.exponent.saturating_add(i64::try_from(zeros).unwrap_or(0)))
    }

    /// Returns the shortest digits that mean this float, as people see it: `0.1` for 0.1.
    pub(crate) fn of_float(float: f64) -> Option<Number<'static>> {
        let text = float.is_finite().then(|| format!("{float:e}"))?;
        let number = Number::parse(&text)?;
        Some(Number {
            negative: number.negative,
            digits: Cow::Owned(number.digits.into_owned()),
            exponent: number.exponent,
        })
    }

    /// Returns whether the number is zero.
    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    fn without_trailing_zeros(&self) -> (&str, i64) {
        let trimmed = self.digits.trim_end_matches('0');
        let zeros = i64::try_from(self.digits.len() - trimmed.len()).unwrap_or(i64::MAX);
        (trimmed, self.exponent.saturating_add(zeros))
    }

    /// Returns the number as an integer, if it is one of 64 bits: `5`, `5.0` and `5e0` are five.
    pub(crate) fn to_int(&self) -> Option<i64> {
        if self.is_zero() {
            return Some(0);
        }
        let (digits, exponent) = self.without_trailing_zeros();
        let zeros = u32::try_from(exponent).ok().filter(|zeros| *zeros <= 19)?;
        if digits.len() > 19 {
            return None;
        }
        let magnitude = digits.parse::<i128>().ok()?.checked_mul(10_i128.checked_pow(zeros)?)?;
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    /// Returns the number as a decimal with its digits as they stand, if a decimal holds it exactly.
    pub(crate) fn to_decimal(&self) -> Option<Decimal> {
        if self.is_zero() {
            let scale = u32::try_from(self.exponent.saturating_neg()).unwrap_or(0).min(Decimal::MAX_SCALE);
            return Decimal::try_from_i128_with_scale(0, scale).ok();
        }
        self.exact_decimal(&self.digits, self.exponent).or_else(|| {
            let (digits, exponent) = self.without_trailing_zeros();
            self.exact_decimal(digits, exponent)
        })
    }

    fn exact_decimal(&self, digits: &str, exponent: i64) -> Option<Decimal> {
        if digits.len() > 29 {
            return None;
        }
        let magnitude = digits.parse::<i128>().ok()?;
        let (magnitude, scale) = match u32::try_from(exponent) {
            Ok(zeros) => (magnitude.checked_mul(10_i128.checked_pow(zeros)?)?, 0),
            Err(_) => (magnitude, u32::try_from(exponent.checked_neg()?).ok()?),
        };
        Decimal::try_from_i128_with_scale(if self.negative { -magnitude } else { magnitude }, scale).ok()
    }

    /// Compares by value.
    pub(crate) fn compare(&self, other: &Number<'_>) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return if other.negative { Ordering::Greater } else { Ordering::Less },
            (false, true) => return if self.negative { Ordering::Less } else { Ordering::Greater },
            (false, false) => {}
        }
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }

    fn compare_magnitude(&self, other: &Number<'_>) -> Ordering {
        let (own, own_exponent) = self.without_trailing_zeros();
        let (others, others_exponent) = other.without_trailing_zeros();
        let own_length = i64::try_from(own.len()).unwrap_or(i64::MAX).saturating_add(own_exponent);
        let others_length = i64::try_from(others.len()).unwrap_or(i64::MAX).saturating_add(others_exponent);
        // At equal length before the point, digits without trailing zeros compare as texts do.
        own_length.cmp(&others_length).then_with(|| own.cmp(others))
    }
}

/// Reads a whole number of up to 18 digits, the quick way. Nothing does not mean that the text is no number.
pub(crate) fn short_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > SHORT {
        return None;
    }
    let mut number = 0_i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(if negative { -number } else { number })
}

/// Reads a decimal of up to 18 digits without an exponent, the quick way. Nothing does not mean that the text is none.
pub(crate) fn short_decimal(text: &str) -> Option<Decimal> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > SHORT || !digits.first()?.is_ascii_digit() || !digits.last()?.is_ascii_digit() {
        return None;
    }
    let (mut number, mut scale, mut in_fraction) = (0_i64, 0, false);
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            number = number * 10 + i64::from(digit);
            scale += u32::from(in_fraction);
        } else if *byte == b'.' && !in_fraction {
            in_fraction = true;
        } else {
            return None;
        }
    }
    // Zero has no sign.
    let number = if negative { -number } else { number };
    Some(Decimal::new(number, scale))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !is_digits(digits) {
        return None;
    }
    // An exponent too long to read is as good as the largest one.
    let magnitude = if digits.len() > MAX_DIGITS {
        i64::from(i32::MAX)
    } else {
        digits.parse().unwrap_or(i64::from(i32::MAX))
    };
    let magnitude = magnitude.min(i64::from(i32::MAX));
    Some(if negative { -magnitude } else { magnitude })
}

/// Compares a decimal with a float by the shortest digits that mean the float, so that `0.1` from a schema's
/// `double` equals the literal `0.1`. Not a number is greater than every number.
pub(crate) fn compare_decimal_with_float(decimal: &Decimal, float: f64) -> Ordering {
    match Number::of_float(float) {
        Some(number) => Number::of_decimal(decimal).compare(&number),
        None if float == f64::NEG_INFINITY => Ordering::Greater,
        None => Ordering::Less,
    }
}

/// Returns a float as a decimal by the shortest digits that mean it, `0.1` for 0.1. Digits beyond the 28th after the
/// point are rounded; a float without room in a decimal gives nothing.
pub fn decimal_of_float(float: f64) -> Option<Decimal> {
    let number = Number::of_float(float)?;
    number.to_decimal().or_else(|| Decimal::from_str_exact(&format!("{float:.28}")).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(text: &str) -> Option<i64> {
        Number::parse(text).and_then(|number| number.to_int())
    }

    fn decimal(text: &str) -> Option<String> {
        Number::parse(text).and_then(|number| number.to_decimal()).map(|decimal| decimal.to_string())
    }

    #[test]
    fn integers_are_read_from_their_digits() {
        assert_eq!(int("820982911946154508"), Some(820_982_911_946_154_508));
        assert_eq!(int("9223372036854775807"), Some(i64::MAX));
        assert_eq!(int("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(int("9223372036854775808"), None);
        for five in ["5", "5.0", "5e0", "5.00E+0", "50e-1", "0.5e1", "005"] {
            assert_eq!(int(five), Some(5), "{five}");
        }
        assert_eq!(int("5.5"), None);
        assert_eq!(int("-0"), Some(0));
        assert_eq!(int("0e999999999999999999999"), Some(0));
        assert_eq!(int("1e999999999999999999999"), None);
        assert_eq!(int("1e-999999999999999999999"), None);
    }

    #[test]
    fn decimals_keep_their_digits() {
        assert_eq!(decimal("9.90").as_deref(), Some("9.90"));
        assert_eq!(decimal("0.00").as_deref(), Some("0.00"));
        assert_eq!(decimal("-0.0").as_deref(), Some("0.0"));
        assert_eq!(decimal("1.5e3").as_deref(), Some("1500"));
        assert_eq!(decimal("1e-28").as_deref(), Some("0.0000000000000000000000000001"));
        assert_eq!(decimal("1e-29"), None);
        assert_eq!(
            decimal("79228162514264337593543950335").as_deref(),
            Some("79228162514264337593543950335")
        );
        assert_eq!(decimal("79228162514264337593543950336"), None);
        let long = format!("1.{}", "0".repeat(500));
        assert_eq!(decimal(&long).as_deref(), Some("1"));
        let precise = format!("1.{}1", "0".repeat(500));
        assert_eq!(decimal(&precise), None);
    }

    #[test]
    fn the_quick_way_reads_what_the_careful_way_reads() {
        let texts = [
            "0",
            "-0",
            "7",
            "-7",
            "007",
            "999999999999999999",
            "-999999999999999999",
            "1000000000000000000",
            "9.90",
            "-0.0",
            "0.00",
            "-1.50",
            "1.",
            ".5",
            "1.2.3",
            "1e3",
            "",
            "-",
            "+1",
            "٣",
            "12a",
            "-0.000000000000001",
        ];
        for text in texts {
            if let Some(quick) = short_int(text) {
                assert_eq!(int(text), Some(quick), "{text}");
            }
            if let Some(quick) = short_decimal(text) {
                assert_eq!(decimal(text), Some(quick.to_string()), "{text}");
            }
        }
        assert_eq!(short_int("999999999999999999"), Some(999_999_999_999_999_999));
        assert_eq!(short_decimal("-1.50").map(|decimal| decimal.to_string()).as_deref(), Some("-1.50"));
        assert_eq!((short_int("1.0"), short_decimal("1e3")), (None, None));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".5", "5.", "1e", "1e+", "0x10", "1_000", "NaN", "1 2", "٣", "--1", "1.2.3"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_float_becomes_the_decimal_that_people_see() {
        let decimal = |float| decimal_of_float(float).map(|decimal| decimal.to_string());
        assert_eq!(decimal(0.1).as_deref(), Some("0.1"));
        assert_eq!(decimal(-1e20).as_deref(), Some("-100000000000000000000"));
        assert_eq!(decimal(1.26e-27).as_deref(), Some("0.0000000000000000000000000013"));
        assert_eq!(decimal(1e300), None);
        assert_eq!(decimal(f64::NAN), None);
    }

    #[test]
    fn a_float_is_compared_by_its_shortest_digits() {
        let tenth = Decimal::new(1, 1);
        assert_eq!(compare_decimal_with_float(&tenth, 0.1), Ordering::Equal);
        let odd = Decimal::from(9_007_199_254_740_993_i64);
        assert_eq!(compare_decimal_with_float(&odd, 9_007_199_254_740_992.0), Ordering::Greater);
        assert_eq!(compare_decimal_with_float(&Decimal::MAX, 1e300), Ordering::Less);
        assert_eq!(compare_decimal_with_float(&Decimal::MIN, -1e300), Ordering::Greater);
        assert_eq!(compare_decimal_with_float(&Decimal::ZERO, -0.0), Ordering::Equal);
        assert_eq!(compare_decimal_with_float(&Decimal::ZERO, 1e-300), Ordering::Less);
    }
}
