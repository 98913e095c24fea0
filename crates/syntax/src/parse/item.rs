//! Items and types.

use pest::iterators::Pair;

use super::Builder;
use crate::ast::{
    Const, Expression, Extern, Fn, Group, Name, Parameter, Path, Resolution, Rule as RuleItem, Step,
    TypeExpression, TypeExpressionKind,
};
use crate::grammar::Rule;

impl Builder<'_> {
    pub(super) fn rule(&mut self, pair: Pair<'_, Rule>) -> Option<RuleItem> {
        let mut name: Option<Name> = None;
        let mut title = None;
        let mut family = None;
        let mut clauses = Vec::new();
        let mut triggers = Vec::new();
        let mut condition: Option<Expression> = None;
        let mut then: Vec<Step> = Vec::new();
        let mut otherwise = None;
        let mut keywords = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::title => {
                    title = Some(self.span(&part));
                }
                Rule::family => family = self.family(part, title).map(Box::new),
                Rule::priority_clause
                | Rule::group_clause
                | Rule::disabled_clause
                | Rule::owner_clause
                | Rule::tags_clause
                | Rule::timezone_clause
                | Rule::active_clause
                | Rule::until_clause
                | Rule::once_clause
                | Rule::limit_clause
                | Rule::rollout_clause
                | Rule::variant_clause
                | Rule::debounce_clause
                | Rule::overlap_clause => clauses.push(self.clause(part)),
                Rule::when_clause => {
                    for inner in part.into_inner() {
                        match inner.as_rule() {
                            Rule::when => keywords.push(self.span(&inner)),
                            Rule::trigger => triggers.extend(self.trigger(inner)),
                            _ => {}
                        }
                    }
                }
                Rule::if_clause => {
                    for inner in part.into_inner() {
                        match inner.as_rule() {
                            Rule::if_ => keywords.push(self.span(&inner)),
                            _ => condition = Some(self.expression(inner)),
                        }
                    }
                }
                Rule::then_clause | Rule::otherwise_clause => {
                    let is_then = part.as_rule() == Rule::then_clause;
                    let mut inner = part.into_inner();
                    keywords.extend(inner.next().map(|keyword| self.span(&keyword)));
                    let steps = self.steps(inner);
                    if is_then { then = steps } else { otherwise = Some(steps) }
                }
                _ => {}
            }
        }
        let title = title.map(|span| match &family {
            Some(_) => (self.slice(span).trim_matches('"').to_owned(), span),
            None => (self.plain_text(span), span),
        });
        Some(RuleItem { name: name?, title, family, clauses, triggers, condition, then, otherwise, keywords })
    }

    pub(super) fn path(&mut self, pair: Pair<'_, Rule>) -> Path {
        let span = self.span(&pair);
        let names = pair
            .into_inner()
            .filter(|part| matches!(part.as_rule(), Rule::name | Rule::field_name | Rule::key_name))
            .map(|part| self.name(&part))
            .collect();
        Path { names, span }
    }

    pub(super) fn function(&mut self, pair: Pair<'_, Rule>) -> Option<Fn> {
        let mut name = None;
        let mut parameters = Vec::new();
        let mut result = None;
        let mut body = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::parameter => parameters.extend(self.parameter(part)),
                Rule::type_ => result = self.type_expression(part),
                Rule::expression => body = Some(self.expression(part)),
                _ => {}
            }
        }
        Some(Fn { name: name?, parameters, result: result?, body: body? })
    }

    pub(super) fn external(&mut self, pair: Pair<'_, Rule>) -> Option<Extern> {
        let mut name = None;
        let mut parameters = Vec::new();
        let mut result = None;
        let mut file = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::parameter => parameters.extend(self.parameter(part)),
                Rule::type_ => result = self.type_expression(part),
                Rule::text => {
                    let span = self.span(&part);
                    file = Some((self.plain_text(span), span));
                }
                _ => {}
            }
        }
        Some(Extern { name: name?, parameters, result: result?, file: file? })
    }

    pub(super) fn group_item(&mut self, pair: Pair<'_, Rule>) -> Option<Group> {
        let mut name = None;
        let mut resolution = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::resolution => resolution = Some((self.span(&part), self.resolution(part))),
                _ => {}
            }
        }
        let (span, resolution) = resolution?;
        Some(Group { name: name?, resolution, span })
    }

    fn resolution(&mut self, pair: Pair<'_, Rule>) -> Resolution {
        let mut resolution = Resolution::All;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::first => resolution = Resolution::First,
                Rule::unique => resolution = Resolution::Unique,
                Rule::expression => resolution = Resolution::Best(self.expression(part)),
                _ => {}
            }
        }
        resolution
    }

    pub(super) fn parameter(&mut self, pair: Pair<'_, Rule>) -> Option<Parameter> {
        let id = self.id();
        let mut name = None;
        let mut ty = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::type_ => ty = self.type_expression(part),
                _ => {}
            }
        }
        Some(Parameter { id, name: name?, ty: ty? })
    }

    pub(super) fn type_expression(&mut self, pair: Pair<'_, Rule>) -> Option<TypeExpression> {
        let span = self.span(&pair);
        let mut kind = None;
        let mut optional = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::path => kind = Some(TypeExpressionKind::Named(self.path(part))),
                Rule::list_type => kind = self.element_type(part).map(TypeExpressionKind::List),
                Rule::map_type => kind = self.element_type(part).map(TypeExpressionKind::Map),
                Rule::question => optional = true,
                _ => {}
            }
        }
        Some(TypeExpression { span, kind: kind?, optional })
    }

    fn element_type(&mut self, pair: Pair<'_, Rule>) -> Option<Box<TypeExpression>> {
        let element = pair.into_inner().find(|part| part.as_rule() == Rule::type_)?;
        self.type_expression(element).map(Box::new)
    }

    pub(super) fn constant(&mut self, pair: Pair<'_, Rule>) -> Option<Const> {
        let mut name = None;
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::expression => value = Some(self.expression(part)),
                _ => {}
            }
        }
        Some(Const { name: name?, value: value? })
    }
}
