//! `H305`: events of the project's own.

use hence_diagnostics::{Code, Diagnostic, Span};

/// An event that only its system sends.
pub(crate) struct NotEmitted {
    pub(crate) event: String,
    pub(crate) span: Span,
    pub(crate) declared: Span,
    pub(crate) own: Vec<String>,
}

impl From<NotEmitted> for Diagnostic {
    fn from(error: NotEmitted) -> Self {
        let message = format!("rules cannot emit `{}`", error.event);
        let diagnostic = Diagnostic::new(Code::NotEmitted, error.span, message)
            .label("only its system sends it")
            .secondary(error.declared, "declared here without `\"emit\": true`");
        if error.own.is_empty() {
            return diagnostic.help(
                "declare an event of your own, with `\"emit\": true`, in an integration of the project",
            );
        }
        let own: Vec<String> = error.own.iter().take(8).map(|name| format!("`{name}`")).collect();
        diagnostic.help(format!("events that rules emit: {}", own.join(", ")))
    }
}

/// An event without fields that its payload always has.
pub(crate) struct WithoutFields {
    pub(crate) event: String,
    pub(crate) names: Vec<String>,
    pub(crate) span: Span,
    pub(crate) declared: Span,
}

impl From<WithoutFields> for Diagnostic {
    fn from(error: WithoutFields) -> Self {
        let names: Vec<String> = error.names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("`{}` is emitted without {}", error.event, names.join(", "));
        Diagnostic::new(Code::WithoutFields, error.span, message)
            .label("a field is missing")
            .secondary(error.declared, "declared here")
            .help("give each field whose type is not `T?`, such as `{ customer_id: customer.id }`")
    }
}
