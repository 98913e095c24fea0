//! Mends tokens until the grammar takes them, and tells what was wrong.
//!
//! Where the grammar stops, small changes near that place are tried: insert, replace or delete one token. Each
//! candidate is parsed before it is believed; the cheapest one that carries the parser on is reported as the fix
//! and the search goes on behind it, so that several mistakes in one item are all found in one run.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span, nearest};
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

use crate::grammar::{Grammar, Rule};
use crate::items::short;
use crate::parse::characters;
use crate::token::{Class, Token, TokenKind, of_terminal};

/// How many mistakes are mended in one item.
const MAX_REPAIRS: usize = 8;

/// A candidate that carries the parser at least this many tokens on is as good as one that parses.
const FAR: usize = 4;

/// Tokens after repair.
pub(crate) struct Repaired {
    pub(crate) tokens: Vec<Token>,
    /// Whether the grammar takes them.
    pub(crate) parses: bool,
}

/// Where the grammar stops: the index of the token it cannot take, and what it would take instead.
struct Stop {
    at: usize,
    expected: Vec<Rule>,
}

/// A change of one token.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    /// A mark or keyword before the token at this index.
    Insert(usize, TokenKind),
    /// A stand-in for a missing value.
    InsertValue(usize),
    /// A stand-in for a missing step.
    InsertStep(usize),
    /// A foreign or misspelt word by the right one.
    Replace(usize, TokenKind),
    /// Nothing for a token.
    Delete(usize),
}

