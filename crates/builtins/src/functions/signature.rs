//! Checking the types of arguments. The error type agrees with everything.

use std::ops::RangeInclusive;

use hence_types::Type;

use super::SignatureError;
use crate::operators::{equatable, numeric, orderable};

/// Checks how many arguments there are.
pub(super) fn count(types: &[Type], wanted: RangeInclusive<usize>) -> Result<(), SignatureError> {
    if wanted.contains(&types.len()) { Ok(()) } else { Err(SignatureError::Count) }
}

/// Checks the argument at a place, if it is given.
pub(super) fn takes(
    types: &[Type],
    place: usize,
    test: impl FnOnce(&Type) -> bool,
) -> Result<(), SignatureError> {
    match types.get(place) {
        Some(ty) if !ty.is_error() && !test(ty) => Err(SignatureError::Argument(place)),
        _ => Ok(()),
    }
}

/// Returns the type of the elements of the argument at a place, which has to be a list.
pub(super) fn element(types: &[Type], place: usize) -> Result<Type, SignatureError> {
    let ty = types.get(place).ok_or(SignatureError::Count)?;
    if let Type::List(element) = ty {
        Ok((**element).clone())
    } else if ty.is_error() {
        Ok(Type::Error)
    } else {
        Err(SignatureError::Argument(place))
    }
}

/// The signature of a function of one text that gives a text.
pub(super) fn text_to_text(types: &[Type]) -> Result<Type, SignatureError> {
    count(types, 1..=1)?;
    takes(types, 0, Type::is_text)?;
    Ok(Type::String)
}

/// Checks the argument at a place for one of these texts, as far as its type tells.
pub(super) fn takes_word(types: &[Type], place: usize, words: &[&str]) -> Result<(), SignatureError> {
    takes(types, place, |ty| {
        if let Type::Enum(enumeration) = ty {
            enumeration.values.iter().all(|value| words.contains(&&**value))
        } else {
            *ty == Type::String
        }
    })
}

/// Returns whether values of the type can be put in order. Periods cannot: which of `1 month` and `30 days` is the
/// longer one depends on the day. The texts of an enumeration are ordered as texts.
pub(super) fn sortable(ty: &Type) -> bool {
    let ty = ty.required();
    ty.is_error() || ty.is_text() || numeric(ty) || *ty != Type::Period && orderable(ty, ty)
}

/// Returns whether the type is a date or a datetime.
pub(super) fn is_day(ty: &Type) -> bool {
    matches!(ty, Type::Date | Type::DateTime)
}

/// The signature of `min` and `max`.
pub(super) fn extreme(types: &[Type]) -> Result<Type, SignatureError> {
    if let [only] = types {
        if only.is_error() {
            return Ok(Type::Error);
        }
        let element = element(types, 0)?;
        return if sortable(&element) { Ok(element.optional()) } else { Err(SignatureError::Argument(0)) };
    }
    let mut common = types.first().cloned().ok_or(SignatureError::Count)?;
    for (place, ty) in types.iter().enumerate() {
        let comparable = sortable(ty) && (orderable(&common, ty) || common.is_text() && ty.is_text());
        if !comparable {
            return Err(SignatureError::Argument(place));
        }
        // A float and an exact number have an order but no common type; what comes out may be either.
        common = common.join(ty).unwrap_or(Type::Float);
    }
    Ok(common)
}

/// The signature of a function of two lists of one kind that answers yes or no.
pub(super) fn two_lists(types: &[Type]) -> Result<Type, SignatureError> {
    count(types, 2..=2)?;
    let (list, elements) = (element(types, 0)?, element(types, 1)?);
    takes(types, 1, |_| equatable(&list, &elements))?;
    Ok(Type::Bool)
}

/// Returns the type of the values of the map, or of the present fields of the record, at a place.
pub(super) fn value_of_map(types: &[Type], place: usize) -> Result<Type, SignatureError> {
    let ty = types.get(place).ok_or(SignatureError::Count)?;
    if let Type::Map(element) = ty {
        return Ok((**element).clone());
    }
    let Type::Record(record) = ty else { return Ok(Type::Error) };
    let mut fields = record.fields.values().map(|field| field.ty.required().clone());
    let first = fields.next().unwrap_or(Type::Error);
    fields.try_fold(first, |common, ty| common.join(&ty)).ok_or(SignatureError::Argument(place))
}
