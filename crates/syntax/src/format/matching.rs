//! The layout of `match x { … }`: on one line, or each arm on its own.

use crate::ast::{Expression, MatchArm, MatchPattern};
use crate::token::TokenKind;

use super::document::Document;
use super::writer::Writer;

impl Writer<'_> {
    pub(super) fn matching(&mut self, subject: &Expression, arms: &[MatchArm]) -> Document {
        let keyword = self.expect(TokenKind::Match);
        let subject = self.expression(subject);
        let arms = self.delimited(arms, true, Self::match_arm);
        [keyword, Document::text(" "), subject, Document::text(" "), arms].into()
    }

    fn match_arm(&mut self, arm: &MatchArm) -> Document {
        let mut parts = Vec::new();
        match &arm.pattern {
            MatchPattern::Values(values) => {
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        parts.extend([Document::text(" "), self.expect(TokenKind::Or), Document::text(" ")]);
                    }
                    parts.push(self.expression(value));
                }
            }
            MatchPattern::Missing(_) => parts.push(self.expect(TokenKind::Missing)),
            MatchPattern::Else(_) => parts.push(self.expect(TokenKind::Else)),
        }
        parts.extend([Document::text(" "), self.expect(TokenKind::Arrow), Document::text(" ")]);
        parts.push(self.expression(&arm.value));
        Document::group(parts.into_iter().collect())
    }
}
