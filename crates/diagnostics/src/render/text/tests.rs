//! Expected texts of the printed form, one behaviour each.

use super::*;
use crate::{Applicability, Edit, Fix, Source};

/// Sources of one file, and a span for a text that stands in it.
struct Case {
    sources: Sources,
    file: FileId,
}

impl Case {
    fn new(text: &str) -> Self {
        let mut sources = Sources::new();
        let file = sources.add("a.rule", text);
        Self { sources, file }
    }

    fn span(&self, needle: &str) -> Span {
        let start = self.sources.get(self.file).unwrap().text().find(needle).unwrap() as u32;
        Span::new(self.file, start, start + needle.len() as u32)
    }

    #[track_caller]
    fn prints(&self, diagnostic: Diagnostic, expected: &str) {
        self.prints_with(TextOptions::default(), diagnostic, expected);
    }

    #[track_caller]
    fn prints_with(&self, options: TextOptions, diagnostic: Diagnostic, expected: &str) {
        let printed = text(&self.sources, &[diagnostic], options);
        let printed = printed.split("\n= explain").next().unwrap();
        assert_eq!(printed, expected, "\n{printed}");
    }
}

fn unknown(span: Span) -> Diagnostic {
    Diagnostic::new(Code::UnknownField, span, "no such field")
}

#[test]
fn a_diagnostic_has_labels_remarks_and_a_fix() {
    let case = Case::new("rule vip\nwhen shop.order.paid\nif statuz == \"paid\"\nthen stop\n");
    let span = case.span("statuz");
    let diagnostic = Diagnostic::new(Code::UnknownField, span, "`shop.order.paid` has no field `statuz`")
        .label("did you mean `status`?")
        .secondary(case.span("shop.order.paid"), "the event")
        .note("fields come from the schema")
        .help("its fields are\n`id`, `status`")
        .fix(Fix::replace(Applicability::Safe, span, "status", "replace `statuz` with `status`"));
    assert_eq!(
        text(&case.sources, &[diagnostic], TextOptions::default()),
        r#"error[H1003]: `shop.order.paid` has no field `statuz`
   ╭─[ a.rule:3:4 ]
   │
 2 │ when shop.order.paid
   │      ───────┬───────
   │             ╰───────── the event
 3 │ if statuz == "paid"
   │    ───┬──
   │       ╰──── did you mean `status`?
   │
   │ note: fields come from the schema
   │ help: its fields are
   │       `id`, `status`
   │ fix (safe): replace `statuz` with `status`
   │   - if statuz == "paid"
   │   + if status == "paid"
───╯

= explain: hence explain H1003
"#
    );
}

#[test]
fn a_code_is_explained_once_at_the_end() {
    let case = Case::new("a b");
    let found = [unknown(case.span("a")), unknown(case.span("b"))];
    let printed = text(&case.sources, &found, TextOptions::default());
    assert_eq!(printed.matches("hence explain").count(), 1);
    assert!(printed.ends_with("───╯\n\n= explain: hence explain H1003\n"));
}

#[test]
fn concise_is_one_line_each() {
    let case = Case::new("a\nä b");
    let options = TextOptions { concise: true, ..TextOptions::default() };
    let found = [unknown(case.span("a")), unknown(case.span("b"))];
    assert_eq!(
        text(&case.sources, &found, options),
        "a.rule:1:1: error[H1003]: no such field\na.rule:2:3: error[H1003]: no such field\n"
    );
}

