//! A mail as it was caught, and what people would read of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The sender that the server was told.
    pub from: String,
    /// The recipients that the server was told.
    pub to: Vec<String>,
    /// The mail as it was sent, with lines ended by `\n`.
    pub source: String,
}

impl Mail {
    /// Returns the value of a header, lines joined and encoded words decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.source.split_once("\n\n").unwrap_or((&self.source, ""));
        let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
        let value = unfolded.lines().find_map(|line| {
            let (given, value) = line.split_once(':')?;
            given.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })?;
        Some(decode_words(&value))
    }

    /// Returns how many lines of the head begin with this header's name.
    pub fn count_of(&self, name: &str) -> usize {
        let (head, _) = self.source.split_once("\n\n").unwrap_or((&self.source, ""));
        head.lines()
            .filter(|line| line.split_once(':').is_some_and(|(given, _)| given.eq_ignore_ascii_case(name)))
            .count()
    }

    /// Returns the subject, empty where there is none.
    pub fn subject(&self) -> String {
        self.header("subject").unwrap_or_default()
    }

    /// Returns the plain text, decoded.
    pub fn text(&self) -> String {
        self.part("text/plain").map_or_else(|| self.decoded(), |part| part.decoded())
    }

    /// Returns the HTML, decoded, if there is any.
    pub fn html(&self) -> Option<String> {
        self.part("text/html").map(|part| part.decoded())
    }

    /// Returns the first part of a type in a mail that has several parts.
    fn part(&self, kind: &str) -> Option<Mail> {
        let content = self.header("content-type").unwrap_or_default();
        let boundary = content.strip_prefix("multipart/")?.split_once("boundary=\"")?.1.split('"').next()?;
        let (_, body) = self.source.split_once("\n\n")?;
        body.split(&format!("--{boundary}")).find_map(|part| {
            let part = Mail { source: part.trim_start().to_owned(), ..self.clone() };
            let given = part.header("content-type").unwrap_or_default();
            if given.starts_with(kind) { Some(part) } else { part.part(kind) }
        })
    }

    /// Returns the body, decoded.
    fn decoded(&self) -> String {
        let (_, body) = self.source.split_once("\n\n").unwrap_or(("", ""));
        let encoding = self.header("content-transfer-encoding").unwrap_or_default();
        let text = if encoding.eq_ignore_ascii_case("base64") {
            let compact: String = body.split_whitespace().collect();
            STANDARD
                .decode(compact)
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .unwrap_or_default()
        } else if encoding.eq_ignore_ascii_case("quoted-printable") {
            unquote(&body.replace("=\n", ""))
        } else {
            body.to_owned()
        };
        text.replace("\r\n", "\n").trim_end_matches('\n').to_owned()
    }

    /// Returns a line for people: `mail  ann@example.org  Your order`.
    pub fn line(&self) -> String {
        format!("mail  {}  {}", self.to.join(", "), self.subject())
    }
}

/// Decodes `=?utf-8?b?…?=` and `=?utf-8?q?…?=`; white space between two of them does not count.
fn decode_words(text: &str) -> String {
    let mut decoded = String::new();
    let mut after_word = false;
    for (index, part) in text.split(' ').enumerate() {
        let word = decode_word(part);
        if index > 0 && !(after_word && word.is_some()) {
            decoded.push(' ');
        }
        after_word = word.is_some();
        decoded.push_str(word.as_deref().unwrap_or(part));
    }
    decoded
}

fn decode_word(part: &str) -> Option<String> {
    let inner = part.strip_prefix("=?")?.strip_suffix("?=")?;
    let (_, rest) = inner.split_once('?')?;
    let (kind, text) = rest.split_once('?')?;
    if kind.eq_ignore_ascii_case("b") {
        STANDARD.decode(text).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    } else {
        Some(unquote(&text.replace('_', " ")))
    }
}

/// Replaces every `=XX` by its byte.
fn unquote(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped =
            if *first == b'=' { after.get(..2).and_then(|pair| hex::decode(pair).ok()) } else { None };
        if let Some(escaped) = escaped {
            bytes.extend(escaped);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
