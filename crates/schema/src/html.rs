//! HTML with placeholders: what stands around each of them, and so how its value is escaped.
//!
//! Not a browser: it reads tags, attributes, comments and the elements whose content is no HTML, as they must be written for
//! every reader to agree on where they begin and end. A placeholder may stand in text, in the quoted value of an attribute
//! that is a text, and in that of one that is an address, behind its host or as all of it. Everywhere else a value could
//! become markup, style or script, and there it is a problem.
//!
//! `{{` and `}}` are the braces themselves, apart from comments, styles and scripts, in which braces are as they are.

#[cfg(test)]
mod tests;

/// A part of an HTML text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HtmlPart {
    /// As it is.
    Literal(String),
    /// The value of a parameter.
    Placeholder {
        /// Its name.
        name: String,
        /// How its value is escaped.
        escape: Escape,
    },
}

/// How a value is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As text: nothing in it is markup, nor ends an attribute.
    Text,
    /// As a part of an address: every byte that means something in one is percent-encoded.
    AddressPart,
    /// It is an address as a whole, or its beginning: of a scheme that runs nothing, or refused.
    Address,
}

/// What [`parse`] returns.
#[derive(Debug, Default)]
pub(crate) struct Html<'a> {
    pub(crate) parts: Vec<HtmlPart>,
    /// The names of all placeholders with their places, those included that are a problem.
    pub(crate) names: Vec<(usize, &'a str)>,
    /// What is wrong, in the order of the places.
    pub(crate) problems: Vec<Problem>,
}

/// Something wrong at a place of the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) at: usize,
    pub(crate) length: usize,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// The attributes in whose values a placeholder is text, beside those that begin with `data-` or `aria-`.
const TEXTS: &[&str] = &[
    "abbr", "align", "alt", "bgcolor", "class", "color", "colspan", "dir", "height", "id", "lang", "name",
    "role", "rowspan", "summary", "title", "valign", "value", "width",
];

/// Those in whose values it is an address.
const ADDRESSES: &[&str] = &["background", "cite", "href", "src"];

/// The elements that do something with their attributes, in which no placeholder may stand.
const ACTIVE: &[&str] =
    &["applet", "base", "embed", "frame", "iframe", "link", "meta", "object", "param", "script", "style"];

/// The elements whose content is no HTML, up to their end.
const RAW: &[&str] = &["iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "xmp"];

/// Those whose content is text without tags.
const TEXT_ONLY: &[&str] = &["textarea", "title"];

/// The schemes of addresses behind which a placeholder may stand, beside those with a host.
const WITHOUT_HOST: &[&str] = &["mailto", "sms", "tel"];

const NOT_HERE: &str = "a placeholder may stand in text, and in the quoted value of an attribute such as `title`, `alt`, `class`, `href` or `src`";

/// Reads an HTML text.
pub(crate) fn parse(text: &str) -> Html<'_> {
    let mut reader = Reader { text, at: 0, literal: String::new(), html: Html::default() };
    while reader.at < text.len() {
        reader.content();
    }
    reader.flush();
    reader.html
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    literal: String,
    html: Html<'a>,
}

/// The name of an attribute and the tag it stands in, and what of its value was read.
struct Value<'n> {
    tag: &'n str,
    name: &'n str,
    /// What stands before, a character for each placeholder.
    before: String,
    /// Whether it began with a placeholder that is an address.
    is_given: bool,
}

impl<'a> Reader<'a> {
    /// Reads text up to the next markup, and that.
    fn content(&mut self) {
        let text = self.text;
        let next = rest(text, self.at).find(['<', '{', '}']).map_or(text.len(), |next| self.at + next);
        self.take(next);
        if rest(text, next).starts_with('<') {
            self.markup();
        } else {
            self.brace(|| Ok(Escape::Text));
        }
    }

    fn markup(&mut self) {
        let tail = rest(self.text, self.at);
        if tail.starts_with("<!--") {
            let end = rest(tail, 4).find("-->").map_or(tail.len(), |end| 4 + end + 3);
            self.raw(self.at + end, "a comment");
        } else if tail.starts_with("<!") || tail.starts_with("<?") {
            let end = tail.find('>').map_or(tail.len(), |end| end + 1);
            self.raw(self.at + end, "a declaration");
        } else {
            let named = tail.strip_prefix("</").or_else(|| tail.strip_prefix('<'));
            if named.is_some_and(|named| named.starts_with(|c: char| c.is_ascii_alphabetic())) {
                self.tag(tail.starts_with("</"));
            } else {
                self.take(self.at + 1);
            }
        }
    }

