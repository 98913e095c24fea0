//! The layout of items: the clauses of a rule, functions and constants.

use crate::ast::{
    Clause, ClauseKind, Const, Expression, Extern, Fn, Group, Item, ItemKind, Parameter, Path, Resolution,
    Rule, TypeExpression, TypeExpressionKind,
};
use crate::token::TokenKind;

use super::WIDTH;
use super::document::Document;
use super::expression::hugs;
use super::writer::Writer;

/// The column of conditions and steps: that of the text after `when `, `if   ` and `then `.
pub(super) const CLAUSE: usize = 5;

impl Writer<'_> {
    /// Writes an item.
    pub(super) fn item(&mut self, item: &Item) -> Document {
        match &item.kind {
            ItemKind::Rule(rule) => self.rule(rule),
            ItemKind::Fn(function) => self.function(function),
            ItemKind::Extern(function) => self.external(function),
            ItemKind::Const(constant) => self.constant(constant),
            ItemKind::Group(group) => self.group_item(group),
            ItemKind::Table(table) => self.table(table),
            ItemKind::Test(test) => self.test(test),
            ItemKind::Broken(_) => self.fail(),
        }
    }

    fn rule(&mut self, rule: &Rule) -> Document {
        let end = rule.title.as_ref().map_or(rule.name.span.end, |(_, span)| span.end);
        let mut head = vec![self.spaced(end)];
        if let Some(family) = &rule.family {
            let each = self.spaced(family.rows.span.start);
            head.extend([Document::text(" "), each, Document::text(" "), self.expression(&family.rows)]);
        }
        for clause in &rule.clauses {
            let leading = self.leading();
            head.extend([leading, Document::HardLine, self.clause(clause)]);
        }
        let mut parts = vec![Document::nest(2, head.into_iter().collect())];
        parts.push(self.keyword(TokenKind::When, "when "));
        parts.push(self.triggers(rule));
        if let Some(condition) = &rule.condition {
            parts.push(self.keyword(TokenKind::If, "if   "));
            parts.push(self.condition_below_keyword(condition, CLAUSE));
        }
        parts.push(self.keyword(TokenKind::Then, "then "));
        parts.push(Document::nest(CLAUSE, self.steps(&rule.then)));
        if let Some(steps) = &rule.otherwise {
            parts.push(self.keyword(TokenKind::Otherwise, "otherwise "));
            let single = steps.len() == 1 && !self.has_comments_above();
            let steps = self.steps(steps);
            let measure = steps.measure();
            let fits = single && !measure.ends_line() && measure.width + "otherwise ".len() <= WIDTH;
            let edge = if fits { Document::nothing() } else { Document::HardLine };
            parts.push(Document::nest(CLAUSE, [edge, steps].into()));
        }
        parts.into_iter().collect()
    }

    fn clause(&mut self, clause: &Clause) -> Document {
        match &clause.kind {
            ClauseKind::Priority(_, number) => {
                let keyword = self.expect(TokenKind::Priority);
                [keyword, Document::text(" "), self.joined(number.end)].into()
            }
            ClauseKind::Tags(tags) => {
                let keyword = self.expect(TokenKind::Tags);
                let tags = self.delimited(tags, false, |writer, _| writer.token());
                [keyword, Document::text(" "), tags].into()
            }
            ClauseKind::Until(exit) => self.wait_for(exit),
            ClauseKind::Once(by)
            | ClauseKind::Limit { by, .. }
            | ClauseKind::Rollout { by, .. }
            | ClauseKind::Debounce { by, .. }
            | ClauseKind::Overlap { by, .. } => self.keyed(clause.span.end, by),
            ClauseKind::Variant { shares, by, .. } => {
                let mut parts = vec![self.expect(TokenKind::Variant)];
                for (at, (_, share)) in shares.iter().enumerate() {
                    if at > 0 {
                        parts.push(self.comma());
                    }
                    parts.extend([Document::text(" "), self.spaced(share.span.end)]);
                }
                parts.extend([Document::text(" "), self.keyed(clause.span.end, by)]);
                Document::nest(2, parts.into_iter().collect())
            }
            ClauseKind::Group(_)
            | ClauseKind::Disabled
            | ClauseKind::Owner(..)
            | ClauseKind::Timezone(..)
            | ClauseKind::Active { .. } => self.spaced(clause.span.end),
        }
    }

    /// Writes a clause up to its keys, and then those.
    fn keyed(&mut self, end: u32, by: &[Expression]) -> Document {
        let Some(first) = by.first() else { return self.spaced(end) };
        let mut parts = vec![self.spaced(first.span.start)];
        for (at, key) in by.iter().enumerate() {
            if at > 0 {
                parts.push(self.comma());
            }
            parts.extend([Document::text(" "), self.expression(key)]);
        }
        Document::nest(2, parts.into_iter().collect())
    }

    /// Writes the keyword of a clause at the beginning of a line.
    fn keyword(&mut self, kind: TokenKind, padded: &str) -> Document {
        let leading = self.leading();
        let blanks = padded.trim_start_matches(kind.text()).to_owned();
        [leading, Document::HardLine, self.expect(kind), Document::Text(blanks)].into()
    }

    /// Writes `a.b.c`.
    pub(super) fn path(&mut self, path: &Path) -> Document {
        self.joined(path.span.end)
    }

    fn function(&mut self, function: &Fn) -> Document {
        let head = Document::nest(2, self.spaced(function.name.span.end));
        let parameters = self.delimited(&function.parameters, false, Self::parameter);
        let arrow = self.expect(TokenKind::Arrow);
        let result = self.type_expression(&function.result);
        let blank = || Document::text(" ");
        let result = Document::nest(2, [blank(), arrow, blank(), result, blank()].into());
        let head = [head, parameters, result].into();
        self.definition(head, &function.body)
    }

    fn external(&mut self, function: &Extern) -> Document {
        let head = Document::nest(2, self.spaced(function.name.span.end));
        let parameters = self.delimited(&function.parameters, false, Self::parameter);
        let arrow = self.expect(TokenKind::Arrow);
        let result = self.type_expression(&function.result);
        let blank = || Document::text(" ");
        let result = Document::nest(2, [blank(), arrow, blank(), result, blank()].into());
        [head, parameters, result, self.spaced(function.file.1.end)].into()
    }

    fn group_item(&mut self, group: &Group) -> Document {
        let head = Document::nest(2, self.spaced(group.name.span.end));
        let assign = self.expect(TokenKind::Assign);
        let blank = || Document::text(" ");
        let resolution = match &group.resolution {
            Resolution::All | Resolution::First | Resolution::Unique => self.spaced(group.span.end),
            Resolution::Best(value) => {
                let words = self.spaced(value.span.start);
                [words, blank(), self.expression_in(value, 2)].into()
            }
        };
        [head, blank(), assign, blank(), resolution].into()
    }

    fn constant(&mut self, constant: &Const) -> Document {
        let head = Document::nest(2, self.spaced(constant.name.span.end));
        self.definition([head, Document::text(" ")].into(), &constant.value)
    }

    /// `head = value`, on one line if it fits.
    fn definition(&mut self, head: Document, value: &Expression) -> Document {
        let assign = self.expect(TokenKind::Assign);
        let value = self.value(value, true);
        [head, assign, value].into()
    }

    /// Writes what follows `=`: on the same line if it fits, else on the next. What has brackets of its own may
    /// break within them instead; `prefers_next_line` does so only where it is too wide for a line of its own.
    pub(super) fn value(&mut self, value: &Expression, prefers_next_line: bool) -> Document {
        let hugging = hugs(value);
        let call = matches!(value.kind, crate::ast::ExpressionKind::Call { .. });
        let document = self.expression_in(value, 0);
        let measure = document.measure();
        let own_line = prefers_next_line && call && !measure.ends_line() && measure.width + 2 <= WIDTH;
        if hugging && !own_line {
            return [Document::text(" "), document].into();
        }
        Document::group(Document::nest(2, [Document::Line, document].into()))
    }

    pub(super) fn parameter(&mut self, parameter: &Parameter) -> Document {
        let name = self.token();
        let colon = self.expect(TokenKind::Colon);
        [name, colon, Document::text(" "), self.type_expression(&parameter.ty)].into()
    }

    pub(super) fn type_expression(&mut self, ty: &TypeExpression) -> Document {
        let mut parts = Vec::new();
        match &ty.kind {
            TypeExpressionKind::Named(path) => parts.push(self.path(path)),
            TypeExpressionKind::List(element) | TypeExpressionKind::Map(element) => {
                parts.push(self.token());
                parts.push(self.expect(TokenKind::Less));
                parts.push(self.type_expression(element));
                parts.push(self.expect(TokenKind::Greater));
            }
        }
        if ty.optional {
            parts.push(self.expect(TokenKind::Question));
        }
        parts.into_iter().collect()
    }
}
