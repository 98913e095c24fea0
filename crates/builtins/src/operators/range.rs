//! What lies between two ends: the meaning of `between` and of `in low .. high`.

use hence_types::{Type, Value};

use super::kinds::{order, orderable};
use crate::Fault;

/// Returns whether a value of the first type can be asked to lie between ends of the others.
pub fn takes_range(value: &Type, low: &Type, high: &Type) -> bool {
    orderable(low, value) && orderable(value, high)
}

/// Returns whether a value lies between two others, both ends included. Nothing lies between ends in the wrong
/// order. `operation` is what the author wrote.
///
/// # Errors
///
/// Values that have no order, such as amounts of two currencies, or that are missing.
pub fn between(value: &Value, low: &Value, high: &Value, operation: &'static str) -> Result<bool, Fault> {
    Ok(order(low, value, operation)?.is_le() && order(value, high, operation)?.is_le())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{evaluate, ty};

    fn lies(value: &str, low: &str, high: &str) -> Result<bool, String> {
        let [value, low, high] = [value, low, high].map(|literal| evaluate(literal).unwrap());
        between(&value, &low, &high, "between").map_err(|fault| fault.to_string())
    }

    #[test]
    fn both_ends_lie_between_them() {
        assert_eq!(lies("10 EUR", "10 EUR", "20 EUR"), Ok(true));
        assert_eq!(lies("20", "10.5", "20.0"), Ok(true));
        assert_eq!(lies("09:00", "10:00", "12:00"), Ok(false));
        assert_eq!(lies("90 s", "1 m", "2 m"), Ok(true));
        assert_eq!(lies("5", "9", "1"), Ok(false));
        assert_eq!(lies("5 EUR", "1 EUR", "9 USD"), Err("EUR and USD are different currencies".to_owned()));
    }

    #[test]
    fn the_ends_have_an_order_with_the_value() {
        assert!(takes_range(&ty("decimal"), &ty("int"), &ty("decimal")));
        assert!(takes_range(&ty("EUR"), &ty("EUR"), &ty("money")));
        assert!(!takes_range(&ty("EUR"), &ty("EUR"), &ty("int")));
        assert!(!takes_range(&ty("a|b"), &ty("string"), &ty("string")));
    }
}
