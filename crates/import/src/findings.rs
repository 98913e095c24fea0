//! What is told of an import: what is wrong, what was lost, what was guessed.

use hence_diagnostics::{Code, Diagnostic, Severity, Span};

/// The findings so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    all: Vec<Diagnostic>,
}

impl Findings {
    /// Something of the description that the integration does not have.
    pub(crate) fn lost(&mut self, span: Span, message: impl Into<String>) {
        self.all.push(Diagnostic::new(Code::NotCarried, span, message));
    }

    /// Something that the description does not say.
    pub(crate) fn guessed(&mut self, span: Span, message: impl Into<String>) {
        self.all.push(Diagnostic::new(Code::Guessed, span, message));
    }

    /// Something wrong with the description.
    pub(crate) fn wrong(&mut self, span: Span, message: impl Into<String>) {
        self.all.push(Diagnostic::new(Code::InvalidDescription, span, message));
    }

    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        self.all.push(diagnostic);
    }

    pub(crate) fn add_all(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.all.extend(diagnostics);
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.all.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Returns all, errors first, then by place, each once: a schema that is used in several places says the same in all.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        let key = |one: &Diagnostic| (one.severity, one.primary.span, one.code, one.message.clone());
        self.all.sort_by_key(key);
        self.all.dedup_by(|a, b| a.primary.span == b.primary.span && a.message == b.message);
        self.all
    }
}
