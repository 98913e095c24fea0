//! Texts that Hence ships, as files that editors can open: the schemas of integrations and the pages of codes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use hence_diagnostics::Code;
use lsp_types::Uri;

use super::uris;

/// The folder and what was written there in this session.
#[derive(Debug, Default)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    written: BTreeSet<PathBuf>,
}

impl Cache {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, written: BTreeSet::new() }
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

    fn file(&mut self, name: &str, text: &str) -> Option<Uri> {
        let path = self.folder.as_ref()?.join(name);
        if !self.written.contains(&path) {
            // An editor whose file is gone opens nothing; there is nobody to tell.
            std::fs::create_dir_all(path.parent()?).ok()?;
            if std::fs::read_to_string(&path).ok().as_deref() != Some(text) {
                std::fs::write(&path, text).ok()?;
            }
            self.written.insert(path.clone());
        }
        uris::uri(&path)
    }
}
