//! Texts with their escapes, and numbers.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix};

use super::Value;
use super::reader::Reader;

impl Reader<'_> {
    /// Reads a text; `quote` is next.
    pub(super) fn text(&mut self, quote: char) -> Option<String> {
        let start = self.at;
        self.take(quote);
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|found| found != quote && found != '\\' && found >= ' '));
            if self.take(quote) {
                break;
            }
            match self.peek() {
                Some('\\') => self.escape(&mut text),
                Some(control) if control != '\n' && control != '\r' => self.control(control, &mut text),
                // A text ends on its line, so the line's end or the file's is where a quote was forgotten.
                _ => {
                    let end = self.at;
                    let diagnostic =
                        Diagnostic::new(Code::InvalidJson, self.span(start, end), "the text is never closed")
                            .help("put `\"` where the text ends; a line break inside is written `\\n`");
                    self.stop(diagnostic);
                    return None;
                }
            }
        }
        if quote == '\'' {
            let span = self.span(start, self.at);
            self.report(span, "texts stand between double quotes in JSON");
            let quoted = serde_json::Value::String(text.clone()).to_string();
            self.fix(Fix::replace(Applicability::Safe, span, &*quoted, format!("write `{quoted}`")));
        }
        Some(text)
    }

    fn control(&mut self, control: char, text: &mut String) {
        let (span, found) = self.found();
        self.at += control.len_utf8();
        text.push(control);
        let spelling = match control {
            '\t' => "\\t".to_owned(),
            other => format!("\\u{:04x}", u32::from(other)),
        };
        self.report(span, format!("{found} cannot stand in a text as it is"));
        self.fix(Fix::replace(Applicability::Safe, span, &*spelling, format!("write `{spelling}`")));
    }

    /// Reads an escape; `\` is next.
    fn escape(&mut self, text: &mut String) {
        let start = self.at;
        self.take('\\');
        let Some(letter) = self.peek() else { return };
        let resolved = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.take('u');
                return self.unicode_escape(start, text);
            }
            // The end of the line is for the caller to report, as an unclosed text.
            '\n' | '\r' => return,
            other => {
                self.at += other.len_utf8();
                let span = self.span(start, self.at);
                let doubled = format!("\\\\{other}");
                self.report(span, format!("`\\{other}` is not an escape"));
                self.fix(Fix::replace(
                    Applicability::Likely,
                    span,
                    &*doubled,
                    "write `\\\\` for a backslash",
                ));
                text.push(other);
                return;
            }
        };
        self.at += letter.len_utf8();
        text.push(resolved);
    }

    /// Reads what follows `\u`, and the second half where the first asks for one.
    fn unicode_escape(&mut self, start: usize, text: &mut String) {
        let first = self.four_digits();
        let mut resolved = first.and_then(char::from_u32);
        if let Some(high @ 0xD800..0xDC00) = first {
            let between = self.at;
            if self.take('\\')
                && self.take('u')
                && let Some(low @ 0xDC00..0xE000) = self.four_digits()
            {
                resolved = char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
            }
            if resolved.is_none() {
                self.at = between;
            }
        }
        if resolved.is_none() {
            let span = self.span(start, self.at);
            let message = match first {
                None => "`\\u` is not followed by four hexadecimal digits",
                Some(_) => "the escape is half of a character, its other half is missing",
            };
            self.report(span, message);
        }
        text.push(resolved.unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    /// Reads a number, or what was meant as one.
    pub(super) fn number(&mut self) -> Value {
        let start = self.at;
        let digits =
            self.take_while(|found| found.is_ascii_alphanumeric() || matches!(found, '.' | '+' | '-' | '_'));
        let span = self.span(start, self.at);
        if serde_json::from_str::<serde_json::Number>(digits).is_ok() {
            if digits.parse::<f64>().is_ok_and(f64::is_infinite) {
                self.report(span, format!("the number `{digits}` is too large"));
                return Value::Number("0".into());
            }
            return Value::Number(digits.into());
        }
        self.report(span, format!("`{digits}` is not a number of JSON"));
        let mended = mend(digits);
        let known = serde_json::from_str::<serde_json::Number>(&mended).is_ok();
        if known {
            self.fix(Fix::replace(Applicability::Likely, span, &*mended, format!("write `{mended}`")));
        }
        Value::Number(if known { mended.into() } else { "0".into() })
    }
}

/// Returns a number without the freedoms that other languages allow.
fn mend(digits: &str) -> String {
    let plain = digits.replace('_', "");
    let (sign, rest) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let stripped = rest.trim_start_matches('0');
    let whole = if stripped.starts_with(|found: char| found.is_ascii_digit()) {
        stripped.to_owned()
    } else {
        format!("0{stripped}")
    };
    format!("{sign}{}", whole.strip_suffix('.').unwrap_or(&whole))
}
