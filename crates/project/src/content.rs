//! What a release is: the texts of a project, or a bundle. It can be stored, and what it holds can be run.

use std::path::PathBuf;
use std::sync::Arc;

use hence_ir::bundle::{self, ReadError};
use hence_types::jiff::tz::TimeZone;
use serde::Deserialize;

use crate::files::{Buffers, Located};
use crate::{Loaded, NoFile, Project, Texts};

/// All that running rules needs, apart from the settings of the place where they run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The texts of a project, which are checked and compiled where they run.
    Texts(Texts),
    /// A bundle, as it was made.
    Bundle(Arc<[u8]>),
}

/// Why content cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoContent {
    /// It begins as a bundle does and is none.
    #[error(transparent)]
    Bundle(#[from] ReadError),
    /// A path in it is none of a project.
    #[error(transparent)]
    File(#[from] NoFile),
    /// It is neither.
    #[error("this is neither a bundle nor JSON of the form {{\"files\": {{\"PATH\": \"TEXT\"}}}}: {0}")]
    Json(String),
    /// The zone of a bundle is not known here.
    #[error("{0}")]
    Zone(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    files: std::collections::BTreeMap<String, Arc<str>>,
}

impl Content {
    /// Reads content as [`Content::write`] writes it: a bundle, or JSON `{"files": {PATH: TEXT}}`.
    ///
    /// # Errors
    ///
    /// It is neither, or a path leads elsewhere. Bundles are read when they are loaded.
    pub fn read(bytes: &[u8]) -> Result<Content, NoContent> {
        if bundle::is_bundle(bytes) {
            return Ok(Content::Bundle(bytes.into()));
        }
        let written: Written =
            serde_json::from_slice(bytes).map_err(|error| NoContent::Json(error.to_string()))?;
        Ok(Content::Texts(Texts::new(written.files)?))
    }

    /// Returns the bytes that [`Content::read`] reads.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Content::Texts(texts) => {
                let files: serde_json::Map<_, _> =
                    texts.iter().map(|(path, text)| (path.to_owned(), text.as_ref().into())).collect();
                serde_json::json!({"files": files}).to_string().into_bytes()
            }
            Content::Bundle(bytes) => bytes.to_vec(),
        }
    }

    /// Returns the BLAKE3 hash of what it holds, in hexadecimal digits: equal content has equal ones.
    pub fn hash(&self) -> String {
        match self {
            Content::Texts(texts) => texts.hash(),
            Content::Bundle(bytes) => blake3::hash(bytes).to_hex().to_string(),
        }
    }
}

impl Loaded {
    /// Loads content. Nothing is read from any disk; what is wrong with texts is in the diagnostics.
    ///
    /// # Errors
    ///
    /// It is a bundle that cannot be read.
    pub fn of_content(content: &Content) -> Result<Loaded, NoContent> {
        match content {
            Content::Texts(texts) => Ok(Project::of_texts(texts).into()),
            Content::Bundle(bytes) => {
                let bundle = bundle::read(bytes)?;
                let zone = TimeZone::get(&bundle.zone).map_err(|error| NoContent::Zone(error.to_string()))?;
                let (root, buffers) = (PathBuf::new(), Buffers::alone([]));
                let located = Located { root, manifest: None, single: None, buffers };
                Ok(Self::of_bundle(bundle, zone, &located, Arc::clone(bytes)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "rule hello\nwhen shop.order.created as o\nif o.total > 10 EUR\nthen\n  log.write(message: \"hello\")\n";

    #[test]
    fn content_is_read_as_it_was_written_and_loads_the_same() {
        let texts = Texts::new([("a.rule".to_owned(), Arc::from(RULE))]).unwrap();
        let project = Project::of_texts(&texts);
        let bundle = bundle::write(&project.bundle());
        for content in [Content::Texts(texts), Content::Bundle(bundle.into())] {
            let again = Content::read(&content.write()).unwrap();
            assert_eq!(again, content);
            let loaded = Loaded::of_content(&again).unwrap();
            assert_eq!(loaded.diagnostics, []);
            assert_eq!(loaded.program.rules[0].version, project.program().rules[0].version);
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bytes in
            [&b""[..], b"{}", b"[]", b"{\"files\": {\"../a.rule\": \"\"}}", b"{\"files\": {}, \"x\": 1}"]
        {
            assert!(Content::read(bytes).is_err());
        }
        let cut = Content::read(b"HENCE\0\x01").unwrap();
        assert!(Loaded::of_content(&cut).is_err());
    }
}
