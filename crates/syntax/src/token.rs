//! The tokens: one table for the lexer, the grammar's terminals, messages and highlighting.
//!
//! pest reads text, so the grammar runs over a string with one character per token. Every kind has a character
//! of its own in the two-byte range of UTF-8, so that a token's index is half its offset in that string.
//! `grammar/tokens.pest` is generated from this table; a test keeps it true.

use std::collections::HashMap;
use std::sync::LazyLock;

use hence_diagnostics::Span;

/// What kinds of words there are, for highlighting and for deciding where a word may be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Blanks and comments: no part of the grammar.
    Trivia,
    /// A literal.
    Literal,
    /// A name.
    Name,
    /// A keyword that is never a name, except after `.` and before `:`.
    Reserved,
    /// A keyword only where the grammar asks for it, otherwise a name.
    Contextual,
    /// A bracket, separator or operator.
    Mark,
    /// Text that is no token of the language.
    Bad,
}

macro_rules! tokens {
    ($($variant:ident $rule:ident $text:literal $class:ident,)*) => {
        /// The kind of a token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum TokenKind {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl TokenKind {
            /// All kinds, in the order of their characters.
            pub const ALL: &'static [TokenKind] = &[$(TokenKind::$variant,)*];

            /// Returns the text of a keyword or mark, or a description such as `a name`.
            pub fn text(self) -> &'static str {
                match self { $(TokenKind::$variant => $text,)* }
            }

            /// Returns the class.
            pub fn class(self) -> Class {
                match self { $(TokenKind::$variant => Class::$class,)* }
            }

            /// Returns the name of the terminal in the grammar.
            pub fn terminal(self) -> &'static str {
                match self { $(TokenKind::$variant => stringify!($rule),)* }
            }
        }

        /// Returns the kind of a terminal of the grammar, if the rule is one.
        pub(crate) fn of_terminal(rule: crate::grammar::Rule) -> Option<TokenKind> {
            $(if rule == crate::grammar::Rule::$rule { return Some(TokenKind::$variant); })*
            None
        }
    };
}

