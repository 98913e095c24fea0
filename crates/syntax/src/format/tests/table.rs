//! Decision tables and rule families.

use hence_diagnostics::Sources;
use proptest::prelude::*;

use super::{canonical, check};
use crate::{parse, tree};

#[test]
fn columns_are_aligned_and_comments_kept() {
    check(
        "/// Doc
table   shipping(country:string,weight:decimal , tier: string?) -> money , first  match {
  // cheap
  | in [\"DE\",\"AT\"] | <=5|\"vip\" | 0 EUR // trailing

  | not in [\"DE\"] | 5 .. 20 | is   missing | 9.90 EUR
  | _ | _ | _ | 19.90EUR
  // end
}",
        "/// Doc
table shipping(country: string, weight: decimal, tier: string?) -> money, first match {
  // cheap
  | in [\"DE\", \"AT\"] | <= 5  | \"vip\"      | 0 EUR // trailing

  | not in [\"DE\"]   | 5..20 | is missing | 9.90 EUR
  | _               | _     | _          | 19.90 EUR
  // end
}
",
    );
}

#[test]
fn a_row_is_never_broken_unless_a_comment_stands_in_it() {
    let long = format!("| in [{}] | 1\n", "\"some country\", ".repeat(12).trim_end_matches(", "));
    check(
        &format!("table t(a: string) -> int {{\n{long}| _ | 2\n}}"),
        &format!(
            "table t(a: string) -> int {{\n  {long}  | _{} | 2\n}}\n",
            " ".repeat(long.find(" | 1").unwrap() - 3)
        ),
    );
    let commented = "table t(a: string) -> int {\n  | in [\"a\", // why\n \"b\"] | 1\n  | _ | 2\n}\n";
    assert!(canonical(commented).contains("// why"));
    assert_eq!(canonical(&canonical(commented)), canonical(commented));
}

#[test]
fn tables_without_rows_of_their_own_and_families_fit_on_a_line() {
    check("table e(a:int)->int{}", "table e(a: int) -> int {}\n");
    check("table o(a:int)->int{|1|2}", "table o(a: int) -> int {\n  | 1 | 2\n}\n");
    check(
        "table r(code:string)->list<string> ,all matches   from \"tables/regions.csv\"",
        "table r(code: string) -> list<string>, all matches from \"tables/regions.csv\"\n",
    );
    check(
        "rule r \"Title {row.code}\"   for each  row in  [1,2]  priority 3 when a.b then stop",
        "rule r \"Title {row.code}\" for each row in [1, 2]\n  priority 3\nwhen a.b\nthen stop\n",
    );
}

fn cell() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "_",
        "\"a\"",
        "<=  5",
        "> 10 EUR",
        "!= \"x\"",
        "in [1,2 , 3]",
        "not in [ \"a\" ]",
        "1..5",
        "2026-01-01 .. 2026-12-31",
        "is missing",
        "is not present",
        "starts with \"x\"",
        "matches /a|b/",
        "-3",
    ])
}

fn ending() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["\n", "\n\n", "\n\n\n", " // note\n", "\n  // note\n", " // a\n\n// b\n"])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn formatting_a_table_keeps_its_tree_and_comments(
        rows in proptest::collection::vec(((cell(), cell()), ending()), 0..6), start in ending(),
    ) {
        let rows: String = rows
            .into_iter()
            .map(|((first, second), ending)| format!("|{first} |  {second}| 1{ending}"))
            .collect();
        let text = format!("table t(a: int, b: int) -> int {{{start}{rows}}}");
        let once = canonical(&text);
        prop_assert_eq!(&canonical(&once), &once);
        let printed = |text: &str| {
            let mut sources = Sources::new();
            let file = sources.add("a.rule", text);
            let parsed = parse(&sources, file);
            assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
            parsed.items.iter().map(tree::print).collect::<String>()
        };
        prop_assert_eq!(printed(&once), printed(&text));
        prop_assert_eq!(once.matches("//").count(), text.matches("//").count());
    }
}