    fn tag(&mut self, is_end: bool) {
        let start = self.at;
        self.take(start + if is_end { 2 } else { 1 });
        let tag = self.word(&['/', '>']).to_ascii_lowercase();
        loop {
            self.skip(|c| c.is_ascii_whitespace() || c == '/');
            match rest(self.text, self.at).chars().next() {
                None => {
                    self.problem(start, 1, "this tag has no end".to_owned(), "write `>` at its end");
                    return;
                }
                Some('>') => {
                    self.take(self.at + 1);
                    break;
                }
                Some('{' | '}') => self.brace(|| Err((NO_ATTRIBUTE.to_owned(), NOT_HERE))),
                Some(_) => self.attribute(&tag),
            }
        }
        if is_end {
            return;
        }
        if RAW.contains(&tag.as_str()) {
            self.raw(self.end_of(&tag), &format!("the element `{tag}`"));
        } else if TEXT_ONLY.contains(&tag.as_str()) {
            let end = self.end_of(&tag);
            while self.at < end {
                let next = rest(self.text, self.at).find(['{', '}']).map_or(end, |next| self.at + next);
                self.take(next.min(end));
                if self.at < end {
                    self.brace(|| Ok(Escape::Text));
                }
            }
        }
    }

    fn attribute(&mut self, tag: &str) {
        let name = self.word(&['=', '/', '>']).to_ascii_lowercase();
        if name.is_empty() {
            // An equals sign without a name before it.
            self.take(self.at + 1);
            return;
        }
        self.skip(|c| c.is_ascii_whitespace());
        if !rest(self.text, self.at).starts_with('=') {
            return;
        }
        self.take(self.at + 1);
        self.skip(|c| c.is_ascii_whitespace());
        let start = self.at;
        let Some(quote) = rest(self.text, start).chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let end = rest(self.text, start).find(|c: char| c.is_ascii_whitespace() || c == '>');
            let end = end.map_or(self.text.len(), |end| start + end);
            while self.at < end {
                let next = rest(self.text, self.at).find(['{', '}']).map_or(end, |next| self.at + next);
                self.take(next.min(end));
                if self.at < end {
                    let message = "a placeholder stands in an attribute without quotes".to_owned();
                    self.brace(|| Err((message, "put the value of the attribute in quotes")));
                }
            }
            return;
        };
        self.take(start + 1);
        let Some(end) = rest(self.text, self.at).find(quote).map(|end| self.at + end) else {
            self.problem(
                start,
                1,
                "this quote has no partner".to_owned(),
                "write the same quote at the end of the value",
            );
            self.take(self.text.len());
            return;
        };
        let mut value = Value { tag, name: &name, before: String::new(), is_given: false };
        while self.at < end {
            let next = rest(self.text, self.at).find(['{', '}']).map_or(end, |next| self.at + next);
            value.before.push_str(self.text.get(self.at..next.min(end)).unwrap_or_default());
            self.take(next.min(end));
            if self.at < end {
                self.brace(|| value.escape());
            }
        }
        self.take(end + 1);
    }

    /// Reads what a brace begins: a doubled brace, or a placeholder, of which `escape` says how it is escaped or why it may
    /// not stand here.
    fn brace(&mut self, escape: impl FnOnce() -> Result<Escape, (String, &'static str)>) {
        let tail = rest(self.text, self.at);
        if tail.starts_with("{{") || tail.starts_with("}}") {
            self.literal.push_str(tail.get(..1).unwrap_or_default());
            self.at += 2;
            return;
        }
        let Some(brace) = tail.chars().next() else { return };
        let inside = rest(tail, 1);
        let end = inside.find(['{', '}']).filter(|end| brace == '{' && rest(inside, *end).starts_with('}'));
        let Some(end) = end else {
            let help = "`{{` and `}}` stand for the braces themselves";
            self.problem(self.at, 1, "a brace has no partner".to_owned(), help);
            self.at += 1;
            return;
        };
        let padded = inside.get(..end).unwrap_or_default();
        let (start, name) = (self.at + 1 + (padded.len() - padded.trim_start().len()), padded.trim());
        self.html.names.push((start, name));
        match escape() {
            Ok(escape) => {
                self.flush();
                self.html.parts.push(HtmlPart::Placeholder { name: name.to_owned(), escape });
            }
            Err((message, help)) => self.problem(self.at, end + 2, message, help),
        }
        self.at += end + 2;
    }

    /// Takes what is no HTML as it is. A placeholder in it would not be one, which is told.
    fn raw(&mut self, end: usize, what: &str) {
        let text = self.text.get(self.at..end).unwrap_or_default();
        for (open, _) in text.match_indices('{') {
            let inside = rest(text, open + 1);
            let Some(close) = inside.find('}') else { continue };
            let name = inside.get(..close).unwrap_or_default().trim();
            if is_name(name) {
                self.html.names.push((self.at + open + 1, name));
                let message = format!("a placeholder stands in {what}");
                self.problem(self.at + open, close + 2, message, NOT_HERE);
            }
        }
        self.take(end);
    }

    /// Returns where the end tag of an element begins.
    fn end_of(&self, tag: &str) -> usize {
        let tail = rest(self.text, self.at);
        let closes = |(at, _): &(usize, &str)| {
            let name = rest(tail, at + 2);
            name.get(..tag.len()).is_some_and(|name| name.eq_ignore_ascii_case(tag))
        };
        tail.match_indices("</").find(closes).map_or(self.text.len(), |(at, _)| self.at + at)
    }

    /// Takes what belongs to a name, up to white space, braces and some characters.
    fn word(&mut self, ends: &[char]) -> &'a str {
        let tail = rest(self.text, self.at);
        let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '{' | '}') || ends.contains(&c);
        let end = tail.find(is_end).unwrap_or(tail.len());
        self.take(self.at + end);
        tail.get(..end).unwrap_or_default()
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        let tail = rest(self.text, self.at);
        self.take(self.at + tail.find(|c| !wanted(c)).unwrap_or(tail.len()));
    }

    /// Takes text as it is, up to a place.
    fn take(&mut self, end: usize) {
        self.literal.push_str(self.text.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.html.parts.push(HtmlPart::Literal(std::mem::take(&mut self.literal)));
        }
    }

    fn problem(&mut self, at: usize, length: usize, message: String, help: &str) {
        self.html.problems.push(Problem { at, length, message, help: help.to_owned() });
    }
}

