//! `hence test`

use crate::support::{folder, hence, write};

const RULES: &str = r#"rule vip_customer
when shop.order.created
if   total > 1000 EUR and "vip" not in customer.tags
then crm.add_tag(user: customer.id, tag: "vip")
"#;

const GOOD: &str = r#"test "a big order makes a VIP"
  given shop.order.created { total: 1200 EUR, customer: { id: "c1", tags: [] } }
  expect vip_customer ran
  expect crm.add_tag(user: "c1", tag: "vip") once
  expect nothing else
"#;

const BAD: &str = r#"test "a <small> one & \"another\" does not"
  given shop.order.created { total: 10 EUR }
  expect crm.add_tag(user: _)
"#;

#[test]
fn tests_that_pass_have_a_line_each() {
    let folder = folder(&[("hence.toml", ""), ("a.rule", RULES), ("tests/a.rule", GOOD)]);
    let ran = hence(folder.path(), &["test"]).exits(0);
    assert_eq!(ran.out, "✓ a big order makes a VIP\n");
    assert!(ran.err.starts_with("\n1 passed, none failed ("), "{}", ran.err);
}

#[test]
fn what_is_not_as_expected_is_shown_at_its_place_with_the_difference() {
    let folder = folder(&[("hence.toml", ""), ("a.rule", RULES), ("tests/a.rule", GOOD)]);
    write(
        folder.path(),
        "tests/b.rule",
        GOOD.replace("\"c1\", tag: \"vip\"", "\"c2\", tag: \"vip\"").replace("VIP", "x").as_bytes(),
    );
    let ran = hence(folder.path(), &["test"]).exits(1);
    assert_eq!(ran.out, "✓ a big order makes a VIP\n✗ a big order makes a x\n");
    assert!(ran.err.contains("error[H5030]: `crm.add_tag` was called with other arguments"), "{}", ran.err);
    assert!(ran.err.contains("tests/b.rule:4:3"), "{}", ran.err);
    let difference =
        "    crm.add_tag(\n  -   user: \"c2\",\n  +   user: \"c1\",\n      tag: \"vip\",\n    )\n";
    assert!(ran.err.contains(difference), "{}", ran.err);
    assert!(ran.err.contains("\n1 passed, 1 failed ("), "{}", ran.err);
}

#[test]
fn tests_are_chosen_by_title_and_by_file() {
    let folder = folder(&[("hence.toml", ""), ("a.rule", RULES), ("good.rule", GOOD), ("bad.rule", BAD)]);
    let ran = hence(folder.path(), &["test", ".", "BIG"]).exits(0);
    assert_eq!(ran.out, "✓ a big order makes a VIP\n");
    let ran = hence(folder.path(), &["test", "good.rule"]).exits(0);
    assert_eq!(ran.out, "✓ a big order makes a VIP\n");
    let ran = hence(folder.path(), &["test", ".", "a big order makes a VIB"]).exits(2);
    assert!(ran.err.contains("did you mean `a big order makes a VIP`?"), "{}", ran.err);
    let ran = hence(folder.path(), &["test", "BIG"]).exits(2);
    assert_eq!(ran.err, "hence: there is no BIG; to run tests by title: hence test . \"BIG\"\n");
}

#[test]
fn coverage_names_what_no_test_has_seen() {
    let folder = folder(&[("hence.toml", ""), ("a.rule", RULES), ("tests/a.rule", GOOD)]);
    let ran = hence(folder.path(), &["test", "--coverage"]).exits(0);
    let expected = "
coverage: 0 of 2 parts of conditions seen true and false
  vip_customer  0/2
    a.rule:3:6: `total > 1000 EUR` never false
    a.rule:3:27: `\"vip\" not in customer.tags` never false
";
    assert!(ran.out.ends_with(expected), "{}", ran.out);
}

#[test]
fn json_is_one_document() {
    let folder = folder(&[("hence.toml", ""), ("a.rule", RULES), ("good.rule", GOOD), ("bad.rule", BAD)]);
    let document = hence(folder.path(), &["test", "--format", "json", "--coverage"]).exits(1).json();
    assert_eq!((&document["passed"], &document["failed"]), (&1.into(), &1.into()));
    let tests = document["tests"].as_array().unwrap();
    assert_eq!(tests[0]["failures"][0]["code"], "H5030");
    assert_eq!(tests[0]["failures"][0]["place"]["line"], 3);
    assert_eq!(tests[1]["calls"][0]["arguments"]["tag"], "vip");
    assert_eq!(tests[1]["executions"][0]["status"], "completed");
    assert_eq!(document["coverage"]["covered"], 1);
}

#[test]
fn junit_holds_whatever_titles_say() {
    let folder = folder(&[("hence.toml", ""), ("a.rule", RULES), ("good.rule", GOOD), ("bad.rule", BAD)]);
    hence(folder.path(), &["test", "--junit", "tests.xml"]).exits(1);
    let report = std::fs::read_to_string(folder.path().join("tests.xml")).unwrap();
    assert!(
        report.contains("<testsuites name=\"hence\" tests=\"2\" failures=\"1\" errors=\"0\""),
        "{report}"
    );
    let name = "name=\"a &lt;small&gt; one &amp; &quot;another&quot; does not\" classname=\"bad\"";
    assert!(report.contains(name), "{report}");
    assert!(report.contains("<failure message=\"`crm.add_tag` was not called\" type=\"H5030\">"), "{report}");
    assert_eq!(report.matches("<testcase ").count(), 2);
}

#[test]
fn rules_with_mistakes_are_not_tested() {
    let folder = folder(&[("hence.toml", ""), ("a.rule", "rule a\nwhen shop.order.create\nthen stop\n")]);
    let ran = hence(folder.path(), &["test"]).exits(1);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("H1002"), "{}", ran.err);
}

#[test]
fn a_project_without_tests_is_told_how_one_looks() {
    let folder = folder(&[("hence.toml", ""), ("a.rule", RULES)]);
    let ran = hence(folder.path(), &["test"]).exits(0);
    assert!(ran.err.starts_with("no tests; "), "{}", ran.err);
}

#[test]
fn the_example_checkout_passes_its_tests_and_decides() {
    let checkout = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/checkout");
    hence(&checkout, &["check", "--deny", "warnings"]).exits(0);
    let ran = hence(&checkout, &["test", "--coverage"]).exits(0);
    assert!(ran.out.contains("coverage: 15 of 15 parts"), "{}", ran.out);
    let ran = hence(&checkout, &["run", "--entry-point", "checkout", "--data", "context.json"]).exits(0);
    assert!(ran.out.contains("      set cart.discount = 15\n"), "{}", ran.out);
}

#[test]
fn every_example_has_nothing_to_report_and_passes_its_tests() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut seen = 0;
    for entry in std::fs::read_dir(examples).unwrap() {
        let folder = entry.unwrap().path();
        hence(&folder, &["check", "--deny", "warnings"]).exits(0);
        hence(&folder, &["fmt", "--check"]).exits(0);
        let ran = hence(&folder, &["test"]).exits(0);
        assert!(ran.err.contains(" passed, none failed"), "{}: {}", folder.display(), ran.err);
        seen += 1;
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn the_example_shop_passes_its_tests() {
    let shop = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let ran = hence(&shop, &["test", "--coverage"]).exits(0);
    assert!(ran.out.contains("coverage: 42 of 42 parts"), "{}", ran.out);
}
