//! The words of the grammar that editors highlight by, out of the table of tokens.

use hence_syntax::{Class, TokenKind};

/// The grammar.
pub(crate) const PATH: &str = "editors/vscode/syntaxes/hence.tmLanguage.json";

/// Which words stand under which name, and what must not follow one of them.
const LISTS: &[(&str, Class, &str)] = &[
    ("keyword.control.hence", Class::Reserved, r"(?!\\s*:)"),
    ("keyword.other.hence", Class::Contextual, r"(?!\\s*[:(.])"),
];

/// Returns the grammar with the words that the table has now.
pub(crate) fn renew(text: &str) -> String {
    let mut renewed = String::with_capacity(text.len());
    let mut list = None;
    for line in text.lines() {
        let written = line.trim();
        let blank = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        match list.filter(|_| written.starts_with("\"match\": ")) {
            Some((class, not_followed)) => {
                let words = words(class).join("|");
                renewed.push_str(&format!("{blank}\"match\": \"(?<![.])\\\\b({words})\\\\b{not_followed}\""));
            }
            None => renewed.push_str(line),
        }
        renewed.push('\n');
        let named = |(name, _, _): &&(&str, Class, &str)| written == format!("\"name\": \"{name}\",");
        list = LISTS.iter().find(named).map(|(_, class, not_followed)| (*class, *not_followed));
    }
    renewed
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