/// Mends the tokens of an item.
pub(crate) fn repair(
    rule: Rule,
    text: &str,
    mut tokens: Vec<Token>,
    unclosed: Option<Token>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Repaired {
    if tokens.is_empty() {
        return Repaired { tokens, parses: false };
    }
    mend_lexical(text, &mut tokens, diagnostics);
    let mut unclosed = unclosed;
    for _ in 0..MAX_REPAIRS {
        let Some(stop) = stop(rule, &tokens) else { return Repaired { tokens, parses: true } };
        let Some(change) = best(rule, text, &tokens, &stop, unclosed) else {
            diagnostics.push(unexpected(text, &tokens, &stop, unclosed));
            return Repaired { tokens, parses: false };
        };
        diagnostics.push(describe(text, &tokens, &stop, change, &mut unclosed));
        tokens = apply(&tokens, change);
    }
    let parses = stop(rule, &tokens).is_none();
    Repaired { tokens, parses }
}

/// Reports tokens of bad kinds and gives them the kind they were meant to have.
fn mend_lexical(text: &str, tokens: &mut Vec<Token>, diagnostics: &mut Vec<Diagnostic>) {
    for token in tokens.iter_mut() {
        let written = text.get(token.span.range()).unwrap_or_default();
        if token.kind == TokenKind::UnclosedText {
            diagnostics.push(
                Diagnostic::new(Code::UnclosedText, token.span, "this text is never closed")
                    .label("the line ends before a closing `\"`")
                    .fix(Fix::replace(
                        Applicability::Likely,
                        token.span.after(),
                        "\"",
                        "close the text at the end of the line",
                    )),
            );
            token.kind = TokenKind::Text;
        } else if token.kind == TokenKind::ForeignText {
            let inner: String =
                written.chars().skip(1).take(written.chars().count().saturating_sub(2)).collect();
            diagnostics.push(
                Diagnostic::new(Code::SyntaxError, token.span, "a text stands in straight double quotes")
                    .label("other quotes")
                    .fix(Fix::replace(
                        Applicability::Safe,
                        token.span,
                        format!("\"{}\"", inner.replace('"', "\\\"")),
                        "use `\"`",
                    )),
            );
            token.kind = TokenKind::Text;
        } else if token.kind == TokenKind::Unknown {
            diagnostics.push(
                Diagnostic::new(
                    Code::UnknownCharacter,
                    token.span,
                    format!("unknown character `{}`", short(written)),
                )
                .label("no part of the language")
                .help("names of other letters stand in backticks, such as `` event.`größe` ``"),
            );
        }
    }
    tokens.retain(|token| token.kind != TokenKind::Unknown);
}

/// Parses and returns where the grammar stops, if it does.
fn stop(rule: Rule, tokens: &[Token]) -> Option<Stop> {
    let input = characters(tokens);
    let error = Grammar::parse(rule, &input).err()?;
    let offset = match error.location {
        InputLocation::Pos(at) => at,
        InputLocation::Span((start, _)) => start,
    };
    let expected = match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    Some(Stop { at: offset / 2, expected })
}

/// What foreign marks and words are called here.
fn confusable(written: &str) -> Option<TokenKind> {
    Some(match written {
        "=" | "===" | "eq" | "equals" => TokenKind::Equal,
        "==" | ":=" => TokenKind::Assign,
        "!==" | "<>" | "ne" => TokenKind::NotEqual,
        "&&" | "&" | "AND" | "And" => TokenKind::And,
        "||" | "OR" | "Or" => TokenKind::Or,
        "!" | "NOT" | "Not" => TokenKind::Not,
        "=>" => TokenKind::GreaterOrEqual,
        "has" | "includes" => TokenKind::Contains,
        "like" => TokenKind::Matches,
        "null" | "nil" | "none" | "None" | "undefined" => TokenKind::Missing,
        "set" | "exists" => TokenKind::Present,
        "elif" | "elsif" => TokenKind::Else,
        "True" | "TRUE" | "yes" => TokenKind::True,
        "False" | "FALSE" | "no" => TokenKind::False,
        "function" | "def" => TokenKind::Fn,
        ";" => TokenKind::Comma,
        "on" | "On" => TokenKind::When,
        "do" => TokenKind::Then,
        "where" => TokenKind::If,
        _ => return None,
    })
}

const INSERTABLE: &[TokenKind] = &[
    TokenKind::Comma,
    TokenKind::RightParen,
    TokenKind::RightBracket,
    TokenKind::RightBrace,
    TokenKind::Colon,
    TokenKind::Dot,
    TokenKind::Then,
    TokenKind::When,
    TokenKind::If,
    TokenKind::Assign,
    TokenKind::Arrow,
    TokenKind::In,
    TokenKind::Is,
    TokenKind::LeftParen,
    TokenKind::LeftBrace,
    TokenKind::LeftBracket,
    TokenKind::And,
    TokenKind::Equal,
];

/// All candidates near a stop with their costs, cheap ones first.
fn candidates(text: &str, tokens: &[Token], stop: &Stop, unclosed: Option<Token>) -> Vec<(u32, Change)> {
    let mut all = Vec::new();
    let written =
        |at: usize| tokens.get(at).map_or("", |token| text.get(token.span.range()).unwrap_or_default());
    let closer = unclosed.and_then(|opener| opener.kind.closer());
    for at in [Some(stop.at), stop.at.checked_sub(1)].into_iter().flatten() {
        let Some(token) = tokens.get(at) else { continue };
        let later = u32::from(at != stop.at);
        if let Some(kind) = confusable(written(at))
            && kind != token.kind
        {
            all.push((later, Change::Replace(at, kind)));
        }
        if token.kind == TokenKind::Word || token.kind.class() == Class::Contextual {
            let keywords = TokenKind::ALL.iter().filter(|kind| kind.is_keyword()).map(|kind| kind.text());
            let near: Vec<&str> =
                keywords.filter(|keyword| nearest(written(at), [*keyword]).is_some()).collect();
            all.extend(
                near.into_iter().map(|keyword| (2 + later, Change::Replace(at, TokenKind::of_word(keyword)))),
            );
        }
    }
    for kind in INSERTABLE {
        let common = [TokenKind::Colon, TokenKind::Dot, TokenKind::Then, TokenKind::When, TokenKind::Assign];
        let cost = if closer == Some(*kind) {
            1
        } else if kind.is_closer() {
            6
        } else if *kind == TokenKind::Comma {
            3
        } else if common.contains(kind) {
            4
        } else {
            7
        };
        all.push((cost, Change::Insert(stop.at, *kind)));
    }
    all.push((5, Change::InsertValue(stop.at)));
    all.push((5, Change::InsertStep(stop.at)));
    all.push((8, Change::Delete(stop.at)));
    if let Some(before) = stop.at.checked_sub(1).filter(|before| *before > 0) {
        all.push((9, Change::Delete(before)));
    }
    all.sort_by_key(|(cost, _)| *cost);
    all
}

/// Returns the cheapest candidate that carries the parser on.
fn best(rule: Rule, text: &str, tokens: &[Token], at: &Stop, unclosed: Option<Token>) -> Option<Change> {
    let mut best: Option<(usize, u32, Change)> = None;
    for (cost, change) in candidates(text, tokens, at, unclosed) {
        let changed = apply(tokens, change);
        let gain = match stop(rule, &changed) {
            None => FAR,
            Some(next) => progress(change, next.at).saturating_sub(at.at).min(FAR),
        };
        if gain == 0 {
            continue;
        }
        if best.is_none_or(|(most, _, _)| gain > most) {
            best = Some((gain, cost, change));
        }
        if gain == FAR {
            break;
        }
    }
    best.map(|(_, _, change)| change)
}

/// Returns the place of a stop counted in the tokens before the change.
fn progress(change: Change, at: usize) -> usize {
    match change {
        Change::Insert(..) | Change::InsertValue(_) | Change::InsertStep(_) => at.saturating_sub(1),
        Change::Replace(..) => at,
        Change::Delete(_) => at + 1,
    }
}

fn apply(tokens: &[Token], change: Change) -> Vec<Token> {
    let mut changed = tokens.to_vec();
    let place = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        before.or(tokens.first()).map_or(Span::default(), |token| token.span.after())
    };
    match change {
        Change::Insert(at, kind) => changed.insert(at.min(tokens.len()), Token { kind, span: place(at) }),
        Change::InsertValue(at) => {
            changed.insert(at.min(tokens.len()), Token { kind: TokenKind::Word, span: place(at) });
        }
        Change::InsertStep(at) => {
            changed.insert(at.min(tokens.len()), Token { kind: TokenKind::Stop, span: place(at) });
        }
        Change::Replace(at, kind) => {
            if let Some(token) = changed.get_mut(at) {
                token.kind = kind;
            }
        }
        Change::Delete(at) => {
            if at < changed.len() {
                changed.remove(at);
            }
        }
    }
    changed
}

