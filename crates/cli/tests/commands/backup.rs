//! `hence backup`, `hence restore`, `hence completions` and `hence man`.

use hence_connectors::catcher::Catcher;

use crate::serve::{Daemon, project};
use crate::support::{hence, order};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_made_while_the_daemon_ran_is_another_daemons_store() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let daemon = Daemon::serving(project.path(), &[]);
    let path = format!("{}/v1/events/shop/order.created?id=e1", daemon.address);
    let sent = daemon.client.post(path).body(order().to_string()).send().await.unwrap();
    assert_eq!(sent.status(), 202);
    let arguments = ["backup", "--store", "data/hence.db", "-o", "copy.db"];
    let made = hence(project.path(), &arguments).exits(0);
    assert!(made.err.contains("copy.db is a copy of data/hence.db"), "{}", made.err);
    hence(project.path(), &arguments).exits(2);
    let held = ["restore", "copy.db", "--store", "data/hence.db", "--replace"];
    assert!(hence(project.path(), &held).exits(2).err.contains("held by another process"));
    drop(daemon);
    for kept in ["data/hence.db.replaced", "data/hence.db.replaced-2"] {
        let told = hence(project.path(), &held).exits(0).err;
        assert!(told.contains(&format!("the store that was there is kept as {kept}\n")), "{told}");
        assert!(project.path().join(kept).is_file());
    }
    let again = Daemon::serving(project.path(), &[]);
    let events = again.get("/v1/events").await.json;
    assert_eq!(events["items"][0]["id"], "e1");
}

#[test]
fn shells_complete_the_commands_and_every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, begins) in [("bash", "_hence()"), ("zsh", "#compdef hence"), ("fish", "# Print an optspec")] {
        let script = hence(folder.path(), &["completions", shell]).exits(0).out;
        assert!(script.starts_with(begins), "{shell}: {}", script.lines().next().unwrap());
        assert!(script.contains("backup"));
    }
    hence(folder.path(), &["completions", "cmd"]).exits(2);
    hence(folder.path(), &["man", "-o", "man1"]).exits(0);
    for page in ["hence.1", "hence-serve.1", "hence-token-create.1"] {
        let text = std::fs::read_to_string(folder.path().join("man1").join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_read_where_the_service_manager_puts_them() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let manifest = std::fs::read_to_string(project.path().join("hence.toml")).unwrap();
    std::fs::write(project.path().join("hence.toml"), manifest.replace("SHOP_SECRET", "SHOP_FILE")).unwrap();
    std::fs::create_dir(project.path().join("given")).unwrap();
    std::fs::write(project.path().join("given/SHOP_FILE"), "from-a-file\n").unwrap();
    let daemon = Daemon::serving_in(project.path(), &[], &[("HENCE_SECRETS", "given")]);
    assert_eq!(daemon.get("/readyz").await.status, 200);
}
