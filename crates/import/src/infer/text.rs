//! What texts of samples are: dates and times, addresses, amounts, one of few words.

use hence_diagnostics::Span;
use hence_types::jiff::{Timestamp, civil};
use serde_json::{Value as Json, json};

use crate::findings::Findings;

/// How many texts there must be before few different ones are taken for all that there are.
const LEAST_TEXTS: usize = 10;

/// How many different words a fixed set has at most.
const MOST_WORDS: usize = 8;

/// How often each word must have been seen.
const LEAST_EACH: usize = 2;

/// The longest word of a fixed set, in characters.
const LONGEST_WORD: usize = 32;

type Check = fn(&str) -> bool;

/// The formats that are looked for, in this order.
const FORMATS: &[(&str, Check)] = &[
    ("date-time", |text| text.len() > 10 && text.parse::<Timestamp>().is_ok()),
    ("date", |text| text.len() == 10 && text.parse::<civil::Date>().is_ok()),
    ("time", |text| text.contains(':') && text.len() <= 15 && text.parse::<civil::Time>().is_ok()),
    ("email", is_email),
    ("uri", |text| text.starts_with("https://") || text.starts_with("http://")),
    ("uuid", is_uuid),
    ("decimal", is_amount),
];

pub(super) fn type_of(texts: &[String], name: &str, place: Option<Span>, found: &mut Findings) -> Json {
    if let Some((format, _)) = FORMATS.iter().find(|(_, fits)| texts.iter().all(|text| fits(text))) {
        return json!({ "type": "string", "format": format });
    }
    let mut words: Vec<&str> = Vec::new();
    for text in texts {
        if !words.contains(&text.as_str()) {
            words.push(text);
        }
        if words.len() > MOST_WORDS {
            return json!({ "type": "string" });
        }
    }
    let often = |word: &&str| texts.iter().filter(|text| text == word).count() >= LEAST_EACH;
    let is_word = |word: &&str| {
        !word.is_empty()
            && word.len() <= LONGEST_WORD
            && word.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
    };
    if texts.len() < LEAST_TEXTS || words.len() < 2 || !words.iter().all(often) || !words.iter().all(is_word)
    {
        return json!({ "type": "string" });
    }
    if let Some(place) = place {
        found.guessed(
            place,
            format!("that `{name}` is one of {} words: {} samples have no other", words.len(), texts.len()),
        );
    }
    json!({ "type": "string", "enum": words })
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.contains(['@', ' ', '<', '>', ',']);
    plain(local)
        && plain(domain)
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hexadecimal = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(hexadecimal)
}

/// Whether a text is an amount: digits with a fraction. Digits alone may be a number of a house or an account.
fn is_amount(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let Some((whole, fraction)) = text.split_once('.') else { return false };
    let digits =
        |part: &str| !part.is_empty() && part.len() <= 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], expected: Json) {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(type_of(&texts, "field", None, &mut Findings::default()), expected);
    }

    fn format(format: &str) -> Json {
        json!({ "type": "string", "format": format })
    }

    #[test]
    fn formats_are_read_from_all_texts() {
        check(&["2026-01-31T09:00:00Z", "2026-02-01T10:00:00.5+02:00"], format("date-time"));
        check(&["2026-01-31", "2024-02-29"], format("date"));
        check(&["09:00", "23:59:59"], format("time"));
        check(&["robin@example.com", "a.b+c@mail.example.org"], format("email"));
        check(&["https://example.com/a"], format("uri"));
        check(&["7d793037-a076-4b6d-8c4e-1f0f6f6c5f3a"], format("uuid"));
        check(&["19.90", "-0.50"], format("decimal"));
    }

    #[test]
    fn what_only_looks_alike_stays_a_text() {
        let text = json!({ "type": "string" });
        check(&["2026-01-31", "soon"], text.clone());
        check(&["2026-02-30"], text.clone());
        check(&["00.5", "1.2.3", "42"], text.clone());
        check(&["01234", "42"], text.clone());
        check(&["robin@localhost"], text);
    }

    #[test]
    fn few_words_are_a_set_only_with_evidence() {
        let many: Vec<&str> = ["paid", "open", "void"].into_iter().cycle().take(12).collect();
        check(&many, json!({ "type": "string", "enum": ["paid", "open", "void"] }));
        check(&many[..9], json!({ "type": "string" }));
        let mut once = many.clone();
        once.push("refunded");
        check(&once, json!({ "type": "string" }));
        check(&["paid"; 20], json!({ "type": "string" }));
        let sentences: Vec<&str> = ["thank you", "goodbye"].into_iter().cycle().take(20).collect();
        check(&sentences, json!({ "type": "string" }));
    }
}
