//! Diagnostics: sent to editors that do not ask, given to those that do.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use hence_diagnostics::{Diagnostic, FileId, Severity, Span};
use hence_project::Live;
use lsp_types::{
    CodeDescription, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult,
    FullDocumentDiagnosticReport, NumberOrString, PublishDiagnosticsParams,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport,
    WorkspaceDiagnosticReportResult, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};
use serde_json::json;

use super::cache::Cache;
use super::convert;
use super::server::Server;
use crate::features::{code_actions, diagnostics};
use crate::place::Encoding;
use crate::view::View;

impl Server<'_> {
    /// Tells what is wrong where it is not what was told before.
    pub(super) fn publish(&mut self) {
        self.workspace.sync();
        let changed = self.workspace.take_changed();
        if changed.is_empty() {
            return;
        }
        if self.client.pulls {
            if self.client.refreshes && self.asked_for_diagnostics {
                self.ask::<lsp_types::request::WorkspaceDiagnosticRefresh>(());
            }
            return;
        }
        for home in changed {
            let Some(live) = self.workspace.project_mut(&home) else {
                let of_home = self.published.iter().filter(|(_, (owner, _))| *owner == home);
                let gone: Vec<PathBuf> = of_home.map(|(path, _)| path.clone()).collect();
                self.take_back(gone);
                continue;
            };
            let texts: Vec<FileId> = match live.take_changed() {
                Some(mut texts) => {
                    // A text that was opened as it was on disk has not been told of.
                    let untold = self.versions.keys().filter(|path| !self.published.contains_key(*path));
                    texts.extend(untold.filter_map(|path| live.file(path)));
                    texts.into_iter().collect()
                }
                None => {
                    // What was told of texts that the project no longer has is taken back.
                    let has = |path: &PathBuf| live.file(path).is_some();
                    let of_home = self.published.iter().filter(|(_, (owner, _))| *owner == home);
                    let gone: Vec<PathBuf> =
                        of_home.map(|(path, _)| path.clone()).filter(|path| !has(path)).collect();
                    let texts = live.project().sources.iter().map(|(file, _)| file).collect();
                    self.take_back(gone);
                    texts
                }
            };
            self.publish_texts(&home, &texts);
        }
    }

    /// Tells nothing more of files.
    fn take_back(&mut self, paths: Vec<PathBuf>) {
        for path in paths {
            self.published.remove(&path);
            self.publish_file(&path, Vec::new());
        }
    }

    /// Tells what is wrong with texts of a project, where it is not what was told before.
    fn publish_texts(&mut self, home: &Path, texts: &[FileId]) {
        let mut messages = Vec::new();
        let Some(live) = self.workspace.project(home) else { return };
        for file in texts {
            let Some(path) = live.path(*file).filter(|path| live.file(path) == Some(*file)) else { continue };
            let found = live.project().diagnostics_of(*file);
            // A file that is open is told of even if all is well.
            if found.is_empty() && self.workspace.buffer(&path).is_none() {
                if self.published.remove(&path).is_some() {
                    messages.push((path, Vec::new()));
                }
                continue;
            }
            let fingerprint = fingerprint(live, *file, &found);
            let told = self.published.insert(path.clone(), (home.to_owned(), fingerprint));
            if told.is_none_or(|(_, before)| before != fingerprint) {
                let all = found.iter().map(|one| shown(self.client.encoding, live, &mut self.cache, one));
                messages.push((path, all.collect::<Vec<_>>()));
            }
        }
        for (path, diagnostics) in messages {
            self.publish_file(&path, diagnostics);
        }
    }

    fn publish_file(&mut self, path: &Path, diagnostics: Vec<lsp_types::Diagnostic>) {
        let Some(uri) = self.uris.get(path).cloned().or_else(|| self.cache.naming.uri(path)) else { return };
        let version = self.versions.get(path).copied();
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        self.tell::<lsp_types::notification::PublishDiagnostics>(params);
    }

    /// `textDocument/diagnostic`
    pub(super) fn document_diagnostic(
        &mut self,
        params: &DocumentDiagnosticParams,
    ) -> DocumentDiagnosticReportResult {
        self.asked_for_diagnostics = true;
        let encoding = self.client.encoding;
        let path = self.cache.naming.path(&params.text_document.uri);
        let view = path.as_ref().and_then(|path| self.workspace.view(path));
        let (items, id) = match view {
            Some(view) => report(encoding, &mut self.cache, view),
            None => (Vec::new(), "0".to_owned()),
        };
        if params.previous_result_id.as_ref() == Some(&id) {
            let report = UnchangedDocumentDiagnosticReport { result_id: id };
            return DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report: report,
            })
            .into();
        }
        let report = FullDocumentDiagnosticReport { result_id: Some(id), items };
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: report,
        })
        .into()
    }

    /// `workspace/diagnostic`
    pub(super) fn workspace_diagnostic(
        &mut self,
        params: &WorkspaceDiagnosticParams,
    ) -> WorkspaceDiagnosticReportResult {
        self.asked_for_diagnostics = true;
        self.workspace.sync();
        let before: BTreeMap<&str, &str> = params
            .previous_result_ids
            .iter()
            .map(|previous| (previous.uri.as_str(), previous.value.as_str()))
            .collect();
        let mut items = Vec::new();
        let cancellation = self.cancellation();
        for (_, live) in self.workspace.projects() {
            let files = live.project().sources.iter().map(|(file, _)| file);
            for file in files.take_while(|_| !cancellation.is_cancelled()) {
                let Some(path) = live.path(file).filter(|path| live.file(path) == Some(file)) else {
                    continue;
                };
                let Some(uri) = self.uris.get(&path).cloned().or_else(|| self.cache.naming.uri(&path)) else {
                    continue;
                };
                let version = self.versions.get(&path).map(|version| i64::from(*version));
                let (found, id) = report(self.client.encoding, &mut self.cache, View::new(live, file));
                if before.get(uri.as_str()) == Some(&id.as_str()) {
                    let unchanged_document_diagnostic_report =
                        UnchangedDocumentDiagnosticReport { result_id: id };
                    let report = WorkspaceUnchangedDocumentDiagnosticReport {
                        uri,
                        version,
                        unchanged_document_diagnostic_report,
                    };
                    items.push(WorkspaceDocumentDiagnosticReport::Unchanged(report));
                } else {
                    let full_document_diagnostic_report =
                        FullDocumentDiagnosticReport { result_id: Some(id), items: found };
                    let report = WorkspaceFullDocumentDiagnosticReport {
                        uri,
                        version,
                        full_document_diagnostic_report,
                    };
                    items.push(WorkspaceDocumentDiagnosticReport::Full(report));
                }
            }
        }
        WorkspaceDiagnosticReportResult::Report(WorkspaceDiagnosticReport { items })
    }
}

