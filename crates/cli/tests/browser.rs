//! A real editor in a browser: Monaco, the editor of VS Code, in Chromium without a screen, over the daemon's `/lsp`.
//!
//! The pictures of the README are taken by the same run: `cargo bless monaco` writes them. The extension for VS Code is
//! packaged as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends by panicking")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};

/// A daemon that ends with the test.
struct Daemon {
    child: Child,
    address: String,
    token: String,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // One that has ended by itself cannot be ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Holds that the packages of a folder are installed.
#[track_caller]
fn has_packages(folder: &str) {
    let there = root().join(folder).join("node_modules").is_dir();
    assert!(there, "the packages of npm in {folder} are missing: `cargo xtask setup` installs them");
}

/// Starts a daemon on an empty project.
fn daemon(folder: &Path) -> Daemon {
    std::fs::write(folder.join("hence.toml"), "").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_hence"))
        .args(["serve", ".", "--listen", "127.0.0.1:0"])
        .current_dir(folder)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut after = |start: &str| {
        let mut line = lines.by_ref().map(Result::unwrap).find(|line| line.contains(start)).unwrap();
        line.split_off(line.find(start).unwrap() + start.len())
    };
    let token = after("shown only now: ");
    let address = after("hence listens on ");
    // What it says from now on is of no interest, but there must be somebody who takes it.
    std::thread::spawn(move || lines.for_each(drop));
    Daemon { child, address, token }
}

#[test]
fn monaco_underlines_mends_explains_and_completes() {
    has_packages("editors/tests");
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon(folder.path());
    let blessed = std::env::var_os("HENCE_BLESS").is_some();
    let pictures = if blessed { root().join("docs/images") } else { folder.path().join("pictures") };
    std::fs::create_dir_all(&pictures).unwrap();
    let output = Command::new("node")
        .arg(root().join("editors/tests/browser.mjs"))
        .args([&daemon.address, &daemon.token])
        .arg(&pictures)
        .output()
        .expect("Node.js is missing; `cargo xtask setup` installs it");
    let answer: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("no answer:\n{}", String::from_utf8_lossy(&output.stderr)));

    let mends = &answer["mends"];
    assert_eq!(mends["found"], json!([["H1003", 4, 12]]), "{mends}");
    let offered = mends["offered"].as_array().unwrap();
    assert!(offered.contains(&json!("write `total`")), "{mends}");
    assert!(mends["mended"].as_str().unwrap().contains("order.total > 100 EUR"), "{mends}");

    let shown = answer["hovers"]["shown"].as_str().unwrap();
    assert!(shown.contains("crm.add_tag(") && shown.contains("Gives a member a tag"), "{shown}");

    let completes = &answer["completes"];
    let proposed = completes["proposed"].as_array().unwrap();
    assert!(
        ["id", "status", "total", "tax"].iter().all(|name| proposed.contains(&json!(name))),
        "{completes}"
    );
    assert!(completes["written"].as_str().unwrap().contains("if   order.total\nthen"), "{completes}");

    for part in ["mends", "hovers", "completes"] {
        assert_eq!(answer[part]["problems"], json!([]), "{part}");
    }
    for picture in ["quick-fix.png", "hover.png", "completion.png"] {
        assert!(std::fs::metadata(pictures.join(picture)).unwrap().len() > 1000, "{picture}");
    }
}

#[test]
fn the_extension_for_vs_code_is_packaged_with_all_it_names() {
    has_packages("editors/vscode");
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("hence.vsix");
    let output = Command::new("node")
        .arg(root().join("editors/vscode/package.mjs"))
        .arg(&package)
        .output()
        .expect("Node.js is missing; `cargo xtask setup` installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(&package).unwrap();
    // The names in an archive stand in it as they are.
    let holds = |name: &str| bytes.windows(name.len()).any(|window| window == name.as_bytes());
    let manifest: Json =
        serde_json::from_slice(&std::fs::read(root().join("editors/vscode/package.json")).unwrap()).unwrap();
    let contributes = &manifest["contributes"];
    let named = [
        &manifest["main"],
        &contributes["grammars"][0]["path"],
        &contributes["snippets"][0]["path"],
        &contributes["jsonValidation"][0]["url"],
        &contributes["languages"][0]["configuration"],
    ];
    for name in named {
        let name = name.as_str().unwrap().trim_start_matches("./");
        assert!(holds(&format!("extension/{name}")), "{name} is not in the package");
    }
}
