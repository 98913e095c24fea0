//! A daemon for tests: two rules on the shop's orders, written as IR, and systems that keep what they are sent.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hence_builtins::{BinaryOperator, Case};
use hence_connectors::catcher::Catcher;
use hence_connectors::{ConnectionSettings, Secrets};
use hence_diagnostics::{Sources, Span};
use hence_engine::Store;
use hence_ir::{
    Argument, Class, Code, ConstantId, EventType, Node, NodeId, Operation, Plan, Program, Rule, RuleId, Slot,
    SlotId, Source, Step,
};
use hence_project::{Loaded, Manifest, Project};
use hence_schema::{Catalog, catalog};
use hence_server::{Handle, Options, Surface, SystemClock, serve};
use hence_store::Sqlite;
use hence_types::{Type, Value, Wire};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const SECRET: &str = "topsecret";

/// A daemon, what it calls, and a client.
pub(crate) struct Daemon {
    pub(crate) handle: Handle,
    pub(crate) catcher: Catcher,
    pub(crate) folder: TempDir,
    /// That of an administrator, which all requests carry that bring no other.
    pub(crate) token: String,
    pub(crate) client: reqwest::Client,
}

/// An answer of the daemon.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) json: Json,
}

pub(crate) fn store_path(folder: &TempDir) -> PathBuf {
    folder.path().join("hence.db")
}

pub(crate) fn shipped() -> Arc<Catalog> {
    let (catalog, diagnostics) = catalog(&mut Sources::default(), &[]);
    assert_eq!(diagnostics, []);
    Arc::new(catalog)
}

/// Two rules: `confirm` sends a mail for every order; `tag` tags customers of paid orders in the CRM.
pub(crate) fn program() -> Arc<Program> {
    let confirm = rule("confirm", &[("customer", "email")], false, "email.send", Class::AtMostOnce, |code| {
        vec![
            ("to", slot(code, 0)),
            ("subject", text(code, "Thank you")),
            ("body", text(code, "Your order is in.")),
        ]
    });
    let tag =
        rule("tag", &[("customer", "id"), ("status", "")], true, "crm.add_tag", Class::Idempotent, |code| {
            vec![("user", slot(code, 0)), ("tag", text(code, "buyer"))]
        });
    let payload = Arc::clone(&shipped().event("shop", "order.created").unwrap().payload);
    let event = EventType { name: "shop.order.created".into(), payload, rules: vec![RuleId(0), RuleId(1)] };
    Arc::new(Program { rules: vec![confirm, tag], events: vec![event] })
}

