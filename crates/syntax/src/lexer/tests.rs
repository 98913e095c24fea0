//! What becomes which token.

use hence_diagnostics::FileId;
use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    let tokens = lex(FileId::default(), text);
    let mut shown = Vec::new();
    for token in tokens.iter().filter(|token| token.kind != TokenKind::Blank) {
        shown.push(format!("{:?} {}", token.kind, text.get(token.span.range()).unwrap()));
    }
    assert_eq!(shown.join("\n"), expected);
}

#[test]
fn numbers_percentages_and_what_follows_them() {
    check(
        "1_000 EUR 9.99 15% 15 % 4 15%x 3 days 90s 5..20",
        "Number 1_000\nCurrency EUR\nNumber 9.99\nPercent 15%\nNumber 15\nModulo %\nNumber 4\nNumber 15\nModulo %\nWord x\n\
         Number 3\nUnit days\nNumber 90\nUnit s\nNumber 5\nRange ..\nNumber 20",
    );
}

#[test]
fn a_unit_without_a_number_is_a_name() {
    check("days EUR m", "Word days\nWord EUR\nWord m");
}

#[test]
fn times() {
    check(
        "2026-11-27 09:00 2026-11-27T09:00Z 2026-11-27T09:00:01.5+01:00",
        "Date 2026-11-27\nTime 09:00\nDateTime 2026-11-27T09:00Z\nDateTime 2026-11-27T09:00:01.5+01:00",
    );
}

#[test]
fn texts_hold_expressions_with_texts() {
    check(r#""a {x else "b"} c" d"#, "Text \"a {x else \"b\"} c\"\nWord d");
    check(r#""a {{ b" c"#, "Text \"a {{ b\"\nWord c");
    check(r#""a \" b" c"#, "Text \"a \\\" b\"\nWord c");
}

#[test]
fn a_text_ends_with_its_line() {
    check("\"abc\nrule", "UnclosedText \"abc\nRule rule");
    check("\"a {b\" c", "Text \"a {b\"\nWord c");
}

#[test]
fn a_slash_starts_a_pattern_only_after_matches() {
    check(
        "a / b matches /[/]x/i / 2",
        "Word a\nSlash /\nWord b\nMatches matches\nPattern /[/]x/i\nSlash /\nNumber 2",
    );
}

#[test]
fn foreign_marks_stay_together() {
    check(
        "a && b; 'x' “y” § €",
        "Word a\nForeign &&\nWord b\nForeign ;\nForeignText 'x'\nForeignText “y”\nUnknown §\nUnknown €",
    );
}

proptest! {
    #[test]
    fn tokens_cover_every_byte(text in "\\PC*|([a-z0-9 \"{}/%.\\n'`]|[äあ“])*") {
        let tokens = lex(FileId::default(), &text);
        let mut end = 0;
        for token in &tokens {
            prop_assert_eq!(token.span.start, end);
            prop_assert!(text.get(token.span.range()).is_some());
            end = token.span.end;
        }
        prop_assert_eq!(end as usize, text.len());
    }
}

#[test]
fn a_text_without_an_end_ends_before_the_blanks_that_end_its_line() {
    let text = "\"a \t\r\n1";
    let tokens = lex(FileId::default(), text);
    let slices: Vec<&str> = tokens.iter().map(|token| text.get(token.span.range()).unwrap()).collect();
    assert_eq!(slices, ["\"a", " \t\r\n", "1"]);
}
