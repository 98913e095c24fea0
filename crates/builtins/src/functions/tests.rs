//! All functions: documentation is there, names find them, examples hold.

use crate::testing::evaluate;
use crate::{BinaryOperator, Example, FunctionId, forms};
use hence_types::{Value, equal};

#[track_caller]
fn documented(name: &str, summary: &str, details: &str, examples: &[Example], least: usize) {
    assert!(!summary.is_empty() && summary.ends_with('.'), "{name}: {summary}");
    assert!(!details.is_empty(), "{name}");
    assert!(examples.len() >= least, "{name}");
    assert!(
        !details.contains("  ") && !summary.contains("  "),
        "{name}: blanks of the source stand in the text"
    );
}

#[test]
fn everything_is_documented() {
    for operator in BinaryOperator::ALL {
        let definition = operator.definition();
        documented(definition.symbol, definition.summary, definition.details, definition.examples, 2);
        assert!(definition.details.contains("issing values** are"), "{}", definition.symbol);
        assert!(!definition.operands.is_empty());
    }
    for function in FunctionId::ALL {
        let definition = function.definition();
        documented(definition.name, definition.summary, definition.details, definition.examples, 2);
        assert_eq!(function.name(), definition.name);
        for parameter in definition.parameters {
            assert!(!parameter.name.is_empty() && !parameter.takes.is_empty(), "{}", definition.name);
        }
    }
    for form in forms::FORMS {
        documented(form.name, form.summary, form.details, form.examples, 1);
        assert!(!form.syntax.is_empty());
    }
}

#[test]
fn names_are_in_order_and_found() {
    let names: Vec<&str> = FunctionId::ALL.iter().map(|function| function.name()).collect();
    assert!(names.is_sorted());
    for function in FunctionId::ALL {
        assert_eq!(FunctionId::by_name(function.name()), Some(*function));
    }
    assert_eq!(FunctionId::by_name("nothing_of_that_name"), None);
}

#[test]
fn examples_of_operators_and_functions_give_what_they_say() {
    let operators = BinaryOperator::ALL.iter().flat_map(|operator| operator.definition().examples);
    let functions = FunctionId::ALL.iter().flat_map(|function| function.definition().examples);
    for example in operators.chain(functions) {
        let value = evaluate(example.expression).unwrap();
        let result = evaluate(example.result).unwrap();
        assert!(equal(&value, &result), "{} is {value}, not {result}", example.expression);
    }
}

#[test]
fn functions_do_not_panic_on_values_of_other_types() {
    let context = crate::testing::context_in("UTC");
    let values: Vec<Value> = [
        "missing",
        "true",
        "5",
        "9223372036854775807",
        "1.5",
        "79228162514264337593543950335",
        "float(1.5)",
        "\"x\"",
        "\"\"",
        "2026-11-27",
        "09:00",
        "9999-12-30T21:00Z",
        "90 s",
        "1 month",
        "15%",
        "5 EUR",
        "[1, \"a\", missing]",
        "[]",
        "{ a: 1 }",
    ]
    .into_iter()
    .map(|literal| match literal {
        "79228162514264337593543950335" => Value::Decimal(hence_types::Decimal::MAX),
        literal => evaluate(literal).unwrap(),
    })
    .collect();
    for function in FunctionId::ALL {
        let apply = function.definition().apply;
        let _ = apply(&[], &context);
        for first in &values {
            let _ = apply(std::slice::from_ref(first), &context);
            for second in &values {
                let _ = apply(&[first.clone(), second.clone()], &context);
                let _ = apply(&[first.clone(), second.clone(), first.clone()], &context);
            }
        }
    }
    for operator in BinaryOperator::ALL {
        for left in &values {
            for right in &values {
                for case in [crate::Case::Sensitive, crate::Case::Ignored] {
                    let _ = (operator.definition().apply)(left, right, case, &context);
                }
            }
        }
    }
}
