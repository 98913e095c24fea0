//! How long an editor waits in a large workspace: `cargo bench -p hence-lsp`.
//!
//! Makes a project of 10,000 rules in 1,000 files and drives the server over the protocol: from `initialize` to the
//! first diagnostics; from a keystroke to the diagnostics of the file (each keystroke inserts or takes away a letter, and
//! the answer is of the changed text); completion after a dot; renaming a constant with 1,000 uses. Prints milliseconds
//! (median, 99th percentile) and the memory of the process. `RULES=1000` takes another number of rules.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may stop at a defect of its own")]

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use hence_lsp::Options;
use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value as Json, json};

const FILES: usize = 1000;
const KEYSTROKES: usize = 200;

struct Editor {
    connection: Connection,
    next: i32,
    version: i32,
}

impl Editor {
    fn notify(&self, method: &str, params: Json) {
        self.connection.sender.send(Notification::new(method.to_owned(), params).into()).unwrap();
    }

    fn ask(&mut self, method: &str, params: Json) -> Json {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.connection.sender.send(Request::new(id.clone(), method.to_owned(), params).into()).unwrap();
        loop {
            match self.connection.receiver.recv().unwrap() {
                Message::Response(answer) if answer.id == id => return answer.result.unwrap_or(Json::Null),
                Message::Request(request) => {
                    self.connection.sender.send(Response::new_ok(request.id, Json::Null).into()).unwrap();
                }
                Message::Response(_) | Message::Notification(_) => {}
            }
        }
    }

    fn change(&mut self, uri: &str, start: (usize, usize), end: (usize, usize), text: &str) {
        self.version += 1;
        let place = |(line, character): (usize, usize)| json!({ "line": line, "character": character });
        let change = json!({ "range": { "start": place(start), "end": place(end) }, "text": text });
        let document = json!({ "uri": uri, "version": self.version });
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [change] }),
        );
    }
}

fn main() {
    let rules: usize = std::env::var("RULES").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    let bytes = write(&root, rules);
    println!("{rules} rules in {FILES} files, {:.1} MB, {KEYSTROKES} keystrokes", bytes as f64 / 1e6);

    let (ours, theirs) = Connection::memory();
    let server = std::thread::spawn(move || hence_lsp::serve(&theirs, Options::default()).unwrap());
    let mut editor = Editor { connection: ours, next: 0, version: 1 };
    let root_uri = format!("file://{}", root.display());
    let uri = format!("{root_uri}/rules/0.rule");
    let text = std::fs::read_to_string(root.join("rules/0.rule")).unwrap();

    let start = Instant::now();
    let capabilities = json!({ "textDocument": { "diagnostic": {} } });
    let folders = json!([{ "uri": root_uri, "name": "bench" }]);
    let params = json!({ "processId": null, "capabilities": capabilities, "workspaceFolders": folders });
    editor.ask("initialize", params);
    editor.notify("initialized", json!({}));
    let document = json!({ "uri": uri, "languageId": "hence", "version": 1, "text": text });
    editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
    let pull = json!({ "textDocument": { "uri": uri } });
    let report = editor.ask("textDocument/diagnostic", pull.clone());
    assert!(report["items"].is_array(), "{report}");
    println!("start to first diagnostics {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    println!("memory after the start {} MB", memory("VmRSS:") / 1024);

    let lines: Vec<&str> = text.lines().collect();
    let line = lines.iter().position(|line| line.starts_with("if ")).unwrap();
    let column = lines[line].find("total").unwrap() + 2;
    let mut keystrokes = Vec::new();
    for number in 0..KEYSTROKES {
        let start = Instant::now();
        if number % 2 == 0 {
            editor.change(&uri, (line, column), (line, column), "x");
        } else {
            editor.change(&uri, (line, column), (line, column + 1), "");
        }
        let report = editor.ask("textDocument/diagnostic", pull.clone());
        keystrokes.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(report["items"].as_array().unwrap().is_empty(), number % 2 == 1, "{report}");
    }
    print("keystroke to diagnostics", &mut keystrokes);

    let end = lines[line].find("customer.").unwrap() + "customer.".len();
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": end } });
    let mut completions = Vec::new();
    for _ in 0..KEYSTROKES {
        let start = Instant::now();
        let list = editor.ask("textDocument/completion", at.clone());
        completions.push(start.elapsed().as_secs_f64() * 1e3);
        assert!(list["items"].as_array().unwrap().iter().any(|item| item["label"] == "tier"), "{list}");
    }
    print("completion after a dot", &mut completions);

    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 7 }, "newName": "large_order" });
    let start = Instant::now();
    let edit = editor.ask("textDocument/rename", at);
    let files = edit["changes"].as_object().unwrap();
    let uses: usize = files.values().map(|edits| edits.as_array().unwrap().len()).sum();
    println!("renaming {uses} uses in {} files {:.0} ms", files.len(), start.elapsed().as_secs_f64() * 1e3);
    println!("memory at the end {} MB, at most {} MB", memory("VmRSS:") / 1024, memory("VmHWM:") / 1024);

    editor.ask("shutdown", Json::Null);
    editor.notify("exit", Json::Null);
    server.join().unwrap();
}

/// Writes the project; returns how many bytes it has.
fn write(root: &Path, rules: usize) -> usize {
    std::fs::write(root.join("hence.toml"), "name = \"bench\"\n").unwrap();
    std::fs::create_dir(root.join("rules")).unwrap();
    let mut texts = vec![String::new(); FILES];
    texts[0].push_str("const big_order = 1000 EUR\n\n");
    for number in 0..rules {
        let text = &mut texts[number % FILES];
        let large =
            if number < FILES { "big_order".to_owned() } else { format!("{} EUR", number % 5000 + 1000) };
        let _ = write!(
            text,
            r#"/// Thanks customers of the tier for order number {number} and above, and tells the sales team
/// when the order is large. Written by a generator, shaped like the rules of a shop.
rule thank_{number} "Thanks {number}"
  priority {priority}
when shop.order.created as order
if   total > {amount} EUR and customer.tier in ["gold", "silver"]
 and ((customer.orders_count else 0) >= {count} or customer.spent > {spent} EUR)
 and "blocked-{number}" not in customer.tags
 and any(item in items, item.quantity > 1 and item.price < {amount} EUR)
then let name = customer.first_name else "customer"
     email.send(
       to: customer.email,
       subject: "Thank you, {{name}}",
       body: "Your order {{order.number}} of {{total}} is number {number} of its kind.",
     )
     if total > {large} {{
       crm.notify_admin(subject: "Large order", message: "{{order.number}}: {{total}}")
     }} else {{
       crm.add_tag(user: customer.id, tag: "thanked-{number}")
     }}

"#,
            priority = number % 10 + 1,
            amount = number % 5000 + 10,
            count = number % 20,
            spent = number % 9000,
        );
    }
    let mut bytes = 0;
    for (number, text) in texts.iter().enumerate() {
        bytes += text.len();
        std::fs::write(root.join(format!("rules/{number}.rule")), text).unwrap();
    }
    bytes
}

fn print(what: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let p99 = times[times.len() * 99 / 100];
    println!("{what}: median {:.1} ms, p99 {p99:.1} ms", times[times.len() / 2]);
}

/// A line of what the system says of the process, in kilobytes; 0 where it does not tell.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}
