//! Buffers: opened, changed, closed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hence_diagnostics::Source;
use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, Uri, WorkspaceFolder,
};

use super::convert;
use super::server::Server;
use super::uris::Naming;

/// How much the buffers of an editor elsewhere may hold together, in bytes.
const BUFFER_LIMIT: usize = 32 << 20;

impl Server<'_> {
    pub(super) fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = self.named(&document.uri) else { return };
        if !self.has_room(&path, &document.text) {
            return;
        }
        self.versions.insert(path.clone(), document.version);
        // What was told of the file on disk is told again of this text.
        self.published.remove(&path);
        self.workspace.set(&path, document.text.into());
    }

    pub(super) fn changed(&mut self, params: DidChangeTextDocumentParams) {
        let Some(path) = self.cache.naming.path(&params.text_document.uri) else { return };
        let Some(before) = self.workspace.buffer(&path) else { return };
        let mut text = before.to_string();
        for change in params.content_changes {
            match change.range {
                None => text = change.text,
                Some(range) => {
                    let source = Source::new("", text.as_str());
                    let offset =
                        |position| self.client.encoding.offset(&source, convert::place(position)) as usize;
                    let (start, end) = (offset(range.start), offset(range.end));
                    if start <= end && text.get(start..end).is_some() {
                        text.replace_range(start..end, &change.text);
                    }
                }
            }
        }
        self.versions.insert(path.clone(), params.text_document.version);
        if self.has_room(&path, &text) {
            self.workspace.set(&path, Arc::from(text));
        }
    }

    /// Whether the text of a buffer may be kept. An editor elsewhere has so much memory of this machine and no more;
    /// it is told.
    fn has_room(&mut self, path: &Path, text: &str) -> bool {
        if self.cache.naming.root().is_none() {
            return true;
        }
        let others = self.workspace.buffers().filter(|other| *other != path);
        let held: usize =
            others.filter_map(|other| self.workspace.buffer(other)).map(|text| text.len()).sum();
        let fits = held + text.len() <= BUFFER_LIMIT;
        if !fits {
            self.log("the open texts are larger than 32 MiB together: this one is not taken");
        }
        fits
    }

    pub(super) fn closed(&mut self, params: &DidCloseTextDocumentParams) {
        let Some(path) = self.cache.naming.path(&params.text_document.uri) else { return };
        self.versions.remove(&path);
        self.workspace.close(&path);
    }

    pub(super) fn watched(&mut self, params: DidChangeWatchedFilesParams) {
        for change in params.changes {
            if let Some(path) = self.cache.naming.path(&change.uri) {
                self.workspace.disk_changed(&path);
            }
        }
    }

    pub(super) fn folders_changed(&mut self, params: &DidChangeWorkspaceFoldersParams) {
        if self.cache.naming.root().is_some() {
            return;
        }
        let gone = paths(&self.cache.naming, &params.event.removed);
        let mut folders: Vec<PathBuf> = self.workspace.folders().to_vec();
        folders.retain(|folder| !gone.contains(folder));
        folders.extend(paths(&self.cache.naming, &params.event.added));
        self.workspace.set_folders(folders);
    }

    /// Returns the path of a URI, and remembers how the editor spells it.
    fn named(&mut self, uri: &Uri) -> Option<PathBuf> {
        let path = self.cache.naming.path(uri)?;
        self.uris.insert(path.clone(), uri.clone());
        Some(path)
    }
}

/// Returns the paths of folders.
pub(super) fn paths(naming: &Naming, folders: &[WorkspaceFolder]) -> Vec<PathBuf> {
    folders.iter().filter_map(|folder| naming.path(&folder.uri)).collect()
}
