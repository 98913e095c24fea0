//! `H309`: decisions and groups, the names of patterns, external functions.

use std::sync::Arc;

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span, nearest};
use hence_syntax::ast::Name;

/// A trigger of one name that is no entry point.
pub(crate) struct UnknownEntryPoint {
    pub(crate) name: Name,
    pub(crate) candidates: Vec<String>,
}

impl From<UnknownEntryPoint> for Diagnostic {
    fn from(error: UnknownEntryPoint) -> Self {
        let Name { text, span } = &error.name;
        let mut diagnostic =
            Diagnostic::new(Code::UnknownEntryPoint, *span, format!("there is no entry point `{text}`"));
        if let Some(near) = nearest(text, error.candidates.iter().map(String::as_str)) {
            let fix = Fix::replace(Applicability::Likely, *span, near, format!("write `{near}`"));
            diagnostic = diagnostic.label(format!("did you mean `{near}`?")).fix(fix);
        }
        diagnostic
    }
}

/// Something that rules of an entry point do not have.
pub(crate) struct NotHere {
    what: String,
    span: Span,
    why: &'static str,
    entry_point: Arc<str>,
    /// The entry point in its file, where the file says so.
    pub(crate) declared: Option<Span>,
    pub(crate) help: Option<String>,
}

impl NotHere {
    pub(crate) fn new(what: &str, span: Span, why: &'static str, entry_point: &Arc<str>) -> Self {
        let entry_point = Arc::clone(entry_point);
        NotHere { what: what.to_owned(), span, why, entry_point, declared: None, help: None }
    }
}

