//! Names of tests: a corpus case is named by a sentence that says what it shows, and so is a test function.

use super::Problem;
use crate::tree::File;

const CORPUS: &str = "tests/corpus/";

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        if let Some(name) = case_name(&file.path)
            && let Some(reason) = bad_case_name(name)
        {
            problems.push(Problem::new(&file.path, reason));
        }
        if file.is_rust() {
            let named =
                file.lines().filter(|(_, line)| line.trim_start().starts_with(concat!("fn ", "test_")));
            let message = "a test's name is a sentence, without `test_` before it";
            problems.extend(named.map(|(line, _)| Problem::at(&file.path, line, message)));
        }
    }
    problems
}

/// Returns the name of a case: the file of a `.rule` in the corpus, without what follows its first dot.
fn case_name(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(CORPUS)?;
    let file = rest.rsplit('/').next()?;
    file.strip_suffix(".rule")
}

fn bad_case_name(name: &str) -> Option<&'static str> {
    let words: Vec<&str> = name.split('_').collect();
    let plain =
        |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !words.iter().all(plain) {
        return Some("a case is named in lower case, its words joined by `_`");
    }
    let numbered = words.last().is_some_and(|word| word.chars().all(|c| c.is_ascii_digit()));
    if words.len() < 2 || numbered || words.contains(&"misc") || words.first() == Some(&"test") {
        return Some("a case is named by a sentence, such as `compare_money_with_text`");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_named_by_sentences() {
        assert_eq!(bad_case_name("compare_money_with_text"), None);
        for name in ["104", "test_12", "misc_cases", "money", "CompareMoney_x", "two__blanks", "case_7"] {
            assert!(bad_case_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn only_rules_of_the_corpus_are_cases() {
        assert_eq!(case_name("tests/corpus/check/names/unknown_field.rule"), Some("unknown_field"));
        assert_eq!(case_name("tests/corpus/check/names/unknown_field.out"), None);
        assert_eq!(case_name("examples/shop/rules/vip.rule"), None);
    }

    #[test]
    fn functions_of_tests_have_no_prefix() {
        let prefixed = concat!("test", "_it() {}");
        let text = format!("//! A.\n    fn {prefixed}\n    fn it_works() {{}}\n");
        let found = check(&[File::new("crates/a/src/lib.rs", &text)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, Some(2));
    }
}
