//! Sessions with an editor, over a connection in memory.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends by panicking"
)]

#[path = "session/editor.rs"]
mod editor;

use editor::{Editor, capabilities, push, utf8};
use serde_json::json;

const RULE: &str =
    "rule a\nwhen shop.order.created\nif   totl > 100 EUR\nthen log.write(message: \"ä😀 {total}\")\n";

#[test]
fn mistakes_are_told_and_taken_back_as_the_text_changes() {
    let mut editor = Editor::start(&[("hence.toml", ""), ("a.rule", RULE)], push());
    editor.open("a.rule", RULE);
    let told = editor.told_until("a.rule", 1);
    let first = &told["diagnostics"][0];
    assert_eq!(first["code"], "H1006");
    assert_eq!(first["range"]["start"], json!({ "line": 2, "character": 5 }));
    assert!(first["codeDescription"]["href"].as_str().unwrap().ends_with("H1006.md"), "{first}");
    assert!(!first["data"]["fixes"].as_array().unwrap().is_empty(), "{first}");
    editor.change("a.rule", (2, 5), (2, 9), "total");
    assert_eq!(editor.told_until("a.rule", 2)["diagnostics"], json!([]));
}

#[test]
fn places_are_counted_as_the_editor_counts() {
    for (capabilities, encoding, column) in [(push(), "utf-16", 31), (utf8(), "utf-8", 34)] {
        let mut editor = Editor::start(&[("hence.toml", "")], capabilities);
        assert_eq!(editor.initialized["capabilities"]["positionEncoding"], encoding);
        editor.open("a.rule", &RULE.replace("totl", "total"));
        let at = editor.at("a.rule", 3, column);
        let hover = editor.ask("textDocument/hover", at);
        assert_eq!(hover["range"]["start"]["character"], column - 1, "{hover}");
        // A change after a character of several units lands where the editor means.
        editor.change("a.rule", (3, column - 1), (3, column + 4), "totl");
        let told = editor.told_until("a.rule", 2);
        assert_eq!(told["diagnostics"][0]["range"]["start"]["character"], column - 1, "{told}");
    }
}

#[test]
fn an_editor_that_asks_is_given_and_not_told() {
    let mut editor = Editor::start(&[("hence.toml", ""), ("a.rule", RULE)], capabilities());
    editor.open("a.rule", RULE);
    let params = json!({ "textDocument": editor.document("a.rule") });
    let report = editor.ask("textDocument/diagnostic", params);
    assert_eq!(report["items"][0]["code"], "H1006");
    let again = json!({ "textDocument": editor.document("a.rule"), "previousResultId": report["resultId"] });
    assert_eq!(editor.ask("textDocument/diagnostic", again)["kind"], "unchanged");
    let all = editor.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all}");
    assert!(editor.notifications("textDocument/publishDiagnostics").is_empty());
}

#[test]
fn a_schema_that_changes_on_disk_changes_what_is_wrong() {
    let mut editor = Editor::start(&[("hence.toml", ""), ("a.rule", RULE)], push());
    let text = "rule a\nwhen own.thing.done\nthen log.write(message: name)\n";
    editor.open("a.rule", text);
    assert_eq!(editor.told_until("a.rule", 1)["diagnostics"][0]["code"], "H1001");
    let schema = r#"{"hence":1,"id":"own","title":"Own","version":"1.0.0","events":{"thing.done":{
        "payload":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}}}}"#;
    editor.write("integrations/own.json", schema);
    editor.watched("integrations/own.json");
    assert_eq!(editor.told("a.rule")["diagnostics"], json!([]));
}

#[test]
fn the_manifest_is_checked_while_it_is_written() {
    let mut editor = Editor::start(&[("hence.toml", ""), ("a.rule", "const a = 1\n")], push());
    editor.open("a.rule", "const a = 1\n");
    assert_eq!(editor.told_until("a.rule", 1)["diagnostics"][0]["tags"], json!([1]));
    editor.open("hence.toml", "timezone = \"Mars\"\n");
    assert_eq!(editor.told_until("hence.toml", 1)["diagnostics"][0]["code"], "H6002");
    editor.change("hence.toml", (0, 0), (1, 0), "[lints]\nunused-item = \"allow\"\n");
    assert_eq!(editor.told_until("hence.toml", 2)["diagnostics"], json!([]));
    assert_eq!(editor.told("a.rule")["diagnostics"], json!([]));
}

