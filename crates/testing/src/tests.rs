//! What tests see and say.

use std::sync::Arc;

use hence_store::Memory;

use super::*;

const RULES: &str = r##"
const big_order = 1000 EUR

fn is_big(order: shop.Order) -> bool = order.total > big_order

rule vip_customer
when shop.order.created as order
if   is_big(order) and not ("vip" in order.customer.tags or order.status == "cancelled")
then crm.add_tag(user: order.customer.id, tag: "vip")
     email.send(to: order.customer.email, subject: "Welcome", body: "{order.total}")
     if order.total > 5000 EUR { stop }
     log.write(message: "done")

rule task
when shop.order.refunded
if   total / refund.amount > 1
then let task = shop.create_task(title: "a", due_on: 2026-01-31)
     log.write(message: "task {task.id}")
otherwise log.write(message: "no task")

rule report
when every monday at 09:00
then log.write(message: "report {due}")
     wait 10 days
     log.write(message: "archive {due}")

rule busy
when every 1 minute
then crm.add_tag(user: "c1", tag: "busy")
"##;

/// Runs a test of the clauses and returns what was not as expected: messages and differences.
#[track_caller]
fn failures(clauses: &str) -> String {
    let (_, report) = ran(clauses);
    let mut text = String::new();
    for failure in report.failures {
        text.push_str(&format!("{} {}: {}\n", failure.code, failure.message, failure.label));
        for line in &failure.difference {
            text.push_str(&format!("{} {}\n", line.mark(), line.text()));
        }
    }
    text
}

#[track_caller]
fn ran(clauses: &str) -> (Project, Report) {
    let project = Project::of_text("a.rule", &format!("{RULES}\ntest \"it\"\n{clauses}\n"));
    assert_eq!(project.diagnostics(), []);
    let tests = tests(&project);
    assert_eq!(tests.len(), 1);
    let report = run(&project, &tests[0], Arc::new(Memory::new()));
    (project, report)
}

