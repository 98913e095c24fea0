//! `H2`: arms of `match`.

use hence_diagnostics::{Applicability, Code, Diagnostic, Edit, Fix, Span};
use hence_types::Type;

/// A `match` that leaves values out.
pub(crate) struct NotExhaustive {
    /// The whole `match`.
    pub(crate) span: Span,
    pub(crate) subject: Span,
    pub(crate) ty: Type,
    pub(crate) origin: Option<Span>,
    /// The values left out as written, if all of them can be named.
    pub(crate) missing: Vec<String>,
    /// The place after the last arm.
    pub(crate) after: Span,
}

impl From<NotExhaustive> for Diagnostic {
    fn from(error: NotExhaustive) -> Self {
        let NotExhaustive { span, subject, ty, origin, missing, after } = error;
        let named = missing.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
        let message = if missing.is_empty() {
            format!("a `match` of `{ty}` needs an arm `else`")
        } else {
            format!("the `match` has no arm for {named}")
        };
        let diagnostic = Diagnostic::new(Code::MatchNotExhaustive, span, message)
            .label(if missing.is_empty() { "no `else`" } else { "values are left out" })
            .secondary(subject, format!("this is `{ty}`"))
            .secondary_at(origin, "declared here");
        if missing.is_empty() {
            return diagnostic.help("add an arm for all other values: `else -> …`");
        }
        let text = format!(", {} -> …", missing.join(" or "));
        let fix = Fix {
            title: "give them an arm".to_owned(),
            applicability: Applicability::Manual,
            edits: vec![Edit { span: after, text }],
        };
        diagnostic.fix(fix).help("or an arm for all other values: `else -> …`")
    }
}

/// A value that an arm above takes already.
pub(crate) struct DuplicateArm {
    pub(crate) span: Span,
    pub(crate) written: String,
    pub(crate) first: Span,
}

impl From<DuplicateArm> for Diagnostic {
    fn from(error: DuplicateArm) -> Self {
        let message = format!("`{}` has an arm already", error.written);
        Diagnostic::new(Code::DuplicateArm, error.span, message)
            .label("never taken")
            .secondary(error.first, "first here")
    }
}

/// An arm below `else`.
pub(crate) struct ArmBelowElse {
    pub(crate) span: Span,
    pub(crate) first: Span,
}

impl From<ArmBelowElse> for Diagnostic {
    fn from(error: ArmBelowElse) -> Self {
        Diagnostic::new(Code::DuplicateArm, error.span, "this arm stands below `else`")
            .label("never taken")
            .secondary(error.first, "takes all that is left")
    }
}

/// A `match` of a value that may be missing, without an arm `missing`.
pub(crate) struct MissingArm {
    pub(crate) subject: Span,
    pub(crate) ty: Type,
    pub(crate) origin: Option<Span>,
    /// The place before the first arm.
    pub(crate) before: Span,
}

impl From<MissingArm> for Diagnostic {
    fn from(error: MissingArm) -> Self {
        let MissingArm { subject, ty, origin, before } = error;
        let message = format!("this `{ty}` may be missing, and the `match` has no arm `missing`");
        let fix = Fix {
            title: "say what is then".to_owned(),
            applicability: Applicability::Manual,
            edits: vec![Edit { span: before, text: "missing -> …, ".to_owned() }],
        };
        Diagnostic::new(Code::MayBeMissing, subject, message)
            .label(format!("this is `{ty}`"))
            .secondary_at(origin, "declared here as one that may be missing")
            .note("`else` takes other values, not missing ones")
            .fix(fix)
            .help("or give the value a default: `(x else …)`")
    }
}
