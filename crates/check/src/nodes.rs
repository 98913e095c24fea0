//! What is known of the nodes of an item: in tables with a place for each node while the item is checked, afterwards
//! only what is known. Items have a hundred nodes and more, most of which share a few types and mean nothing of their
//! own, so that the packed tables take a fifth of the space.

use std::sync::Arc;

use hence_diagnostics::Span;
use hence_syntax::ast::NodeId;
use hence_types::Type;

use crate::facts::Use;

/// Types, meanings and origins by node.
#[derive(Debug, Clone)]
pub(crate) enum Nodes {
    Open { types: Vec<Option<Type>>, uses: Vec<Option<Use>>, origins: Vec<Option<Span>> },
    Packed(Packed),
}

/// Tables of what is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packed {
    /// The type of each node, as its place among the types, which begin with 1.
    types_by_node: Box<[u16]>,
    types: Box<[Type]>,
    /// In order of the nodes.
    uses: Box<[(u32, Use)]>,
    /// In order of the nodes.
    origins: Box<[(u32, Span)]>,
}

impl Default for Nodes {
    fn default() -> Self {
        Self::Packed(Packed::default())
    }
}

impl Nodes {
    pub(crate) fn new(nodes: u32) -> Self {
        let nodes = nodes as usize;
        Self::Open { types: vec![None; nodes], uses: vec![None; nodes], origins: vec![None; nodes] }
    }

    pub(crate) fn ty(&self, node: NodeId) -> Option<&Type> {
        let node = node.0 as usize;
        match self {
            Self::Open { types, .. } => types.get(node)?.as_ref(),
            Self::Packed(packed) => {
                let at = usize::from(*packed.types_by_node.get(node)?);
                packed.types.get(at.checked_sub(1)?)
            }
        }
    }

    pub(crate) fn usage(&self, node: NodeId) -> Option<&Use> {
        match self {
            Self::Open { uses, .. } => uses.get(node.0 as usize)?.as_ref(),
            Self::Packed(packed) => {
                let at = packed.uses.binary_search_by_key(&node.0, |(node, _)| *node).ok()?;
                packed.uses.get(at).map(|(_, usage)| usage)
            }
        }
    }

    pub(crate) fn origin(&self, node: NodeId) -> Option<Span> {
        match self {
            Self::Open { origins, .. } => origins.get(node.0 as usize).copied().flatten(),
            Self::Packed(packed) => {
                let at = packed.origins.binary_search_by_key(&node.0, |(node, _)| *node).ok()?;
                packed.origins.get(at).map(|(_, origin)| *origin)
            }
        }
    }

    /// Returns all meanings, in order of the nodes.
    pub(crate) fn uses(&self) -> impl Iterator<Item = &Use> {
        let (open, packed) = match self {
            Self::Open { uses, .. } => (uses.as_slice(), [].as_slice()),
            Self::Packed(packed) => ([].as_slice(), &*packed.uses),
        };
        open.iter().flatten().chain(packed.iter().map(|(_, usage)| usage))
    }

    /// Sets a type; what is packed stays as it is.
    pub(crate) fn set_type(&mut self, node: NodeId, ty: Type) {
        if let Self::Open { types, .. } = self
            && let Some(slot) = types.get_mut(node.0 as usize)
        {
            *slot = Some(ty);
        }
    }

    /// Sets a meaning; what is packed stays as it is.
    pub(crate) fn set_use(&mut self, node: NodeId, usage: Use) {
        if let Self::Open { uses, .. } = self
            && let Some(slot) = uses.get_mut(node.0 as usize)
        {
            *slot = Some(usage);
        }
    }

    /// Sets an origin; what is packed stays as it is.
    pub(crate) fn set_origin(&mut self, node: NodeId, origin: Option<Span>) {
        if let Self::Open { origins, .. } = self
            && let Some(slot) = origins.get_mut(node.0 as usize)
        {
            *slot = origin;
        }
    }

