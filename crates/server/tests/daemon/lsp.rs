//! Editors over WebSockets: who may connect, what they are told, and what they cannot reach.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::{Daemon, PATIENCE, daemon, order};

const RULE: &str = "rule a\nwhen shop.order.created\nif   totl > 100 EUR\nthen log.write(message: \"x\")\n";

/// An editor in a browser: it offers its token among the protocols.
struct Editor {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: i64,
}

async fn connect(daemon: &Daemon, token: Option<&str>) -> Result<Editor, Error> {
    let mut request = daemon.url("/lsp").replace("http:", "ws:").into_client_request()?;
    let offered = token.map_or("hence.lsp".to_owned(), |token| format!("hence.lsp, hence.token.{token}"));
    request.headers_mut().insert("sec-websocket-protocol", offered.parse().unwrap());
    let (socket, answer) = connect_async(request).await?;
    assert_eq!(answer.headers()["sec-websocket-protocol"], "hence.lsp");
    Ok(Editor { socket, next: 0 })
}

/// Returns the status that a connection is refused with.
async fn refused(daemon: &Daemon, token: Option<&str>) -> u16 {
    match connect(daemon, token).await {
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("the connection was taken"),
    }
}

impl Editor {
    async fn tell(&mut self, method: &str, params: Json) {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.socket.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn ask(&mut self, method: &str, params: Json) -> Json {
        self.next += 1;
        let id = self.next;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.socket.send(Message::text(message.to_string())).await.unwrap();
        self.heard(|message| message["id"] == id && message.get("method").is_none()).await
    }

    /// Returns the next message that is wanted.
    async fn heard(&mut self, wanted: impl Fn(&Json) -> bool) -> Json {
        let listening = async {
            loop {
                let message = self.socket.next().await.unwrap().unwrap();
                let message: Json = serde_json::from_str(message.to_text().unwrap()).unwrap();
                assert_eq!(message["jsonrpc"], "2.0");
                if wanted(&message) {
                    return message;
                }
            }
        };
        tokio::time::timeout(PATIENCE, listening).await.unwrap()
    }

    async fn start(&mut self) -> Json {
        let params = json!({ "processId": null, "rootUri": "file:///etc", "capabilities": {} });
        let initialized = self.ask("initialize", params).await;
        self.tell("initialized", json!({})).await;
        initialized
    }

    async fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "hence", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document })).await;
    }
}

#[tokio::test]
async fn an_editor_in_a_browser_is_told_what_is_wrong_and_nothing_is_written() {
    let daemon = daemon().await;
    let before = std::fs::read_dir(daemon.folder.path()).unwrap().count();
    let mut editor = connect(&daemon, Some(&daemon.token)).await.unwrap();
    let initialized = editor.start().await;
    let schemes = &initialized["result"]["capabilities"]["workspace"]["textDocumentContent"]["schemes"];
    assert_eq!(schemes, &json!(["hence"]), "{initialized}");
    editor.open("hence:///rules/a.rule", RULE).await;
    let told = editor.heard(|message| message["method"] == "textDocument/publishDiagnostics").await;
    assert_eq!(told["params"]["uri"], "hence:///rules/a.rule");
    assert_eq!(told["params"]["diagnostics"][0]["code"], "H1006");
    let at = json!({
        "textDocument": { "uri": "hence:///rules/a.rule" }, "position": { "line": 1, "character": 12 },
    });
    let place = editor.ask("textDocument/definition", at.clone()).await["result"].clone();
    assert_eq!(place["uri"], "hence:///.shipped/integrations/shop.json", "{place}");
    let content = editor.ask("workspace/textDocumentContent", json!({ "uri": place["uri"] })).await;
    assert!(content["result"]["text"].as_str().unwrap().contains("order.created"), "{content}");
    let hover = editor.ask("textDocument/hover", at).await;
    assert!(hover["result"]["contents"]["value"].as_str().unwrap().contains("order"), "{hover}");
    assert_eq!(std::fs::read_dir(daemon.folder.path()).unwrap().count(), before);
}

