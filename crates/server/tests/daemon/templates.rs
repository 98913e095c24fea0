//! Mail templates: what arrives is what the release that runs has.

use std::fs;

use hence_ir::bundle;
use hence_project::Project;
use serde_json::{Value as Json, json};

use crate::support::{Daemon, daemon_with_on, order};

const RULES: &str = "rule greet\nwhen shop.order.created\n\
    then email.welcome(to: customer.email, name: \"<b>{number}</b>\")\n";
const TEXT: &str = "Subject: Welcome\n\nHello {name}!\n";
const HTML: &str = "<p>Hello {name}!</p>";

/// The mail of an order, which is the one of this number.
async fn mail_of(daemon: &Daemon, number: usize) -> hence_connectors::catcher::Mail {
    let id = format!("e{number}");
    let headers = [("ce-id", id.as_str()), ("webhook-id", id.as_str())];
    daemon.post("/v1/events/shop/order.created", &headers, order("paid").to_string()).await;
    let completed = |page: &Json| page["items"].as_array().is_some_and(|items| items.len() == number);
    daemon.until("/v1/executions?status=completed", completed).await;
    daemon.catcher.mails().remove(number - 1)
}

#[tokio::test]
async fn a_mail_is_that_of_the_template_of_the_release_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("templates")).unwrap();
    fs::write(folder.path().join("templates/welcome.txt"), TEXT).unwrap();
    fs::write(folder.path().join("templates/welcome.html"), HTML).unwrap();
    let daemon = daemon_with_on(folder, RULES).await;
    let number = order("paid")["number"].as_str().map(str::to_owned).unwrap();
    let mail = mail_of(&daemon, 1).await;
    assert_eq!((mail.subject().as_str(), mail.text()), ("Welcome", format!("Hello <b>{number}</b>!")));
    assert_eq!(mail.html().unwrap(), format!("<p>Hello &lt;b&gt;{number}&lt;/b&gt;!</p>"));
    let bundle = bundle::write(&Project::load(daemon.folder.path()).unwrap().bundle());

    // Another template alone is another release; one that cannot be is none.
    let release = |text: &str| {
        json!({"files": {"hence.toml": "name = \"mine\"\n", "rules/mine.rule": RULES, "templates/welcome.txt": text}})
            .to_string()
    };
    let refused = daemon.post("/v1/releases", &[], release("Hello {name}\n")).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.json.to_string().contains("H0209"), "{}", refused.json);
    let taken = daemon.post("/v1/releases", &[], release("Subject: Good day\n\nGood day {name}\n")).await;
    assert_eq!(taken.status, 201, "{taken:?}");
    let mail = mail_of(&daemon, 2).await;
    assert_eq!((mail.subject().as_str(), mail.html()), ("Good day", None));
    assert_eq!(mail.text(), format!("Good day <b>{number}</b>"));

    // A bundle has its templates with it.
    assert_eq!(daemon.post("/v1/releases", &[], bundle).await.status, 201);
    let mail = mail_of(&daemon, 3).await;
    assert_eq!(mail.html().unwrap(), format!("<p>Hello &lt;b&gt;{number}&lt;/b&gt;!</p>"));
}