/// Tells about a change that was found to carry on.
fn describe(
    text: &str,
    tokens: &[Token],
    stop: &Stop,
    change: Change,
    unclosed: &mut Option<Token>,
) -> Diagnostic {
    let written =
        |at: usize| tokens.get(at).map_or("", |token| text.get(token.span.range()).unwrap_or_default());
    let span = |at: usize| tokens.get(at).or(tokens.last()).map_or(Span::default(), |token| token.span);
    let before = stop.at.saturating_sub(1);
    match change {
        Change::Insert(at, kind) => {
            let mark = kind.text();
            let place = span(before).after();
            let spaced = if kind.is_keyword() { format!(" {mark} ") } else { mark.to_owned() };
            let applicability = if kind == TokenKind::Comma || kind.is_closer() {
                Applicability::Safe
            } else {
                Applicability::Likely
            };
            let fix = Fix::replace(applicability, place, spaced, format!("insert `{mark}`"));
            if let Some(opener) = unclosed.filter(|opener| opener.kind.closer() == Some(kind)) {
                *unclosed = None;
                let bracket = opener.kind.text();
                return Diagnostic::new(
                    Code::UnclosedBracket,
                    opener.span,
                    format!("this `{bracket}` is never closed"),
                )
                .label("opened here")
                .secondary(
                    span(at.min(tokens.len().saturating_sub(1))),
                    format!("expected `{mark}` before this"),
                )
                .fix(fix);
            }
            let message = match tokens.get(at) {
                Some(_) => format!("`{mark}` is missing before `{}`", short(written(at))),
                None => format!("`{mark}` is missing after `{}`", short(written(before))),
            };
            let primary = if at < tokens.len() { span(at) } else { span(before) };
            Diagnostic::new(Code::SyntaxError, primary, message).label(expectation(&stop.expected)).fix(fix)
        }
        Change::InsertValue(_) => {
            let what = missing_what(tokens.get(before).map(|token| token.kind));
            Diagnostic::new(
                Code::SyntaxError,
                span(before),
                format!("{what} is missing after `{}`", short(written(before))),
            )
            .label("nothing follows that it could belong to")
        }
        Change::InsertStep(_) => Diagnostic::new(
            Code::SyntaxError,
            span(before),
            format!("a step is missing after `{}`", short(written(before))),
        )
        .label("expected a step, such as `email.send(…)`"),
        Change::Replace(at, kind) => {
            let right = kind.text();
            let message = format!("unexpected `{}`; did you mean `{right}`?", short(written(at)));
            Diagnostic::new(Code::SyntaxError, span(at), message)
                .label(expectation(&stop.expected))
                .fix(Fix::replace(Applicability::Safe, span(at), right, format!("write `{right}`")))
        }
        Change::Delete(at) => {
            Diagnostic::new(Code::SyntaxError, span(at), format!("unexpected `{}`", short(written(at))))
                .label(expectation(&stop.expected))
                .fix(Fix::replace(
                    Applicability::Likely,
                    span(at),
                    "",
                    format!("remove `{}`", short(written(at))),
                ))
        }
    }
}