fn rule(
    name: &str,
    paths: &[(&str, &str)],
    paid_only: bool,
    action: &str,
    class: Class,
    arguments: impl FnOnce(&mut Code) -> Vec<(&'static str, NodeId)>,
) -> Rule {
    let mut code = Code::default();
    let slots = paths.iter().map(|(first, second)| Slot {
        source: Source::Payload(
            [*first, *second].into_iter().filter(|name| !name.is_empty()).map(Into::into).collect(),
        ),
        ty: Type::String,
        wire: Wire::Plain,
        sensitive: false,
    });
    let arguments = arguments(&mut code).into_iter().map(|(name, value)| Argument {
        name: name.into(),
        wire: Wire::Plain,
        sensitive: false,
        value,
    });
    let step = Step::Act {
        action: action.into(),
        class,
        arguments: arguments.collect(),
        result: None,
        policy: Default::default(),
        span: Span::default(),
    };
    let condition = paid_only.then(|| {
        let (left, right) = (slot(&mut code, 1), text(&mut code, "paid"));
        add(
            &mut code,
            Operation::Binary { operator: BinaryOperator::Equal, case: Case::Sensitive, left, right },
        )
    });
    Rule {
        name: name.into(),
        title: format!("Rule {name}"),
        doc: String::new(),
        priority: 5,
        version: "0011223344556677".into(),
        triggers: vec!["shop.order.created".into()],
        watches: Vec::new(),
        plan: Plan { slots: slots.collect() },
        code,
        locals: 0,
        condition,
        then: vec![step],
        otherwise: None,
        header: Default::default(),
        span: Span::default(),
    }
}

fn add(code: &mut Code, operation: Operation) -> NodeId {
    code.nodes.push(Node { operation, span: Span::default() });
    NodeId(u32::try_from(code.nodes.len()).unwrap() - 1)
}

fn slot(code: &mut Code, slot: u32) -> NodeId {
    add(code, Operation::Slot(SlotId(slot)))
}

fn text(code: &mut Code, text: &str) -> NodeId {
    code.constants.push(Value::text(text));
    let constant = ConstantId(u32::try_from(code.constants.len()).unwrap() - 1);
    add(code, Operation::Constant(constant))
}

/// An order as the shop would send it.
pub(crate) fn order(status: &str) -> Json {
    let mut order: Json =
        serde_json::from_str(include_str!("../../../connectors/fixtures/shop/order_created.json")).unwrap();
    order["body"]["status"] = json!(status);
    order["body"].take()
}

pub(crate) fn settings(catcher: &Catcher) -> ConnectionSettings {
    let mut settings = ConnectionSettings::default();
    settings.set("email", "port", &catcher.mail_address().port().to_string());
    settings.set("crm", "base_url", &format!("http://{}", catcher.http_address()));
    settings.set("shop", "webhook_secret", "secret:SHOP");
    settings.set("github", "unsigned", "true");
    settings
}

pub(crate) fn options(folder: &TempDir, connections: ConnectionSettings) -> Options {
    let store = Arc::new(Sqlite::open(&store_path(folder)).unwrap());
    Options {
        loaded: Loaded {
            root: folder.path().to_owned(),
            manifest: Manifest::default(),
            sources: Sources::new(),
            catalog: shipped(),
            program: program(),
            diagnostics: Vec::new(),
            content: None,
        },
        source: None,
        watch: None,
        project: Some(folder.path().to_owned()),
        connections,
        secrets: Secrets::new(|name| (name == "SHOP").then(|| SECRET.to_owned()), None),
        store: Arc::clone(&store) as Arc<dyn Store>,
        access: Arc::clone(&store) as _,
        records: Arc::clone(&store) as _,
        releases: store,
        clock: Arc::new(SystemClock),
        listen: ([127, 0, 0, 1], 0).into(),
        evaluator: Arc::new(hence_vm::Interpreter),
        keep_days: 30,
        surface: Surface::default(),
        traces: None,
    }
}

pub(crate) async fn daemon() -> Daemon {
    let catcher = Catcher::start().await.unwrap();
    let settings = settings(&catcher);
    daemon_on(tempfile::tempdir().unwrap(), catcher, settings).await
}

pub(crate) async fn daemon_on(folder: TempDir, catcher: Catcher, settings: ConnectionSettings) -> Daemon {
    let handle = serve(options(&folder, settings), std::future::pending()).await.unwrap();
    Daemon::new(handle, catcher, folder)
}

/// A daemon on a project of these rules.
pub(crate) async fn daemon_with(rules: &str) -> Daemon {
    daemon_with_on(tempfile::tempdir().unwrap(), rules).await
}

pub(crate) async fn daemon_with_on(folder: TempDir, rules: &str) -> Daemon {
    std::fs::write(folder.path().join("hence.toml"), "name = \"mine\"\n").unwrap();
    std::fs::create_dir_all(folder.path().join("rules")).unwrap();
    std::fs::write(folder.path().join("rules/mine.rule"), rules).unwrap();
    let catcher = Catcher::start().await.unwrap();
    let project = Project::load(folder.path()).unwrap();
    assert_eq!(project.diagnostics(), []);
    let options = Options { loaded: project.into(), ..options(&folder, settings(&catcher)) };
    Daemon::new(serve(options, std::future::pending()).await.unwrap(), catcher, folder)
}

impl Daemon {
    pub(crate) fn new(handle: Handle, catcher: Catcher, folder: TempDir) -> Self {
        // The first start makes the token; later ones on the same store need the same.
        let kept = folder.path().join("token");
        let token = match handle.first_token() {
            Some(token) => {
                std::fs::write(&kept, token).unwrap();
                token.to_owned()
            }
            None => std::fs::read_to_string(&kept).unwrap(),
        };
        Daemon { handle, catcher, folder, client: client(&token), token }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.handle.address())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.client.get(self.url(path))).await
    }

    /// Gets a text, and its media type.
    pub(crate) async fn text(&self, path: &str) -> (String, String) {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, response.text().await.unwrap())
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let request = headers
            .iter()
            .fold(self.client.post(self.url(path)), |request, (name, value)| request.header(*name, *value));
        answer(request.body(body)).await
    }

    /// Asks with another token, or with none.
    pub(crate) async fn ask(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> Answer {
        let request = reqwest::Client::new().request(method.parse().unwrap(), self.url(path));
        let request = request.body(body.to_owned()).header("content-type", "application/json");
        answer(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn until(&self, path: &str, enough: impl Fn(&Json) -> bool) -> Json {
        let asking = async {
            loop {
                let answer = self.get(path).await.json;
                if enough(&answer) {
                    return answer;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap()
    }

    /// Stops it and returns what is left to start another one on.
    pub(crate) async fn stop(self) -> (TempDir, Catcher) {
        self.handle.stop();
        self.handle.stopped().await.unwrap();
        (self.folder, self.catcher)
    }
}

/// A client that uses every connection once: the daemon closes those of bodies it refuses unread.
fn client(token: &str) -> reqwest::Client {
    let bearer = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
    reqwest::Client::builder().pool_max_idle_per_host(0).default_headers(headers).build().unwrap()
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    if kind.as_deref() == Some("text/event-stream") {
        // It has no end.
        return Answer { status, kind: kind.unwrap_or_default(), json: Json::Null };
    }
    let json = serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default();
    Answer { status, kind: kind.unwrap_or_default(), json }
}

impl Answer {
    /// Holds that it is a problem document of this status and code, and returns its detail.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> String {
        assert_eq!(self.kind, "application/problem+json", "{self:?}");
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{self:?}");
        assert_eq!(self.json["status"], status);
        assert_eq!(self.json["type"], format!("urn:hence:problem:{code}"));
        self.json["detail"].as_str().unwrap().to_owned()
    }
}
