//! What becomes which text.

use hence_diagnostics::Sources;

use super::*;

mod random;
mod table;

fn canonical(text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add("a.rule", text);
    format(&sources, file).text
}

/// Formats, compares, and formats once more.
#[track_caller]
fn check(input: &str, expected: &str) {
    let once = canonical(input);
    assert_eq!(once, expected, "\n--- got\n{once}\n--- expected\n{expected}");
    assert_eq!(canonical(&once), once, "formatting again changes it");
}

#[test]
fn a_rule_stands_in_columns() {
    check(
        "///  Tag.\nrule   vip\n\"VIP\" priority   5 when shop.order.created as order\nif total>1000EUR and \"vip\" not   in customer.tags then crm.add_tag( user : customer.id,tag:\"vip\", ) stop otherwise log.write(message:\"no\")",
        "///  Tag.
rule vip \"VIP\"
  priority 5
when shop.order.created as order
if   total > 1000 EUR and \"vip\" not in customer.tags
then crm.add_tag(user: customer.id, tag: \"vip\")
     stop
otherwise log.write(message: \"no\")
",
    );
}

#[test]
fn what_is_too_long_breaks_at_its_outermost_parts() {
    check(
        "rule vip
when shop.order.created_with_a_rather_long_name as order or shop.order.updated_with_a_rather_long_name
if total > 1000 EUR and \"vip\" not in customer.tags and (customer.address.country == \"DE\" or customer.address.country == \"AT\")
then email.send(to: customer.email, template: \"vip-welcome\", data: { name: customer.first_name, list: [1, 2] })
     let ticket = helpdesk.create_ticket(title: \"a long title for a ticket\", body: \"and a body that is long\")
otherwise stop log.write(message: \"no\")
",
        "rule vip
when shop.order.created_with_a_rather_long_name as order
  or shop.order.updated_with_a_rather_long_name
if   total > 1000 EUR
 and \"vip\" not in customer.tags
 and (customer.address.country == \"DE\" or customer.address.country == \"AT\")
then email.send(
       to: customer.email,
       template: \"vip-welcome\",
       data: { name: customer.first_name, list: [1, 2] },
     )
     let ticket = helpdesk.create_ticket(
       title: \"a long title for a ticket\",
       body: \"and a body that is long\",
     )
otherwise
     stop
     log.write(message: \"no\")
",
    );
}

#[test]
fn nested_conditions_break_within_their_parentheses() {
    check(
        "rule a
when a.b
if (customer.address.country_code == \"DE\" and customer.address.zip starts with \"101\" or customer.address.country_code == \"AT\") or x
then stop
",
        "rule a
when a.b
if   (customer.address.country_code == \"DE\" and customer.address.zip starts with \"101\"
      or customer.address.country_code == \"AT\")
  or x
then stop
",
    );
}

#[test]
fn blocks_always_break() {
    check(
        "rule a when a.b then if x is present{stop}else if not y{ crm.x() \n\n\n crm.y()\n} else{} if a is shop . order . created { stop }",
        "rule a
when a.b
then if x is present {
       stop
     } else if not y {
       crm.x()

       crm.y()
     } else {}
     if a is shop.order.created {
       stop
     }
",
    );
}

#[test]
fn definitions_break_after_the_sign() {
    check(
        "const  a=1_000EUR\nconst list_of_countries = [\"Germany\", \"Austria\", \"Switzerland\", \"Liechtenstein\", \"Luxembourg\", \"Italy\"]
fn is_vip(c:shop.Customer,xs:list<map<int?>>?)->bool=c.tier==\"gold\" ignoring case
fn is_very_important(customer: shop.Customer, orders: list<shop.Order>) -> bool = any(order in orders, order.total > 1)
fn is_very_important(customer: shop.Customer, orders: list<shop.Order>, threshold: money, reference: datetime) -> bool = true
",
        "const a = 1_000 EUR
const list_of_countries = [
  \"Germany\",
  \"Austria\",
  \"Switzerland\",
  \"Liechtenstein\",
  \"Luxembourg\",
  \"Italy\",
]
fn is_vip(c: shop.Customer, xs: list<map<int?>>?) -> bool = c.tier == \"gold\" ignoring case
fn is_very_important(customer: shop.Customer, orders: list<shop.Order>) -> bool =
  any(order in orders, order.total > 1)
fn is_very_important(
  customer: shop.Customer,
  orders: list<shop.Order>,
  threshold: money,
  reference: datetime,
) -> bool = true
",
    );
}

#[test]
fn expressions_have_blanks_around_operators() {
    check(
        "const a = -x+ -1*(2 -y)/3%2 - a . b?. c [0] . d( ) else 5 between 1 and 2\nconst b = not x matches /a b/i or 90s==if a then b else c\nconst d = {}\nconst e = {a:1,`b c`:[]}\nconst f = 2026-11-27T09:00  in  \"Europe/Berlin\"\nconst g = a ends  with \"x\" ignoring   case",
        "const a = -x + -1 * (2 - y) / 3 % 2 - a.b?.c[0].d() else 5 between 1 and 2
const b = not x matches /a b/i or 90 s == if a then b else c
const d = {}
const e = { a: 1, `b c`: [] }
const f = 2026-11-27T09:00 in \"Europe/Berlin\"
const g = a ends with \"x\" ignoring case
",
    );
}

#[test]
fn comments_stay_where_they_are() {
    check(
        "// file\n\n\n\n/// doc\nrule a // name
// about the priority
priority 5 // five
// trigger
when a.b // event
   // condition
if x // first
   // second
   and y   
then // steps
   // one
     crm.a(to: b, // who
       // what
       what: c
       // nothing more
     )

     // two

     // three
     if x { // why
       // nothing
     }
     // stop here
     stop // now
     // commented_out()

// after
const b = [1, // one
 2]
// end
",
        "// file

/// doc
rule a // name
  // about the priority
  priority 5 // five
// trigger
when a.b // event
// condition
if   x // first
     // second
 and y
then // steps
     // one
     crm.a(
       to: b, // who
       // what
       what: c,
       // nothing more
     )

     // two

     // three
     if x { // why
       // nothing
     }
     // stop here
     stop // now
     // commented_out()

// after
const b = [
  1, // one
  2,
]
// end
",
    );
}

#[test]
fn what_does_not_parse_is_left_as_it_is() {
    check(
        "const   a = 1\nrule  b\nwhen   x.y\nthen )(\n   // c\n\n\n\nconst  c=2",
        "const a = 1\nrule  b\nwhen   x.y\nthen )(\n   // c\n\nconst c = 2\n",
    );
    check("  hello\n\nconst  a = 1", "  hello\n\nconst a = 1\n");
}

#[test]
fn line_ends_and_blank_lines_are_normal() {
    check(
        "\u{feff}\r\n\r\nconst a=1\r\n\r\n\r\n\r\nconst b=2 // x\r\n\r\n",
        "const a = 1\n\nconst b = 2 // x\n",
    );
    check("", "");
    check("\n\n", "");
    check("// only", "// only\n");
}

#[test]
fn the_example_of_the_reference_is_canonical() {
    let reference = include_str!("../../../../grammar/README.md");
    let example = reference.split("```\n").nth(1).unwrap();
    check(example, example);
}

#[test]
fn clauses_of_rules_and_calls_stand_on_lines_of_their_own() {
    check(
        "rule a disabled owner \"growth\" tags [\"x\",\"y\",]\nactive until 2026-12-01 when x.y then notify:crm.add(a:1) timeout 30 s on error retry 5 times every 30 s doubling up to 1 h,then continue\nlet b=crm.add() on error{stop all}\nwait   until c-7 days wait 90 s\nfor d in e{attempt{crm.add()}on error f{stop}}",
        "rule a
  disabled
  owner \"growth\"
  tags [\"x\", \"y\"]
  active until 2026-12-01
when x.y
then notify: crm.add(a: 1)
       timeout 30 s
       on error retry 5 times every 30 s doubling up to 1 h, then continue
     let b = crm.add()
       on error {
         stop all
       }
     wait until c - 7 days
     wait 90 s
     for d in e {
       attempt {
         crm.add()
       } on error f {
         stop
       }
     }
",
    );
}
