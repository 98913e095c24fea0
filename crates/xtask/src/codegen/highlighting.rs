//! The words of the grammars that editors highlight by, out of the table of tokens.

use std::collections::BTreeSet;

use hence_syntax::{Class, TokenKind, Unit};

/// The words of the grammar for tree-sitter.
pub(crate) const WORDS: &str = "editors/tree-sitter/words.json";

/// The grammar for TextMate.
pub(crate) const PATH: &str = "editors/vscode/syntaxes/hence.tmLanguage.json";

/// What the spellings of units stand behind.
const UNITS: &str = "(?:[A-Z]{3}|";

/// A list of words: the name that it stands under, what is in it beside the words of a class, and what follows one.
struct List {
    name: &'static str,
    class: Class,
    more: &'static [&'static str],
    then: &'static str,
}

const LISTS: &[List] = &[
    List { name: "keyword.control.hence", class: Class::Reserved, more: &[], then: r"(?!\\s*:)" },
    List { name: "keyword.other.hence", class: Class::Contextual, more: &[], then: r"(?!\\s*[:(.])" },
    // After these, `/` begins a pattern.
    List { name: "meta.pattern.hence", class: Class::Reserved, more: &["matches"], then: PATTERN },
];

const PATTERN: &str = r"\\s*(/(?:[^/\\\\\\[]|\\\\.|\\[(?:[^\\]\\\\]|\\\\.)*\\])+/[a-z]*)";

/// Returns the grammar with the words that the table has now.
pub(crate) fn renew(text: &str) -> String {
    let mut renewed = String::with_capacity(text.len());
    let mut list: Option<&List> = None;
    for line in text.lines() {
        let written = line.trim();
        let blank = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        if written.starts_with("\"match\": ") && written.contains(UNITS) {
            let before = written.split(UNITS).next().unwrap_or_default();
            let rest = written.split_once(UNITS).and_then(|(_, rest)| rest.split_once(')'));
            let after = rest.map_or("", |(_, after)| after);
            renewed.push_str(&format!("{blank}{before}{UNITS}{}){after}", units().join("|")));
            renewed.push('\n');
            list = None;
            continue;
        }
        match list.filter(|_| written.starts_with("\"match\": ")) {
            Some(List { class, more, then, .. }) => {
                let words = [more, words(*class).as_slice()].concat().join("|");
                let end = if written.ends_with(',') { "," } else { "" };
                renewed.push_str(&format!("{blank}\"match\": \"(?<![.])\\\\b({words})\\\\b{then}\"{end}"));
            }
            None => renewed.push_str(line),
        }
        renewed.push('\n');
        list = LISTS.iter().find(|list| written == format!("\"name\": \"{}\",", list.name));
    }
    renewed
}

/// Returns the words for tree-sitter that the table has now.
pub(crate) fn words_of_tree_sitter() -> String {
    let written = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        words.join(", ")
    };
    format!(
        "{{\n  \"reserved\": [{}],\n  \"contextual\": [{}],\n  \"units\": [{}]\n}}\n",
        written(&words(Class::Reserved)),
        written(&words(Class::Contextual)),
        written(&units())
    )
}

/// The spellings of units in order.
fn units() -> Vec<&'static str> {
    let all = Unit::ALL.iter().flat_map(|(_, spellings)| *spellings);
    let all: BTreeSet<&str> = all.chain([Unit::MINUTE_AS_WELL]).collect();
    all.into_iter().collect()
}

/// The keywords of a class in order; those that are values are highlighted as such.
fn words(class: Class) -> Vec<&'static str> {
    let values = [TokenKind::True, TokenKind::False];
    let keywords = TokenKind::ALL.iter().filter(|kind| kind.class() == class && !values.contains(kind));
    let mut words: Vec<_> = keywords.map(|kind| kind.text()).collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_is_in_the_list_of_its_class_and_the_rest_stays() {
        let text =
            "{\n  \"name\": \"keyword.other.hence\",\n    \"match\": \"old\"\n  \"match\": \"kept\"\n}\n";
        let renewed = renew(text);
        assert!(
            renewed.starts_with("{\n  \"name\": \"keyword.other.hence\",\n    \"match\": \"(?<![.])\\\\b(")
        );
        assert!(renewed.ends_with(")\\\\b(?!\\\\s*[:(.])\"\n  \"match\": \"kept\"\n}\n"), "{renewed}");
        assert!(["|given|", "|until|", "|where|"].iter().all(|word| renewed.contains(word)), "{renewed}");
        assert!(!renewed.contains("|when|"));
        assert_eq!(renew(&renewed), renewed);
    }
}