#[test]
fn files_outside_of_projects_and_other_roots_are_checked_each_on_their_own() {
    let mut editor = Editor::start(&[("one/hence.toml", ""), ("two/hence.toml", "")], push());
    let item = "const same = 1\n";
    for name in ["one/a.rule", "two/a.rule", "alone.rule"] {
        editor.open(name, item);
        let told = editor.told_until(name, 1);
        assert_eq!(told["diagnostics"].as_array().unwrap().len(), 1, "{told}");
        assert_eq!(told["diagnostics"][0]["code"], "H4005", "{told}");
    }
}

#[test]
fn a_fix_mends_what_it_is_offered_for() {
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    editor.open("a.rule", RULE);
    let range = json!({ "start": { "line": 2, "character": 6 }, "end": { "line": 2, "character": 6 } });
    let params = json!({ "textDocument": editor.document("a.rule"), "range": range, "context": { "diagnostics": [] } });
    let actions = editor.ask("textDocument/codeAction", params);
    let fix = actions.as_array().unwrap().iter().find(|action| action["kind"] == "quickfix").unwrap();
    assert_eq!(fix["isPreferred"], true);
    assert_eq!(fix["diagnostics"][0]["code"], "H1006");
    let uri = editor.uri("a.rule");
    assert_eq!(fix["edit"]["changes"][uri.as_str()][0]["newText"], "total");
}

#[test]
fn a_text_is_brought_into_layout_line_by_line() {
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    let text = "rule a\nwhen shop.order.created\nif total>100 EUR\nthen log.write(message: \"x\")\n";
    editor.open("a.rule", text);
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let params = json!({ "textDocument": editor.document("a.rule"), "options": options });
    let edits = editor.ask("textDocument/formatting", params);
    assert_eq!(edits.as_array().unwrap().len(), 1, "{edits}");
    assert_eq!(edits[0]["newText"], "if   total > 100 EUR\n");
    editor.change("a.rule", (3, 29), (3, 29), "\n");
    let at = json!({
        "textDocument": editor.document("a.rule"), "position": { "line": 4, "character": 0 }, "ch": "\n",
        "options": options,
    });
    assert_eq!(editor.ask("textDocument/onTypeFormatting", at)[0]["newText"], "     ");
}

#[test]
fn a_cancelled_request_is_told_to_be_and_unknown_ones_too() {
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    editor.open("a.rule", RULE);
    let at = editor.at("a.rule", 2, 6);
    let ids: Vec<i32> = (0..20).map(|_| editor.send("textDocument/hover", at.clone())).collect();
    let last = *ids.last().unwrap();
    editor.notify("$/cancelRequest", json!({ "id": last }));
    let answers: Vec<_> = ids.iter().map(|id| editor.response(*id)).collect();
    // The last one was either cancelled or had been answered already; nothing is left without an answer.
    let ended = &answers[19];
    assert!(ended.get("error").is_none_or(|error| error["code"] == -32800), "{ended}");
    let id = editor.send("textDocument/nonsense", json!({}));
    assert_eq!(editor.response(id)["error"]["code"], -32601);
}

/// A project with so many tests that running them takes a while.
fn many_tests() -> String {
    let mut text =
        "rule a\nwhen shop.order.created\nif   total > 10 EUR\nthen log.write(message: \"x\")\n".to_owned();
    for number in 0..2000 {
        text.push_str(&format!(
            "\ntest \"number {number}\"\n  given shop.order.created {{ total: {number} EUR }}\n  expect nothing else\n"
        ));
    }
    text
}

#[test]
fn a_request_that_runs_stops_when_it_is_cancelled() {
    let text = many_tests();
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    editor.open("a.rule", &text);
    let arguments = json!({ "command": "hence.runTests", "arguments": [editor.uri("a.rule"), []] });
    let whole = std::time::Instant::now();
    let ran = editor.ask("workspace/executeCommand", arguments.clone());
    let whole = whole.elapsed();
    assert_eq!(ran["tests"].as_array().unwrap().len(), 2000);
    // The one before is answered when this one is begun.
    let at = editor.at("a.rule", 0, 5);
    let before = editor.send("textDocument/hover", at);
    let id = editor.send("workspace/executeCommand", arguments);
    editor.response(before);
    let stopped = std::time::Instant::now();
    editor.notify("$/cancelRequest", json!({ "id": id }));
    assert_eq!(editor.response(id)["error"]["code"], -32800);
    assert!(stopped.elapsed() < whole / 2, "{:?} of {whole:?}", stopped.elapsed());
}

