//! The parameters of the call that is being written, and which of them is at the cursor.

use super::completion::{Active, enclosing_call};
use super::hover;
use crate::cursor::Cursor;
use crate::names::Symbol;
use crate::view::View;

/// A call that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// All of it on one line, such as `crm.add_tag(user: string, tag: string)`.
    pub label: String,
    /// The parameters: where in the label they stand, in bytes, and what is said of them.
    pub parameters: Vec<(std::ops::Range<usize>, String)>,
    /// The parameter at the cursor.
    pub active: Option<usize>,
    /// Markdown.
    pub documentation: String,
}

/// Returns the call whose arguments are written at a place.
pub fn signature(view: View<'_>, offset: u32) -> Option<Signature> {
    view.parsed()?;
    let cursor = Cursor::new(view, offset)?;
    let path = cursor.path();
    let call = enclosing_call(&cursor, &path)?;
    if let Symbol::Quantifier(_) = &call.symbol {
        return quantifier(view, &call.symbol, &call.active);
    }
    let mut label = format!("{}(", call.name);
    let mut parameters = Vec::new();
    for (index, (name, ty, symbol)) in call.parameters.iter().enumerate() {
        if index > 0 {
            label.push_str(", ");
        }
        let start = label.len();
        label.push_str(name);
        if !ty.is_error() {
            label.push_str(&format!(": {ty}"));
        }
        let doc = symbol.as_ref().and_then(|symbol| hover::describe(view, symbol, name, Some(ty)));
        parameters.push((start..label.len(), doc.unwrap_or_default()));
    }
    label.push(')');
    let active = match &call.active {
        Active::Named(name) => call.parameters.iter().position(|(parameter, ..)| parameter == name),
        // By name, the next one to be written is the first that is required and missing.
        Active::At(_) if call.by_name => {
            call.parameters.iter().position(|(name, ty, _)| !ty.is_optional() && !call.given.contains(name))
        }
        Active::At(at) => Some(*at).filter(|at| *at < call.parameters.len()),
    };
    let documentation = hover::describe(view, &call.symbol, &call.name, None).unwrap_or_default();
    Some(Signature { label, parameters, active, documentation })
}

/// `any(name in list, condition)`
fn quantifier(view: View<'_>, symbol: &Symbol, active: &Active) -> Option<Signature> {
    let documentation = hover::describe(view, symbol, "", None)?;
    let label = documentation.lines().nth(1)?.to_owned();
    let (open, comma, close) = (label.find('(')? + 1, label.find(',')?, label.rfind(')')?);
    let parameters = vec![(open..comma, String::new()), (comma + 2..close, String::new())];
    let active = if let Active::At(at) = active { Some(*at).filter(|at| *at < 2) } else { None };
    Some(Signature { label, parameters, active, documentation })
}
