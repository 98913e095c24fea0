//! What came of tests in the XML format of JUnit, which CI systems read.

use std::fmt::Write;

use hence_diagnostics::Sources;
use hence_testing::Failure;

use super::{Ran, human};

/// Returns the document; a suite is a file with tests.
pub(super) fn document(sources: &Sources, ran: &[Ran]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"hence\" {}>", counts(&ran.iter().collect::<Vec<_>>()));
    let mut files: Vec<_> = ran.iter().map(|ran| ran.report.span.file).collect();
    files.dedup();
    for file in files {
        let tests: Vec<&Ran> = ran.iter().filter(|ran| ran.report.span.file == file).collect();
        let name = sources.name(file);
        let _ = writeln!(out, "  <testsuite name=\"{}\" {}>", escaped(name), counts(&tests));
        for test in tests {
            case(sources, name, test, &mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn counts(tests: &[&Ran]) -> String {
    let failures = tests.iter().filter(|test| !test.report.passed()).count();
    let seconds: f64 = tests.iter().map(|test| test.took.as_secs_f64()).sum();
    format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\" time=\"{seconds:.6}\"", tests.len())
}

fn case(sources: &Sources, file: &str, test: &Ran, out: &mut String) {
    let span = test.report.span;
    let line = sources.get(span.file).map_or(1, |source| source.line_column(span.start).line);
    let class = file.strip_suffix(".rule").unwrap_or(file).replace(['/', '\\'], ".");
    let _ = write!(
        out,
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{line}\" time=\"{:.6}\"",
        escaped(&test.report.name),
        escaped(&class),
        escaped(file),
        test.took.as_secs_f64(),
    );
    if test.report.passed() {
        out.push_str("/>\n");
        return;
    }
    out.push_str(">\n");
    for failure in &test.report.failures {
        let _ = writeln!(
            out,
            "      <failure message=\"{}\" type=\"{}\">{}</failure>",
            escaped(&failure.message),
            failure.code,
            escaped(&told(sources, failure)),
        );
    }
    out.push_str("    </testcase>\n");
}

fn told(sources: &Sources, failure: &Failure) -> String {
    let mut text = format!("{}: {}\n", human::place(sources, failure.span), failure.message);
    for line in &failure.difference {
        let _ = writeln!(text, "{} {}", line.mark(), line.text());
    }
    text
}

/// Returns a text for an attribute or an element. What XML cannot hold at all becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(
            escaped("a < b & \"c\" > 'd'\n\u{1b}[0m]]>"),
            "a &lt; b &amp; &quot;c&quot; &gt; &apos;d&apos;&#10;\u{fffd}[0m]]&gt;"
        );
    }
}