tokens! {
    Blank blank "a blank" Trivia,
    Comment comment "a comment" Trivia,
    DocComment doc_comment "a documentation comment" Trivia,

    Number number "a number" Literal,
    Percent percent "a percentage" Literal,
    Date date "a date" Literal,
    Time time "a time" Literal,
    DateTime date_time "a date and time" Literal,
    Text text "a text" Literal,
    RawText raw_text "a raw text" Literal,
    Pattern pattern "a pattern" Literal,
    Unit unit "a unit of time" Literal,
    Ordinal ordinal "a day such as `1st`" Literal,
    Currency currency "a currency" Literal,

    Word word "a name" Name,
    QuotedName quoted_name "a quoted name" Name,

    LeftParen left_paren "(" Mark,
    RightParen right_paren ")" Mark,
    LeftBracket left_bracket "[" Mark,
    RightBracket right_bracket "]" Mark,
    LeftBrace left_brace "{" Mark,
    RightBrace right_brace "}" Mark,
    Comma comma "," Mark,
    Colon colon ":" Mark,
    Dot dot "." Mark,
    OptionalDot optional_dot "?." Mark,
    Question question "?" Mark,
    Range range ".." Mark,
    Pipe pipe "|" Mark,
    Arrow arrow "->" Mark,
    Assign assign "=" Mark,
    Equal equal "==" Mark,
    NotEqual not_equal "!=" Mark,
    Less less "<" Mark,
    LessOrEqual less_or_equal "<=" Mark,
    Greater greater ">" Mark,
    GreaterOrEqual greater_or_equal ">=" Mark,
    Plus plus "+" Mark,
    Minus minus "-" Mark,
    Star star "*" Mark,
    Slash slash "/" Mark,
    Modulo modulo "%" Mark,

    When when "when" Reserved,
    If if_ "if" Reserved,
    Then then "then" Reserved,
    Otherwise otherwise "otherwise" Reserved,
    Else else_ "else" Reserved,
    And and "and" Reserved,
    Or or "or" Reserved,
    Not not "not" Reserved,
    Is is "is" Reserved,
    In in_ "in" Reserved,
    Let let_ "let" Reserved,
    For for_ "for" Reserved,
    Wait wait "wait" Reserved,
    Stop stop "stop" Reserved,
    Set set "set" Reserved,
    True true_ "true" Reserved,
    False false_ "false" Reserved,
    Rule rule_ "rule" Reserved,
    Test test "test" Reserved,
    Match match_ "match" Reserved,

    As as_ "as" Contextual,
    Between between "between" Contextual,
    Case case "case" Contextual,
    Const const_ "const" Contextual,
    Contains contains "contains" Contextual,
    Empty empty "empty" Contextual,
    Ends ends "ends" Contextual,
    Fn fn_ "fn" Contextual,
    Ignoring ignoring "ignoring" Contextual,
    List list "list" Contextual,
    Map map "map" Contextual,
    Matches matches "matches" Contextual,
    Missing missing "missing" Contextual,
    Present present "present" Contextual,
    Priority priority "priority" Contextual,
    Starts starts "starts" Contextual,
    With with "with" Contextual,
    Within within "within" Contextual,
    Next next "next" Contextual,
    Last last "last" Contextual,
    Older older "older" Contextual,
    Than than "than" Contextual,
    After after "after" Contextual,
    At at "at" Contextual,
    Because because "because" Contextual,
    Completed completed "completed" Contextual,
    Expect expect "expect" Contextual,
    Failed failed "failed" Contextual,
    Fails fails "fails" Contextual,
    Given given "given" Contextual,
    Never never "never" Contextual,
    Nothing nothing "nothing" Contextual,
    Once once "once" Contextual,
    Ran ran "ran" Contextual,
    Returns returns "returns" Contextual,
    Stopped stopped "stopped" Contextual,
    Times times "times" Contextual,
    Waiting waiting "waiting" Contextual,
    Above above "above" Contextual,
    Below below "below" Contextual,
    Changes changes "changes" Contextual,
    Falls falls "falls" Contextual,
    Followed followed "followed" Contextual,
    Rises rises "rises" Contextual,
    Without without "without" Contextual,

    Active active "active" Contextual,
    All all "all" Contextual,
    Attempt attempt "attempt" Contextual,
    Continue continue_ "continue" Contextual,
    Disabled disabled "disabled" Contextual,
    Doubling doubling "doubling" Contextual,
    Error error "error" Contextual,
    Every every "every" Contextual,
    From from "from" Contextual,
    On on "on" Contextual,
    Owner owner "owner" Contextual,
    Retry retry "retry" Contextual,
    Tags tags "tags" Contextual,
    Timeout timeout "timeout" Contextual,
    Timezone timezone "timezone" Contextual,
    To to "to" Contextual,
    Until until "until" Contextual,
    Up up "up" Contextual,
    Each each "each" Contextual,
    First first "first" Contextual,
    One one "one" Contextual,
    Table table "table" Contextual,
    Cron cron "cron" Contextual,
    Day day "day" Contextual,
    Hour hour "hour" Contextual,
    Minute minute "minute" Contextual,
    Month month "month" Contextual,
    Week week "week" Contextual,
    Weekday weekday "weekday" Contextual,
    Monday monday "monday" Contextual,
    Tuesday tuesday "tuesday" Contextual,
    Wednesday wednesday "wednesday" Contextual,
    Thursday thursday "thursday" Contextual,
    Friday friday "friday" Contextual,
    Saturday saturday "saturday" Contextual,
    Sunday sunday "sunday" Contextual,
    Missed missed "missed" Contextual,
    Skip skip "skip" Contextual,
    The the "the" Contextual,
    Where where_ "where" Contextual,
    Best best "best" Contextual,
    Block block_ "block" Contextual,
    Blocked blocked "blocked" Contextual,
    By by "by" Contextual,
    Extern extern_ "extern" Contextual,
    Group group_ "group" Contextual,
    Unique unique "unique" Contextual,
    Parallel parallel "parallel" Contextual,
    Emit emit "emit" Contextual,
    Debounce debounce "debounce" Contextual,
    Limit limit "limit" Contextual,
    Overlap overlap "overlap" Contextual,
    Per per "per" Contextual,
    Queue queue "queue" Contextual,
    Restart restart "restart" Contextual,
    Rollout rollout "rollout" Contextual,
    Skipped skipped "skipped" Contextual,
    Throttled throttled "throttled" Contextual,
    Variant variant "variant" Contextual,
    Before before "before" Contextual,
    Manual manual "manual" Contextual,
    Ask ask "ask" Contextual,

    Foreign foreign "a foreign mark" Bad,
    ForeignText foreign_text "a text in foreign quotes" Bad,
    UnclosedText unclosed_text "an unclosed text" Bad,
    Unknown unknown "an unknown character" Bad,
}

