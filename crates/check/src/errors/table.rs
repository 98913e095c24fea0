//! `H304`, `H404`: decision tables and rule families.

use hence_diagnostics::{Code, Diagnostic, Span};

/// Two rows that can match together although only one may.
pub(crate) struct RowsOverlap {
    pub(crate) row: Span,
    pub(crate) other: Span,
    pub(crate) policy: Option<Span>,
    /// Arguments that both match; nothing where the table is too large to tell.
    pub(crate) witness: Option<String>,
    pub(crate) sure: bool,
}

impl From<RowsOverlap> for Diagnostic {
    fn from(error: RowsOverlap) -> Self {
        let message = match (&error.witness, error.sure) {
            (Some(witness), true) => format!("two rows match `{witness}`"),
            (Some(witness), false) => format!("two rows may both match, such as with `{witness}`"),
            (None, _) => "this table is too large to show that only one row matches".to_owned(),
        };
        let mut diagnostic = Diagnostic::new(Code::RowsOverlap, error.row, message);
        if error.witness.is_some() {
            diagnostic = diagnostic
                .label(if error.sure { "this row matches" } else { "this row may match" })
                .secondary(error.other, if error.sure { "and so does this" } else { "and so may this" });
        }
        diagnostic = diagnostic.secondary_at(error.policy, "only one row may match");
        if !error.sure {
            diagnostic = diagnostic
                .note("what values `starts with`, `matches` and computed cells let through is not compared");
        }
        diagnostic
            .help("where the order of the rows decides, write `first match`; for every result, `all matches`")
    }
}

/// A row that never counts.
pub(crate) struct UnreachableRow {
    pub(crate) row: Span,
    /// Whether it is the first row, so that nothing stands above it.
    pub(crate) first: bool,
}

impl From<UnreachableRow> for Diagnostic {
    fn from(error: UnreachableRow) -> Self {
        let diagnostic = Diagnostic::new(Code::UnreachableRow, error.row, "this row never counts");
        if error.first {
            diagnostic.label("no value passes all its cells")
        } else {
            diagnostic
                .label("the rows above match all that it matches")
                .help("put special cases above general ones, or remove the row")
        }
    }
}

/// Arguments that no row matches.
pub(crate) struct Gap {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) witness: Option<String>,
    pub(crate) sure: bool,
    pub(crate) last: Option<Span>,
}

impl From<Gap> for Diagnostic {
    fn from(error: Gap) -> Self {
        let name = &error.name;
        let message = match (&error.witness, error.sure) {
            (Some(witness), true) if !witness.is_empty() => {
                format!("no row of `{name}` matches `{witness}`")
            }
            (_, true) => format!("no row of `{name}` matches"),
            (Some(witness), false) => {
                format!("it is not known whether a row of `{name}` always matches, such as `{witness}`")
            }
            (None, false) => format!("it is not known whether a row of `{name}` always matches"),
        };
        Diagnostic::new(Code::TableGap, error.span, message)
            .label("its result may be missing")
            .secondary_at(error.last, "a last row of `_` would match everything else")
            .help("add such a row, or write `?` at the type of the result if the gap is meant")
    }
}

/// Rows of a family that are not known.
pub(crate) struct FamilyRows {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) label: &'static str,
    /// Where the family asks for them.
    pub(crate) family: Option<Span>,
}

impl From<FamilyRows> for Diagnostic {
    fn from(error: FamilyRows) -> Self {
        Diagnostic::new(Code::FamilyRows, error.span, error.message)
            .label(error.label)
            .secondary_at(error.family, "there is a rule for each row")
            .help("the rows are those of a table, or the elements of a list of literals and constants")
    }
}

/// Two rows of one key.
pub(crate) struct DuplicateKey {
    pub(crate) key: String,
    pub(crate) span: Span,
    pub(crate) first: Span,
    pub(crate) family: Span,
}

impl From<DuplicateKey> for Diagnostic {
    fn from(error: DuplicateKey) -> Self {
        let message = format!("two rows have the key `{}`", error.key);
        let diagnostic = Diagnostic::new(Code::DuplicateKey, error.span, message)
            .label("again here")
            .secondary(error.first, "first here");
        diagnostic
            .secondary(error.family, "the rules are named by the key")
            .help("a rule's name is its identity: history, limits and waits follow it")
    }
}

/// More rows than there may be rules of one family.
pub(crate) struct TooManyRows {
    pub(crate) found: usize,
    pub(crate) most: usize,
    pub(crate) span: Span,
}

impl From<TooManyRows> for Diagnostic {
    fn from(error: TooManyRows) -> Self {
        let TooManyRows { found, most, span } = error;
        Diagnostic::new(Code::TooManyRows, span, format!("{found} rows make too many rules"))
            .label(format!("at most {most} rows can become rules"))
            .help("ask for the row in the condition of one rule instead: a table can be called")
    }
}
