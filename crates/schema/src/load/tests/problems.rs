//! What is said of files that are wrong.

use proptest::prelude::*;

use super::{WHOLE, catalog, load, said, shown};
use crate::shipped::SHIPPED;
use hence_diagnostics::Sources;

/// Asserts what is said of a file of id `a` with these further members.
#[track_caller]
pub(super) fn check(members: &str, expected: &[&str]) {
    let text = format!(r#"{{ "hence": 1, "id": "a", "title": "A", "version": "1", {members} }}"#);
    let (integration, said) = said(&text);
    assert_eq!(said, expected);
    assert!(integration.is_some());
}

/// The same of a type `A`.
#[track_caller]
fn check_type(schema: &str, expected: &[&str]) {
    check(&format!(r#""types": {{ "A": {schema} }}"#), expected);
}

/// The same of an action whose call is given, with a parameter `tag` and settings `base_url` and `token`.
#[track_caller]
fn check_call(call: &str, expected: &[&str]) {
    let params = r#""params": { "type": "object", "properties": { "tag": { "type": "string" } } }"#;
    let settings = r#""connection": { "settings": { "base_url": {}, "token": {} } }"#;
    let action = format!(r#""act": {{ "class": "idempotent", {params}, "call": {call} }}"#);
    check(&format!(r#""actions": {{ {action} }}, {settings}"#), expected);
}

/// The same of an entity that the event `e` carries, whose payload has the fields `id`, `n` and `inner.n`.
#[track_caller]
fn check_entity(key: &str, carried_by: &str, expected: &[&str]) {
    let types = r#""types": { "Inner": { "type": "object", "properties": { "n": { "type": "integer" } } } }"#;
    let fields =
        r##""id": { "type": "string" }, "n": { "type": "string" }, "inner": { "$ref": "#/types/Inner" }"##;
    let event = format!(r#""e": {{ "payload": {{ "type": "object", "properties": {{ {fields} }} }} }}"#);
    let entity = format!(r#""thing": {{ "key": {key}, "carried_by": [{carried_by}] }}"#);
    check(&format!(r#"{types}, "events": {{ {event} }}, "entities": {{ {entity} }}"#), expected);
}

#[test]
fn what_an_entity_refers_to_must_be_there() {
    check_entity(r#""id""#, r#"{ "event": "e" }"#, &[]);
    check_entity(r#"["id", "n"]"#, r#"{ "event": "e" }"#, &[]);
    check_entity(
        r#""idd""#,
        r#"{ "event": "e" }"#,
        &[r#"H0203 "idd": no event carries a field `idd` (did you mean `id`?)"#],
    );
    check_entity(r#""id""#, r#"{ "event": "f" }, { "event": "e" }"#, &[r#"H0203 "f": `a` has no event `f`"#]);
    check_entity(
        r#""id""#,
        r#"{ "event": "e" }, { "event": "e", "at": "/inner" }"#,
        &[r#"H0202 "id": `a.e` does not carry the field `id` of the key"#],
    );
    check_entity(
        r#""id""#,
        r#"{ "event": "e", "at": "/n" }"#,
        &[r#"H0202 "/n": an entity is an object with `properties`"#],
    );
    check_entity(
        r#""id""#,
        r#"{ "event": "e", "fields": { "id": "/id", "m": "/o" }, "old": { "x": "/n" }, "actor": "/who" }"#,
        &[
            r#"H0202 "/o": `a.e` has no field at `/o`"#,
            r#"H0203 "x": the event does not carry a field `x`"#,
            r#"H0202 "/who": `a.e` has no field at `/who`"#,
        ],
    );
    check_entity(
        r#""id""#,
        r#"{ "event": "e" }, { "event": "e", "fields": { "id": "/id", "n": "/inner/n" } }"#,
        &[r#"H0202 "n": the field `n` is `string?` in another event, here `int?`"#],
    );
}

#[test]
fn a_misspelt_member_is_reported_once_with_the_one_meant() {
    let (integration, said) = said(r#"{ "hence": 1, "id": "a", "titel": "A", "version": "1" }"#);
    assert_eq!(said, [r#"H0202 "titel": there is no member `titel` here (did you mean `title`?)"#]);
    assert!(integration.is_some());
}

#[test]
fn an_unknown_member_is_reported_with_those_there_are() {
    check(
        r#""events": { "e": { "payload": { "type": "object" }, "sample": {} } }"#,
        &[
            r#"H0202 "sample": there is no member `sample` here (members here: `description`, `payload`, `emit`, `examples`)"#,
        ],
    );
}

#[test]
fn a_missing_member_is_reported_at_what_lacks_it() {
    let (integration, said) = said(r#"{ "hence": 1, "id": "a", "title": "A" }"#);
    assert_eq!(
        said,
        [
            "H0202 {: the member `version` is missing (add `\"version\"`: the version of this file, such as `1.0.0`)"
        ]
    );
    assert!(integration.is_some());
    check(
        r#""actions": { "act": { "call": { "kind": "log", "message": "" } } }"#,
        &[
            "H0202 \"act\": `act` has no member `class` (add `\"class\"`: what repeating a call does. `idempotent`: \
           nothing more. `queryable`: whether it was done can be asked for. `at_most_once`: harm, so it is never \
           repeated unless it is known not to have been done)",
        ],
    );
}

#[test]
fn values_of_the_wrong_kind_are_reported_in_plain_words() {
    check(r#""description": 1"#, &["H0202 1: expected a text, found a number"]);
    check(r#""types": []"#, &["H0202 []: expected an object, found a list"]);
    check_type(r#"{ "type": 1 }"#, &["H0202 1: expected a text or a list, found a number"]);
    let (_, said) = said(r#"{ "hence": 2, "id": "A", "title": "", "version": "1" }"#);
    assert_eq!(
        said,
        [
            "H0202 2: the version of the format is `1`; found a number",
            "H0202 \"A\": an id is lower-case letters, digits and `_`, a letter first; found `A`",
            "H0202 \"A\": the id `A` is not the name of the file, `a`",
            "H0202 \"\": the text is empty",
        ]
    );
}

#[test]
fn a_value_out_of_a_fixed_set_is_reported_with_the_one_meant() {
    check_type(
        r#"{ "type": "strng" }"#,
        &["H0202 \"strng\": expected one of `string`, `integer`, `number`, `boolean`, `object`, `array`, \
           found `strng` (did you mean `string`?)"],
    );
    check_type(
        r#"{ "type": "integer", "format": "epoch-second" }"#,
        &[
            "H0202 \"epoch-second\": expected one of `epoch-seconds`, `epoch-millis`, `money-minor`, `int32`, \
           `int64`, found `epoch-second` (did you mean `epoch-seconds`?)",
        ],
    );
}

#[test]
fn names_that_do_not_fit_are_reported_at_the_name() {
    check(
        r#""events": { "Made": { "payload": { "type": "object" } } }"#,
        &["H0202 \"Made\": the name of an event is lower-case words separated by `.`; found `Made`"],
    );
    check(
        r#""types": { "item": {} }"#,
        &["H0202 \"item\": the name of a type is letters, digits and `_`, a capital first; found `item`"],
    );
}

#[test]
fn keywords_out_of_place_in_a_type_are_reported() {
    check_type(
        r#"{ "properties": { "a": {} } }"#,
        &["H0202 \"properties\": `properties` needs `\"type\": \"object\"`"],
    );
    check_type(
        r#"{ "type": "object", "properties": {}, "additionalProperties": {} }"#,
        &["H0202 \"additionalProperties\": an object has either `properties` or `additionalProperties`"],
    );
    check_type(
        r#"{ "type": "string", "items": {} }"#,
        &["H0202 \"items\": `items` needs `\"type\": \"array\"`"],
    );
    check_type(
        r#"{ "type": "string", "format": "money" }"#,
        &[
            "H0202 \"A\": `A` has no member `currency` (an amount needs `currency`: a code such as `\"EUR\"`, \
           `{\"field\": …}` or `{\"payload\": …}`)",
        ],
    );
    check_type(
        r#"{ "type": "string", "format": "money", "currency": "Euro" }"#,
        &[
            "H0202 \"Euro\": a currency is three capital letters, `{\"field\": …}` or `{\"payload\": …}`; found `Euro`",
        ],
    );
    check_type(
        r#"{ "type": ["string", "integer"] }"#,
        &["H0202 [\"string\", \"integer\"]: a list of types is one type and `\"null\"`; found a list"],
    );
    check_type(r#"{ "anyOf": [] }"#, &["H0202 \"anyOf\": there is no member `anyOf` here"]);
    check_type(r#"{ "enum": ["a", "b", "a"] }"#, &["H0202 \"a\": the list has this twice"]);
}

#[test]
fn references_to_nothing_are_reported_with_the_one_meant() {
    let types = r#""Order": { "type": "string" }"#;
    check(
        &format!(r##""types": {{ {types}, "A": {{ "$ref": "#/types/Ordr" }} }}"##),
        &["H0203 \"#/types/Ordr\": `a` has no type `Ordr` (did you mean `Order`?)"],
    );
    let (_, said) = said(
        r##"{ "hence": 1, "id": "a", "title": "A", "version": "1",
        "types": { "A": { "$ref": "b#/types/Of_another_file" } } }"##,
    );
    assert_eq!(said, Vec::<String>::new());
}

#[test]
fn references_to_other_files_are_reported_when_all_are_read() {
    let mut sources = Sources::new();
    let file = sources.add(
        "a.json",
        r##"{ "hence": 1, "id": "a", "title": "A", "version": "1",
             "types": { "A": { "$ref": "shp#/types/Order" }, "B": { "$ref": "shop#/types/Orders" } },
             "actions": { "act": { "class": "idempotent", "causes": ["shop.order.craeted"],
                                   "call": { "kind": "log", "message": "" } } } }"##,
    );
    let diagnostics = catalog(&mut sources, &[file]).1;
    assert_eq!(
        shown(&sources, &diagnostics),
        [
            "H0203 \"shp#/types/Order\": there is no integration `shp` (did you mean `shop`?)",
            "H0203 \"shop#/types/Orders\": `shop` has no type `Orders` (did you mean `Order`?)",
            "H0203 \"shop.order.craeted\": `shop` has no event `order.craeted` (did you mean `order.created`?)",
        ]
    );
    assert_eq!(diagnostics[1].fixes[0].edits[0].text, "shop#/types/Order");
}

#[test]
fn required_names_must_be_fields() {
    check_type(
        r#"{ "type": "object", "required": ["nmae"], "properties": { "name": {} } }"#,
        &[
            "H0202 \"nmae\": `required` names `nmae`, which is not among the properties (did you mean `name`?)",
        ],
    );
}

#[test]
fn currencies_must_be_fields() {
    let money = |currency: &str| {
        format!(
            r#"{{ "type": "object", "properties": {{ "currency": {{ "type": "string" }}, "count": {{ "type": "integer" }},
                 "total": {{ "type": "string", "format": "money", "currency": {currency} }} }} }}"#
        )
    };
    check_type(&money(r#"{ "field": "currency" }"#), &[]);
    check_type(
        &money(r#"{ "field": "curency" }"#),
        &[
            "H0202 \"curency\": the currency's field `curency` is not in the object (did you mean `currency`?)",
        ],
    );
    check_type(
        &money(r#"{ "field": "count" }"#),
        &["H0202 \"count\": the currency's field `count` is no text"],
    );
    check(
        &format!(r#""events": {{ "e": {{ "payload": {} }} }}"#, money(r#"{ "payload": "cur" }"#)),
        &["H0202 \"total\": the currency's field `cur` is not in the payload"],
    );
}

#[test]
fn placeholders_must_name_a_parameter_or_a_setting() {
    check_call(r#"{ "kind": "log", "message": "{tag} {connection.token}" }"#, &[]);
    check_call(
        r#"{ "kind": "log", "message": "a {tga}" }"#,
        &["H0202 tga: `act` has no parameter `tga` (did you mean `{tag}`?)"],
    );
    check_call(
        r#"{ "kind": "http", "method": "GET", "url": "/", "body": [{ "a": "{connection.tokn}" }] }"#,
        &["H0202 connection.tokn: the connection has no setting `tokn` (did you mean `{connection.token}`?)"],
    );
    check_call(
        r#"{ "kind": "log", "message": "{token}" }"#,
        &["H0202 token: `act` has no parameter `token` (did you mean `{connection.token}`?)"],
    );
    check_call(
        r#"{ "kind": "log", "message": "\n{what}" }"#,
        &[
            "H0202 \"\\n{what}\": `act` has no parameter `what` (`{{` and `}}` stand for the braces themselves)",
        ],
    );
    check_call(
        r#"{ "kind": "log", "message": "mutation { a }  }" }"#,
        &["H0202 }: a brace has no partner (`{{` and `}}` stand for the braces themselves)"],
    );
}

#[test]
fn calls_have_the_members_of_their_kind() {
    check_call(
        r#"{ "kind": "log", "message": "", "url": "/" }"#,
        &["H0202 \"url\": there is no member `url` here (members here: `kind`, `message`)"],
    );
    check_call(
        r#"{ "kind": "https" }"#,
        &[
            "H0202 \"https\": expected one of `http`, `sql`, `smtp`, `log`, `notification`, `task`, `effect`, found `https` (did you mean `http`?)",
        ],
    );
    check_call(
        r#"{ "kind": "http", "method": "post", "url": "/" }"#,
        &["H0202 \"post\": the method is capital letters, such as `POST`, or one placeholder; found `post`"],
    );
    check(
        r#""actions": { "act": { "class": "idempotent", "call": { "kind": "http", "method": "GET", "url": "/" } } }"#,
        &["H0202 \"/\": a URL that is a path needs the connection's setting `base_url`"],
    );
}

#[test]
fn webhooks_must_name_events_and_have_their_secret() {
    check(
        r#""events": { "order.made": { "payload": { "type": "object" } } },
           "webhook": { "event": {}, "mappings": [{ "provider": "x", "event": "order.mad" }],
                        "payload": "data", "signature": { "scheme": "github", "header": "x" } }"#,
        &[
            "H0202 \"event\": `event` needs `header`, `body` or both",
            "H0203 \"order.mad\": `a` has no event `order.mad` (did you mean `order.made`?)",
            "H0202 \"data\": a JSON pointer is empty or starts with `/`, such as `/event/type`; found `data`",
            "H0202 \"github\": a signature needs the connection's setting `webhook_secret` \
             (add `\"webhook_secret\": { \"secret\": true }` to the settings of `connection`)",
            "H0202 \"header\": `header` belongs to the scheme `hmac-base64` only",
        ],
    );
}

#[test]
fn examples_that_are_not_of_the_payloads_type_are_warned_of_at_the_value() {
    check(
        r#""events": { "e": { "payload": { "type": "object", "required": ["id", "at"], "properties": {
             "id": { "type": "integer" }, "at": { "type": "string", "format": "date" } } },
           "examples": [{ "id": "7", "at": "2026-01-31" }, { "id": 7 }] } }"#,
        &[
            "H0204 \"7\": the example's `id` should be int, found `\"7\"`",
            "H0204 {: the example's `at` should be date, found nothing",
        ],
    );
}

#[test]
fn a_payload_must_be_an_object() {
    check(
        r#""events": { "e": { "payload": { "type": "string" } } }"#,
        &["H0202 { \"type\": \"string\" }: `payload` must be an object with `properties`"],
    );
}

#[test]
fn unions_that_cannot_be_told_apart_are_reported() {
    let object =
        |fields: &str| format!(r#"{{ "type": "object", "required": ["k"], "properties": {{ {fields} }} }}"#);
    let a = object(r#""k": { "type": "string", "const": "a" }, "n": { "type": "integer" }"#);
    let b = object(r#""k": { "type": "string", "const": "a" }, "n": { "type": "string" }"#);
    let c = object(r#""k": { "type": "string" }"#);
    let of = |first: &str, second: &str| {
        let refs = format!(r##"[{{ "$ref": "#/types/{first}" }}, {{ "$ref": "#/types/{second}" }}]"##);
        format!(
            r#""types": {{ "A": {a}, "B": {b}, "C": {c}, "U": {{ "oneOf": {refs}, "discriminator": {{ "propertyName": "k" }} }} }}"#
        )
    };
    check(
        &of("A", "B"),
        &[
            r##"H0202 "#/types/B": `a` stands for two of the types"##,
            r##"H0202 "#/types/B": `n` is `int` in one of the types and `string` in another: fields of one name have one type"##,
        ],
    );
    check(
        &of("A", "C"),
        &[r##"H0202 "#/types/C": this type has no fixed `k`: a `const`, or a value of `mapping`"##],
    );
    check_type(
        r##"{ "oneOf": [{ "$ref": "#/types/A" }, { "$ref": "#/types/A" }] }"##,
        &[
            "H0202 \"A\": `A` has no member `discriminator` (`oneOf` needs `discriminator`, the field that tells its types apart)",
        ],
    );
}

#[test]
fn entry_points_answer_what_is_there() {
    let actions = r#""actions": { "say": { "class": "idempotent", "call": { "kind": "effect" } },
        "log": { "class": "idempotent", "call": { "kind": "log", "message": "x" } } }"#;
    let context = r#""context": { "type": "object", "properties": { "total": { "type": "integer" } } }"#;
    let of = |rest: &str| format!(r#"{actions}, "entry_points": {{ "ask": {{ {context}, {rest} }} }}"#);
    check(&of(r#""effects": ["a.say"], "set": ["total"], "block": true"#), &[]);
    check(
        &of(r#""effects": ["a.sai", "a.log"], "set": ["totl", "total.more"]"#),
        &[
            "H0203 \"a.sai\": `a` has no action `sai` (did you mean `say`?)",
            "H0202 \"a.log\": `a.log` calls a system; only actions of the kind `effect` answer a decision",
            "H0203 \"totl\": the context has no field `totl` (did you mean `total`?)",
            "H0203 \"total.more\": the context has no field `total.more`",
        ],
    );
}

#[test]
fn a_file_that_is_no_json_gives_nothing_else() {
    let (integration, said) = said("{ \"id\": \"a\"");
    assert_eq!(said, ["H0201 {: the object is never closed"]);
    assert!(integration.is_none());
}

#[test]
fn slips_of_json_do_not_hide_other_problems() {
    let (_, said) = said(r#"{ "hence": 1, "id": "a", "title": "A", "version": 1, }"#);
    assert_eq!(
        said,
        [
            "H0202 1: expected a text, found a number",
            "H0201 ,: a comma stands before `}`, but nothing follows it (remove the comma)",
        ]
    );
}

proptest! {
    #[test]
    fn no_file_panics(which in 0..=SHIPPED.len(), from in any::<prop::sample::Index>(), length in 0..60_usize,
                      put in r#"|null|1|"x"|\{\}|\[\]|[{}\[\]",:a-z$#/]{1,6}"#) {
        let text = SHIPPED.get(which).map_or(WHOLE, |(_, text)| text);
        let start = text.floor_char_boundary(from.index(text.len()));
        let end = text.floor_char_boundary(start + length);
        let mut broken = text.to_owned();
        broken.replace_range(start..end, &put);
        let mut sources = Sources::new();
        let file = sources.add("a.json", broken.as_str());
        for found in load(&sources, file).diagnostics {
            let text = sources.get(found.primary.span.file).unwrap().text();
            prop_assert!(text.get(found.primary.span.range()).is_some());
        }
    }
}
