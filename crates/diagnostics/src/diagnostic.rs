//! The diagnostic value. One struct serves the terminal, JSON, SARIF, GitHub annotations and editors.

use crate::{Code, Level, Span};

/// How bad it is. An error stops the rules from being loaded, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The text has no meaning, or not the one its author wants.
    Error,
    /// The text has a meaning that is probably not the one wanted.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// Returns `error`, `warning` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What to say, without capital and full stop. May be empty on a primary label.
    pub text: String,
}

/// How sure a fix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Keeps or restores the meaning; `hence fix` applies it.
    Safe,
    /// Probably what is wanted; offered, never applied unasked.
    Likely,
    /// Needs a decision or has a placeholder.
    Manual,
}

impl Applicability {
    /// Returns `safe`, `likely` or `manual`.
    pub fn as_str(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::Likely => "likely",
            Applicability::Manual => "manual",
        }
    }
}

/// Replaces the text under a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What to replace; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A change that mends what the diagnostic reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, such as "insert `,`".
    pub title: String,
    /// How sure it is.
    pub applicability: Applicability,
    /// The edits, not overlapping, in one file.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// Returns a fix of one edit.
    pub fn replace(
        applicability: Applicability,
        span: Span,
        text: impl Into<String>,
        title: impl Into<String>,
    ) -> Self {
        Fix { title: title.into(), applicability, edits: vec![Edit { span, text: text.into() }] }
    }
}

/// Something to tell the author of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// The severity: the code's default level, unless a project's lint levels changed it.
    pub severity: Severity,
    /// One line, no capital at the start, no full stop, user text in backticks. Enough alone.
    pub message: String,
    /// The smallest guilty text.
    pub primary: Label,
    /// At most two further places, such as the other operand and where a type comes from.
    pub secondary: Vec<Label>,
    /// Facts that have no place.
    pub notes: Vec<String>,
    /// What to do about it.
    pub helps: Vec<String>,
    /// Edits that mend it, best first.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// Returns a diagnostic with the code's default severity and an unlabelled primary place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let severity = match code.level() {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note => Severity::Note,
        };
        Self {
            code,
            severity,
            message: message.into(),
            primary: Label { span, text: String::new() },
            secondary: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Sets the text at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Adds a second place where there is one.
    #[must_use]
    pub fn secondary_at(self, span: Option<Span>, text: impl Into<String>) -> Self {
        match span {
            Some(span) => self.secondary(span, text),
            None => self,
        }
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds a help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(text.into());
        self
    }

    /// Adds a fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }
}