#[test]
fn what_is_not_given_is_the_samples_and_records_merge() {
    let clauses = "given shop.order.created { total: 1200 EUR, customer: { id: \"c1\" } }
        expect crm.add_tag(user: \"c1\") once
        expect email.send(to: \"robin@example.com\", body: \"1200.00 EUR\") once";
    assert_eq!(failures(clauses), "");
}

#[test]
fn an_amount_brings_its_currency_along() {
    // Amounts of another currency than the sample's have no order with EUR, so the condition fails.
    let text = failures("given shop.order.created { total: 1200 USD }\nexpect vip_customer failed");
    assert_eq!(text, "");
}

#[test]
fn a_field_can_be_missing() {
    let text = failures("given shop.order.created { total: missing }\nexpect vip_customer ran");
    assert!(text.contains("`vip_customer` did not run: its condition has no answer"), "{text}");
}

#[test]
fn lists_replace_and_their_elements_are_filled() {
    let clauses = "given shop.order.created { total: 1200 EUR, items: [{ quantity: 5 }, {}], customer: { tags: [\"vip\"] } }
        expect vip_customer not ran because \"vip\" in order.customer.tags";
    let text = failures(clauses);
    assert!(text.contains("but for another reason"), "a part that is true cannot be why: {text}");
    let clauses = "given shop.order.created { total: 1200 EUR, customer: { tags: [\"vip\"] } }
        expect vip_customer not ran because not (\"vip\" in order.customer.tags or order.status == \"cancelled\")";
    assert_eq!(failures(clauses), "");
}

#[test]
fn the_reason_may_stand_in_a_function() {
    let clauses = "given shop.order.created { total: 10 EUR }
        expect vip_customer not ran because order.total > big_order
        expect vip_customer not ran because is_big(order)";
    assert_eq!(failures(clauses), "");
}

#[test]
fn retries_take_virtual_time_only() {
    let clauses = "given shop.order.created { total: 1200 EUR }
        with email.send fails \"timeout\" 2 times
        expect email.send(to: _) after 90 s";
    let expected = "H5030 `email.send` did not succeed after 90 s: at another time
- email.send after 90 s
+ email.send after 5 s
  attempt 1 after 0 s failed: timeout
  attempt 2 after 1 s failed: timeout
  attempt 3 after 5 s succeeded
";
    assert_eq!(failures(clauses), expected);
}

#[test]
fn a_call_counts_once_however_often_it_is_tried() {
    let clauses = "given shop.order.created { total: 1200 EUR }
        with email.send fails \"timeout\"
        expect email.send(to: _) once
        expect vip_customer failed
        expect log.write(message: _) never";
    assert_eq!(failures(clauses), "");
}

#[test]
fn time_stands_still_while_something_is_expected_to_wait() {
    let clauses = "given shop.order.created { total: 1200 EUR }
        with email.send fails \"timeout\" once
        expect vip_customer waiting
        expect log.write(message: _) never
        after 1 h given shop.order.created { total: 10 EUR }
        expect vip_customer completed
        expect log.write(message: \"done\") once
        expect vip_customer not waiting";
    assert_eq!(failures(clauses), "");
}

#[test]
fn an_early_stop_is_told_from_the_end() {
    let clauses = "given shop.order.created { total: 6000 EUR }
        expect vip_customer stopped
        expect vip_customer completed
        after 1 day given shop.order.created { total: 1200 EUR }
        expect vip_customer failed";
    let expected = "H5030 `vip_customer` is not failed: expected: failed
+ vip_customer stopped
+ vip_customer completed
";
    assert_eq!(failures(clauses), expected);
}

#[test]
fn results_are_as_the_test_says() {
    let clauses = "given shop.order.refunded
        with shop.create_task returns { id: \"t1\" } once
        expect shop.create_task(title: \"a\", due_on: 2026-01-31, assignee: missing) once
        expect log.write(message: \"task t1\") once
        expect nothing else";
    assert_eq!(failures(clauses), "");
}

#[test]
fn expectations_speak_of_what_happened_since_those_before() {
    let clauses = "given shop.order.created { total: 1200 EUR }
        expect crm.add_tag(user: _) once
        given shop.order.created { total: 1300 EUR }
        expect crm.add_tag(user: _) once
        expect email.send(to: _)
        expect nothing else";
    let expected =
        "H5030 `log.write` was called too: nothing else is expected\n+ log.write(message: \"done\")\n";
    assert_eq!(failures(clauses), expected);
}

#[test]
fn a_condition_that_faults_is_told_with_its_values() {
    let clauses =
        "given shop.order.refunded { refund: { amount: 0 EUR } }\nexpect task ran\nexpect task failed";
    let text = failures(clauses);
    assert!(text.starts_with("H5030 `task` did not run: its condition failed\n"), "{text}");
    assert!(text.contains("division by zero"), "{text}");
}

#[test]
fn a_rule_that_nothing_triggers_is_told_so() {
    let clauses = "given shop.order.created { total: 10 EUR }\nexpect task ran";
    let expected = "H5030 `task` did not run: no event here triggers it
- given shop.order.refunded
+ given shop.order.created
";
    assert_eq!(failures(clauses), expected);
}

#[test]
fn a_time_past_the_calendar_ends_the_test() {
    let clauses = "at 9999-12-30T00:00Z\ngiven shop.order.created\nafter 3 days given shop.order.created\nexpect vip_customer ran";
    assert_eq!(failures(clauses), "H5031 this is past the end of time: the test ended here\n");
}

#[test]
fn coverage_tells_true_from_false_by_atom() {
    let (project, report) = ran("given shop.order.created { total: 10 EUR }
        given shop.order.created { total: 1200 EUR, status: \"paid\", customer: { tags: [] } }
        given shop.order.refunded { refund: { amount: 0 EUR } }
        expect vip_customer ran");
    let mut coverage = Coverage::new(&project);
    coverage.add(&report);
    let mut seen = Vec::new();
    for rule in &coverage.rules {
        for atom in &rule.atoms {
            let Seen { held, failed, undecided } = atom.seen;
            seen.push((project.sources.slice(atom.span), held, failed, undecided));
        }
    }
    let expected = [
        ("is_big(order)", true, true, false),
        ("\"vip\" in order.customer.tags", false, true, false),
        ("order.status == \"cancelled\"", false, true, false),
        ("total / refund.amount > 1", false, false, true),
    ];
    assert_eq!(seen, expected);
    assert_eq!(coverage.count(), (4, 1));
}

#[test]
fn what_a_test_gives_comes_out_the_same_every_time() {
    let clauses = "given shop.order.created { total: 1200 EUR }\nexpect vip_customer ran";
    assert_eq!(ran(clauses).1.calls, ran(clauses).1.calls);
}

#[test]
fn time_starts_the_rules_that_a_test_names_as_far_as_the_test_lets_it_pass() {
    // A Friday. At the end the wait of ten days is over, but no further Monday comes.
    let clauses = "at 2026-11-27T10:00Z
        wait 2 days
        expect report not ran
        wait until 2026-12-01T00:00Z
        expect report ran
        expect log.write(message: \"report 2026-11-30T09:00Z\") once
        given shop.order.created { total: 10 EUR }
        expect report completed
        expect log.write(message: \"archive 2026-11-30T09:00Z\") once
        expect nothing else";
    assert_eq!(failures(clauses), "");
}

#[test]
fn a_schedule_that_is_not_reached_and_a_time_that_is_over_are_told() {
    let clauses = "at 2026-11-27T10:00Z\nwait 2 days\nexpect report ran\nwait until 2026-11-28T00:00Z\nexpect nothing else";
    let expected = "H5030 `report` did not run: no event here triggers it
- every monday at 09:00
H5031 it is 2026-11-29T10:00:00Z already: the test ended here
";
    assert_eq!(failures(clauses), expected);
}

#[test]
fn conditions_are_looked_at_again_in_the_zone_of_their_rule() {
    let text = "rule morning
  timezone \"Asia/Tokyo\"
when shop.order.created
if   hour(created_at) == 9
then log.write(message: \"seen\")

test \"half past nine in Tokyo\"
  given shop.order.created { created_at: 2026-11-27T00:30Z }
  expect morning ran

test \"half past nine in London\"
  given shop.order.created { created_at: 2026-11-27T09:30Z }
  expect morning not ran because hour(created_at) == 9
";
    let project = Project::of_text("a.rule", text);
    assert_eq!(project.diagnostics(), []);
    for (test, held) in tests(&project).iter().zip([true, false]) {
        let report = run(&project, test, Arc::new(Memory::new()));
        assert_eq!(report.failures.len(), 0);
        let mut coverage = Coverage::new(&project);
        coverage.add(&report);
        let [atom] = coverage.rules[0].atoms.as_slice() else { panic!("one atom") };
        assert_eq!(atom.seen, Seen { held, failed: !held, undecided: false });
    }
}

#[test]
fn a_read_may_return_that_nothing_is_there() {
    let text = "rule look
when shop.order.created
then let member = crm.member(id: customer.id)
     log.write(message: member?.email else \"nobody\")

test \"there is no such member\"
  given shop.order.created
  with crm.member returns missing
  expect log.write(message: \"nobody\") once

test \"there is one\"
  given shop.order.created
  with crm.member returns { email: \"ada@example.com\" }
  expect log.write(message: \"ada@example.com\") once
";
    let project = Project::of_text("a.rule", text);
    assert_eq!(project.diagnostics(), []);
    for test in tests(&project) {
        let report = run(&project, &test, Arc::new(Memory::new()));
        assert_eq!(report.failures.len(), 0, "{:?}", report.failures.first().map(|one| &one.message));
    }
}
