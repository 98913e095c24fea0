//! Secrets: where `secret:NAME` comes from, and what must never be shown.
//!
//! Every value that is resolved here is remembered, so that [`Secrets::mask`] can take it out of whatever is
//! stored or printed. The environment is reached through a function that the caller passes, never directly.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use hence_diagnostics::Code;
use serde_json::Value as Json;

use crate::mask::Mask;

/// The prefix of a setting that names a secret.
const PREFIX: &str = "secret:";

/// The register of secrets. Cheap to clone; clones share what they know.
#[derive(Clone)]
pub struct Secrets(Arc<Inner>);

/// Looks a variable of the environment up.
type Lookup = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

struct Inner {
    environment: Lookup,
    directory: Option<PathBuf>,
    known: RwLock<Mask>,
}

/// Why a secret could not be resolved. The message names the secret, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Neither the environment nor the folder of secrets has it.
    #[error("secret `{name}` is set neither in the environment nor in the folder of secrets")]
    Missing {
        /// The name.
        name: String,
    },
    /// The name has characters that no secret's name has.
    #[error("`{name}` is no name of a secret: letters, digits, `_`, `-` and `.` are allowed")]
    Name {
        /// The name as written.
        name: String,
    },
    /// The file of the secret cannot be read.
    #[error("the file of secret `{name}` cannot be read: {reason}")]
    Unreadable {
        /// The name.
        name: String,
        /// What the system says.
        reason: String,
    },
}

impl SecretError {
    /// Returns the diagnostic code.
    pub fn code(&self) -> Code {
        match self {
            SecretError::Missing { .. } | SecretError::Name { .. } => Code::MissingSecret,
            SecretError::Unreadable { .. } => Code::UnreadableFile,
        }
    }
}

impl Secrets {
    /// Returns a register that looks a name up with `environment`, then as a file in `directory`, whose first line
    /// is the value.
    pub fn new(
        environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        directory: Option<PathBuf>,
    ) -> Self {
        Self(Arc::new(Inner { environment: Box::new(environment), directory, known: RwLock::default() }))
    }

    /// Returns a register without any secret.
    pub fn none() -> Self {
        Self::new(|_| None, None)
    }

    /// Returns whether a setting names a secret.
    pub fn is_reference(setting: &str) -> bool {
        setting.starts_with(PREFIX)
    }

    /// Returns the value of a setting: of `secret:NAME` what `NAME` stands for, of anything else itself.
    ///
    /// Several references separated by blanks give their values separated by blanks, as a secret that is being
    /// replaced needs.
    pub fn resolve(&self, setting: &str) -> Result<String, SecretError> {
        if !Self::is_reference(setting) {
            return Ok(setting.to_owned());
        }
        let mut values = Vec::new();
        for word in setting.split_whitespace() {
            let name = word.strip_prefix(PREFIX).unwrap_or(word);
            values.push(self.look_up(name)?);
        }
        Ok(values.join(" "))
    }

    /// Remembers a value as secret. Parts separated by blanks are secret each for itself.
    pub fn remember(&self, value: &str) {
        self.0.known.write().unwrap_or_else(PoisonError::into_inner).add(value);
    }

    /// Returns a text with every secret replaced by `***`.
    pub fn mask(&self, text: &str) -> String {
        self.0.known.read().unwrap_or_else(PoisonError::into_inner).text(text)
    }

    /// Returns a JSON value with every secret replaced by `***`, in texts and in names of members.
    pub fn mask_json(&self, json: &Json) -> Json {
        self.0.known.read().unwrap_or_else(PoisonError::into_inner).json(json)
    }

    /// Returns a mask of all secrets and the given values.
    pub(crate) fn mask_with<'a>(&self, values: impl IntoIterator<Item = &'a Json>) -> Mask {
        let mut mask = self.0.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        values.into_iter().for_each(|value| mask.add_json(value));
        mask
    }

    fn look_up(&self, name: &str) -> Result<String, SecretError> {
        let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(valid) {
            return Err(SecretError::Name { name: name.to_owned() });
        }
        let value = match (self.0.environment)(name) {
            Some(value) => value,
            None => self.read_file(name)?,
        };
        let value = value.trim().to_owned();
        if value.is_empty() {
            return Err(SecretError::Missing { name: name.to_owned() });
        }
        self.remember(&value);
        Ok(value)
    }

    fn read_file(&self, name: &str) -> Result<String, SecretError> {
        let missing = || SecretError::Missing { name: name.to_owned() };
        let directory = self.0.directory.as_ref().ok_or_else(missing)?;
        match std::fs::read_to_string(directory.join(name)) {
            Ok(text) => Ok(text.lines().next().unwrap_or_default().to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(missing()),
            Err(error) => Err(SecretError::Unreadable { name: name.to_owned(), reason: error.to_string() }),
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn secrets() -> Secrets {
        let lookup = |name: &str| match name {
            "TOKEN" => Some("t0p/s3cret \n".trim_end().to_owned()),
            "OLD" => Some("first".to_owned()),
            "EMPTY" => Some("  ".to_owned()),
            _ => None,
        };
        Secrets::new(lookup, None)
    }

    #[test]
    fn a_reference_resolves_from_the_environment_and_plain_text_is_itself() {
        let secrets = secrets();
        assert_eq!(secrets.resolve("secret:TOKEN").unwrap(), "t0p/s3cret");
        assert_eq!(secrets.resolve("secret:TOKEN secret:OLD").unwrap(), "t0p/s3cret first");
        assert_eq!(secrets.resolve("http://127.0.0.1").unwrap(), "http://127.0.0.1");
    }

    #[test]
    fn a_missing_or_empty_secret_is_named() {
        let error = secrets().resolve("secret:NOPE").unwrap_err();
        assert_eq!(error.code(), Code::MissingSecret);
        assert_eq!(
            error.to_string(),
            "secret `NOPE` is set neither in the environment nor in the folder of secrets"
        );
        assert!(matches!(secrets().resolve("secret:EMPTY"), Err(SecretError::Missing { .. })));
    }

    #[test]
    fn a_file_gives_its_first_line_and_no_name_leaves_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("FROM_FILE"), "  value-of-file \nsecond line\n").unwrap();
        let secrets = Secrets::new(|_| None, Some(folder.path().join("inner").join("..")));
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        assert_eq!(secrets.resolve("secret:FROM_FILE").unwrap(), "value-of-file");
        for name in ["../FROM_FILE", "", ".", "..", "a/b", "a\\b"] {
            let error = secrets.resolve(&format!("secret:{name}"));
            assert!(error.is_err() || name.is_empty(), "{name}");
        }
        assert!(matches!(secrets.resolve("secret:../FROM_FILE"), Err(SecretError::Name { .. })));
    }

    #[test]
    fn what_was_resolved_is_masked_in_every_spelling() {
        let secrets = secrets();
        secrets.resolve("secret:TOKEN secret:OLD").unwrap();
        assert_eq!(secrets.mask("a t0p/s3cret b t0p%2Fs3cret c first"), "a *** b *** c ***");
        let masked = secrets.mask_json(&json!({"x": ["Bearer t0p/s3cret"], "first": 1}));
        assert_eq!(masked, json!({"x": ["Bearer ***"], "***": 1}));
    }

    #[test]
    fn a_secret_within_a_longer_one_does_not_leave_the_rest_readable() {
        let secrets = Secrets::none();
        secrets.remember("abc");
        secrets.remember("abcdef");
        assert_eq!(secrets.mask("abcdef abc"), "*** ***");
        assert_eq!(format!("{secrets:?}"), "Secrets(***)");
    }
}
