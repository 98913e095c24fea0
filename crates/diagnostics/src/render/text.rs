//! Text for people: a header, the source with labels, then notes, helps and fixes in the same frame.
//!
//! The drawing of labels is ariadne's. It is given excerpts made by [`excerpt`], never a source itself: it
//! panics on spans that end inside a character, counts other line ends than we do, and would print whole lines
//! however long. Everything else, the header and fixes above all, is written here.

mod changes;
mod excerpt;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Write;

use ariadne::{CharSet, Color, Config, IndexType, LabelAttach, Report, ReportKind};

use super::{one_line, visible};
use crate::{Code, Diagnostic, FileId, Label, Severity, Sources, Span};
use excerpt::Excerpt;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Whether to use colours, as ANSI escape sequences.
    pub color: bool,
    /// Whether to draw with ASCII characters only.
    pub ascii: bool,
    /// How many characters a line of source may have to be shown whole. Of a longer one only the parts around
    /// labels are shown.
    pub width: usize,
    /// Whether each diagnostic is one line, `file:line:column: error[H1003]: message`.
    pub concise: bool,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { color: false, ascii: false, width: 140, concise: false }
    }
}

/// Returns the diagnostics as text, in the order given, and how to learn more about each code.
pub fn text(sources: &Sources, diagnostics: &[Diagnostic], options: TextOptions) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if options.concise {
            write_concise(&mut out, sources, diagnostic, options);
        } else {
            write_full(&mut out, sources, diagnostic, options);
            out.push('\n');
        }
    }
    if !options.concise {
        let codes: BTreeSet<Code> = diagnostics.iter().map(|one| one.code).collect();
        let mut codes = codes.into_iter();
        if let Some(first) = codes.next() {
            let _ = write!(out, "= explain: hence explain {first}");
            let others: Vec<&str> = codes.map(Code::as_str).collect();
            if !others.is_empty() {
                let _ = write!(out, ", also {}", others.join(", "));
            }
            out.push('\n');
        }
    }
    out
}

fn write_concise(out: &mut String, sources: &Sources, diagnostic: &Diagnostic, options: TextOptions) {
    if let Some(source) = sources.get(diagnostic.primary.span.file) {
        let place = source.line_column(source.clamp(diagnostic.primary.span).start);
        let _ = write!(out, "{}:{}:{}: ", one_line(source.name()), place.line, place.column);
    }
    write_header(out, diagnostic, options);
}

fn write_full(out: &mut String, sources: &Sources, diagnostic: &Diagnostic, options: TextOptions) {
    write_header(out, diagnostic, options);
    let frame = draw(sources, diagnostic, options);
    let remarks = remarks(sources, diagnostic, options);
    if frame.lines.is_empty() {
        for line in remarks {
            let _ = writeln!(out, "  {line}");
        }
        return;
    }
    for line in &frame.lines {
        let _ = writeln!(out, "{line}");
    }
    if !remarks.is_empty() {
        let bar = paint(if options.ascii { "|" } else { "│" }, MARGIN, options);
        let margin = " ".repeat(frame.margin);
        let _ = writeln!(out, "{margin}{bar}");
        for line in remarks {
            let _ = writeln!(out, "{}", format!("{margin}{bar} {line}").trim_end());
        }
    }
    let _ = writeln!(out, "{}", frame.last);
}

const MARGIN: Color = Color::Fixed(246);

fn write_header(out: &mut String, diagnostic: &Diagnostic, options: TextOptions) {
    let kind = format!("{}[{}]", diagnostic.severity.as_str(), diagnostic.code);
    let kind = paint(&kind, color_of(diagnostic.severity), options);
    let _ = writeln!(out, "{kind}: {}", one_line(&diagnostic.message));
}

fn color_of(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Note => Color::Blue,
    }
}

fn paint(text: &str, color: Color, options: TextOptions) -> String {
    use ariadne::Fmt;
    if options.color { text.fg(color).to_string() } else { text.to_string() }
}

/// The drawn labels: the lines of the frame, its last line, and how far its bar is from the left.
struct Frame {
    lines: Vec<String>,
    last: String,
    margin: usize,
}

fn draw(sources: &Sources, diagnostic: &Diagnostic, options: TextOptions) -> Frame {
    let nothing = Frame { lines: Vec::new(), last: String::new(), margin: 0 };
    let before = line_before(sources, diagnostic);
    let labels = labels_in_order(diagnostic);
    let mut excerpts = Excerpts { files: Vec::new() };
    for (label, _) in &labels {
        let file = label.span.file;
        if let Some(source) = sources.get(file)
            && excerpts.get(file).is_none()
        {
            let all = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary).chain(&before);
            let spans: Vec<_> =
                all.filter(|label| label.span.file == file).map(|label| source.clamp(label.span)).collect();
            excerpts.files.push((file, Excerpt::new(source, &spans, options)));
        }
    }
    let span_of = |label: &Label| {
        let source = sources.get(label.span.file)?;
        let excerpt = excerpts.get(label.span.file)?;
        Some((label.span.file, excerpt.place(source, source.clamp(label.span))))
    };
    let Some(primary) = span_of(&diagnostic.primary) else { return nothing };
    let config = Config::new()
        .with_color(options.color)
        .with_char_set(if options.ascii { CharSet::Ascii } else { CharSet::Unicode })
        .with_index_type(IndexType::Char)
        .with_label_attach(attach(sources, &labels));
    let mut report =
        Report::build(ReportKind::Custom("", color_of(diagnostic.severity)), primary).with_config(config);
    if let Some(span) = before.as_ref().and_then(span_of) {
        report.add_label(ariadne::Label::new(span));
    }
    for (label, is_primary) in &labels {
        let Some(span) = span_of(label) else { continue };
        // Without a text ariadne would draw nothing below the line, not even the underline.
        let text = if label.text.is_empty() { "here".to_string() } else { one_line(&label.text) };
        let color = if *is_primary { color_of(diagnostic.severity) } else { Color::Cyan };
        report.add_label(ariadne::Label::new(span).with_message(text).with_color(color));
    }
    let mut drawn = Vec::new();
    if report.finish().write(&mut excerpts, &mut drawn).is_err() {
        return nothing;
    }
    let drawn = String::from_utf8_lossy(&drawn);
    // The first line is ariadne's own header.
    let mut lines: Vec<String> = drawn.lines().skip(1).map(|line| place_as_named(line.trim_end())).collect();
    let last = lines.pop().unwrap_or_default();
    let margin = last.matches(if options.ascii { '-' } else { '─' }).count();
    Frame { lines, last, margin }
}

