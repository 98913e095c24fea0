//! Texts as values hold them: short ones stand in the value itself, long ones are counted and shared.
//!
//! Most texts of events are short, so decoding an event asks for no memory for them. A [`Text`] is two words, as a
//! counted text would be, so a value is no larger for it.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use ecow::EcoString;

/// A text. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(EcoString);

impl Text {
    /// Returns the text.
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Text {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl From<&str> for Text {
    #[inline]
    fn from(text: &str) -> Self {
        Text(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(text.into())
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Text(text.as_str().into())
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Text(text.into())
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Self {
        Text((&*text).into())
    }
}

impl From<&Arc<str>> for Text {
    fn from(text: &Arc<str>) -> Self {
        Text((&**text).into())
    }
}

impl From<&Text> for Arc<str> {
    fn from(text: &Text) -> Self {
        (&**text).into()
    }
}

impl From<Text> for Arc<str> {
    fn from(text: Text) -> Self {
        (&*text).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_was_made_of_whatever_its_length() {
        for length in 0..40 {
            let text = "ä".repeat(length);
            assert_eq!(Text::from(text.as_str()).as_str(), text);
            assert_eq!(Text::from(text.clone()).clone().as_str(), text);
            assert_eq!(&*Arc::<str>::from(&Text::from(Arc::<str>::from(text.as_str()))), text);
        }
    }

    #[test]
    fn a_value_is_no_larger_for_short_texts_in_it() {
        assert_eq!(size_of::<Text>(), 16);
        assert_eq!(size_of::<crate::Value>(), 24);
    }
}
