//! Constant texts that a text is looked up among, told apart by a word each before they are compared.

use hence_types::Text;

/// Some constant texts.
#[derive(Debug, Clone)]
pub struct Texts {
    all: Box<[Text]>,
    /// The key of each.
    keys: Box<[u64]>,
}

impl Texts {
    /// Returns these texts made ready.
    pub fn new(all: Box<[Text]>) -> Texts {
        let keys = all.iter().map(|text| key(text.as_bytes())).collect();
        Texts { all, keys }
    }

    /// Returns the texts.
    pub fn all(&self) -> &[Text] {
        &self.all
    }

    /// Returns whether a text is one of them.
    #[inline]
    pub fn has(&self, text: &str) -> bool {
        let own = key(text.as_bytes());
        if text.len() < 8 {
            // All are compared: that waits for no answer of the one before.
            return self.keys.iter().fold(false, |found, key| found | (*key == own));
        }
        for (place, key) in self.keys.iter().enumerate() {
            if *key == own && self.all.get(place).is_some_and(|known| **known == *text) {
                return true;
            }
        }
        false
    }
}

/// A word that differs for texts of less than eight bytes, and for most that are longer. No shorter text has that of a
/// longer one, which has the highest bit.
#[inline]
fn key(text: &[u8]) -> u64 {
    let long = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let half = |bytes: Option<&[u8; 4]>| bytes.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)));
    let word = if text.len() >= 8 {
        let word = long(text.first_chunk()) ^ long(text.last_chunk()).rotate_left(23);
        return (word ^ (text.len() as u64) << 56) | 1 << 63;
    } else if text.len() >= 4 {
        // The halves may overlap: what they say together is all bytes but the place of the second, which the length tells.
        half(text.first_chunk()) | (half(text.last_chunk()) >> (8 * (8 - text.len()))) << 32
    } else {
        text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
    };
    word ^ (text.len() as u64) << 56
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_found_if_it_is_one_of_them(
            all in prop::collection::vec("[ab\u{0}é]{0,12}", 0..6),
            other in "[ab\u{0}é]{0,12}",
        ) {
            let texts = Texts::new(all.iter().map(Text::from).collect());
            prop_assert_eq!(texts.has(&other), all.contains(&other));
            prop_assert!(all.iter().all(|text| texts.has(text)));
        }

        #[test]
        fn a_short_text_has_the_key_of_no_long_one(long in ".{8,24}", place in 0_usize..7) {
            // The short text whose key would be that of the long one, but for its highest bit.
            let own = key(long.as_bytes()) & !(1 << 63);
            let bytes = own.to_le_bytes();
            prop_assert!(key(&bytes[..place]) != key(long.as_bytes()));
            prop_assert!(key(&bytes[..7]) != key(long.as_bytes()));
        }

        #[test]
        fn keys_of_short_texts_differ(left in "[ab\u{0}é]{0,7}", right in "[ab\u{0}é]{0,7}") {
            if left.len() < 8 && right.len() < 8 {
                prop_assert_eq!(key(left.as_bytes()) == key(right.as_bytes()), left == right);
            }
        }
    }

    #[test]
    fn a_text_of_seven_bytes_is_not_one_that_is_longer() {
        // Their words are the same but for the highest bit.
        let texts = Texts::new([Text::from("7gvq3nz0fl")].into());
        assert!(!texts.has("/T@\u{28b}wM"));
        assert!(texts.has("7gvq3nz0fl"));
    }
}