/// Returns the labels with whether each is the primary one: the primary one's file first, then by line. In any
/// other order ariadne draws a file more than once.
fn labels_in_order(diagnostic: &Diagnostic) -> Vec<(&Label, bool)> {
    let mut labels: Vec<(&Label, bool)> = vec![(&diagnostic.primary, true)];
    labels.extend(diagnostic.secondary.iter().map(|label| (label, false)));
    let home = diagnostic.primary.span.file;
    labels.sort_by_key(|(label, _)| {
        let span = label.span;
        (span.file != home, span.file, span.end, span.start)
    });
    labels
}

/// Returns an empty place on the last line before the primary one that is not blank, if that one is blank, as it
/// is at the end of a text: alone it would show nothing.
fn line_before(sources: &Sources, diagnostic: &Diagnostic) -> Option<Label> {
    let span = diagnostic.primary.span;
    let source = sources.get(span.file)?;
    let line = source.line_of(source.clamp(span).start);
    if !source.line(line).trim().is_empty() {
        return None;
    }
    let shown = (1..line).rev().take(10).find(|line| !source.line(*line).trim().is_empty())?;
    let start = source.line_start(shown);
    Some(Label { span: Span::new(span.file, start, start), text: String::new() })
}

/// Returns where a label's line leaves its underline: the middle, unless a mark of no width might stand there,
/// on which nothing can be drawn.
fn attach(sources: &Sources, labels: &[(&Label, bool)]) -> LabelAttach {
    let joined = |(label, _): &(&Label, bool)| {
        let source = sources.get(label.span.file);
        source.is_some_and(|source| excerpt::has_marks(source, source.clamp(label.span)))
    };
    if labels.iter().any(joined) { LabelAttach::Start } else { LabelAttach::Middle }
}

/// What ariadne reads from. The name it shows for a file ends with the true place and [`END_OF_NAME`], after
/// which ariadne adds the place in the excerpt; [`place_as_named`] removes that again.
struct Excerpts {
    files: Vec<(FileId, Excerpt)>,
}

const END_OF_NAME: char = '\0';

impl Excerpts {
    fn get(&self, file: FileId) -> Option<&Excerpt> {
        self.files.iter().find(|(id, _)| *id == file).map(|(_, excerpt)| excerpt)
    }
}

impl ariadne::Cache<FileId> for Excerpts {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&ariadne::Source<String>, impl std::fmt::Debug> {
        self.get(*id).map(Excerpt::source).ok_or("a file without an excerpt")
    }

    fn display<'a>(&self, id: &'a FileId) -> Option<impl std::fmt::Display + 'a> {
        self.get(*id).map(|excerpt| format!("{}{END_OF_NAME}", excerpt.name()))
    }
}

fn place_as_named(line: &str) -> String {
    let Some((before, after)) = line.split_once(END_OF_NAME) else { return line.to_string() };
    let rest = after.split_once(' ').map_or("", |(_, rest)| rest);
    format!("{before} {rest}")
}

/// The lines under the drawn source: notes, helps and fixes.
fn remarks(sources: &Sources, diagnostic: &Diagnostic, options: TextOptions) -> Vec<String> {
    let mut lines = Vec::new();
    for note in &diagnostic.notes {
        remark(&mut lines, "note", note, options);
    }
    for help in &diagnostic.helps {
        remark(&mut lines, "help", help, options);
    }
    for fix in &diagnostic.fixes {
        remark(&mut lines, &format!("fix ({})", fix.applicability.as_str()), &fix.title, options);
        let Some(source) = fix.edits.first().and_then(|edit| sources.get(edit.span.file)) else { continue };
        for (sign, text) in changes::lines(source.text(), fix, options) {
            let color = if sign == '-' { Color::Red } else { Color::Green };
            lines.push(format!("  {}", paint(&format!("{sign} {text}"), color, options)));
        }
    }
    lines
}

fn remark(lines: &mut Vec<String>, word: &str, text: &str, options: TextOptions) {
    let indent = " ".repeat(word.len() + 2);
    for (i, line) in text.lines().enumerate() {
        if i == 0 {
            lines.push(format!("{}: {}", paint(word, Color::Fixed(115), options), one_line(line)));
        } else {
            lines.push(format!("{indent}{}", one_line(line)));
        }
    }
}