/// Returns what is wrong with a file, and a name for it that changes when it does.
fn report(encoding: Encoding, cache: &mut Cache, view: View<'_>) -> (Vec<lsp_types::Diagnostic>, String) {
    let found = diagnostics::of_file(view);
    let id = format!("{:x}", fingerprint(view.live(), view.file, &found));
    (found.iter().map(|one| shown(encoding, view.live(), cache, one)).collect(), id)
}

/// Returns a number that changes when what is to be shown does.
fn fingerprint(live: &Live, file: FileId, found: &[&Diagnostic]) -> u64 {
    let mut hasher = DefaultHasher::new();
    if !found.is_empty() {
        // The same bytes of another text are other lines.
        live.project().sources.get(file).map(|source| source.text().clone()).hash(&mut hasher);
    }
    for one in found {
        (one.code, one.severity, &one.message, one.primary.span, &one.primary.text).hash(&mut hasher);
        for label in &one.secondary {
            (label.span, &label.text).hash(&mut hasher);
        }
        (&one.notes, &one.helps).hash(&mut hasher);
        for fix in &one.fixes {
            fix.title.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Returns a diagnostic as editors take it.
pub(super) fn shown(
    encoding: Encoding,
    live: &Live,
    cache: &mut Cache,
    diagnostic: &Diagnostic,
) -> lsp_types::Diagnostic {
    let sources = &live.project().sources;
    let range = |span: Span| {
        sources.get(span.file).map(|source| convert::range(encoding, source, span)).unwrap_or_default()
    };
    let severity = match diagnostic.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    };
    let mut related = Vec::new();
    for label in &diagnostic.secondary {
        let location = convert::location(encoding, live, cache, label.span);
        let message = label.text.clone();
        related.extend(location.map(|location| DiagnosticRelatedInformation { location, message }));
    }
    let fixes: Vec<_> = diagnostic
        .fixes
        .iter()
        .map(|fix| {
            let source = fix.edits.first().and_then(|edit| sources.get(edit.span.file));
            let edits = source.map(|source| convert::edits(encoding, source, &code_actions::edits(fix)));
            json!({
                "title": fix.title,
                "applicability": fix.applicability.as_str(),
                "edits": edits.unwrap_or_default(),
            })
        })
        .collect();
    let unnecessary = diagnostics::is_unnecessary(diagnostic.code);
    lsp_types::Diagnostic {
        range: range(diagnostic.primary.span),
        severity: Some(severity),
        code: Some(NumberOrString::String(diagnostic.code.to_string())),
        code_description: cache.page(diagnostic.code).map(|href| CodeDescription { href }),
        source: Some("hence".to_owned()),
        message: message(diagnostic),
        related_information: (!related.is_empty()).then_some(related),
        tags: unnecessary.then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: (!fixes.is_empty()).then(|| json!({ "fixes": fixes })),
    }
}

/// The message, what is said at the place, and what to do about it, a line each.
fn message(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    if !diagnostic.primary.text.is_empty() {
        text.push('\n');
        text.push_str(&diagnostic.primary.text);
    }
    for (word, lines) in [("note", &diagnostic.notes), ("help", &diagnostic.helps)] {
        for line in lines {
            text.push_str(&format!("\n{word}: {line}"));
        }
    }
    text
}
