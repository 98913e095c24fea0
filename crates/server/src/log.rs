//! The daemon's log: for people or as JSON Lines, to the standard error stream, secrets taken out.

use std::io::{self, Write};

use hence_connectors::Secrets;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A line for people.
    #[default]
    Human,
    /// A JSON object on each line.
    Json,
}

/// Starts the log. `filter` is what to show, such as `info` or `hence=debug,warn`; one that cannot be read is `info`.
/// A log that was started before stays as it is.
pub fn start(format: Format, filter: &str, colours: bool, secrets: Secrets) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(Masked(secrets)).with_ansi(colours);
    let started = match format {
        Format::Human => builder.with_target(false).try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
    // Fails only if there is a log already, as in tests.
    drop(started);
}

/// Makes writers that take secrets out.
struct Masked(Secrets);

/// Gathers one entry, so that a secret is found wherever it is cut.
struct Entry<'a>(&'a Secrets, Vec<u8>);

impl<'a> MakeWriter<'a> for Masked {
    type Writer = Entry<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Entry(&self.0, Vec::new())
    }
}

impl Write for Entry<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let text = self.0.mask(&String::from_utf8_lossy(&self.1));
        self.1.clear();
        io::stderr().lock().write_all(text.as_bytes())
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        // A log that cannot be written has nowhere to say so.
        let _ = self.flush();
    }
}