    /// Packs the tables. One with more types than have numbers stays as it is.
    pub(crate) fn pack(&mut self) {
        let Self::Open { types, uses, origins } = self else { return };
        let mut distinct: Vec<Type> = Vec::new();
        let mut types_by_node: Vec<u16> = Vec::with_capacity(types.len());
        for ty in types.iter() {
            let Some(ty) = ty else {
                types_by_node.push(0);
                continue;
            };
            // Those that came last are looked at first: neighbours are alike.
            let found = distinct.iter().rposition(|known| is_same(known, ty));
            let at = found.unwrap_or_else(|| {
                distinct.push(ty.clone());
                distinct.len() - 1
            });
            let Ok(number) = u16::try_from(at + 1) else { return };
            types_by_node.push(number);
        }
        let taken = |at: usize| at as u32;
        let uses = std::mem::take(uses).into_iter().enumerate();
        let uses = uses.filter_map(|(at, usage)| Some((taken(at), usage?))).collect();
        let origins = std::mem::take(origins).into_iter().enumerate();
        let origins = origins.filter_map(|(at, origin)| Some((taken(at), origin?))).collect();
        *self = Self::Packed(Packed {
            types_by_node: types_by_node.into_boxed_slice(),
            types: distinct.into_boxed_slice(),
            uses,
            origins,
        });
    }
}

/// Whether two types are one, seen without looking into them. Types that are written out may be equal all the same.
fn is_same(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (Type::Enum(a), Type::Enum(b)) => Arc::ptr_eq(a, b),
        (Type::Record(a), Type::Record(b)) => Arc::ptr_eq(a, b),
        (Type::List(a), Type::List(b))
        | (Type::Map(a), Type::Map(b))
        | (Type::Optional(a), Type::Optional(b)) => Arc::ptr_eq(a, b) || is_same(a, b),
        (Type::Money(a), Type::Money(b)) => a == b,
        (
            Type::Enum(_)
            | Type::Record(_)
            | Type::List(_)
            | Type::Map(_)
            | Type::Optional(_)
            | Type::Money(_)
            | Type::Error
            | Type::Bool
            | Type::Int
            | Type::Decimal
            | Type::Float
            | Type::String
            | Type::Date
            | Type::Time
            | Type::DateTime
            | Type::Duration
            | Type::Period
            | Type::Percent
            | Type::Json
            | Type::Nothing,
            _,
        ) => std::mem::discriminant(one) == std::mem::discriminant(other) && !has_parts(one),
    }
}

fn has_parts(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Enum(_) | Type::Record(_) | Type::List(_) | Type::Map(_) | Type::Optional(_) | Type::Money(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_the_same_packed() {
        let mut nodes = Nodes::new(6);
        let list = Type::List(Arc::new(Type::Int));
        let types =
            [None, Some(Type::Int), Some(list.clone()), Some(Type::Int), Some(Type::Money(None)), None];
        for (at, ty) in (0..).zip(&types) {
            if let Some(ty) = ty {
                nodes.set_type(NodeId(at), ty.clone());
            }
        }
        nodes.set_use(NodeId(3), Use::Now);
        nodes.set_use(NodeId(5), Use::Field(2));
        nodes.set_origin(NodeId(4), Some(Span::default()));
        nodes.pack();
        let Nodes::Packed(packed) = &nodes else { panic!("{nodes:?}") };
        assert_eq!(packed.types.len(), 3);
        for (at, ty) in (0..).zip(&types) {
            assert_eq!(nodes.ty(NodeId(at)), ty.as_ref(), "{at}");
        }
        assert_eq!(nodes.usage(NodeId(3)), Some(&Use::Now));
        assert_eq!(nodes.usage(NodeId(4)), None);
        assert_eq!(nodes.uses().count(), 2);
        assert_eq!((nodes.origin(NodeId(4)), nodes.origin(NodeId(9))), (Some(Span::default()), None));
    }
}