impl From<NotHere> for Diagnostic {
    fn from(error: NotHere) -> Self {
        let message = format!("the decision `{}` cannot have {}", error.entry_point, error.what);
        let mut diagnostic = Diagnostic::new(Code::NotInDecision, error.span, message).label(error.why);
        if let Some(declared) = error.declared {
            diagnostic = diagnostic.secondary(declared, "what it allows is said here");
        }
        match error.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// An answer to a caller where there is none.
pub(crate) struct OnlyInDecision {
    pub(crate) what: String,
    pub(crate) span: Span,
    pub(crate) events: Vec<Arc<str>>,
}

impl From<OnlyInDecision> for Diagnostic {
    fn from(error: OnlyInDecision) -> Self {
        let message = format!("{} answers the caller of a decision", error.what);
        let by = match error.events.first() {
            Some(event) => format!("`{event}` starts this rule, and nobody waits for an answer"),
            None => "nobody waits for an answer here".to_owned(),
        };
        Diagnostic::new(Code::OnlyInDecision, error.span, message)
            .label(by)
            .help("it belongs to rules of an entry point, such as `when checkout`")
    }
}

/// A decision that something else starts as well.
pub(crate) struct MixedTriggers {
    pub(crate) span: Span,
}

impl From<MixedTriggers> for Diagnostic {
    fn from(error: MixedTriggers) -> Self {
        let message = "a decision has one entry point and no other trigger";
        Diagnostic::new(Code::MixedTriggers, error.span, message)
            .label("what rules may do differs between these")
            .help("write one rule for each; what they share can be a `fn`")
    }
}

/// Two rules that set one field to different values with nothing to tell which counts.
pub(crate) struct ConflictingSet {
    pub(crate) field: String,
    pub(crate) rules: (String, String),
    pub(crate) places: (Span, Span),
    pub(crate) priority: u8,
}

impl From<ConflictingSet> for Diagnostic {
    fn from(error: ConflictingSet) -> Self {
        let ConflictingSet { field, rules: (first, second), places, priority } = error;
        let message = format!("`{first}` and `{second}` may both set `{field}`, to different values");
        Diagnostic::new(Code::ConflictingSet, places.1, message)
            .label(format!("nothing says which of them counts: both have priority {priority}"))
            .secondary(places.0, format!("set by `{first}`"))
            .help(format!(
                "give one of them a higher priority, or put both into a group that says which is taken: `group pricing = best by {field}`"
            ))
    }
}

/// Two rules of a group that may match together although only one is to.
pub(crate) struct NotUnique {
    pub(crate) group: String,
    pub(crate) rules: (String, String),
    pub(crate) places: (Span, Span),
    /// Where the group is said to be unique.
    pub(crate) declared: Span,
    /// When both match, as far as it is understood.
    pub(crate) example: Option<String>,
}

impl From<NotUnique> for Diagnostic {
    fn from(error: NotUnique) -> Self {
        let NotUnique { group, rules: (first, second), places, declared, example } = error;
        let message = format!("`{first}` and `{second}` of the unique group `{group}` may match together");
        let label = match example {
            Some(example) => format!("both match where {example}"),
            None => "nothing in their conditions excludes it".to_owned(),
        };
        Diagnostic::new(Code::NotUnique, places.1, message)
            .label(label)
            .secondary(places.0, format!("the condition of `{first}`"))
            .secondary(declared, "no two rules may match together")
            .help("exclude the other's case in one of the conditions, or resolve the group by `first` or `best by`")
    }
}

/// A group that cannot be resolved as it is said.
pub(crate) struct GroupShape {
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) label: String,
    pub(crate) other: Option<(Span, String)>,
}

impl From<GroupShape> for Diagnostic {
    fn from(error: GroupShape) -> Self {
        let diagnostic = Diagnostic::new(Code::GroupShape, error.span, error.message).label(error.label);
        match error.other {
            Some((span, label)) => diagnostic.secondary(span, label),
            None => diagnostic,
        }
    }
}

/// The name of a pattern's groups where the pattern is not known to match.
pub(crate) struct PatternName {
    pub(crate) name: Name,
    pub(crate) declared: Span,
}

impl From<PatternName> for Diagnostic {
    fn from(error: PatternName) -> Self {
        let message = format!("`{}` is known only where its pattern matches", error.name.text);
        Diagnostic::new(Code::PatternName, error.name.span, message)
            .label("here it may not have matched")
            .secondary(error.declared, "named here")
            .help("use it after `and`, or in the steps that run when the condition holds")
    }
}

/// A pattern that has a name but no named groups.
pub(crate) struct NoGroups {
    pub(crate) name: Name,
    pub(crate) pattern: Span,
}

impl From<NoGroups> for Diagnostic {
    fn from(error: NoGroups) -> Self {
        let message = format!("`{}` has nothing to name: the pattern has no named group", error.name.text);
        Diagnostic::new(Code::PatternName, error.name.span, message)
            .label("always empty")
            .secondary(error.pattern, "no group such as `(?<year>\\d{4})`")
    }
}

/// An answer that an external function of a test cannot have.
pub(crate) struct ExternalAnswer {
    pub(crate) function: String,
    pub(crate) span: Span,
    pub(crate) label: &'static str,
}

impl From<ExternalAnswer> for Diagnostic {
    fn from(error: ExternalAnswer) -> Self {
        let message = format!("the external function `{}` has one value in a test", error.function);
        Diagnostic::new(Code::ExternalAnswer, error.span, message)
            .label(error.label)
            .help(format!("write `with {} returns` and a value", error.function))
    }
}

/// Something that no decision of a test can do.
pub(crate) struct NotDecided {
    pub(crate) what: String,
    pub(crate) span: Span,
    pub(crate) entry_points: Vec<String>,
    pub(crate) candidates: Vec<String>,
}

impl From<NotDecided> for Diagnostic {
    fn from(error: NotDecided) -> Self {
        let message = match error.entry_points.as_slice() {
            [] => "this test asks for no decision".to_owned(),
            [only] => format!("the decision `{only}` cannot {}", error.what),
            _ => format!("no decision of this test can {}", error.what),
        };
        let label = match error.candidates.as_slice() {
            [] => "never so".to_owned(),
            some => format!(
                "it can set {}",
                some.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
        };
        let diagnostic = Diagnostic::new(Code::OnlyInDecision, error.span, message).label(label);
        if error.entry_points.is_empty() {
            return diagnostic.help("ask for one, such as `given checkout { … }`");
        }
        diagnostic
    }
}
