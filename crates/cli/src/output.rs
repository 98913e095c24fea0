//! Printing: results to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};

use hence_diagnostics::render::{TextOptions, summary, text};
use hence_diagnostics::{Diagnostic, Severity, Sources};

/// Prints a result. A reader that went away (`hence … | head`) ends the printing, not the command.
pub(crate) fn result(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a remark.
pub(crate) fn remark(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints why a command could not run. Where that is several lines each says who speaks, as in a log of many.
pub(crate) fn error(error: &anyhow::Error) {
    for line in format!("{error:#}").lines() {
        remark(&format!("hence: {line}"));
    }
}

/// Whether what goes to standard error may be coloured.
pub(crate) fn colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && std::io::stderr().is_terminal()
}

/// Whether what goes to standard output may be coloured.
pub(crate) fn result_colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && std::io::stdout().is_terminal()
}

/// Prints what is under way over the line before it, on a terminal only; an empty text takes it away.
pub(crate) fn progress(text: &str) {
    let mut out = std::io::stderr().lock();
    if out.is_terminal() {
        let _ = write!(out, "\r\u{1b}[2K{text}").and_then(|()| out.flush());
    }
}

/// Prints diagnostics for people, with a last line that counts them.
pub(crate) fn diagnostics(sources: &Sources, diagnostics: &[Diagnostic]) {
    if diagnostics.is_empty() {
        return;
    }
    let options = TextOptions { color: colours(), ..TextOptions::default() };
    remark(text(sources, diagnostics, options).trim_end());
    remark(&format!("\n{}", summary(diagnostics)));
}

/// Prints errors only, where warnings would be in the way; whether there were any.
pub(crate) fn errors(sources: &Sources, all: &[Diagnostic]) -> bool {
    let errors: Vec<Diagnostic> = all.iter().filter(|d| d.severity == Severity::Error).cloned().collect();
    diagnostics(sources, &errors);
    !errors.is_empty()
}
