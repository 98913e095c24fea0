//! `H309`: fields that cannot be set.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span, nearest};
use hence_syntax::ast::{Name, Path};
use hence_types::Type;

/// What `set` stands before is no field of an entity.
pub(crate) struct NoEntity {
    pub(crate) path: Path,
    /// What it is a field of.
    pub(crate) ty: Option<Type>,
    /// Whether it is a field of what the event brings.
    pub(crate) of_event: bool,
}

impl From<NoEntity> for Diagnostic {
    fn from(error: NoEntity) -> Self {
        let message = match &error.ty {
            Some(ty) => format!("a field of `{ty}` cannot be set"),
            None => format!("it is not said what `{}` is a field of", error.path.text()),
        };
        let label = match &error.ty {
            Some(_) => "no integration says how",
            None => "expected `something.field`",
        };
        let found = Diagnostic::new(Code::NotSettable, error.path.span, message).label(label);
        if error.of_event {
            let before = Span { end: error.path.span.start, ..error.path.span };
            let fix = Fix::replace(Applicability::Likely, before, "event.", "say that it is the event's");
            return found.fix(fix);
        }
        found.help("what can be set is a field of what an event brings or a read returns: `when crm.member.updated as member`, then `set member.city = …`")
    }
}

/// A field that rules may not set.
pub(crate) struct NotSettable {
    pub(crate) field: Name,
    pub(crate) entity: String,
    pub(crate) declared: Span,
    pub(crate) candidates: Vec<String>,
}

impl From<NotSettable> for Diagnostic {
    fn from(error: NotSettable) -> Self {
        let NotSettable { field, entity, declared, candidates } = error;
        let near = nearest(&field.text, candidates.iter().map(String::as_str));
        let message = format!("`{}` of `{entity}` cannot be set", field.text);
        let listed: Vec<String> = candidates.iter().map(|name| format!("`{name}`")).collect();
        let found = Diagnostic::new(Code::NotSettable, field.span, message)
            .label("its integration does not list it under `update`")
            .secondary(declared, format!("`{entity}` is described here"))
            .note(format!("rules may set {}", listed.join(", ")));
        match near {
            Some(near) => {
                found.fix(Fix::replace(Applicability::Likely, field.span, near, format!("write `{near}`")))
            }
            None => found,
        }
    }
}
