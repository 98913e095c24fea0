//! `H2`: `as`.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span};
use hence_types::Type;

use super::types::Operand;

/// A value read `as` a type although it has one.
pub(crate) struct InvalidCast {
    pub(crate) found: Operand,
    pub(crate) wanted: Type,
    /// The place from the end of the value to the end of the type.
    pub(crate) rest: Span,
}

impl From<InvalidCast> for Diagnostic {
    fn from(error: InvalidCast) -> Self {
        let InvalidCast { found, wanted, rest } = error;
        let ty = found.ty.required();
        let message = format!("only `json` is read `as` a type, not `{}`", found.ty);
        let diagnostic = Diagnostic::new(Code::InvalidCast, found.span, message)
            .label(format!("this is `{}`", found.ty))
            .secondary_at(found.origin, "declared here");
        if wanted.is_error() {
            diagnostic
        } else if ty.agrees_with(&wanted) {
            let title = format!("leave it out: every `{ty}` is `{wanted}` already");
            diagnostic.fix(Fix::replace(Applicability::Likely, rest, "", title))
        } else if wanted == Type::String {
            diagnostic.help("a value becomes a text by writing it into one: `\"{x}\"`")
        } else if ty.is_text() {
            diagnostic.help("a text that holds JSON is read by `json_parse(x) as …`")
        } else if wanted == Type::Int && (ty.is_number() || *ty == Type::Float) {
            diagnostic.help("a number becomes a whole one by `round`, `floor` or `ceil`")
        } else {
            diagnostic.note("nothing but JSON of unknown shape changes its type")
        }
    }
}
