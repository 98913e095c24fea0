//! What functions and operators are called in other languages.

use hence_builtins::{BinaryOperator, Function, FunctionId};
use hence_diagnostics::nearest;

/// Names of functions elsewhere, in small letters and without `_`, and what they are here.
const FUNCTIONS: &[(&str, &str)] = &[
    ("concat", "join"),
    ("count", "length"),
    ("dayofweek", "weekday"),
    ("downcase", "lower"),
    ("implode", "join"),
    ("left", "slice"),
    ("len", "length"),
    ("lowercase", "lower"),
    ("mid", "slice"),
    ("right", "slice"),
    ("size", "length"),
    ("strip", "trim"),
    ("strlen", "length"),
    ("substr", "slice"),
    ("substring", "slice"),
    ("tojsonstring", "to_json"),
    ("tolower", "lower"),
    ("tolowercase", "lower"),
    ("toupper", "upper"),
    ("touppercase", "upper"),
    ("truncate", "slice"),
    ("upcase", "upper"),
    ("uppercase", "upper"),
];

/// Names of operators elsewhere, likewise.
const OPERATORS: &[(&str, BinaryOperator)] =
    &[("has", BinaryOperator::Contains), ("includes", BinaryOperator::Contains)];

/// Returns the name of the function that has a name elsewhere.
pub(super) fn function(name: &str) -> Option<&'static str> {
    let plain = plain(name);
    FUNCTIONS.iter().find(|(foreign, _)| *foreign == plain).map(|(_, here)| *here)
}

/// Returns the function that is called so, is so called elsewhere, or is misspelt so.
pub(super) fn meant(name: &str) -> Option<&'static Function> {
    let names = FunctionId::ALL.iter().map(|function| function.definition().name);
    let same = names.clone().find(|here| *here == name);
    let meant = same.or_else(|| function(name)).or_else(|| nearest(name, names))?;
    FunctionId::by_name(meant).map(FunctionId::definition)
}

/// Returns the operator that a name means, such as `starts with` for `startsWith` and `contains` for `includes`.
pub(super) fn operator(name: &str) -> Option<&'static str> {
    let plain = plain(name);
    let known =
        OPERATORS.iter().find(|(foreign, _)| *foreign == plain).map(|(_, here)| here.definition().symbol);
    let mut symbols = BinaryOperator::ALL.iter().map(|operator| operator.definition().symbol);
    known.or_else(|| symbols.find(|symbol| symbol.replace(' ', "") == plain))
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_from_elsewhere_is_of_a_function_that_there_is_and_is_none_itself() {
        for (foreign, here) in FUNCTIONS {
            assert!(FunctionId::by_name(here).is_some(), "{here}");
            assert!(FunctionId::by_name(foreign).is_none(), "{foreign}");
            assert_eq!(plain(foreign), *foreign);
        }
    }

    #[test]
    fn operators_are_found_however_their_words_are_joined() {
        assert_eq!(operator("startsWith"), Some("starts with"));
        assert_eq!(operator("ends_with"), Some("ends with"));
        assert_eq!(operator("contains"), Some("contains"));
        assert_eq!(operator("includes"), Some("contains"));
        assert_eq!(operator("starts"), None);
    }
}