impl TokenKind {
    /// Returns the character that stands for the kind in the grammar.
    pub fn character(self) -> char {
        char::from_u32(0x100 + self as u32).unwrap_or('\u{100}')
    }

    /// Returns the keyword written `word`, or [`TokenKind::Word`].
    pub fn of_word(word: &str) -> TokenKind {
        static KEYWORDS: LazyLock<HashMap<&str, TokenKind>> = LazyLock::new(|| {
            let keywords = TokenKind::ALL.iter().filter(|kind| kind.is_keyword());
            keywords.map(|kind| (kind.text(), *kind)).collect()
        });
        KEYWORDS.get(word).copied().unwrap_or(TokenKind::Word)
    }

    /// Returns whether it is a keyword.
    pub fn is_keyword(self) -> bool {
        matches!(self.class(), Class::Reserved | Class::Contextual)
    }

    /// Returns whether blanks and comments.
    pub fn is_trivia(self) -> bool {
        self.class() == Class::Trivia
    }

    /// Returns whether a token of this kind is spelt like a word.
    pub fn is_word(self) -> bool {
        self == TokenKind::Word || self.is_keyword()
    }

    /// Returns the bracket that closes this one.
    pub fn closer(self) -> Option<TokenKind> {
        if self == TokenKind::LeftParen {
            Some(TokenKind::RightParen)
        } else if self == TokenKind::LeftBracket {
            Some(TokenKind::RightBracket)
        } else if self == TokenKind::LeftBrace {
            Some(TokenKind::RightBrace)
        } else {
            None
        }
    }

    /// Returns whether it closes a bracket.
    pub fn is_closer(self) -> bool {
        matches!(self, TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace)
    }

    /// Returns the words for messages: a keyword or mark in backticks, a description as it is.
    pub fn describe(self) -> String {
        match self.class() {
            Class::Reserved | Class::Contextual | Class::Mark => format!("`{}`", self.text()),
            Class::Trivia | Class::Literal | Class::Name | Class::Bad => self.text().to_owned(),
        }
    }
}

/// A token: its kind and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The kind.
    pub kind: TokenKind,
    /// The place; empty for a token that a repair inserted.
    pub span: Span,
}

/// Returns the text of `grammar/tokens.pest`.
#[cfg(test)]
fn grammar() -> String {
    let mut text = String::from(
        "// Generated from the token table in crates/syntax/src/token.rs: the terminals, one character per token.\n\n",
    );
    for kind in TokenKind::ALL {
        text.push_str(&format!("{} = {{ \"\\u{{{:04X}}}\" }}\n", kind.terminal(), kind.character() as u32));
    }
    text.push_str("\n// A keyword that may be a name where the grammar does not ask for it.\n");
    text.push_str(&format!("contextual = _{{ {} }}\n", ranges(Class::Contextual)));
    text.push_str("\n// A keyword that is a name only after `.` and before `:`.\n");
    text.push_str(&format!("reserved = _{{ {} }}\n", ranges(Class::Reserved)));
    text
}

/// The characters of a class as ranges: one look at a token tells whether it is of the class, where an alternative
/// for each kind would try a hundred rules.
#[cfg(test)]
fn ranges(class: Class) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for kind in TokenKind::ALL.iter().filter(|kind| kind.class() == class) {
        let at = kind.character() as u32;
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == at => *last = at,
            _ => ranges.push((at, at)),
        }
    }
    let written = ranges.iter().map(|(first, last)| format!("'\\u{{{first:04X}}}'..'\\u{{{last:04X}}}'"));
    written.collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_two_byte_character() {
        for kind in TokenKind::ALL {
            assert_eq!(kind.character().len_utf8(), 2, "{kind:?}");
        }
    }

    #[test]
    fn the_terminals_of_the_grammar_are_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../grammar/tokens.pest");
        if std::env::var_os("HENCE_BLESS").is_some() {
            std::fs::write(path, grammar()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), grammar(), "run the tests with HENCE_BLESS=1");
    }
}
