//! `H308`: triggers that are more than an event.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span, nearest};
use hence_syntax::ast::{Name, Path};
use hence_types::Type;

/// A path that is no field of an entity.
pub(crate) struct UnknownEntity {
    pub(crate) path: Path,
    pub(crate) declared: Span,
    /// The fields of the entity, if that is there.
    pub(crate) entity: Option<Vec<String>>,
    pub(crate) candidates: Vec<String>,
}

impl From<UnknownEntity> for Diagnostic {
    fn from(error: UnknownEntity) -> Self {
        let UnknownEntity { path, declared, entity, candidates } = error;
        let integration = path.names.first().map(|name| name.text.clone()).unwrap_or_default();
        let diagnostic = |span: Span, message: String| Diagnostic::new(Code::UnknownEntity, span, message);
        if let Some(fields) = entity {
            let text = path.text();
            return diagnostic(path.span, format!("`{text}` is no field of an entity"))
                .label("expected `integration.entity.field`")
                .note(format!("the fields are {}", listed(&fields)));
        }
        let Some(name) = path.names.get(1) else {
            return diagnostic(path.span, format!("`{integration}` is no field of an entity"))
                .label("expected `integration.entity.field`");
        };
        let message = format!("`{integration}` has no entity `{}`", name.text);
        let found = diagnostic(name.span, message)
            .label("unknown entity")
            .secondary(declared, format!("`{integration}` is described here"));
        if candidates.is_empty() {
            return found.help("its integration file says of no entity which events carry its fields");
        }
        let found = found.note(format!("its entities are {}", listed(&candidates)));
        match nearest(&name.text, candidates.iter().map(String::as_str)) {
            Some(near) => {
                let title = format!("write `{near}`");
                found.help(format!("did you mean `{near}`?")).fix(Fix::replace(
                    Applicability::Likely,
                    name.span,
                    near,
                    title,
                ))
            }
            None => found,
        }
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A value that is not known before the rule runs.
pub(crate) struct NotFixed {
    pub(crate) span: Span,
}

impl From<NotFixed> for Diagnostic {
    fn from(error: NotFixed) -> Self {
        Diagnostic::new(Code::NotComputable, error.span, "this is not known before the rule runs")
            .label("expected literals and constants")
            .help("what depends on the event belongs into the condition: `if new > …`")
    }
}

/// A field that has no up and down.
pub(crate) struct UnorderedField {
    pub(crate) span: Span,
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) declared: Option<Span>,
}

impl From<UnorderedField> for Diagnostic {
    fn from(error: UnorderedField) -> Self {
        let message = format!("`{}` neither falls nor rises: it is `{}`", error.name, error.ty);
        Diagnostic::new(Code::UnorderedField, error.span, message)
            .label("has no order")
            .secondary_at(error.declared, format!("`{}` is declared here", error.name))
            .help("ask for a change: `changes to …`")
    }
}

/// A field that is no date.
pub(crate) struct NotADate {
    pub(crate) span: Span,
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) declared: Option<Span>,
}

impl From<NotADate> for Diagnostic {
    fn from(error: NotADate) -> Self {
        let message = format!("`{}` is no date: it is `{}`", error.name, error.ty);
        Diagnostic::new(Code::NotADate, error.span, message)
            .label("expected a field with a day or an instant")
            .secondary_at(error.declared, format!("`{}` is declared here", error.name))
    }
}

/// A time of day beside a length that is counted in hours.
pub(crate) struct TimeOfDayAndHours {
    pub(crate) span: Span,
    pub(crate) length: Span,
}

impl From<TimeOfDayAndHours> for Diagnostic {
    fn from(error: TimeOfDayAndHours) -> Self {
        Diagnostic::new(
            Code::NotADate,
            error.span,
            "an exact length ends at one instant, not at a time of day",
        )
        .label("does not go with hours and minutes")
        .secondary(error.length, "this is exact")
        .help("count days, as in `2 days before … at 09:00`, or leave the time of day out")
    }
}

/// A value that is asked for twice.
pub(crate) struct ParameterTwice {
    pub(crate) name: Name,
    pub(crate) first: Span,
}

impl From<ParameterTwice> for Diagnostic {
    fn from(error: ParameterTwice) -> Self {
        let message = format!("`{}` is asked for twice", error.name.text);
        Diagnostic::new(Code::DuplicateName, error.name.span, message)
            .label("named again")
            .secondary(error.first, "first here")
    }
}

