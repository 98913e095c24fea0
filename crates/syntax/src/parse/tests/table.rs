//! Decision tables, those of files, and rule families.

use hence_diagnostics::Sources;

use super::{messages, parsed};
use crate::ast::ItemKind;
use crate::{Parsed, parse, read_tables, tree};

#[test]
fn words_of_tables_stay_names() {
    let text = "fn table(all: int, first: string, one: int, from: int, each: int) -> int = all + one
rule r
when a.b as from
if   from.all > 5 and first(table) == table.each
then log.write(message: \"x\", table: 5, from: 3)
";
    messages(text, &[]);
}

#[test]
fn every_kind_of_cell_is_a_condition_on_its_parameter() {
    let parsed = parsed(
        "table t(a: int, b: string?) -> int, one match {\n| 1..5 | is not missing | 1\n| _ | not in [\"x\"] | 2\n}",
    );
    let printed: String = parsed.items.iter().map(tree::print).collect();
    assert_eq!(
        printed,
        "(table t
  (parameter a int)
  (parameter b string?)
  (result int)
  (one-match)
  (row
    (between (name a) (number 1) (number 5))
    (not (missing (name b)))
    (number 1))
  (row (_) (not (in (name b) (list (text (literal \"x\"))))) (number 2)))
"
    );
    assert!(parsed.diagnostics.is_empty());
}

#[test]
fn rows_that_are_too_short_or_too_long_are_told() {
    messages(
        "table t(a: int, b: int) -> int {\n| 1 | 2\n| 1 | 2 | 3\n| 1 | 2 | 3 | 4\n| 1 | 2 | < 3\n}",
        &[
            "H3040 \"| 1 | 2\" this row has 2 cells, not 3",
            "H3040 \"| 1 | 2 | 3 | 4\" this row has 4 cells, not 3",
            "H3040 \"< 3\" the last cell of a row is its result",
        ],
    );
}

fn of_file(text: &str, csv: &str) -> (Sources, Parsed) {
    let mut sources = Sources::new();
    let file = sources.add("a.rule", text);
    let mut parsed = parse(&sources, file);
    let csv = csv.to_owned();
    read_tables(&mut sources, &mut parsed, |sources, path| match path {
        "t.csv" => Ok(sources.add("t.csv", csv.as_str())),
        _ => Err("there is none".to_owned()),
    });
    (sources, parsed)
}

#[test]
fn a_file_gives_the_rows_in_the_order_of_the_parameters() {
    let (_, parsed) = of_file(
        "table t(code: string, weight: decimal) -> string, first match from \"t.csv\"",
        "weight,region,code\n<= 5,central,\"in [\"\"DE\"\", \"\"AT\"\"]\"\n,\"north, west\",!= \"FR\"\n5..7,x,FR\n",
    );
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let printed: String = parsed.items.iter().map(tree::print).collect();
    assert_eq!(
        printed,
        "(table t
  (parameter code string)
  (parameter weight decimal)
  (result string)
  (first-match)
  (from \"t.csv\")
  (row
    (in (name code) (list (text (literal \"DE\")) (text (literal \"AT\"))))
    (<= (name weight) (number 5))
    (text (literal \"central\")))
  (row
    (!= (name code) (text (literal \"FR\")))
    (_)
    (text (literal \"north, west\")))
  (row
    (== (name code) (text (literal \"FR\")))
    (between (name weight) (number 5) (number 7))
    (text (literal \"x\"))))
"
    );
}

#[test]
fn mistakes_in_a_file_have_their_places_there() {
    let told = |csv: &str| -> Vec<String> {
        let (sources, parsed) = of_file("table t(code: string) -> int from \"t.csv\"", csv);
        assert!(matches!(parsed.items[0].kind, ItemKind::Broken(Some(_))));
        let shown = parsed.diagnostics.iter().map(|d| {
            let at = sources.get(d.primary.span.file).unwrap().line_column(d.primary.span.start);
            format!("{}:{}:{} {}", sources.name(d.primary.span.file), at.line, at.column, d.message)
        });
        shown.collect()
    };
    assert_eq!(told(""), ["t.csv:1:1 the table's file is empty"]);
    assert_eq!(told("cod,a\n"), ["t.csv:1:1 the table has no column for `cod`"]);
    assert_eq!(told("code,a,b\n"), ["t.csv:1:8 the table has no column for `b`"]);
    assert_eq!(told("code\nx\n"), ["t.csv:1:1 no column has the results"]);
    assert_eq!(told("code,n\nx\n"), ["t.csv:2:1 this row has 1 field, not 2"]);
    assert_eq!(told("code,n\nx,\n"), ["t.csv:2:3 this row has no result"]);
    assert_eq!(
        told("code,n\n\"x,1\n"),
        ["t.csv:2:2 this field's quotes are not closed, or text follows them"]
    );
    assert_eq!(told("code,n\nx,1\ny,2 3\n").len(), 1);
    assert_eq!(told("code,n\nx,1\ny,2 3\n")[0].split(' ').next(), Some("t.csv:3:5"));
}

#[test]
fn a_file_that_is_not_there_is_told_at_its_path() {
    let (_, parsed) = of_file("table t(code: string) -> int from \"u.csv\"", "");
    assert_eq!(parsed.diagnostics[0].message, "the table's file `u.csv` cannot be read: there is none");
}

#[test]
fn a_family_may_have_values_of_its_row_in_the_title() {
    let parsed = parsed("rule r \"For {row.name}\" for each row in regions\nwhen a.b\nthen stop");
    assert!(parsed.diagnostics.is_empty());
    assert_eq!(
        tree::print(&parsed.items[0]),
        "(rule r \"For {row.name}\"
  (for-each row (name regions))
  (title (literal \"For \") (field name (name row)))
  (when a.b)
  (then (stop)))
"
    );
}
