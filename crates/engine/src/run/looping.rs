//! Loops: list and position are variables, stored with the others, so that a loop goes on where it was.

use hence_ir::LocalId;
use hence_types::Value;

use super::{internal, set};
use crate::ExecutionError;

/// Takes the next element of a list; nothing after the last.
pub(crate) fn next(
    locals: &mut [Value],
    list: LocalId,
    position: LocalId,
) -> Result<Option<Value>, ExecutionError> {
    let taken = taken(locals, position)?;
    let elements = locals.get(list.0 as usize).and_then(Value::as_list);
    let elements = elements.ok_or_else(|| internal("a loop has no list"))?;
    let index = usize::try_from(taken).map_err(|_| internal("a loop has no position"))?;
    let Some(element) = elements.get(index).cloned() else { return Ok(None) };
    set(locals, position.0, Value::Int(taken.saturating_add(1)))?;
    Ok(Some(element))
}

/// Returns how many elements a loop has taken.
pub(super) fn taken(locals: &[Value], position: LocalId) -> Result<i64, ExecutionError> {
    match locals.get(position.0 as usize) {
        Some(Value::Int(taken)) => Ok(*taken),
        Some(_) | None => Err(internal("a loop has no position")),
    }
}
