//! Where items start: at their keyword, at a misspelt one, or where one must have been forgotten.
//!
//! Only the first tokens of a line decide. A keyword at the very beginning of a line starts an item whatever is
//! open before it; an indented or misspelt one only if what follows can belong to nothing else.

use hence_diagnostics::nearest;

use crate::token::{Class, Token, TokenKind};

/// A token that starts an item, or text that is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// The index of the token.
    pub(super) at: usize,
    pub(super) what: What,
}

/// What starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// An item, with its keyword.
    Item(TokenKind),
    /// An item, its keyword misspelt.
    Misspelt(TokenKind),
    /// An item, its keyword forgotten.
    Missing(TokenKind),
    /// An item, its keyword after its name.
    Swapped(TokenKind),
    /// `import` and the like, which other languages have.
    Import,
}

/// Finds the starts.
pub(super) fn find(text: &str, tokens: &[Token]) -> Vec<Start> {
    let mut lines = Lines { text, tokens: Vec::new(), keyword: None, in_header: false };
    let mut newline = true;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Blank {
            newline |= text.get(token.span.range()).is_some_and(|blank| blank.contains('\n'));
        }
        if !token.kind.is_trivia() {
            let before = text.get(..token.span.start as usize).unwrap_or_default();
            let flush = before.trim_start_matches('\u{feff}').is_empty() || before.ends_with('\n');
            lines.tokens.push(Placed { at, token: *token, starts_line: newline, flush });
            newline = false;
        }
    }
    let mut starts = Vec::new();
    for index in 0..lines.tokens.len() {
        let Some(what) = lines.what(index) else {
            let begins = lines.tokens.get(index).filter(|placed| placed.starts_line);
            lines.in_header &= !begins.is_some_and(|placed| ends_header(placed.token.kind));
            continue;
        };
        if let Some(placed) = lines.tokens.get(index) {
            starts.push(Start { at: placed.at, what });
        }
        lines.keyword = match what {
            What::Item(keyword)
            | What::Misspelt(keyword)
            | What::Missing(keyword)
            | What::Swapped(keyword) => Some(keyword),
            What::Import => None,
        };
        lines.in_header = lines.keyword == Some(TokenKind::Rule);
    }
    starts
}

/// A token and where in its line it stands.
#[derive(Debug, Clone, Copy)]
struct Placed {
    at: usize,
    token: Token,
    /// Whether it is the first of its line.
    starts_line: bool,
    /// Whether it stands at the very beginning of its line.
    flush: bool,
}

struct Lines<'a> {
    text: &'a str,
    tokens: Vec<Placed>,
    /// The keyword of the item that started last.
    keyword: Option<TokenKind>,
    /// Whether that is a rule of which neither trigger, condition nor steps have begun.
    in_header: bool,
}

