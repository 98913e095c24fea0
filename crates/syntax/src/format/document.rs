//! A small document algebra: text with places where a line may break, and its layout in a given width.
//!
//! Two things set it apart from the textbook: a comment ends its line whatever follows, except for a comma,
//! which goes before it; and indentation is written only before text, so no line ends in blanks. It knows
//! nothing of the language.

/// A piece of layout.
#[derive(Debug, Clone)]
pub(super) enum Document {
    /// Text without line breaks.
    Text(String),
    /// A comma; it stands before a comment that ends the line.
    Comma,
    /// A comment up to the end of the line. What follows starts on a new one.
    Comment(String),
    /// A blank, or a line break where the group is broken.
    Line,
    /// Nothing, or a line break where the group is broken.
    SoftLine,
    /// A line break, unless the line is still empty.
    HardLine,
    /// An empty line.
    BlankLine,
    /// What stands only where the group is broken.
    IfBroken(Box<Document>),
    /// What is laid out on one line if it fits.
    Group(Box<Document>, Measure),
    /// Indents the lines that start within.
    Nest(usize, Box<Document>),
    /// Indents the lines that start within to where this starts.
    Align(Box<Document>),
    /// One after the other.
    Concat(Vec<Document>),
}

/// How wide a document is on one line, and whether it has to be broken.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measure {
    pub(super) width: usize,
    pub(super) forced: bool,
    /// Whether it ends in a comment: then what follows has to be broken, not what stands before.
    pub(super) comment: bool,
}

impl Measure {
    fn of_width(width: usize) -> Self {
        Measure { width, ..Measure::default() }
    }

    /// Whether what stands after it cannot stand on its line.
    pub(super) fn ends_line(self) -> bool {
        self.forced || self.comment
    }

    fn and(self, next: Measure) -> Self {
        let text_after = self.comment && next.width > 0;
        Measure {
            width: self.width + next.width,
            forced: self.forced || next.forced || text_after || self.comment && next.comment,
            comment: self.comment || next.comment,
        }
    }
}

impl Document {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Document::Text(text.into())
    }

    pub(super) fn nothing() -> Self {
        Document::Concat(Vec::new())
    }

    pub(super) fn group(document: Document) -> Self {
        let measure = document.measure();
        Document::Group(Box::new(document), measure)
    }

    pub(super) fn nest(columns: usize, document: Document) -> Self {
        Document::Nest(columns, Box::new(document))
    }

    pub(super) fn align(document: Document) -> Self {
        Document::Align(Box::new(document))
    }

    /// Returns how wide it is on one line.
    pub(super) fn measure(&self) -> Measure {
        match self {
            Document::Text(text) => Measure::of_width(text.chars().count()),
            Document::Comma | Document::Line => Measure::of_width(1),
            Document::SoftLine | Document::IfBroken(_) => Measure::default(),
            Document::Comment(_) => Measure { comment: true, ..Measure::default() },
            Document::HardLine | Document::BlankLine => Measure { forced: true, ..Measure::default() },
            Document::Group(_, measure) => *measure,
            Document::Nest(_, inner) | Document::Align(inner) => inner.measure(),
            Document::Concat(parts) => {
                parts.iter().fold(Measure::default(), |all, part| all.and(part.measure()))
            }
        }
    }

    /// Lays the document out. The text has no line break at its end.
    pub(super) fn print(&self, width: usize) -> String {
        let mut printer = Printer { width, ..Printer::default() };
        printer.print(self);
        printer.finish()
    }
}

impl FromIterator<Document> for Document {
    fn from_iter<I: IntoIterator<Item = Document>>(parts: I) -> Self {
        Document::Concat(parts.into_iter().collect())
    }
}

impl<const N: usize> From<[Document; N]> for Document {
    fn from(parts: [Document; N]) -> Self {
        Document::Concat(parts.into())
    }
}

/// A document still to be printed.
#[derive(Clone, Copy)]
struct Pending<'a> {
    indent: usize,
    broken: bool,
    document: &'a Document,
}

#[derive(Default)]
struct Printer<'a> {
    width: usize,
    out: String,
    column: usize,
    /// Whether the line is still empty; its indentation is written with the first text.
    fresh: bool,
    indent: usize,
    comment: Option<&'a str>,
    started: bool,
}

