//! Patterns of `matches`: regular expressions that take linear time.

use std::fmt;

/// How large a compiled pattern may be, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

/// A compiled pattern. Cheap to clone.
#[derive(Clone)]
pub struct Pattern {
    source: String,
    ignoring_case: bool,
    regex: regex::Regex,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    ///
    /// The reason, on one line, where it is invalid or too large.
    pub fn new(source: &str, ignoring_case: bool) -> Result<Self, String> {
        let mut builder = regex::RegexBuilder::new(source);
        let regex =
            builder.case_insensitive(ignoring_case).size_limit(SIZE_LIMIT).build().map_err(|error| {
                if let regex::Error::CompiledTooBig(_) = error {
                    return "it is too large".to_owned();
                }
                let text = error.to_string();
                text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
            })?;
        Ok(Self { source: source.to_owned(), ignoring_case, regex })
    }

    /// Returns the text of the pattern, without slashes.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns whether capital and small letters are the same.
    pub fn ignores_case(&self) -> bool {
        self.ignoring_case
    }

    /// Returns whether the pattern is found anywhere in a text; `^` and `$` tie it to the ends.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/{}", self.source, if self.ignoring_case { "i" } else { "" })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_on_one_line() {
        assert_eq!(Pattern::new("a(b", false).unwrap_err(), "unclosed group");
        assert_eq!(Pattern::new("(a{1000}){1000}", false).unwrap_err(), "it is too large");
        assert!(Pattern::new("^VIP", true).unwrap().is_match("vip-1"));
        assert_eq!(Pattern::new("a", true).unwrap().to_string(), "/a/i");
    }
}