/// What is missing after a token of this kind.
fn missing_what(before: Option<TokenKind>) -> &'static str {
    match before {
        Some(TokenKind::And | TokenKind::Or | TokenKind::Not | TokenKind::If) => "a condition",
        Some(TokenKind::Dot | TokenKind::OptionalDot | TokenKind::Let | TokenKind::Rule | TokenKind::As) => {
            "a name"
        }
        Some(TokenKind::Fn | TokenKind::Const) => "a name",
        Some(TokenKind::When) => "an event",
        Some(_) | None => "a value",
    }
}

/// Tells about a stop that no change mends.
fn unexpected(text: &str, tokens: &[Token], stop: &Stop, unclosed: Option<Token>) -> Diagnostic {
    if let Some(opener) = unclosed {
        let diagnostic = Diagnostic::new(
            Code::UnclosedBracket,
            opener.span,
            format!("this `{}` is never closed", opener.kind.text()),
        );
        return diagnostic.label("opened here");
    }
    match tokens.get(stop.at) {
        Some(token) => {
            let written = short(text.get(token.span.range()).unwrap_or_default());
            Diagnostic::new(Code::SyntaxError, token.span, format!("unexpected `{written}`"))
                .label(expectation(&stop.expected))
        }
        None => {
            let last = tokens.last().map_or(Span::default(), |token| token.span);
            Diagnostic::new(Code::SyntaxError, last, "the item ends too early")
                .label(expectation(&stop.expected))
        }
    }
}

/// "expected an operator, `then`": at most four things.
fn expectation(expected: &[Rule]) -> String {
    let mut words: Vec<String> = Vec::new();
    for rule in expected {
        let word = words_for(*rule);
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    words.sort_by_key(|word| word.starts_with('`'));
    words.truncate(4);
    match words.as_slice() {
        [] => "not expected here".to_owned(),
        [only] => format!("expected {only}"),
        [first @ .., last] => format!("expected {} or {last}", first.join(", ")),
    }
}

/// What a rule of the grammar is called.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest are the terminals, which the token table names")]
fn words_for(rule: Rule) -> String {
    let words = match rule {
        Rule::expression
        | Rule::branch
        | Rule::group
        | Rule::choice
        | Rule::list_literal
        | Rule::record_literal
        | Rule::money
        | Rule::duration
        | Rule::zoned_time
        | Rule::argument
        | Rule::prefix
        | Rule::text
        | Rule::number => "a value",
        Rule::infix | Rule::branch_infix | Rule::suffix | Rule::word_operator => "an operator",
        Rule::let_step | Rule::if_step | Rule::stop_step | Rule::call_step => "a step",
        Rule::priority_clause => "a clause such as `priority 5`",
        Rule::when_clause => "`when`",
        Rule::if_clause => "`if`",
        Rule::then_clause => "`then`",
        Rule::otherwise_clause => "`otherwise`",
        Rule::trigger | Rule::path => "a name such as `shop.order.created`",
        Rule::name
        | Rule::field_name
        | Rule::binder
        | Rule::named_argument
        | Rule::parameter
        | Rule::record_field => "a name",
        Rule::type_ | Rule::list_type | Rule::map_type => "a type",
        Rule::title => "a title",
        Rule::block => "`{`",
        Rule::arguments => "`(`",
        Rule::postfix | Rule::field | Rule::optional_field | Rule::index | Rule::EOI => "",
        _ => {
            let kind = of_terminal(rule);
            return match kind {
                Some(kind) if matches!(kind.class(), Class::Reserved | Class::Contextual | Class::Mark) => {
                    if is_operator(kind) {
                        "an operator".to_owned()
                    } else {
                        format!("`{}`", kind.text())
                    }
                }
                Some(kind) => kind.text().to_owned(),
                None => String::new(),
            };
        }
    };
    words.to_owned()
}

fn is_operator(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Equal
            | TokenKind::NotEqual
            | TokenKind::Less
            | TokenKind::LessOrEqual
            | TokenKind::Greater
            | TokenKind::GreaterOrEqual
            | TokenKind::Plus
            | TokenKind::Minus
            | TokenKind::Star
            | TokenKind::Slash
            | TokenKind::Modulo
            | TokenKind::And
            | TokenKind::Or
            | TokenKind::Not
            | TokenKind::Is
            | TokenKind::Else
            | TokenKind::Between
            | TokenKind::Contains
            | TokenKind::Starts
            | TokenKind::Ends
            | TokenKind::Matches
            | TokenKind::Ignoring
    )
}