#[test]
fn a_daemon_tells_what_rules_did() {
    let daemon = hence_lsp::Daemon::new(|rule| {
        (rule == "a").then_some(hence_lsp::Activity { fired: 412, failed: 3, more: false })
    });
    let text = "rule a when shop.order.created then stop\nrule b when shop.order.created then stop\n";
    let mut editor = Editor::connected(&[("hence.toml", "")], push(), Some(daemon));
    assert_eq!(editor.initialized["capabilities"]["codeLensProvider"]["resolveProvider"], true);
    editor.open("a.rule", text);
    let lenses = editor.ask("textDocument/codeLens", json!({ "textDocument": editor.document("a.rule") }));
    let open = lenses.as_array().unwrap().iter().filter(|lens| lens.get("command").is_none());
    let titles: Vec<String> = open
        .map(|lens| {
            editor.ask("codeLens/resolve", lens.clone())["command"]["title"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(titles, ["fired 412 times in 24 h, 3 failures", "the daemon does not answer"]);
}

#[test]
fn a_new_name_goes_to_all_files_and_one_that_is_taken_is_refused() {
    let mut editor = Editor::start(
        &[("hence.toml", ""), ("a.rule", "const big = 1 EUR\n"), ("b.rule", "const bigger = big * 2\n")],
        push(),
    );
    editor.open("a.rule", "const big = 1 EUR\n");
    let mut at = editor.at("a.rule", 0, 7);
    at["newName"] = json!("large");
    let edit = editor.ask("textDocument/rename", at.clone());
    let other = editor.uri("b.rule");
    assert_eq!(edit["changes"][other.as_str()][0]["range"]["start"]["character"], 15, "{edit}");
    at["newName"] = json!("bigger");
    let id = editor.send("textDocument/rename", at);
    assert_eq!(editor.response(id)["error"]["message"], "there is something named `bigger` already");
}

/// Renames the rule of a project and returns its manifest then.
fn manifest_after_renaming(manifest: &str, rule: &str, new: &str) -> String {
    let text = format!("rule {rule}\nwhen shop.order.created\nthen stop\n");
    let mut editor = Editor::start(&[("hence.toml", manifest), ("a.rule", &text)], push());
    editor.open("a.rule", &text);
    let mut at = editor.at("a.rule", 0, 6);
    at["newName"] = json!(new);
    let edit = editor.ask("textDocument/rename", at);
    let uri = editor.uri("hence.toml");
    editor::applied(manifest, &edit["changes"][uri.as_str()])
}

#[test]
fn a_rule_with_a_new_name_keeps_its_history() {
    for (manifest, rule, new, after) in [
        ("name = \"x\"\n", "big", "large", "name = \"x\"\n\n[renamed]\nlarge = \"big\"\n"),
        ("", "big", "large", "[renamed]\nlarge = \"big\"\n"),
        ("[renamed]\n[lints]\n", "big", "large", "[renamed]\nlarge = \"big\"\n[lints]\n"),
        // What counts is the first name.
        ("[renamed]\nlarge = \"big\"\n", "large", "huge", "[renamed]\nhuge = \"big\"\n"),
        ("[renamed]\nlarge = \"big\"\n", "large", "big", "[renamed]\n"),
        ("", "big", "`so big`", "[renamed]\n\"so big\" = \"big\"\n"),
    ] {
        assert_eq!(manifest_after_renaming(manifest, rule, new), after);
    }
}

#[test]
fn schemas_that_hence_ships_can_be_opened() {
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    editor.open("a.rule", RULE);
    let at = editor.at("a.rule", 1, 12);
    let place = editor.ask("textDocument/definition", at);
    let path = place["uri"].as_str().unwrap().strip_prefix("file://").unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let line = place["range"]["start"]["line"].as_u64().unwrap() as usize;
    assert!(text.lines().nth(line).unwrap().contains("\"order.created\""), "{place}");
}

#[test]
fn a_session_ends_in_order() {
    let editor = Editor::start(&[("hence.toml", "")], push());
    assert_eq!(editor.end(), hence_lsp::Ended::Orderly);
}

const TESTED: &str = "rule a\nwhen shop.order.created\nif   total > 10 EUR\nthen let who = customer.first_name else \"you\"\n     log.write(message: \"{who}\")\n\ntest \"a big one\"\n  given shop.order.created { total: 20 EUR }\n  expect a ran\n\ntest \"a wrong one\"\n  given shop.order.created { total: 1 EUR }\n  expect a ran\n";

#[test]
fn tests_are_run_and_rules_explained_from_within_the_file() {
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    editor.open("a.rule", TESTED);
    let lenses = editor.ask("textDocument/codeLens", json!({ "textDocument": editor.document("a.rule") }));
    let titles: Vec<_> =
        lenses.as_array().unwrap().iter().map(|lens| lens["command"]["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["run 2 tests", "explain on a sample event", "run test", "run test"]);
    let ran = editor.ask("workspace/executeCommand", lenses[0]["command"].clone());
    assert_eq!(ran["failed"], 1, "{ran}");
    assert_eq!(ran["tests"][1]["failedAt"]["start"]["line"], 12, "{ran}");
    let why = editor.ask("workspace/executeCommand", lenses[1]["command"].clone());
    assert!(why["text"].as_str().unwrap().contains("199"), "{why}");
    assert_eq!(editor.notifications("window/showMessage").len(), 2);
}

#[test]
fn what_is_known_stands_between_the_words() {
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    let text = "const big = 10 EUR\nfn between_(a: money, b: money) -> bool = a < b\nrule r\nwhen shop.order.created\nif   between_(total, big)\nthen let who = customer.first_name else \"you\"\n     log.write(message: \"{who}\")\n";
    editor.open("a.rule", text);
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let params = json!({ "textDocument": editor.document("a.rule"), "range": range });
    let hints = editor.ask("textDocument/inlayHint", params);
    let labels: Vec<_> =
        hints.as_array().unwrap().iter().map(|hint| hint["label"].as_str().unwrap()).collect();
    assert_eq!(labels, [": money (EUR)", "a: ", "b: ", ": string"]);
}

fn rewritten(text: &str, title: &str, start: (u32, u32), end: (u32, u32)) -> String {
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    editor.open("a.rule", text);
    let place = |(line, character): (u32, u32)| json!({ "line": line, "character": character });
    let range = json!({ "start": place(start), "end": place(end) });
    let params = json!({ "textDocument": editor.document("a.rule"), "range": range, "context": { "diagnostics": [] } });
    let actions = editor.ask("textDocument/codeAction", params);
    let action = actions.as_array().unwrap().iter().find(|action| action["title"] == title);
    let action = action.unwrap_or_else(|| panic!("no `{title}` in {actions}"));
    let uri = editor.uri("a.rule");
    editor::applied(text, &action["edit"]["changes"][uri.as_str()])
}

#[test]
fn a_part_of_a_condition_becomes_a_function() {
    let text = "/// Doc.\nrule a\nwhen shop.order.created as order\nif   order.total > 10 EUR and customer.spent > 3 EUR\nthen stop\n";
    let expected = "fn extracted(total: money, customer: shop.Customer) -> bool = total > 10 EUR and customer.spent > 3 EUR\n\n/// Doc.\nrule a\nwhen shop.order.created as order\nif   extracted(order.total, customer)\nthen stop\n";
    assert_eq!(rewritten(text, "extract a function", (3, 5), (3, 52)), expected);
}

#[test]
fn a_choice_becomes_a_table() {
    let text =
        "fn rank(tier: string) -> int = match tier { \"gold\" -> 2, \"a\" or \"b\" -> 1, else -> 0 }\n";
    let expected = "table rank(tier: string) -> int, first match {\n  | \"gold\" | 2 |\n  | in [\"a\", \"b\"] | 1 |\n  | _ | 0 |\n}\n";
    assert_eq!(rewritten(text, "convert to a table", (0, 5), (0, 5)), expected);
}

#[test]
fn a_test_of_a_rule_holds_when_it_is_written() {
    let text = "rule a\nwhen shop.order.created\nif   total > 10_000 EUR\nthen log.write(message: \"x\")\n";
    let written = rewritten(text, "write a test of this rule", (0, 5), (0, 5));
    assert!(
        written.ends_with("test \"a on a sample event\"\n  given shop.order.created\n  expect a not ran\n"),
        "{written}"
    );
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    editor.open("a.rule", &written);
    let arguments = json!({ "command": "hence.runTests", "arguments": [editor.uri("a.rule"), []] });
    let ran = editor.ask("workspace/executeCommand", arguments);
    assert_eq!((&ran["failed"], ran["tests"].as_array().unwrap().len()), (&json!(0), 1), "{ran}");
}

#[test]
fn a_half_written_call_is_completed_with_its_documentation() {
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    let text = "rule a\nwhen shop.order.created\nthen crm.add_t\n";
    editor.open("a.rule", text);
    let list = editor.ask("textDocument/completion", editor.at("a.rule", 2, 14));
    let item = &list["items"][0];
    assert_eq!(item["label"], "add_tag");
    assert_eq!(item["textEdit"]["newText"], "add_tag(user: \"${1:user}\", tag: \"${2:tag}\")$0");
    assert!(item.get("documentation").is_none(), "{item}");
    let item = editor.ask("completionItem/resolve", item.clone());
    assert!(item["documentation"]["value"].as_str().unwrap().contains("crm.add_tag("), "{item}");
}

#[test]
fn the_file_of_a_table_is_completed_and_explained_while_it_is_written() {
    let rule =
        "table rate(country: string, status: shop.OrderStatus) -> percent, first match from \"rates.csv\"\n";
    let text = "country,status,rate\nDE,paid,5%\nCH,";
    let files = [("hence.toml", ""), ("a.rule", rule), ("rates.csv", text)];
    let mut editor = Editor::start(&files, push());
    editor.open("rates.csv", text);
    assert!(!editor.told_until("rates.csv", 1)["diagnostics"].as_array().unwrap().is_empty());
    let at = editor.at("rates.csv", 2, 3);
    let list = editor.ask("textDocument/completion", at);
    assert!(labels(&list).contains(&"paid") && labels(&list).contains(&"_"), "{list}");
    let at = editor.at("rates.csv", 1, 1);
    let hover = editor.ask("textDocument/hover", at);
    assert!(hover["contents"]["value"].as_str().unwrap().contains("country: string"), "{hover}");
    assert_eq!(hover["range"]["end"]["character"], 2, "{hover}");
    editor.change("rates.csv", (0, 8), (0, 14), "");
    let at = editor.at("rates.csv", 0, 8);
    assert!(labels(&editor.ask("textDocument/completion", at)).contains(&"status"));
}

fn labels(list: &serde_json::Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn the_manifest_is_completed_from_the_register_of_lints_and_the_catalog() {
    let mut editor = Editor::start(&[("hence.toml", "")], push());
    editor.open("hence.toml", "time\n[lints]\nunused-i\nunused-item = \"\n[connections.email]\nho\n[ser\n");
    let mut at = |line, character| {
        let at = editor.at("hence.toml", line, character);
        editor.ask("textDocument/completion", at)
    };
    assert_eq!(labels(&at(0, 4)), ["timezone"]);
    assert!(labels(&at(2, 8)).contains(&"unused-item"));
    assert_eq!(labels(&at(3, 15)), ["allow", "warn", "deny"]);
    assert!(labels(&at(5, 2)).contains(&"host"));
    assert!(labels(&at(6, 4)).contains(&"server"));
    let place = editor.at("hence.toml", 2, 3);
    assert_eq!(editor.ask("textDocument/hover", place), serde_json::Value::Null);
    let place = editor.at("hence.toml", 3, 3);
    let hover = editor.ask("textDocument/hover", place);
    assert!(hover["contents"]["value"].as_str().unwrap().len() > 30, "{hover}");
}

#[test]
fn an_integration_is_completed_and_explained_by_its_schema() {
    let text = "{\n  \"hence\": 1,\n  \"id\": \"own\",\n  \"types\": { \"Thing\": { \"type\": \"object\" } },\n  \"actions\": { \"go\": { \"cl\n";
    let mut editor = Editor::start(&[("hence.toml", ""), ("integrations/own.json", text)], push());
    editor.open("integrations/own.json", text);
    let at = editor.at("integrations/own.json", 4, 26);
    let list = editor.ask("textDocument/completion", at);
    assert_eq!(labels(&list)[0], "class", "{list}");
    // What cannot be read to its end is completed, and explained once it can.
    editor.change("integrations/own.json", (4, 23), (4, 26), "} }\n}");
    let at = editor.at("integrations/own.json", 2, 4);
    let hover = editor.ask("textDocument/hover", at);
    assert!(hover["contents"]["value"].as_str().unwrap().contains("first part of the names"), "{hover}");
}
