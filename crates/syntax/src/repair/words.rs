//! The words for what the grammar expects: never a list of tokens, at most four things.

use crate::grammar::Rule;
use crate::token::{Class, TokenKind, of_terminal};

/// What is missing after a token of this kind.
pub(super) fn missing_what(before: Option<TokenKind>, expected: &[Rule]) -> &'static str {
    let types = [Rule::type_, Rule::list_type, Rule::map_type, Rule::list, Rule::map];
    if expected.iter().any(|rule| types.contains(rule)) && !expected.contains(&Rule::expression) {
        return "a type";
    }
    match before {
        Some(TokenKind::And | TokenKind::Or | TokenKind::Not | TokenKind::If) => "a condition",
        Some(TokenKind::Dot | TokenKind::OptionalDot | TokenKind::Let | TokenKind::Rule | TokenKind::As) => {
            "a name"
        }
        Some(TokenKind::Fn | TokenKind::Const) => "a name",
        Some(TokenKind::When) => "an event",
        Some(TokenKind::Is) => "`present`, `missing`, `empty` or an event",
        Some(_) | None => "a value",
    }
}

/// "expected an operator, `then`": at most four things.
pub(super) fn expectation(expected: &[Rule]) -> String {
    let mut words: Vec<String> = Vec::new();
    // Where a step can start, what it can start with says less.
    let steps = expected.contains(&Rule::let_);
    if steps {
        words.push("a step".to_owned());
    }
    for rule in expected {
        let of_step =
            [Rule::let_, Rule::if_, Rule::stop, Rule::word, Rule::quoted_name, Rule::name, Rule::path];
        if steps && of_step.contains(rule) {
            continue;
        }
        // Between events, `or` is no operator.
        let word = if *rule == Rule::or && !expected.contains(&Rule::and) {
            "`or`".to_owned()
        } else {
            words_for(*rule)
        };
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
        | Rule::keys
        | Rule::trigger_value
        | Rule::branch
        | Rule::group
        | Rule::choice
        | Rule::match_choice
        | Rule::match_value
        | Rule::list_literal
        | Rule::record_literal
        | Rule::money
        | Rule::zoned_time
        | Rule::argument
        | Rule::prefix
        | Rule::text
        | Rule::number => "a value",
        Rule::infix | Rule::branch_infix | Rule::suffix | Rule::word_operator => "an operator",
        Rule::let_step
        | Rule::if_step
        | Rule::for_step
        | Rule::wait_event
        | Rule::ask_step
        | Rule::wait_step
        | Rule::stop_step
        | Rule::set_step
        | Rule::block_step
        | Rule::attempt_step
        | Rule::parallel_step
        | Rule::emit_step
        | Rule::labelled_step
        | Rule::call_step => "a step",
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
        | Rule::overlap_clause => "a clause such as `priority 5`",
        Rule::timeout_clause | Rule::on_error_clause => "a clause such as `on error continue`",
        Rule::batch => "`, 5 at a time`",
        Rule::where_clause => "`where`",
        Rule::when_clause => "`when`",
        Rule::if_clause => "`if`",
        Rule::then_clause => "`then`",
        Rule::otherwise_clause => "`otherwise`",
        Rule::every_trigger => "`every`",
        Rule::cron_trigger => "`cron`",
        Rule::manual_trigger => "`manual`",
        Rule::period | Rule::unit_name | Rule::day_name => {
            "a length or a day such as `15 minutes` or `weekday`"
        }
        Rule::on_clause => "`on`",
        Rule::day_of_month => "a day such as `1st` or `last friday`",
        Rule::at_times | Rule::at_time | Rule::at_clause => "`at`",
        Rule::from_day => "`from`",
        Rule::in_zone => "`in`",
        Rule::missed_clause => "`missed`",
        Rule::trigger
        | Rule::event_trigger
        | Rule::date_trigger
        | Rule::count_trigger
        | Rule::path
        | Rule::trigger_key
        | Rule::key_path => "a name such as `shop.order.created`",
        Rule::name
        | Rule::key_name
        | Rule::field_name
        | Rule::binder
        | Rule::named_argument
        | Rule::parameter
        | Rule::record_field => "a name",
        Rule::type_ | Rule::list_type | Rule::map_type => "a type",
        Rule::share => "a variant such as `A 50%`",
        Rule::title => "a title",
        Rule::block => "`{`",
        Rule::match_arm => "an arm such as `\"a\" -> 1`",
        Rule::given_clause => "`given`",
        Rule::test_wait => "`wait`",
        Rule::after_clause => "`after`",
        Rule::with_clause => "`with`",
        Rule::expect_clause => "`expect`",
        Rule::fails_answer => "`fails`",
        Rule::returns_answer => "`returns`",
        Rule::nothing_else => "`nothing else`",
        Rule::not_blocked | Rule::expected_block => "`blocked`",
        Rule::expected_set => "`==`",
        Rule::resolution => "`all`, `first`, `unique` or `best by`",
        Rule::count => "a count such as `once` or `2 times`",
        Rule::outcome | Rule::negated_outcome => "an outcome such as `ran` or `not ran`",
        Rule::because_clause => "`because`",
        Rule::duration => "a length of time",
        Rule::arguments | Rule::expected_call => "`(`",
        Rule::postfix | Rule::field | Rule::optional_field | Rule::index | Rule::cast | Rule::EOI => "",
        Rule::field_change | Rule::field_crossing | Rule::absence | Rule::sequence => "",
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

/// Whether a token stands between operands.
pub(super) fn is_operator(kind: TokenKind) -> bool {
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
            | TokenKind::Within
            | TokenKind::Older
            | TokenKind::Range
            | TokenKind::Ignoring
    )
}
