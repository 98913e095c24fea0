//! What is wrong with a file.

use hence_diagnostics::{Code, Diagnostic, FileId};
use hence_project::Project;

use crate::view::View;

/// Returns what is wrong with a file.
pub fn of_file(view: View<'_>) -> Vec<&Diagnostic> {
    let all = view.project().diagnostics.iter();
    all.filter(|diagnostic| diagnostic.primary.span.file == view.file).collect()
}

/// Returns what is wrong with each file of a project that has anything wrong.
pub fn by_file(project: &Project) -> Vec<(FileId, Vec<&Diagnostic>)> {
    let mut sorted: Vec<&Diagnostic> = project.diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| diagnostic.primary.span.file);
    let chunks = sorted.chunk_by(|a, b| a.primary.span.file == b.primary.span.file);
    let files = chunks.filter_map(|chunk| Some((chunk.first()?.primary.span.file, chunk.to_vec())));
    files.collect()
}

/// Returns whether what a code reports is text that does nothing and may be shown pale.
pub fn is_unnecessary(code: Code) -> bool {
    ["unused-", "unreachable-"].iter().any(|start| code.name().starts_with(start))
}
