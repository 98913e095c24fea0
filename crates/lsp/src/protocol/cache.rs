//! Texts that Hence ships, as files that editors can open: the schemas of integrations and the pages of codes.
//!
//! An editor on this machine opens them from a folder. One that is elsewhere asks for their texts, and nothing is
//! written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use hence_diagnostics::Code;
use lsp_types::Uri;

use super::uris::{self, Naming};

/// Where the texts stand that an editor elsewhere asks for.
const SHIPPED: &str = "hence:///.shipped/";

/// The folder and what was written there in this session.
#[derive(Debug, Default)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    pub(super) naming: Naming,
    written: BTreeSet<PathBuf>,
    /// The texts that were named to an editor elsewhere.
    named: BTreeMap<String, String>,
}

impl Cache {
    pub(super) fn new(folder: Option<PathBuf>, naming: Naming) -> Self {
        Self { folder, naming, ..Self::default() }
    }

    /// Returns the page of a code.
    pub(super) fn page(&mut self, code: Code) -> Option<Uri> {
        self.file(&format!("codes/{code}.md"), code.page())
    }

    /// Returns a schema by the name it has among the sources, such as `<shipped>/shop.json`.
    pub(super) fn schema(&mut self, name: &str, text: &str) -> Option<Uri> {
        let file = name.rsplit('/').next()?;
        self.file(&format!("integrations/{file}"), text)
    }

    /// Returns the text of a URI that was given to an editor elsewhere.
    pub(super) fn text(&self, uri: &Uri) -> Option<&str> {
        self.named.get(&uris::canonical_uri(uri)).map(String::as_str)
    }

    fn file(&mut self, name: &str, text: &str) -> Option<Uri> {
        if self.naming.root().is_some() {
            let uri = format!("{SHIPPED}{name}");
            if !self.named.contains_key(&uri) {
                self.named.insert(uri.clone(), text.to_owned());
            }
            return uri.parse().ok();
        }
        let path = self.folder.as_ref()?.join(name);
        if !self.written.contains(&path) {
            // An editor whose file is gone opens nothing; there is nobody to tell.
            std::fs::create_dir_all(path.parent()?).ok()?;
            if std::fs::read_to_string(&path).ok().as_deref() != Some(text) {
                std::fs::write(&path, text).ok()?;
            }
            self.written.insert(path.clone());
        }
        self.naming.uri(&path)
    }
}