#[test]
fn ascii_draws_without_lines_of_unicode() {
    let case = Case::new("if totl > 5\n");
    let span = case.span("totl");
    let fix = Fix::replace(Applicability::Likely, span, "total", "replace it");
    let options = TextOptions { ascii: true, ..TextOptions::default() };
    case.prints_with(
        options,
        unknown(span).label("this").fix(fix),
        r#"error[H1003]: no such field
   ,-[ a.rule:1:4 ]
   |
 1 | if totl > 5
   |    ^^|^
   |      `--- this
   |
   | fix (likely): replace it
   |   - if totl > 5
   |   + if total > 5
---'
"#,
    );
}

#[test]
fn colours_are_ansi_sequences() {
    let case = Case::new("x");
    let options = TextOptions { color: true, ..TextOptions::default() };
    let printed = text(&case.sources, &[unknown(case.span("x"))], options);
    assert!(printed.starts_with("\u{1b}[31merror[H1003]\u{1b}[0m: no such field\n"), "{printed:?}");
    assert!(printed.contains(" a.rule:1:1 "), "{printed:?}");
}

#[test]
fn wide_characters_are_underlined_whole() {
    let case = Case::new("if 名前 == \"日本\" and 総計 > 5\n");
    let diagnostic = unknown(case.span("総計")).label("not a field").secondary(case.span("名前"), "a field");
    case.prints(
        diagnostic,
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:19 ]
   │
 1 │ if 名前 == "日本" and 総計 > 5
   │    ──┬─               ──┬─
   │      ╰────────────────────── a field
   │                         │
   │                         ╰─── not a field
───╯
"#,
    );
}

#[test]
fn a_mark_over_a_letter_is_shown_with_its_letter() {
    let case = Case::new("if cafe\u{301} > 5\n");
    case.prints(
        unknown(case.span("\u{301}")).label("a mark"),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:8 ]
   │
 1 │ if café > 5
   │       ┬
   │       ╰── a mark
───╯
"#,
    );
}

#[test]
fn a_span_inside_a_character_grows_to_its_edges() {
    let case = Case::new("if ä日 > 5\n");
    case.prints(
        unknown(Span::new(case.file, 4, 6)).label("cut"),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:4 ]
   │
 1 │ if ä日 > 5
   │    ─┬─
   │     ╰─── cut
───╯
"#,
    );
}

#[test]
fn tabs_are_blanks_up_to_the_next_stop() {
    let case = Case::new("\tif\ttotl > 5\n");
    case.prints(
        unknown(case.span("totl")).label("this"),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:5 ]
   │
 1 │     if  totl > 5
   │         ──┬─
   │           ╰─── this
───╯
"#,
    );
}

#[test]
fn carriage_returns_are_part_of_the_line_end() {
    let case = Case::new("rule a\r\nif x\r\nthen stop\r\n");
    let diagnostic = unknown(case.span("x\r\n")).label("to the end").secondary(case.span("then"), "next");
    case.prints(
        diagnostic,
        r#"error[H1003]: no such field
   ╭─[ a.rule:2:4 ]
   │
 2 │ if x
   │    ─┬
   │     ╰── to the end
 3 │ then stop
   │ ──┬─
   │   ╰─── next
───╯
"#,
    );
}

#[test]
fn an_empty_file_has_a_place() {
    let case = Case::new("");
    case.prints(
        unknown(Span::new(case.file, 0, 0)).label("nothing here"),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:1 ]
   │
 1 │
   │ ┬
   │ ╰── nothing here
───╯
"#,
    );
}

#[test]
fn the_end_of_the_text_is_after_its_last_character() {
    let case = Case::new("if x");
    case.prints(
        unknown(Span::new(case.file, 4, 4)).label("expected `then`"),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:5 ]
   │
 1 │ if x
   │     ┬
   │     ╰── expected `then`
───╯
"#,
    );
}

#[test]
fn the_end_of_a_text_with_a_last_line_end_is_the_line_after() {
    let case = Case::new("if x\n");
    case.prints(
        unknown(Span::new(case.file, 5, 99)).label("expected `then`"),
        r#"error[H1003]: no such field
   ╭─[ a.rule:2:1 ]
   │
 1 │ if x
 2 │
   │ ┬
   │ ╰── expected `then`
───╯
"#,
    );
}

#[test]
fn an_empty_span_points_between_two_characters() {
    let case = Case::new("f(a b)\n");
    case.prints(
        unknown(Span::new(case.file, 3, 3)).label("expected `,`"),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:4 ]
   │
 1 │ f(a b)
   │    ┬
   │    ╰── expected `,`
───╯
"#,
    );
}

#[test]
fn a_label_in_another_file_has_its_own_frame() {
    let mut case = Case::new("if totl > 5\n");
    let filler = "\n".repeat(120);
    let schema =
        case.sources.add("integrations/shop.json", format!("{filler}{{ \"ä\": 1, \"total\": 2 }}{filler}"));
    let label = Span::new(schema, 130, 137);
    case.prints(
        unknown(case.span("totl")).label("here").secondary(label, "declared here"),
        r#"error[H1003]: no such field
     ╭─[ a.rule:1:4 ]
     │
   1 │ if totl > 5
     │    ──┬─
     │      ╰─── here
     │
     ├─[ integrations/shop.json:121:10 ]
     │
 121 │ { "ä": 1, "total": 2 }
     │          ───┬───
     │             ╰───── declared here
─────╯
"#,
    );
}

#[test]
fn of_a_long_line_only_what_is_near_labels_is_shown() {
    let long = "é".repeat(5000);
    let case =
        Case::new(&format!("{{ \"{long}\": 1, \"first\": 2, \"{long}\": 3, \"second\": 4, \"{long}\": 5 }}"));
    let diagnostic = unknown(case.span("second")).label("here").secondary(case.span("first"), "before");
    case.prints(diagnostic, r#"error[H1003]: no such field
   ╭─[ a.rule:1:10030 ]
   │
 1 │ …ééééééééééééééééééééééééééééééééé": 1, "first": 2, "ééééééééééééééééééééééééééééééééé…ééééééééééééééééééééééééééééééééé": 3, "second": 4, "ééééééééééééééééééééééééééééééééé…
   │                                          ──┬──                                                                                 ───┬──
   │                                            ╰─────────────────────────────────────────────────────────────────────────────────────────── before
   │                                                                                                                                   │
   │                                                                                                                                   ╰──── here
───╯
"#,
    );
}

#[test]
fn the_change_of_a_long_line_is_cut() {
    let long = "x ".repeat(200);
    let case = Case::new(&format!("{long}totl {long}"));
    let span = case.span("totl");
    let fix = Fix::replace(Applicability::Manual, span, "total", "replace it");
    case.prints(
        unknown(span).fix(fix),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:401 ]
   │
 1 │ …x x x x x x x x x x x x x x x x x x x x totl x x x x x x x x x x x x x x x x x x x x…
   │                                          ──┬─
   │                                            ╰─── here
   │
   │ fix (manual): replace it
   │   - … x x x x x x x x x x x x x totl x x x x x x x x x x x x x x…
   │   + … x x x x x x x x x x x x x total x x x x x x x x x x x x x x…
───╯
"#,
    );
}

#[test]
fn overlapping_labels_are_all_shown() {
    let case = Case::new("if a.b.c > 5\n");
    let diagnostic = unknown(case.span("b"))
        .label("inner")
        .secondary(case.span("a.b.c"), "outer")
        .secondary(case.span("a.b"), "middle");
    case.prints(
        diagnostic,
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:6 ]
   │
 1 │ if a.b.c > 5
   │    ─┬┬──
   │     ╰───── middle
   │      │
   │      ╰──── inner
   │      │
   │      ╰──── outer
───╯
"#,
    );
}

#[test]
fn a_span_of_many_lines_shows_its_first_and_its_last() {
    let case = Case::new("then email.send(\n  a,\n  b,\n  c\n)\nstop\n");
    case.prints(
        unknown(case.span("email.send(\n  a,\n  b,\n  c\n)")).label("this call"),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:6 ]
   │
 1 │ ╭─▶ then email.send(
   ┆ ┆
 5 │ ├─▶ )
   │ │
   │ ╰─────── this call
───╯
"#,
    );
}

#[test]
fn characters_that_do_not_show_are_replaced() {
    let case = Case::new("if \u{1b}[31mx\u{202e}y\u{85}z\u{2028}w\n");
    let diagnostic =
        Diagnostic::new(Code::UnknownCharacter, case.span("\u{2028}"), "a \u{1b}[0m here").label("\u{7}");
    case.prints(
        diagnostic,
        r#"error[H0001]: a ␛[0m here
   ╭─[ a.rule:1:14 ]
   │
 1 │ if ␛[31mx�y�z�w
   │              ┬
   │              ╰── ␇
───╯
"#,
    );
}

#[test]
fn an_inserted_line_is_shown_alone() {
    let case = Case::new("rule a\nwhen x\n");
    let span = Span::new(case.file, 14, 14);
    let fix = Fix::replace(Applicability::Manual, span, "then stop\n", "add steps");
    case.prints(
        unknown(case.span("x")).fix(fix),
        r#"error[H1003]: no such field
   ╭─[ a.rule:2:6 ]
   │
 2 │ when x
   │      ┬
   │      ╰── here
   │
   │ fix (manual): add steps
   │   + then stop
───╯
"#,
    );
}

#[test]
fn edits_on_several_lines_are_shown_pairwise() {
    let case = Case::new("a x\nb\nc x\n");
    let edit = |start| Edit { span: Span::new(case.file, start, start + 1), text: "y".to_string() };
    let fix = Fix {
        title: "rename `x`".to_string(),
        applicability: Applicability::Safe,
        edits: vec![edit(2), edit(8)],
    };
    case.prints(
        unknown(case.span("x")).fix(fix),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:3 ]
   │
 1 │ a x
   │   ┬
   │   ╰── here
   │
   │ fix (safe): rename `x`
   │   - a x
   │   + a y
   │   - c x
   │   + c y
───╯
"#,
    );
}

#[test]
fn a_diagnostic_of_no_file_prints_its_message_and_remarks() {
    let diagnostic = unknown(Span::default()).help("set it");
    let printed = text(&Sources::new(), &[diagnostic], TextOptions::default());
    assert_eq!(printed, "error[H1003]: no such field\n  help: set it\n\n= explain: hence explain H1003\n");
}

#[test]
fn a_file_prints_the_same_whatever_comes_before_it() {
    let mut sources = Sources::new();
    let a = sources.add("a.rule", "aa\n");
    let b = sources.add("b.rule", "bb\n");
    let (one, two) = (unknown(Span::new(a, 0, 1)), unknown(Span::new(b, 1, 2)));
    let print = |found: &[Diagnostic]| {
        let printed = text(&sources, found, TextOptions::default());
        printed.split("\n= explain").next().unwrap().to_string()
    };
    let both = print(&[two.clone(), one.clone()]);
    assert_eq!(both, format!("{}\n{}", print(&[two]), print(&[one])));
}

/// Every pair of spans over texts that have tripped renderers, the spans as wrong as can be.
#[test]
fn no_span_makes_the_drawing_fail() {
    let texts = [
        "",
        "\n",
        "\r\n",
        "a",
        "ä日\n",
        "e\u{301}\u{301}\tb",
        "\u{301}x",
        "a\r\n\r\nb\r",
        "\u{85}\n\u{2028}",
        "x\n\n\nyz\n",
    ];
    let tight = TextOptions { width: 1, ..TextOptions::default() };
    for content in texts {
        let mut sources = Sources::new();
        let file = sources.add("a", content);
        let other = sources.add("b", "日本\n本日");
        let length = content.len() as u32 + 2;
        let spans: Vec<Span> = (0..length)
            .flat_map(|start| (start..length).map(move |end| Span::new(file, start, end)))
            .collect();
        for (i, first) in spans.iter().enumerate() {
            for second in spans.iter().skip(i % 3).step_by(3) {
                let far = Span::new(other, second.start, second.end);
                let diagnostic =
                    unknown(*first).label("one").secondary(*second, "two").secondary(far, "three");
                for options in [TextOptions::default(), tight] {
                    let printed = text(&sources, std::slice::from_ref(&diagnostic), options);
                    let found = ["one", "two", "three"].iter().all(|label| printed.contains(label));
                    assert!(found && !printed.contains('\0'), "{content:?} {first:?} {second:?}\n{printed}");
                }
            }
        }
    }
}

#[test]
fn the_named_place_is_that_of_the_source_type() {
    let source = Source::new("a", "ä\tb");
    assert_eq!(source.line_column(3).column, 3);
    let case = Case::new("ä\tb");
    let printed = text(&case.sources, &[unknown(case.span("b"))], TextOptions::default());
    assert!(printed.contains("[ a.rule:1:3 ]"), "{printed}");
}

#[test]
fn an_insertion_at_the_end_of_a_line_is_shown() {
    let case = Case::new("then f(a: \"x)\n");
    let span = case.span("\"x)").after();
    let fix = Fix::replace(Applicability::Likely, span, "\"", "close it");
    case.prints(
        unknown(span).fix(fix),
        r#"error[H1003]: no such field
   ╭─[ a.rule:1:14 ]
   │
 1 │ then f(a: "x)
   │              ┬
   │              ╰── here
   │
   │ fix (likely): close it
   │   - then f(a: "x)
   │   + then f(a: "x)"
───╯
"#,
    );
}
