//! Which kinds of tokens can come next in an item that is being written.

use hence_diagnostics::FileId;
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

use crate::grammar::{Grammar, Rule};
use crate::lexer;
use crate::parse::{characters, rule_of};
use crate::token::{Class, Token, TokenKind};

/// Returns the kinds of tokens that can follow `text`, the beginning of an item from its keyword on. A word that may
/// be a name is among them only where it means something of its own.
///
/// The grammar is asked for each kind, so that what it comes to allow is known here without a change.
pub fn follow(text: &str) -> Vec<TokenKind> {
    let tokens: Vec<Token> =
        lexer::lex(FileId::default(), text).into_iter().filter(|token| !token.kind.is_trivia()).collect();
    let Some(first) = tokens.first() else { return Vec::new() };
    if crate::items::depth(&tokens) > crate::items::MAX_NESTING {
        return Vec::new();
    }
    let asked = Asked { rule: rule_of(first.kind), before: characters(&tokens) };
    let name = asked.after(TokenKind::Word);
    let real = |kind: &&TokenKind| !matches!(kind.class(), Class::Trivia | Class::Bad);
    let fits = |kind: &TokenKind| match asked.after(*kind) {
        None => false,
        // As a name, the word would be followed by what follows names.
        found => kind.class() != Class::Contextual || found != name,
    };
    TokenKind::ALL.iter().filter(real).copied().filter(fits).collect()
}

/// Returns whether a text is an item that can be read as it is, without being mended.
pub fn is_item(text: &str) -> bool {
    let tokens: Vec<Token> =
        lexer::lex(FileId::default(), text).into_iter().filter(|token| !token.kind.is_trivia()).collect();
    let Some(first) = tokens.first() else { return false };
    crate::items::depth(&tokens) <= crate::items::MAX_NESTING
        && Grammar::parse(rule_of(first.kind), &characters(&tokens)).is_ok()
}

/// The beginning of an item, as the grammar reads it.
struct Asked {
    rule: Rule,
    before: String,
}

impl Asked {
    /// Returns what the grammar would take after a token of this kind; nothing where it does not take the token.
    fn after(&self, kind: TokenKind) -> Option<Vec<Rule>> {
        let mut input = self.before.clone();
        input.push(kind.character());
        let end = input.len();
        // The grammar takes no unknown character, so it always stops and says what it would have taken.
        input.push(TokenKind::Unknown.character());
        let error = Grammar::parse(self.rule, &input).err()?;
        let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
        if at < end {
            return None;
        }
        match error.variant {
            ErrorVariant::ParsingError { mut positives, .. } => {
                positives.sort_unstable();
                Some(positives)
            }
            ErrorVariant::CustomError { .. } => Some(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&'static str> {
        follow(text).into_iter().filter(|kind| kind.is_keyword()).map(TokenKind::text).collect()
    }

    #[test]
    fn after_a_trigger_come_its_alias_the_condition_and_the_steps() {
        assert_eq!(
            words("rule a\nwhen shop.order.created"),
            ["if", "then", "or", "as", "changes", "falls", "followed", "rises", "without"]
        );
    }

    #[test]
    fn after_a_value_come_operators_and_what_may_follow_the_condition() {
        let words = words("rule a when x.y if total");
        for word in ["and", "or", "is", "in", "then", "contains", "between"] {
            assert!(words.contains(&word), "{word} in {words:?}");
        }
        assert!(!words.contains(&"when"), "{words:?}");
    }

    #[test]
    fn after_a_header_comes_a_clause_or_the_trigger() {
        let words = words("rule a \"Title\"\n  priority 5\n ");
        assert!(words.contains(&"when") && words.contains(&"owner") && !words.contains(&"if"), "{words:?}");
    }

    #[test]
    fn a_word_that_would_only_be_a_name_is_none_of_them() {
        let words = words("rule a when x.y then");
        for word in ["let", "if", "wait", "stop", "attempt", "for"] {
            assert!(words.contains(&word), "{word} in {words:?}");
        }
        assert!(!words.contains(&"older") && !words.contains(&"doubling"), "{words:?}");
    }

    #[test]
    fn only_a_whole_item_is_one() {
        assert!(is_item("rule a when x.y then stop // all\n"));
        assert!(!is_item("rule a when x.y then") && !is_item(""));
    }

    #[test]
    fn nothing_follows_what_cannot_be_read() {
        assert_eq!(follow("rule a if ) ("), []);
    }
}
