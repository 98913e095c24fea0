//! Which mutants are valid rules of another meaning: nobody can tell that they were not meant. Whatever else is
//! accepted without a word is a miss.

use hence_syntax::TokenKind;

use super::mutants::{Kind, Mutant, significant};

/// Words and marks that may stand or not, where they stand.
const OPTIONAL: &[TokenKind] = &[
    TokenKind::Disabled,
    TokenKind::Stop,
    TokenKind::Once,
    TokenKind::Doubling,
    TokenKind::All,
    TokenKind::Not,
    TokenKind::Minus,
    TokenKind::Question,
];

/// Returns why a mutant of a text is as valid as the text, if there is a reason.
pub(super) fn reason(text: &str, mutant: &Mutant) -> Option<&'static str> {
    let tokens = significant(text);
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    let (token, next) = (kind(mutant.at)?, kind(mutant.at + 1));
    let before = mutant.at.checked_sub(1).and_then(kind);
    match mutant.kind {
        Kind::DropKeyword | Kind::DropMark => {
            OPTIONAL.contains(&token).then_some("a word that may be left out")
        }
        Kind::DropLiteral => {
            let starts = [Some(TokenKind::LeftBracket), Some(TokenKind::Comma)].contains(&before);
            let ends = [Some(TokenKind::RightBracket), Some(TokenKind::Comma)].contains(&next);
            let head = mutant.at.checked_sub(2).and_then(kind) == Some(TokenKind::Rule);
            if starts && ends {
                Some("a list with one element fewer")
            } else if token == TokenKind::Text && head {
                Some("a rule without its title")
            } else {
                None
            }
        }
        Kind::DropName => {
            (before == Some(TokenKind::Rule)).then_some("a rule named by the word that follows its name")
        }
        Kind::WrongType => Some("a literal where any type is taken"),
        Kind::DropComma
        | Kind::DropOpener
        | Kind::DropCloser
        | Kind::Duplicate
        | Kind::Swap
        | Kind::MisspellKeyword
        | Kind::MisspellName
        | Kind::Foreign
        | Kind::WrongUnit
        | Kind::WrongCurrency => None,
    }
}