impl Lines<'_> {
    fn kind(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|placed| placed.token.kind)
    }

    /// The kind of a token that stands on the same line as the one before it.
    fn on_line(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).filter(|placed| !placed.starts_line).map(|placed| placed.token.kind)
    }

    fn written(&self, index: usize) -> &str {
        let placed = self.tokens.get(index);
        placed.and_then(|placed| self.text.get(placed.token.span.range())).unwrap_or_default()
    }

    fn what(&self, index: usize) -> Option<What> {
        let placed = self.tokens.get(index).filter(|placed| placed.starts_line)?;
        let flush = placed.flush || index == 0;
        let kind = placed.token.kind;
        if kind == TokenKind::Test {
            let titled = self.on_line(index + 1) == Some(TokenKind::Text);
            return (titled || flush && self.keyword(index, kind, flush)).then_some(What::Item(kind));
        }
        if kind == TokenKind::Extern || kind == TokenKind::Group {
            return self.fits(index, kind, flush).then_some(What::Item(kind));
        }
        if matches!(kind, TokenKind::Rule | TokenKind::Fn | TokenKind::Const | TokenKind::Table) {
            return self.keyword(index, kind, flush).then_some(What::Item(kind));
        }
        if flush && self.is_import(index) {
            return Some(What::Import);
        }
        // A keyword is followed by a name, a title or what follows a name; few words that begin a line are.
        let next = self.on_line(index + 1);
        let may_be =
            next.is_some_and(|next| is_name(next) || matches!(next, TokenKind::Text | TokenKind::Assign));
        if may_be
            && let Some(keyword) = self.misspelt(index).filter(|keyword| self.fits(index, *keyword, flush))
        {
            return Some(What::Misspelt(keyword));
        }
        if let Some(keyword) = self.swapped(index) {
            return Some(What::Swapped(keyword));
        }
        self.missing(index, flush).map(What::Missing)
    }

    /// The keyword that stands after the name or title it belongs before.
    fn swapped(&self, index: usize) -> Option<TokenKind> {
        let (kind, keyword) = (self.kind(index)?, self.on_line(index + 1)?);
        let third = self.on_line(index + 2);
        let named = matches!(kind, TokenKind::Word | TokenKind::QuotedName);
        let heads = || {
            let title = usize::from(third == Some(TokenKind::Text));
            third == Some(TokenKind::For) || self.heads_rule(index + 2 + title)
        };
        let fits = if keyword == TokenKind::Rule {
            named && heads()
        } else if keyword == TokenKind::Const {
            named && third == Some(TokenKind::Assign)
        } else if keyword == TokenKind::Fn || keyword == TokenKind::Table {
            named && third == Some(TokenKind::LeftParen)
        } else {
            keyword == TokenKind::Test && kind == TokenKind::Text && third.is_none()
        };
        (fits && self.ends_before(index)).then_some(keyword)
    }

    /// Whether a keyword of an item starts one and is not the name of something.
    fn keyword(&self, index: usize, kind: TokenKind, flush: bool) -> bool {
        let next = self.kind(index + 1);
        if flush {
            let of_name = [TokenKind::Colon, TokenKind::Dot, TokenKind::OptionalDot, TokenKind::Comma];
            if kind == TokenKind::Table {
                return self.on_line(index + 1).is_some_and(is_name);
            }
            return index == 0 || !next.is_some_and(|next| of_name.contains(&next));
        }
        let named = self.on_line(index + 1).is_some_and(is_name);
        if kind == TokenKind::Rule { named } else { named && self.fits(index, kind, true) }
    }

    /// The keyword that a word at the beginning of a line was meant to be.
    fn misspelt(&self, index: usize) -> Option<TokenKind> {
        let kind = self.kind(index)?;
        if kind == TokenKind::Let {
            // A step where steps can stand, otherwise a constant.
            return (self.keyword != Some(TokenKind::Rule)).then_some(TokenKind::Const);
        }
        if kind != TokenKind::Word {
            return None;
        }
        match self.written(index) {
            "function" | "func" | "fun" | "nf" | "def" | "define" => Some(TokenKind::Fn),
            "constant" | "var" | "val" | "static" => Some(TokenKind::Const),
            word => {
                let near = nearest(
                    word,
                    [
                        "rule",
                        "const",
                        "test",
                        "table",
                        "group",
                        "when",
                        "if",
                        "then",
                        "otherwise",
                        "let",
                        "fn",
                    ],
                );
                near.filter(|near| matches!(*near, "rule" | "const" | "test" | "table" | "group" | "fn"))
                    .map(TokenKind::of_word)
            }
        }
    }

    /// Whether what follows a word could follow the keyword of an item.
    fn fits(&self, index: usize, keyword: TokenKind, flush: bool) -> bool {
        if keyword == TokenKind::Test {
            return flush && self.on_line(index + 1) == Some(TokenKind::Text);
        }
        if keyword == TokenKind::Extern {
            return flush && self.on_line(index + 1) == Some(TokenKind::Fn);
        }
        // Its name may be missing.
        if keyword == TokenKind::Group && self.on_line(index + 1) == Some(TokenKind::Assign) {
            return flush;
        }
        if !self.on_line(index + 1).is_some_and(is_name) {
            return false;
        }
        let third = self.on_line(index + 2);
        if keyword == TokenKind::Fn || keyword == TokenKind::Table {
            return flush && third == Some(TokenKind::LeftParen);
        }
        // A group is not the clause of a rule.
        if keyword == TokenKind::Group {
            return flush && third == Some(TokenKind::Assign);
        }
        if keyword == TokenKind::Const {
            return flush && matches!(third, Some(TokenKind::Assign | TokenKind::Equal));
        }
        let after_title = if third == Some(TokenKind::Text) { index + 3 } else { index + 2 };
        if self.heads_rule(after_title) {
            return true;
        }
        flush && (third.is_none() || third == Some(TokenKind::Text))
    }

    /// Whether what follows the name and the title of a rule stands at the beginning of a line.
    fn heads_rule(&self, index: usize) -> bool {
        let placed = self.tokens.get(index).filter(|placed| placed.starts_line);
        placed.is_some_and(|placed| heads_clause(placed.token.kind))
    }

    /// The keyword that was forgotten before a name at the beginning of a line.
    fn missing(&self, index: usize, flush: bool) -> Option<TokenKind> {
        let kind = self.kind(index)?;
        if kind == TokenKind::Text && self.on_line(index + 1).is_none() {
            let clauses =
                [TokenKind::At, TokenKind::Given, TokenKind::With, TokenKind::Expect, TokenKind::After];
            let heads = self.kind(index + 1).is_some_and(|next| clauses.contains(&next));
            let titled = index.checked_sub(1).and_then(|before| self.kind(before)) == Some(TokenKind::Test);
            return (heads && !titled).then_some(TokenKind::Test);
        }
        if !matches!(kind, TokenKind::Word | TokenKind::QuotedName) || !self.ends_before(index) {
            return None;
        }
        let next = self.on_line(index + 1);
        // Before a rule's `when` it is rather a clause that is misspelt.
        if !self.in_header
            && self.heads_rule(if next == Some(TokenKind::Text) { index + 2 } else { index + 1 })
        {
            return Some(TokenKind::Rule);
        }
        if next == Some(TokenKind::Assign) && flush {
            let resolution = [TokenKind::All, TokenKind::First, TokenKind::Unique];
            let best = self.on_line(index + 2) == Some(TokenKind::Best)
                && self.on_line(index + 3) == Some(TokenKind::By);
            let alone = self.on_line(index + 3).is_none()
                && self.on_line(index + 2).is_some_and(|kind| resolution.contains(&kind));
            return Some(if best || alone { TokenKind::Group } else { TokenKind::Const });
        }
        let rest = || self.tokens.iter().skip(index + 1).take_while(|placed| !placed.starts_line);
        let has = |kind: TokenKind| rest().any(|placed| placed.token.kind == kind);
        let typed = next == Some(TokenKind::LeftParen) && has(TokenKind::Arrow);
        let keyword = if has(TokenKind::Assign) { TokenKind::Fn } else { TokenKind::Table };
        typed.then_some(keyword)
    }

    /// Whether an item can end before a token.
    fn ends_before(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1).and_then(|before| self.kind(before)) else { return true };
        let word = [TokenKind::Stop, TokenKind::True, TokenKind::False];
        match before.class() {
            Class::Literal | Class::Name | Class::Contextual => {
                ![TokenKind::Fn, TokenKind::Const, TokenKind::By, TokenKind::Per].contains(&before)
            }
            Class::Mark => before.is_closer(),
            Class::Reserved => word.contains(&before),
            Class::Trivia | Class::Bad => false,
        }
    }

    fn is_import(&self, index: usize) -> bool {
        let words = ["use", "import", "package", "include", "require", "from", "module", "namespace"];
        let followed = self.on_line(index + 1).is_some_and(|next| is_name(next) || next == TokenKind::Text);
        followed && words.contains(&self.written(index))
    }
}

/// Whether this begins a part of a rule that stands after its header.
fn ends_header(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::When | TokenKind::If | TokenKind::Then | TokenKind::Otherwise)
}

/// Whether a clause of a rule starts with this.
fn heads_clause(kind: TokenKind) -> bool {
    let clauses = [
        TokenKind::When,
        TokenKind::Priority,
        TokenKind::Group,
        TokenKind::Disabled,
        TokenKind::Owner,
        TokenKind::Tags,
        TokenKind::Timezone,
        TokenKind::Active,
        TokenKind::Until,
        TokenKind::Once,
        TokenKind::Limit,
        TokenKind::Rollout,
        TokenKind::Variant,
        TokenKind::Debounce,
        TokenKind::Overlap,
    ];
    clauses.contains(&kind)
}

fn is_name(kind: TokenKind) -> bool {
    matches!(kind.class(), Class::Name | Class::Contextual)
}