const NO_ATTRIBUTE: &str = "a placeholder stands in a tag and in no value";
const NO_HOST: &str = "the host of an address is no placeholder: write it, up to the `/` behind it";

impl Value<'_> {
    /// Returns how a placeholder is escaped that stands next in the value.
    fn escape(&mut self) -> Result<Escape, (String, &'static str)> {
        let Self { tag, name, .. } = *self;
        if ACTIVE.contains(&tag) {
            return Err((format!("a placeholder stands in the element `{tag}`"), NOT_HERE));
        }
        if TEXTS.contains(&name) || name.starts_with("data-") || name.starts_with("aria-") {
            return Ok(Escape::Text);
        }
        if !ADDRESSES.contains(&name) {
            return Err((format!("a placeholder stands in the attribute `{name}`"), NOT_HERE));
        }
        let escape = self.in_address()?;
        self.is_given |= escape == Escape::Address;
        self.before.push('x');
        Ok(escape)
    }

    fn in_address(&self) -> Result<Escape, (String, &'static str)> {
        let before = self.before.trim_start();
        if before.is_empty() {
            return Ok(Escape::Address);
        }
        if self.is_given {
            return Ok(Escape::AddressPart);
        }
        let no_host = || Err(("a placeholder stands in the host of an address".to_owned(), NO_HOST));
        let has_path = |authority: &str| authority.contains(['/', '?', '#']) && !authority.contains('\\');
        let head = before.split(['/', '?', '#']).next().unwrap_or_default();
        if head.contains(['&', '\\']) || head.chars().any(char::is_control) {
            let help = "write the beginning of the address plainly, such as `https://example.com/`";
            return Err(("a placeholder stands in an address whose beginning is unclear".to_owned(), help));
        }
        let Some((scheme, _)) = head.split_once(':') else {
            return match before.strip_prefix("//") {
                Some(authority) if !has_path(authority) => no_host(),
                _ if before.contains('\\') => no_host(),
                _ => Ok(Escape::AddressPart),
            };
        };
        let scheme = scheme.to_ascii_lowercase();
        match rest(before, scheme.len() + 1).strip_prefix("//") {
            Some(authority) if matches!(scheme.as_str(), "http" | "https") => {
                if has_path(authority) {
                    Ok(Escape::AddressPart)
                } else {
                    no_host()
                }
            }
            _ if matches!(scheme.as_str(), "http" | "https") => no_host(),
            _ if WITHOUT_HOST.contains(&scheme.as_str()) => Ok(Escape::AddressPart),
            _ => {
                let help =
                    "addresses with placeholders begin with `https:`, `http:`, `mailto:`, `tel:` or `sms:`";
                Err((format!("a placeholder stands in an address of the scheme `{scheme}`"), help))
            }
        }
    }
}

/// Returns whether a text could be the name of a placeholder.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn rest(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}
