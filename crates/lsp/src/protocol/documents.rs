//! Buffers: opened, changed, closed.

use std::path::PathBuf;
use std::sync::Arc;

use hence_diagnostics::Source;
use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, Uri, WorkspaceFolder,
};

use super::server::Server;
use super::{convert, uris};

impl Server<'_> {
    pub(super) fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = self.named(&document.uri) else { return };
        self.versions.insert(path.clone(), document.version);
        // What was told of the file on disk is told again of this text.
        self.published.remove(&path);
        self.workspace.set(&path, document.text.into());
    }

    pub(super) fn changed(&mut self, params: DidChangeTextDocumentParams) {
        let Some(path) = uris::path(&params.text_document.uri) else { return };
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
        self.workspace.set(&path, Arc::from(text));
    }

    pub(super) fn closed(&mut self, params: &DidCloseTextDocumentParams) {
        let Some(path) = uris::path(&params.text_document.uri) else { return };
        self.versions.remove(&path);
        self.workspace.close(&path);
    }

    pub(super) fn watched(&mut self, params: DidChangeWatchedFilesParams) {
        for change in params.changes {
            if let Some(path) = uris::path(&change.uri) {
                self.workspace.disk_changed(&path);
            }
        }
    }

    pub(super) fn folders_changed(&mut self, params: &DidChangeWorkspaceFoldersParams) {
        let gone = paths(&params.event.removed);
        let mut folders: Vec<PathBuf> = self.workspace.folders().to_vec();
        folders.retain(|folder| !gone.contains(folder));
        folders.extend(paths(&params.event.added));
        self.workspace.set_folders(folders);
    }

    /// Returns the path of a URI, and remembers how the editor spells it.
    fn named(&mut self, uri: &Uri) -> Option<PathBuf> {
        let path = uris::path(uri)?;
        self.uris.insert(path.clone(), uri.clone());
        Some(path)
    }
}

/// Returns the paths of folders.
pub(super) fn paths(folders: &[WorkspaceFolder]) -> Vec<PathBuf> {
    folders.iter().filter_map(|folder| uris::path(&folder.uri)).collect()
}
