//! `H307`: triggers of time.

use hence_diagnostics::{Code, Diagnostic, Span};

/// A schedule that makes no sense.
pub(crate) struct InvalidSchedule {
    pub(crate) message: String,
    pub(crate) label: &'static str,
    pub(crate) span: Span,
    pub(crate) help: Option<&'static str>,
}

impl From<InvalidSchedule> for Diagnostic {
    fn from(error: InvalidSchedule) -> Self {
        let diagnostic = Diagnostic::new(Code::InvalidSchedule, error.span, error.message).label(error.label);
        match error.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// A pattern of cron that cannot be read.
pub(crate) struct InvalidCron {
    pub(crate) pattern: String,
    pub(crate) reason: String,
    pub(crate) span: Span,
}

impl From<InvalidCron> for Diagnostic {
    fn from(error: InvalidCron) -> Self {
        let message = format!("`{}` is no pattern of cron: {}", error.pattern, error.reason);
        Diagnostic::new(Code::InvalidCron, error.span, message)
            .label("cannot be read")
            .help("`0 9 * * MON` is Mondays at 09:00: minute, hour, day of the month, month, day of the week")
    }
}