/// A rule that a person may start in two ways.
pub(crate) struct ManualTwice {
    pub(crate) span: Span,
    pub(crate) first: Span,
}

impl From<ManualTwice> for Diagnostic {
    fn from(error: ManualTwice) -> Self {
        Diagnostic::new(Code::ManualTrigger, error.span, "a rule is started by a person in one way")
            .label("a second way")
            .secondary(error.first, "the first")
            .help("ask for all values once; those that may be left out end in `?`: `reason: string?`")
    }
}

/// A level that an event with the field does not carry.
pub(crate) struct LevelNotCarried {
    pub(crate) name: Name,
    pub(crate) event: String,
    pub(crate) field: String,
}

impl From<LevelNotCarried> for Diagnostic {
    fn from(error: LevelNotCarried) -> Self {
        let message = format!("`{}` carries `{}`, but not `{}`", error.event, error.field, error.name.text);
        Diagnostic::new(Code::UnknownField, error.name.span, message)
            .label("cannot be compared with then")
            .help("compare with a value, or with a field that all events with the other one carry")
    }
}

/// A change from a value to the same.
pub(crate) struct SameValue {
    pub(crate) span: Span,
}

impl From<SameValue> for Diagnostic {
    fn from(error: SameValue) -> Self {
        Diagnostic::new(Code::SameValue, error.span, "this is the value before, so nothing changes")
            .label("the same as after `from`")
    }
}

/// A key that cannot tell what belongs together.
pub(crate) struct UnsuitableKey {
    pub(crate) span: Span,
    pub(crate) why: Unsuitability,
}

/// Why a key cannot tell what belongs together.
pub(crate) enum Unsuitability {
    /// Values of this type cannot be compared.
    Type(Type),
    /// A value of this type has no fields.
    NoFields(Type),
    /// There is no second event that it could be of.
    OneEvent,
}

impl From<UnsuitableKey> for Diagnostic {
    fn from(error: UnsuitableKey) -> Self {
        let diagnostic = |message: String| Diagnostic::new(Code::PatternKey, error.span, message);
        match &error.why {
            Unsuitability::Type(ty) => diagnostic(format!("events cannot be told apart by `{ty}`"))
                .label(format!("this is `{ty}`"))
                .help("name a field with one plain value, such as an id"),
            Unsuitability::NoFields(ty) => {
                diagnostic(format!("`{ty}` has no fields")).label(format!("this is `{ty}`"))
            }
            Unsuitability::OneEvent => diagnostic("all counted events have the same key".to_owned())
                .label("there is no second event")
                .help("one field is enough: `by customer_id`"),
        }
    }
}

/// Keys of two events that never equal each other.
pub(crate) struct KeyTypes {
    pub(crate) span: Span,
    pub(crate) types: (Type, Type),
    pub(crate) declared: [Option<Span>; 2],
}

impl From<KeyTypes> for Diagnostic {
    fn from(error: KeyTypes) -> Self {
        let (one, other) = (error.types.0.required(), error.types.1.required());
        let message = format!("the key is `{one}` in the first event and `{other}` in the second");
        let [first, second] = error.declared;
        Diagnostic::new(Code::PatternKey, error.span, message)
            .label("never the same")
            .secondary_at(first, "in the first event")
            .secondary_at(second, "in the second event")
            .help("name the field of each event: `by id == cart_id`")
    }
}

/// A number of events that cannot be counted.
pub(crate) struct PatternCount {
    pub(crate) span: Span,
    pub(crate) most: u32,
}

impl From<PatternCount> for Diagnostic {
    fn from(error: PatternCount) -> Self {
        let message = format!("events are counted from 2 to {}", error.most);
        Diagnostic::new(Code::PatternLimit, error.span, message)
            .label("cannot be counted")
            .help("a single event needs no count: `when shop.payment.failed`")
    }
}

/// A length of time of nothing.
pub(crate) struct PatternLength {
    pub(crate) span: Span,
}

impl From<PatternLength> for Diagnostic {
    fn from(error: PatternLength) -> Self {
        Diagnostic::new(Code::PatternLimit, error.span, "nothing happens in no time")
            .label("expected a length of time such as `10 m`")
    }
}