impl<'a> Printer<'a> {
    fn print(&mut self, document: &'a Document) {
        let mut stack = vec![Pending { indent: 0, broken: true, document }];
        while let Some(next) = stack.pop() {
            let Pending { indent, broken, document } = next;
            match document {
                Document::Text(text) => self.text(text, indent),
                Document::Comma => self.comma(indent),
                Document::Comment(comment) => {
                    if self.comment.is_some() {
                        self.line(indent);
                    }
                    self.comment = Some(comment);
                    if self.fresh || !self.started {
                        self.indent = indent;
                    }
                }
                Document::Line if !broken && self.comment.is_none() => self.text(" ", indent),
                Document::SoftLine if !broken && self.comment.is_none() => {}
                Document::Line | Document::SoftLine | Document::HardLine => self.line(indent),
                Document::BlankLine => {
                    self.line(indent);
                    if self.started && !self.out.ends_with("\n\n") {
                        self.out.push('\n');
                    }
                }
                Document::IfBroken(inner) => {
                    if broken {
                        stack.push(Pending { indent, broken, document: inner });
                    }
                }
                Document::Group(inner, measure) => {
                    let fits = !broken || !measure.forced && self.fits(measure.width, indent, &stack);
                    stack.push(Pending { indent, broken: !fits, document: inner });
                }
                Document::Nest(columns, inner) => {
                    stack.push(Pending { indent: indent + columns, broken, document: inner });
                }
                Document::Align(inner) => {
                    let column = self.start(indent);
                    stack.push(Pending { indent: column, broken, document: inner });
                }
                Document::Concat(parts) => {
                    stack.extend(parts.iter().rev().map(|document| Pending { indent, broken, document }));
                }
            }
        }
    }

    /// Whether `width` columns and what follows up to the next possible line break fit on the line.
    fn fits(&self, width: usize, indent: usize, rest: &[Pending<'_>]) -> bool {
        let mut used = self.start(indent) + width;
        let mut stack: Vec<(bool, &Document)> = Vec::new();
        let mut rest = rest.iter().rev();
        while used <= self.width {
            let Some((broken, document)) =
                stack.pop().or_else(|| rest.next().map(|next| (next.broken, next.document)))
            else {
                return true;
            };
            match document {
                Document::Text(text) => used += text.chars().count(),
                Document::Comma => used += 1,
                Document::Comment(_) | Document::HardLine | Document::BlankLine => return true,
                Document::Line | Document::SoftLine if broken => return true,
                Document::Line => used += 1,
                Document::SoftLine => {}
                Document::IfBroken(inner) => {
                    if broken {
                        stack.push((broken, inner));
                    }
                }
                Document::Group(inner, _) | Document::Nest(_, inner) | Document::Align(inner) => {
                    stack.push((broken, inner));
                }
                Document::Concat(parts) => stack.extend(parts.iter().rev().map(|part| (broken, part))),
            }
        }
        false
    }

    /// Returns the column where the next text stands.
    fn start(&self, indent: usize) -> usize {
        if self.comment.is_some() {
            indent
        } else if self.fresh {
            self.indent
        } else {
            self.column
        }
    }

    fn text(&mut self, text: &str, indent: usize) {
        if (self.fresh || self.comment.is_some()) && text.trim().is_empty() {
            return;
        }
        if self.comment.is_some() {
            self.line(indent);
        }
        self.write(text);
    }

    fn comma(&mut self, indent: usize) {
        if self.fresh && self.comment.is_some() {
            self.line(indent);
        }
        self.write(",");
    }

    fn write(&mut self, text: &str) {
        if self.fresh {
            self.out.extend(std::iter::repeat_n(' ', self.indent));
            self.column = self.indent;
            self.fresh = false;
        }
        self.started = true;
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    /// Ends the line, unless nothing stands on it, and sets the indentation of the next.
    fn line(&mut self, indent: usize) {
        self.flush();
        if self.started && !self.fresh {
            self.trim();
            self.out.push('\n');
            self.fresh = true;
        }
        self.indent = indent;
    }

    /// Writes the comment that ends the line.
    fn flush(&mut self) {
        if let Some(comment) = self.comment.take() {
            if self.started && !self.fresh {
                self.trim();
                self.write(" ");
            }
            self.write(comment);
        }
    }

    fn trim(&mut self) {
        let length = self.out.trim_end_matches(' ').len();
        self.out.truncate(length);
    }

    fn finish(mut self) -> String {
        self.flush();
        let length = self.out.trim_end().len();
        self.out.truncate(length);
        self.out
    }
}
