//! Which words a text has: what it cannot name need not be looked for in it.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The words of a text, as numbers that rarely agree for different words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words(Box<[u32]>);

impl Words {
    pub(crate) fn of(text: &str) -> Self {
        let mut numbers: Vec<u32> = words(text).map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Self(numbers.into_boxed_slice())
    }

    /// Returns whether the text may have one of some words. False is certain.
    pub(crate) fn may_have(&self, wanted: &Wanted) -> bool {
        wanted.numbers.iter().any(|number| self.0.binary_search(number).is_ok()) || wanted.anything
    }
}

/// Names that are looked for in texts.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    names: BTreeSet<Arc<str>>,
    numbers: Vec<u32>,
    /// Whether one of them is no word, so that no text is without it for certain.
    anything: bool,
}

impl Wanted {
    pub(crate) fn new(names: BTreeSet<Arc<str>>) -> Self {
        let is_word = |name: &Arc<str>| name.bytes().all(is_of_word);
        let anything = !names.iter().all(is_word);
        let numbers = names.iter().map(|name| number(name)).collect();
        Self { names, numbers, anything }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns whether a text may name one of them: has it as a word, be it in a text or a comment.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        self.anything || !self.names.is_empty() && words(text).any(|word| self.names.contains(word))
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|character: char| !u8::try_from(character).is_ok_and(is_of_word));
    parts.filter(|word| !word.is_empty())
}

fn number(word: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(names: &[&str]) -> Wanted {
        Wanted::new(names.iter().map(|name| Arc::from(*name)).collect())
    }

    #[test]
    fn words_are_found_whole_and_wherever_they_stand() {
        let text = "if total > limit_2 and \"{name}\" == `größe`";
        for (name, there) in [("limit_2", true), ("limit", false), ("name", true), ("tota", false)] {
            assert_eq!(wanted(&[name]).are_in(text), there, "{name}");
            assert_eq!(Words::of(text).may_have(&wanted(&[name])), there, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_no_word_may_be_anywhere() {
        let odd = wanted(&["größe"]);
        assert!(odd.are_in("x") && Words::of("x").may_have(&odd));
        assert!(!wanted(&[]).are_in("x") && !Words::of("x").may_have(&wanted(&[])));
    }
}