#[tokio::test]
async fn lenses_tell_what_rules_did() {
    let daemon = daemon().await;
    let sent = daemon.post("/v1/events/shop/order.created", &[], order("paid").to_string()).await;
    assert_eq!(sent.status, 202, "{sent:?}");
    daemon
        .until("/v1/executions?rule=confirm", |page| {
            page["items"].as_array().is_some_and(|all| all.len() == 1)
        })
        .await;
    let mut editor = connect(&daemon, Some(&daemon.token)).await.unwrap();
    editor.start().await;
    let text =
        "rule confirm when shop.order.created then stop\nrule other when shop.order.created then stop\n";
    editor.open("hence:///a.rule", text).await;
    let params = json!({ "textDocument": { "uri": "hence:///a.rule" } });
    let lenses = editor.ask("textDocument/codeLens", params).await["result"].clone();
    let mut titles = Vec::new();
    for lens in lenses.as_array().unwrap().iter().filter(|lens| lens.get("command").is_none()) {
        let resolved = editor.ask("codeLens/resolve", lens.clone()).await;
        titles.push(resolved["result"]["command"]["title"].as_str().unwrap().to_owned());
    }
    assert_eq!(titles, ["fired 1 time in 24 h", "not fired in 24 h"]);
}

#[tokio::test]
async fn files_outside_of_the_project_have_no_name() {
    let daemon = daemon().await;
    let mut editor = connect(&daemon, Some(&daemon.token)).await.unwrap();
    editor.start().await;
    for uri in ["file:///etc/passwd", "hence:///../../etc/passwd", "hence:///%2e%2e/%2e%2e/etc/passwd"] {
        let content = editor.ask("workspace/textDocumentContent", json!({ "uri": uri })).await;
        assert_eq!(content["error"]["message"], "there is no such text", "{uri}");
        editor.open(uri, RULE).await;
        let params = json!({ "textDocument": { "uri": uri } });
        assert_eq!(editor.ask("textDocument/documentSymbol", params).await["result"], Json::Null, "{uri}");
    }
}

#[tokio::test]
async fn authors_may_edit_and_viewers_and_strangers_may_not() {
    let daemon = daemon().await;
    assert_eq!(refused(&daemon, None).await, 401);
    assert_eq!(refused(&daemon, Some("hence_wrong")).await, 401);
    for (role, may) in [("viewer", false), ("author", true), ("operator", true), ("admin", true)] {
        let body = json!({ "name": role, "role": role }).to_string();
        let made = daemon.post("/v1/tokens", &[], body).await;
        let token = made.json["token"].as_str().unwrap();
        if may {
            connect(&daemon, Some(token)).await.unwrap();
        } else {
            assert_eq!(refused(&daemon, Some(token)).await, 403, "{role}");
        }
    }
    daemon.get("/lsp").await.problem(400, "no-websocket");
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_session_and_no_more_than_sixteen_are_open() {
    let daemon = daemon().await;
    let mut editors = Vec::new();
    for _ in 0..16 {
        editors.push(connect(&daemon, Some(&daemon.token)).await.unwrap());
    }
    assert_eq!(refused(&daemon, Some(&daemon.token)).await, 429);
    let mut last = editors.pop().unwrap();
    // The daemon may hang up while the rest is still being sent.
    let _ = last.socket.send(Message::text("x".repeat((4 << 20) + 1))).await;
    let ended = async {
        while let Some(message) = last.socket.next().await {
            if matches!(message, Err(_) | Ok(Message::Close(_))) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
    // Its place is free once its session has ended.
    let again = async {
        while connect(&daemon, Some(&daemon.token)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, again).await.unwrap();
}

#[tokio::test]
async fn a_daemon_that_stops_ends_its_sessions() {
    let daemon = daemon().await;
    let mut editor = connect(&daemon, Some(&daemon.token)).await.unwrap();
    editor.start().await;
    daemon.stop().await;
    let last = tokio::time::timeout(PATIENCE, async {
        let mut last = None;
        while let Some(Ok(message)) = editor.socket.next().await {
            last = Some(message);
        }
        last
    });
    let closed = matches!(last.await.unwrap(), Some(Message::Close(Some(frame))) if frame.reason == "the daemon is stopping");
    assert!(closed);
}
